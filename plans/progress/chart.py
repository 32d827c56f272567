"""The progress chart: leg and back pain by date, drawn for a given width.

Solid is leg, dashed is back; filled is before a session, hollow after it. A score that
is missing leaves a gap. Plain data in, plain geometry out.
"""

from datetime import date, timedelta

from plans.progress.band import (
    ACUPUNCTURE,
    ELECTRO,
    HIDING,
    SHAM,
    WEEKS,
    caveats,
)
from plans.progress.canvas import (
    Canvas,
    Chart,
    ChartTexts,
    End,
    margins,
    span,
    text_size,
)
from plans.progress.pain import draw_pain
from plans.progress.reviews import review_days
from plans.progress.shapes import (
    Label,
    area,
    circle,
    line,
    rect,
    spread,
    text_width,
)
from plans.progress.trend import (
    LEG,
    Occasion,
    ProgressSeries,
    baseline,
    important_fall,
)

ZONES = {
    "none": (0, 0.5),
    "mild": (0.5, 3.5),
    "moderate": (3.5, 6.5),
    "severe": (6.5, 10),
}
DATE_STEPS = (1, 2, 4, 8, 13, 26)  # weeks
FOOT = 40.0  # below the plot: sessions and dates


def draw(
    series: ProgressSeries, *, width: float, height: float, texts: ChartTexts
) -> Chart:
    """Draw pain over time with what it should be read against.

    Raises ValueError for a series without a single reading.
    """
    if not series.readings:
        raise ValueError("There is nothing to draw.")
    base = baseline(series, LEG)
    found = caveats(base and base[1], series.dose, series.onset_weeks)
    canvas = _canvas(series, width, height, texts)
    _draw_ground(canvas, texts)
    _draw_dates(canvas, series, texts)
    ends: list[End] = []
    if base and series.begins and not HIDING & set(found):
        ends += _draw_band(canvas, series.begins, base[1], texts)
    if base:
        ends += _draw_thresholds(canvas, base[1], texts)
    _draw_reviews(canvas, series, texts)
    _draw_events(canvas, series)
    _draw_visits(canvas, series)
    canvas.name_ends([*ends, *draw_pain(canvas, series, texts)])
    occasions = [
        (canvas.x(reading.on), texts.reading(reading))
        for reading in series.readings
        if reading.occasion is not Occasion.AHEAD
    ]
    return canvas.chart(texts.title, texts.description, occasions, found)


def _canvas(
    series: ProgressSeries, width: float, height: float, texts: ChartTexts
) -> Canvas:
    left, right = margins(width, texts)
    first, last = span(series)
    row = text_size(width) + 8
    top = row + (22 if series.events else 0) + 4
    return Canvas(width, height, first, last, left, right, top, height - FOOT)


def _draw_ground(canvas: Canvas, texts: ChartTexts) -> None:
    """The scale from 0 to 10, in numbers and in words."""
    wide = canvas.right - canvas.left
    for index, (zone, (low, high)) in enumerate(ZONES.items()):
        top, bottom = canvas.y(high), canvas.y(low)
        if index % 2:
            canvas.draw("zone", rect(canvas.left, top, wide, bottom - top))
        middle = (top + bottom) / 2
        word = texts.zones[zone]
        if not canvas.compact:
            y = middle + canvas.size * 0.34
            canvas.write("zone", canvas.left - 26, y, word, "end")
        elif zone == "none":
            canvas.write("zone", canvas.left + 4, canvas.y(0) - 2.5, word)
        else:
            label = Label(
                "zone", canvas.size, middle, word, "middle", canvas.size, True
            )
            canvas.labels.append(label)
    for value in range(0, 11, 2):
        y = canvas.y(value)
        canvas.draw("axis" if not value else "grid", _level(canvas, y))
        canvas.write(
            "axis", canvas.left - 7, y + canvas.size * 0.34, texts.number(value), "end"
        )
    canvas.write("note", 0, canvas.size, texts.lower_is_better)


def _level(canvas: Canvas, y: float) -> str:
    return line([(canvas.left, y), (canvas.right, y)])


def _draw_dates(canvas: Canvas, series: ProgressSeries, texts: ChartTexts) -> None:
    """Dates a whole number of weeks from the first session, as many as have room."""
    start = series.begins or canvas.first
    weeks = (canvas.last - start).days // 7
    widest = max(text_width(texts.day(d), canvas.size) for d in (start, canvas.last))
    room = canvas.day_width * 7 / (widest + 10)
    step = next((step for step in DATE_STEPS if step * room >= 1), DATE_STEPS[-1])
    for week in range(0, weeks + 1, step):
        day = start + timedelta(weeks=week)
        x = canvas.x(day)
        canvas.draw("axis", line([(x, canvas.bottom), (x, canvas.bottom + 4)]))
        canvas.write("axis", x, canvas.height - 5, texts.day(day), "middle")


def _draw_band(
    canvas: Canvas, begins: date, base: float, texts: ChartTexts
) -> list[End]:
    """Two trials' means and spread, and the arm that had no specific needling."""
    for trial in (ACUPUNCTURE, ELECTRO):
        low, high = canvas.band(trial, begins, base)
        canvas.draw("shade", area(high, low))
    ends = []
    for kind, name, trial in (
        ("trial", texts.acupuncture, ACUPUNCTURE),
        ("electro", texts.electro, ELECTRO),
        ("sham", texts.sham, SHAM),
    ):
        canvas.draw(kind, line(canvas.course(trial, begins, base)))
        ends.append(End("word", name, canvas.y(trial.expected(base, WEEKS))))
    return ends


def _draw_thresholds(canvas: Canvas, base: float, texts: ChartTexts) -> list[End]:
    """The score that would be a change that matters, and the score to aim for."""
    ends = []
    matters = round(base - important_fall(base, LEG), 2)
    for kind, name, value in (
        ("important", texts.important, matters),
        ("target", texts.target, LEG.target),
    ):
        if value is not None and value >= 0:
            y = canvas.y(value)
            canvas.draw(kind, _level(canvas, y))
            ends.append(End("word", f"{name} {texts.number(value)}", y))
    return ends


def _draw_reviews(canvas: Canvas, series: ProgressSeries, texts: ChartTexts) -> None:
    """The early one, and weeks 4 and 8, as far as the chart goes."""
    marks = {key: day for key, day in review_days(series).items() if day <= canvas.last}
    words = [texts.reviews[key] for key in marks]
    used = text_width(texts.lower_is_better, canvas.size) + 10
    middles = spread(
        [canvas.x(day) for day in marks.values()],
        [text_width(word, canvas.size) + 10 for word in words],
        (used, canvas.width),
    )
    for day, word, middle in zip(marks.values(), words, middles, strict=True):
        x, below = canvas.x(day), canvas.size + 4
        path = [(middle, below), (x, below + 6), (x, canvas.bottom)]
        canvas.draw("review", line(path))
        canvas.write("note", middle, canvas.size, word, "middle")


def _draw_events(canvas: Canvas, series: ProgressSeries) -> None:
    """Numbered flags; what happened is said below the chart, by number."""
    wide, high = (18.0 if len(series.events) > 9 else 15.0), 15.0
    y = canvas.top - high - 4
    middles = spread(
        [canvas.x(event.on) for event in series.events],
        [wide + 3] * len(series.events),
        (canvas.left, canvas.right + wide),
    )
    for number, (event, middle) in enumerate(
        zip(series.events, middles, strict=True), start=1
    ):
        x = canvas.x(event.on)
        path = [(middle, y + high), (x, canvas.top), (x, canvas.bottom)]
        canvas.draw("event", line(path))
        canvas.draw("flag", rect(middle - wide / 2, y, wide, high))
        size = canvas.size
        canvas.write("flag", middle, y + high / 2 + size * 0.35, str(number), "middle")


def _draw_visits(canvas: Canvas, series: ProgressSeries) -> None:
    """A tick for each session, a ring for each one missed, a dot for each one ahead."""
    y = canvas.bottom + 12
    for reading in series.readings:
        x = canvas.x(reading.on)
        if reading.occasion is Occasion.SESSION:
            canvas.draw("session", line([(x, y - 4), (x, y + 4)]))
        elif reading.occasion is Occasion.MISSED:
            canvas.draw("missed", circle(x, y, 4))
        elif reading.occasion is Occasion.AHEAD:
            canvas.draw("ahead", circle(x, y, 1.8))
