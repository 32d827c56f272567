"""The axes of a chart over dates, and what has been drawn on them so far.

Units are pixels at the width asked for. Words come from the caller through
`ChartTexts`; the chart chooses only where they stand.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from plans.progress.band import WEEKS, Caveat, Trial
from plans.progress.shapes import (
    XY,
    Label,
    Shape,
    line,
    rect,
    spread,
    text_width,
    wrap,
)
from plans.progress.trend import ProgressSeries, Reading

COMPACT = 560  # narrower than this, words are smaller
PAD = 10.0  # between the axis and the first date
REACH = 22.0  # how far beside the first and the last date one may point
FIRST_WEEKS, LATER_WEEKS = 4, 8  # a course is drawn to the one or the other at least

Occasion = tuple[float, Sequence[str]]  # where it stands, and its lines


@dataclass(frozen=True)
class ChartTexts:
    """Every word and number of the picture, in the reader's language.

    `reading` gives the lines of one occasion, its date first. `reviews` has the keys
    session_4, week_4 and week_8; `zones` none, mild, moderate and severe.
    """

    title: str
    description: str
    lower_is_better: str
    leg: str
    back: str
    acupuncture: str
    electro: str
    sham: str
    important: str
    target: str
    disability: str
    zones: Mapping[str, str]
    reviews: Mapping[str, str]
    day: Callable[[date], str]
    number: Callable[[float], str]
    reading: Callable[[Reading], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Point:
    """One occasion to point at or to focus: its values, said and shown."""

    words: str
    hit: str
    guide: str
    box: str
    lines: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`caveats` say why the expected band is not drawn, or what to say beside it."""

    width: float
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]
    points: tuple[Point, ...]
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """A name wanted beside the right end of a line that ends at the height `y`."""

    kind: str
    text: str
    y: float


@dataclass
class Canvas:
    width: float
    height: float
    first: date
    last: date
    left: float
    right: float
    top: float
    bottom: float
    high: float = 10.0
    shapes: list[Shape] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    @property
    def compact(self) -> bool:
        return self.width < COMPACT

    @cached_property
    def size(self) -> float:
        return text_size(self.width)

    @cached_property
    def day_width(self) -> float:
        days = max((self.last - self.first).days, 1)
        return (self.right - self.left - 2 * PAD) / days

    def x(self, day: date) -> float:
        return self.left + PAD + (day - self.first).days * self.day_width

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * value / self.high

    def draw(self, kind: str, *paths: str) -> None:
        self.shapes += [Shape(kind, d) for d in paths if d]

    def write(
        self, kind: str, x: float, y: float, text: str, anchor: str = "start"
    ) -> None:
        at = round(x, 1), round(y, 1)
        self.labels.append(Label(kind, *at, text, anchor, self.size))

    def course(self, trial: Trial, begins: date, base: float) -> list[XY]:
        """Return the line of a trial's mean: down to week 4, then level."""
        level = self.y(trial.expected(base, WEEKS))
        fourth = self.x(begins + timedelta(weeks=WEEKS))
        return [(self.x(begins), self.y(base)), (fourth, level), (self.right, level)]

    def band(
        self, trial: Trial, begins: date, base: float
    ) -> tuple[list[XY], list[XY]]:
        """Return the lower and upper edge of a trial's shade."""
        start, week_width = self.x(begins), self.day_width * 7
        # Steps are fine at first, where the root rises steeply.
        weeks = [WEEKS * (step / 16) ** 2 for step in range(17)]
        weeks.append((self.right - start) / week_width)
        low, high = [], []
        for week in weeks:
            x = start + week * week_width
            edges = trial.spread(base, week)
            low.append((x, self.y(edges[0])))
            high.append((x, self.y(edges[1])))
        return low, high

    def name_ends(self, ends: Sequence[End]) -> None:
        """Write names in the right margin, each by its line, none over another."""
        leading = self.size + 1.5
        room = self.width - self.right - 14
        texts = [wrap(end.text, room, self.size) for end in ends]
        middles = spread(
            [end.y for end in ends],
            [len(lines) * leading + 3 for lines in texts],
            (self.top - 6, self.bottom + 8),
        )
        for end, lines, middle in zip(ends, texts, middles, strict=True):
            self.draw(
                "leader", line([(self.right + 1, end.y), (self.right + 9, middle)])
            )
            first = middle - (len(lines) - 1) * leading / 2 + self.size * 0.34
            for number, text in enumerate(lines):
                y = first + number * leading
                self.write(end.kind, self.right + 12, y, text)

    def chart(
        self,
        title: str,
        description: str,
        occasions: Sequence[Occasion],
        caveats: tuple[Caveat, ...] = (),
    ) -> Chart:
        """Close the drawing; each occasion can be pointed at over the plot's height."""
        return Chart(
            self.width,
            self.height,
            title,
            description,
            tuple(self.shapes),
            tuple(self.labels),
            tuple(self._point(occasions, index) for index in range(len(occasions))),
            caveats,
        )

    def _point(self, occasions: Sequence[Occasion], index: int) -> Point:
        x, texts = occasions[index]
        lines = [str(text) for text in texts]
        left = (occasions[index - 1][0] + x) / 2 if index else x - REACH
        last = index == len(occasions) - 1
        right = x + REACH if last else (x + occasions[index + 1][0]) / 2
        leading = self.size + 4
        wide = max(text_width(text, self.size) for text in lines) + 16
        high = len(lines) * leading + 9
        at, top = min(max(x - wide / 2, 0), self.width - wide), self.top + 3
        return Point(
            words=", ".join(lines),
            hit=rect(left, self.top, right - left, self.bottom + 20 - self.top),
            guide=line([(x, top + high), (x, self.bottom)]),
            box=rect(at, top, wide, high),
            lines=tuple(
                Label(
                    "tip",
                    round(at + 8, 1),
                    round(top + leading * number, 1),
                    text,
                    size=self.size,
                )
                for number, text in enumerate(lines, start=1)
            ),
        )


def text_size(width: float) -> float:
    return 10.5 if width < COMPACT else 12.0


def span(series: ProgressSeries) -> tuple[date, date]:
    """Return the first and last date to draw: the whole course, and weeks 4 and 8."""
    dates = [reading.on for reading in series.readings]
    dates += [event.on for event in series.events]
    if series.disability:
        dates += [on for on, _ in series.disability.scores]
    begins = series.begins or min(dates)
    last = max(*dates, begins + timedelta(weeks=FIRST_WEEKS))
    if last > begins + timedelta(weeks=FIRST_WEEKS + 1):
        last = max(last, begins + timedelta(weeks=LATER_WEEKS))
    return min(dates), last


def margins(width: float, texts: ChartTexts) -> tuple[float, float]:
    """Return the left and right edge of the plot: the words need the rest."""
    size = text_size(width)
    if width < COMPACT:
        widest = 74.0
        left = 33.0
    else:
        widest = 138.0
        left = 30 + max(text_width(word, size) for word in texts.zones.values())
    lines = (texts.acupuncture, texts.electro, texts.sham)
    names = [*lines, f"{texts.important} 0.00", f"{texts.target} 0.00"]
    needed = max(
        text_width(part, size) for name in names for part in wrap(name, widest, size)
    )
    # A word that cannot be broken may take more, within reason.
    return left, width - min(needed, width * 0.36) - 16
