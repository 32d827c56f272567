"""The funnel plot as SVG. Words are escaped; geometry is numbers."""

from collections.abc import Collection, Mapping, Sequence

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from plans.outcomes.casemix import LEVELS, CaseMix, Standing
from plans.outcomes.funnel import Curve, Dot, Funnel, funnel
from plans.outcomes.presenters.compared import lies
from plans.outcomes.presenters.words import NONE, part, signed, whole
from plans.outcomes.statistics import share

PICTURE = """\
<svg class="funnel__picture" viewBox="0 0 {width} {height}" width="{width}"\
 height="{height}" role="group" aria-label="{title}">
<g aria-hidden="true" font-size="12" fill="currentColor">{up}{across}
<text x="{right}" y="{name_y}" text-anchor="end" fill-opacity="0.8">{name}</text>
{curves}</g>
{dots}
</svg>"""
UP = (
    '<path d="M{} {}H{}" stroke="currentColor" stroke-opacity="{}"/>'
    '<text x="{}" y="{}" dy="4" text-anchor="end">{}</text>'
)
ACROSS = (
    '<path d="M{} {}v6" stroke="currentColor" stroke-opacity="0.6"/>'
    '<text x="{}" y="{}" text-anchor="middle">{}</text>'
)
CURVE = (
    '<path class="funnel__limit" d="{}" fill="none" stroke="currentColor"'
    ' stroke-dasharray="{}"/><path class="funnel__limit" d="{}" fill="none"'
    ' stroke="currentColor" stroke-dasharray="{}"/>'
    '<text x="{}" y="{}" dy="4">{}</text><text x="{}" y="{}" dy="4">{}</text>'
)
DOT = """\
<g class="funnel__dot" tabindex="0" role="img" aria-label="{words}">\
<circle class="funnel__hit" cx="{x}" cy="{y}" r="14" fill="none" pointer-events="all"/>\
<path class="funnel__mark" d="{shape}" fill="#0e5a48"/>\
<g class="funnel__tip" visibility="hidden" pointer-events="none" font-size="13"\
 text-anchor="{anchor}">{lines}</g></g>"""
LINE = '<text x="{}" y="{}">{}</text>'
GAP, LINE_HEIGHT, LABEL = 12, 17, 14


def plot(
    mix: CaseMix,
    standings: Sequence[Standing],
    names: Mapping[int, str],
    rates: Collection[int],
) -> SafeString:
    """`rates` are those of whom it is said how much is known."""
    drawn = funnel(mix, standings)
    # Reached by the tabulator from left to right, which is by size and not by rank.
    dots = sorted(drawn.dots, key=lambda dot: (dot.x, dot.standing.group.by))
    return format_html(
        PICTURE,
        width=drawn.width,
        height=drawn.height,
        right=drawn.right,
        title=_("Funnel plot"),
        name=_("courses with both leg scores"),
        name_y=drawn.bottom + 38,
        up=format_html_join("", UP, (_up(drawn, at, value) for at, value in drawn.up)),
        across=format_html_join(
            "",
            ACROSS,
            (
                (at, drawn.bottom, at, drawn.bottom + 20, whole(round(value)))
                for at, value in drawn.across
            ),
        ),
        curves=format_html_join("\n", CURVE, (_curve(drawn, c) for c in drawn.curves)),
        dots=format_html_join(
            "\n", "{}", ((_dot(drawn, dot, names, rates),) for dot in dots)
        ),
    )


def _up(drawn: Funnel, at: float, value: float) -> tuple[object, ...]:
    faint = 0.12 if value else 0.6
    return drawn.left, at, drawn.right, faint, drawn.left - 8, at, signed(value)


def _curve(drawn: Funnel, curve: Curve) -> tuple[object, ...]:
    dashes = "none" if curve.level == 0.95 else "5 4"
    low, high = curve.paths
    name = _("%(level)s %%") % {
        "level": number_format(100 * curve.level, 0 if curve.level == 0.95 else 1)
    }
    x = drawn.right + 8
    # Names of lines that lie close stand one above the other.
    room = LABEL / 2 if curve.level == LEVELS[0] else 1.5 * LABEL
    below = max(curve.ends[0], drawn.zero + room)
    above = min(curve.ends[1], drawn.zero - room)
    return low, dashes, high, dashes, x, below, name, x, above, name


def _dot(
    drawn: Funnel, dot: Dot, names: Mapping[int, str], rates: Collection[int]
) -> SafeString:
    group = dot.standing.group
    known = _("n = %(number)s") % {"number": whole(group.complete)}
    if group.by in rates:
        known = _("n = %(number)s, both scores of %(known)s") % {
            "number": whole(group.complete),
            "known": part(share(group.complete, group.due)),
        }
    words = (
        names.get(group.by, NONE),
        known,
        _("%(beyond)s points: %(lies)s")
        % {"beyond": signed(dot.standing.beyond, 2), "lies": lies(dot.standing)},
    )
    is_right = dot.x > (drawn.left + drawn.right) / 2
    is_low = dot.y > (drawn.zero + drawn.bottom) / 2
    x = dot.x - GAP if is_right else dot.x + GAP
    y = dot.y - 2 * LINE_HEIGHT if is_low else dot.y + 4
    return format_html(
        DOT,
        words="; ".join(words),
        x=dot.x,
        y=dot.y,
        shape=_shape(dot),
        anchor="end" if is_right else "start",
        lines=format_html_join(
            "",
            LINE,
            (
                (x, round(y + LINE_HEIGHT * row, 1), line)
                for row, line in enumerate(words)
            ),
        ),
    )


def _shape(dot: Dot) -> str:
    """A disc; outside the limits a lozenge, so that grey tells it too."""
    x, y = dot.x, dot.y
    if dot.standing.outside:
        return f"M{x} {y - 9}L{x + 9} {y}L{x} {y + 9}L{x - 9} {y}Z"
    return f"M{x - 6} {y}a6 6 0 1 0 12 0a6 6 0 1 0 -12 0Z"
