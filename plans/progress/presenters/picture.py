"""A chart as SVG. A picture has hundreds of small parts: written here they take a small
part of the time that a template takes for them. Words are escaped; geometry is numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from plans.progress.canvas import Chart, Point
from plans.progress.panels import Sparkline
from plans.progress.presenters.course import Row
from plans.progress.shapes import LOOKS, SHEET, TEXT_LOOKS, Label, Shape

PICTURE = """\
<svg class="chart" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<g role="img" aria-labelledby="{key}-title" aria-describedby="{key}-desc">
<title id="{key}-title">{title}</title>
<desc id="{key}-desc">{description}</desc>
{shapes}
{labels}
</g>
{points}
</svg>"""
SMALL = (
    '<svg class="chart chart--small" viewBox="0 0 {width} {height}"'
    ' width="{width}" height="{height}" aria-hidden="true">{shapes}</svg>'
)
MISSING = '<span class="progress__missing">{}</span>'
POINT = """\
<g class="chart__point" tabindex="0" role="img" aria-label="{words}">\
<path class="chart__hit" d="{hit}" fill="none" pointer-events="all"/>\
<g class="chart__tip" visibility="hidden" pointer-events="none">\
<path class="chart__guide" d="{guide}" fill="none" stroke="currentColor"\
 stroke-opacity="0.5"/>\
<path class="chart__box" d="{box}" fill="{fill}" stroke="currentColor"/>\
{lines}</g></g>"""


def picture(chart: Chart, key: str) -> SafeString:
    """Return the chart; `key` is unique on the page."""
    return format_html(
        PICTURE,
        width=chart.width,
        height=chart.height,
        key=key,
        title=chart.title,
        description=chart.description,
        shapes=_shapes(chart.shapes),
        labels=_labels(chart.labels),
        points=_points(chart.points),
    )


def small_picture(line: Sparkline) -> SafeString:
    return format_html(
        SMALL,
        width=line.width,
        height=line.height,
        shapes=_shapes(line.shapes),
    )


def score_cells(row: Row) -> SafeString:
    """The numbers of one row of the table; where one was due and is not, it says so."""
    missing = format_html(MISSING, gettext("no score"))
    shown = ((missing if cell.missing else cell.text,) for cell in row.cells)
    return format_html_join("", '<td class="number">{}</td>', shown)


def _shapes(shapes: Iterable[Shape]) -> SafeString:
    return _drawn(f'<path{_look(shape.kind)} d="{shape.d}"/>' for shape in shapes)


def _labels(labels: Iterable[Label]) -> SafeString:
    return _drawn(
        f"<text{_text_look(label.kind, label.anchor, label.size)}"
        f' x="{label.x}" y="{label.y}"{_turn(label)}>{escape(label.text)}</text>'
        for label in labels
    )


def _points(points: Sequence[Point]) -> SafeString:
    return _drawn(
        POINT.format(
            words=escape(point.words),
            hit=point.hit,
            guide=point.guide,
            box=point.box,
            fill=SHEET,
            lines=_labels(point.lines),
        )
        for point in points
    )


def _drawn(parts: Iterable[str]) -> SafeString:
    return mark_safe("\n".join(parts))  # nosec B308 B703


def _turn(label: Label) -> str:
    return f' transform="rotate(-90 {label.x} {label.y})"' if label.turned else ""


@cache
def _look(kind: str) -> SafeString:
    look = LOOKS[kind]
    found = {
        "class": f"chart__{kind}",
        "fill": look.fill,
        "stroke": look.stroke,
        "stroke-width": look.width,
        "stroke-linejoin": "round",
    }
    if look.dash:
        found["stroke-dasharray"] = look.dash
    if look.opacity != 1:
        found["opacity"] = look.opacity
    return _attributes(found)


@cache
def _text_look(kind: str, anchor: str, size: float) -> SafeString:
    look = TEXT_LOOKS[kind]
    found = {
        "class": f"chart__text chart__text--{kind}",
        "font-size": size,
        "fill": look.fill,
    }
    if anchor != "start":
        found["text-anchor"] = anchor
    if look.opacity != 1:
        found["fill-opacity"] = look.opacity
    if look.bold:
        found["font-weight"] = 600
    if look.halo:
        found |= {
            "stroke": SHEET,
            "stroke-width": 3,
            "stroke-linejoin": "round",
            "paint-order": "stroke",
        }
    return _attributes(found)


def _attributes(named: Mapping[str, object]) -> SafeString:
    return format_html_join("", ' {}="{}"', named.items())
