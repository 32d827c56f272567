"""The two lines of pain: leg solid with discs, back dashed with diamonds."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from patients.measures.scales import Scale
from plans.progress.canvas import Canvas, ChartTexts, End
from plans.progress.shapes import XY, Label, circle, diamond, line, overlaps, text_width
from plans.progress.trend import BACK, LEG, Occasion, ProgressSeries, Reading

# Half the distance, in pixels, of leg and back where they share a date or a score.
ASIDE, ABOVE = 2.5, 1.7
DENSE = 9.0  # pixels between sessions below which scores after needling are left out
KINDS = {"leg": LEG, "back": BACK}


def draw_pain(canvas: Canvas, series: ProgressSeries, texts: ChartTexts) -> list[End]:
    """Draw both lines and name them; return the names that belong in the margin.

    A session or a missed appointment without a score breaks its line.
    """
    dense = _closest(canvas, series) < DENSE
    drawn = {}
    for kind in ("back", "leg"):
        points = _draw_line(canvas, series, kind, dense=dense)
        if points:
            drawn[kind] = points
    names = {"leg": texts.leg, "back": texts.back}
    words = {
        kind: f"{names[kind]} {texts.number(_last(series, KINDS[kind]))}"
        for kind in drawn
    }
    cramped = any(
        drawn[kind][-1][0] + text_width(words[kind], canvas.size) + 14 > canvas.right
        for kind in drawn
    )
    if cramped:
        return [End(kind, words[kind], drawn[kind][-1][1]) for kind in drawn]
    spots = [spot for points in drawn.values() for spot in _along(points)]
    taken: list[Label] = []
    for kind, points in drawn.items():
        taken.append(_beside(canvas, kind, points[-1], words[kind], spots, taken))
    canvas.labels += taken
    return []


def _draw_line(
    canvas: Canvas, series: ProgressSeries, kind: str, *, dense: bool
) -> list[XY]:
    """Draw one line with its marks; return its points."""
    scale, mark = KINDS[kind], circle if kind == "leg" else diamond
    radius = (3.6 if canvas.compact else 4.2) * (1 if kind == "leg" else 1.15)
    runs: list[list[XY]] = [[]]
    stems, befores, afters = [], [], []
    for reading in series.readings:
        before, after = reading.before.on(scale), reading.after.on(scale)
        if before is None:
            if reading.was_due:
                runs.append([])
        else:
            at = _place(canvas, reading, kind, before)
            runs[-1].append(at)
            befores.append(mark(*at, radius))
        if after is not None and not dense:
            at_after = _place(canvas, reading, kind, after)
            afters.append(mark(*at_after, radius * 0.72))
            if before is not None:
                stems.append(line([at, at_after]))
    canvas.draw(f"{kind}-stem", *stems)
    canvas.draw(kind, *(line(run) for run in runs if len(run) > 1))
    canvas.draw(f"{kind}-after", *afters)
    canvas.draw(f"{kind}-before", *befores)
    return [at for run in runs for at in run]


def _place(canvas: Canvas, reading: Reading, kind: str, value: float) -> XY:
    """Put leg and back side by side where both were scored, and apart where equal."""
    x, y = canvas.x(reading.on), canvas.y(value)
    before, sign = reading.before, -1 if kind == "leg" else 1
    if before.leg is not None and before.back is not None:
        x += sign * ASIDE
        if before.leg == before.back:
            y += sign * ABOVE
    return x, y


def _last(series: ProgressSeries, scale: Scale) -> float:
    scores = (reading.before.on(scale) for reading in reversed(series.readings))
    return next(score for score in scores if score is not None)


def _closest(canvas: Canvas, series: ProgressSeries) -> float:
    held = [r.on for r in series.readings if r.occasion is Occasion.SESSION]
    gaps = [(after - before).days for before, after in pairwise(held)]
    return min(gaps, default=7) * canvas.day_width


def _beside(
    canvas: Canvas,
    kind: str,
    end: XY,
    text: str,
    spots: Sequence[XY],
    taken: Sequence[Label],
) -> Label:
    """Place a name right of its line's end, as clear of lines and names as can be."""
    x, y = end[0] + 10, end[1] + canvas.size * 0.34
    tries = [
        Label(kind, round(x, 1), round(y + dy, 1), text, size=canvas.size)
        for dy in (0, -15, 15, -28, 28)
    ]

    def crowding(label: Label) -> int:
        left, top, right, bottom = label.box
        outside = top < canvas.top - 4 or bottom > canvas.bottom + 4
        clashes = sum(
            left < other.box[2]
            and other.box[0] < right
            and top < other.box[3] + 2
            and other.box[1] - 2 < bottom
            for other in taken
        )
        return overlaps(label.box, spots, 2) + 100 * (clashes + outside)

    clear = (label for label in tries if not crowding(label))
    return next(clear, None) or min(tries, key=crowding)


def _along(points: Sequence[XY], step: float = 4.0) -> Iterator[XY]:
    """Yield spots along a line, so that a name can keep off it."""
    yield from points[:1]
    for (x0, y0), (x1, y1) in pairwise(points):
        parts = max(int(max(abs(x1 - x0), abs(y1 - y0)) / step), 1)
        for part in range(1, parts + 1):
            yield x0 + (x1 - x0) * part / parts, y0 + (y1 - y0) * part / parts
