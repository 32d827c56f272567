"""A chart as SVG. A picture has hundreds of small parts: written here they take a tenth
of the time that a template takes for them.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from plans.progress.canvas import Chart, Point
from plans.progress.panels import Sparkline
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
POINT = """\
<g class="chart__point" tabindex="0" role="img" aria-label="{}">\
<path class="chart__hit" d="{}" fill="none" pointer-events="all"/>\
<g class="chart__tip" visibility="hidden" pointer-events="none">\
<path class="chart__guide" d="{}" fill="none" stroke="currentColor"\
 stroke-opacity="0.5"/>\
<path class="chart__box" d="{}" fill="{}" stroke="currentColor"/>{}</g></g>"""


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


def _shapes(shapes: Iterable[Shape]) -> SafeString:
    rows = ((_look(shape.kind), shape.d) for shape in shapes)
    return format_html_join("", '<path{} d="{}"/>', rows)


def _labels(labels: Iterable[Label]) -> SafeString:
    rows = (
        (
            _text_look(label.kind, label.anchor, label.size),
            label.x,
            label.y,
            _turn(label) if label.turned else "",
            label.text,
        )
        for label in labels
    )
    return format_html_join("", '<text{} x="{}" y="{}"{}>{}</text>', rows)


def _points(points: Sequence[Point]) -> SafeString:
    rows = (
        (point.words, point.hit, point.guide, point.box, SHEET, _labels(point.lines))
        for point in points
    )
    return format_html_join("\n", POINT, rows)


def _turn(label: Label) -> SafeString:
    return format_html(' transform="rotate(-90 {} {})"', label.x, label.y)


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
