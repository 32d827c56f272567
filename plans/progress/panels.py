"""The small pictures: disability under the pain chart, and a line of pain for lists."""

from dataclasses import dataclass

from patients.measures.scales import SCALES
from plans.progress.band import HIDING, ODI_CHANGE, WEEKS, caveats
from plans.progress.canvas import (
    Canvas,
    Chart,
    ChartTexts,
    End,
    margins,
    span,
    text_size,
)
from plans.progress.shapes import XY, Shape, area, circle, line
from plans.progress.trend import (
    LEG,
    ProgressSeries,
    baseline,
    important_fall,
    scores,
)

ODI = SCALES["odi"]


def draw_disability(
    series: ProgressSeries, *, width: float, height: float, texts: ChartTexts
) -> Chart | None:
    """Draw disability on the dates of the pain chart of the same width, if scored."""
    disability = series.disability
    if disability is None or not disability.scores:
        return None
    left, right = margins(width, texts)
    first, last = span(series)
    scale, size = disability.scale, text_size(width)
    canvas = Canvas(
        width, height, first, last, left, right, 2 * size + 16, height - 8, scale.high
    )
    canvas.write("note", 0, size + 12, texts.disability)
    for value in (scale.low, scale.high // 2, scale.high):
        y = canvas.y(value)
        canvas.draw("grid" if value else "axis", line([(left, y), (right, y)]))
        canvas.write("axis", left - 7, y + size * 0.34, texts.number(value), "end")
    base = disability.scores[0][1]
    ends = _draw_expected(canvas, series, base, texts) if scale is ODI else []
    matters = round(base - important_fall(base, scale), 2)
    if matters >= 0:
        y = canvas.y(matters)
        canvas.draw("important", line([(left, y), (right, y)]))
        ends.append(End("word", f"{texts.important} {texts.number(matters)}", y))
    dots = [(canvas.x(on), canvas.y(value)) for on, value in disability.scores]
    if len(dots) > 1:
        canvas.draw("disability", line(dots))
    canvas.draw("disability-before", *(circle(x, y, 3.6) for x, y in dots))
    now = texts.number(disability.scores[-1][1])
    ends.append(End("disability", now, dots[-1][1]))
    canvas.name_ends(ends)
    occasions = [
        (canvas.x(on), (texts.day(on), f"{texts.disability}: {texts.number(value)}"))
        for on, value in disability.scores
    ]
    said = "; ".join(" ".join(lines) for _, lines in occasions)
    return canvas.chart(texts.disability, said, occasions)


def _draw_expected(
    canvas: Canvas, series: ProgressSeries, base: float, texts: ChartTexts
) -> list[End]:
    """Draw the trial's mean and spread where they fit, and have room to fall."""
    leg = baseline(series, LEG)
    found = caveats(leg and leg[1], series.dose, series.onset_weeks)
    too_low = base + ODI_CHANGE.change < 0
    if series.begins is None or HIDING & set(found) or too_low:
        return []
    low, high = canvas.band(ODI_CHANGE, series.begins, base)
    canvas.draw("shade", area(high, low))
    canvas.draw("trial", line(canvas.course(ODI_CHANGE, series.begins, base)))
    y = canvas.y(ODI_CHANGE.expected(base, WEEKS))
    return [End("word", texts.acupuncture, y)]


@dataclass(frozen=True, slots=True)
class Sparkline:
    width: float
    height: float
    shapes: tuple[Shape, ...]


def draw_sparkline(
    series: ProgressSeries, *, width: float = 96, height: float = 28
) -> Sparkline:
    """Draw leg pain alone, 0 to 10, for a list; empty without a score."""
    known = list(scores(series, LEG))
    if not known:
        return Sparkline(width, height, ())
    first, last = known[0][0], known[-1][0]
    canvas = Canvas(width, height, first, last, -6, width + 4, 3, height - 3)
    base = baseline(series, LEG)
    if base:
        y = canvas.y(max(base[1] - important_fall(base[1], LEG), 0))
        canvas.draw("important", line([(0, y), (width, y)]))
    runs: list[list[XY]] = [[]]
    for reading in series.readings:
        value = reading.before.leg
        if value is not None:
            runs[-1].append((canvas.x(reading.on), canvas.y(value)))
        elif reading.was_due:
            runs.append([])
    for run in runs:
        if len(run) == 1:
            canvas.draw("leg-before", circle(*run[0], 1.6))
        elif run:
            canvas.draw("leg", line(run))
    canvas.draw("leg-before", circle(*[at for run in runs for at in run][-1], 2.8))
    return Sparkline(width, height, tuple(canvas.shapes))
