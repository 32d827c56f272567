"""Small shapes that are told apart without colour, beside a word."""

from functools import cache

from django.utils.safestring import SafeString, mark_safe

SVG = (
    '<svg viewBox="0 0 12 12" width="12" height="12" fill="none" stroke="currentColor"'
    ' stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"'
    ' aria-hidden="true">{}</svg>'
)
RING = '<circle cx="6" cy="6" r="4.75"/>'
SHAPES = {
    "ring": RING,
    "target": RING + '<circle cx="6" cy="6" r="1.25" fill="currentColor"/>',
    "half": RING + '<path d="M6 1.25v9.5a4.75 4.75 0 0 0 0-9.5z" fill="currentColor"/>',
    "most": RING + '<path d="M6 6H1.25A4.75 4.75 0 1 0 6 1.25z" fill="currentColor"/>',
    "needle": RING + '<path d="M6 1.25v9.5" stroke-width="2.5"/>',
    "disc": '<circle cx="6" cy="6" r="4.75" fill="currentColor"/>',
    "check": '<path d="m1.75 6.5 2.75 2.75L10.25 3" stroke-width="1.9"/>',
    "cross": '<path d="m2.5 2.5 7 7m0-7-7 7" stroke-width="1.9"/>',
    "clock": RING + '<path d="M6 3.25V6l2 1.25"/>',
    "slash": RING + '<path d="m2.8 9.2 6.4-6.4"/>',
    "dash": '<path d="M2 6h8" stroke-width="1.9"/>',
    "dashes": '<circle cx="6" cy="6" r="4.75" stroke-dasharray="2.2 2.05"/>',
    "lock": (
        '<path d="M3.75 5.25V3.9a2.25 2.25 0 0 1 4.5 0v1.35"/><rect x="2.25"'
        ' y="5.25" width="7.5" height="5.25" rx=".75" fill="currentColor"/>'
    ),
    "octagon": (
        '<path d="M4 1.25h4L10.75 4v4L8 10.75H4L1.25 8V4z" fill="currentColor"/>'
    ),
    "question": (
        '<path d="M3.75 3.75a2.25 2.25 0 1 1 3.4 1.94C6.4 6.1 6 6.5 6 7.25"'
        ' stroke-width="1.75"/><path d="M6 10.4v.01" stroke-width="2"/>'
    ),
    "diamond": '<path d="M6 1.25 10.75 6 6 10.75 1.25 6z"/>',
}


@cache
def drawn_shape(shape: str) -> SafeString:
    """Raises KeyError for a shape that is none of SHAPES."""
    return mark_safe(SVG.format(SHAPES[shape]))  # nosec B308 B703
