"""What a chart is made of: paths and words, each with its presentation attributes.

Attributes and not style sheets carry the look, so that a chart also stands on paper and
in a PDF. `kind` is a class as well, by which a style sheet sets the colour of a theme.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

XY = tuple[float, float]

INK = "currentColor"
LEG_COLOUR, BACK_COLOUR, SHEET = "#0e5a48", "#38448f", "#fffefb"


@dataclass(frozen=True, slots=True)
class Look:
    fill: str = "none"
    stroke: str = "none"
    width: float = 1.0
    dash: str = ""
    opacity: float = 1.0


LOOKS = {
    "zone": Look(fill=INK, opacity=0.035),
    "grid": Look(stroke=INK, width=0.75, opacity=0.13),
    "axis": Look(stroke=INK, width=1, opacity=0.55),
    "shade": Look(fill=INK, opacity=0.06),
    "trial": Look(stroke=INK, width=1.1, dash="7 4", opacity=0.5),
    "electro": Look(stroke=INK, width=1.1, dash="2 3", opacity=0.5),
    "sham": Look(stroke=INK, width=1.1, dash="7 3 2 3", opacity=0.5),
    "important": Look(stroke=LEG_COLOUR, width=1, dash="1 3", opacity=0.9),
    "target": Look(stroke=LEG_COLOUR, width=1, opacity=0.55),
    "leader": Look(stroke=INK, width=0.75, opacity=0.35),
    "review": Look(stroke=INK, width=1, dash="3 3", opacity=0.45),
    "event": Look(stroke=INK, width=0.75, opacity=0.4),
    "flag": Look(fill=INK, opacity=0.85),
    "session": Look(stroke=INK, width=1.5, opacity=0.7),
    "missed": Look(fill=SHEET, stroke=INK, width=1.4, opacity=0.9),
    "ahead": Look(fill=INK, opacity=0.35),
    "leg": Look(stroke=LEG_COLOUR, width=2.4),
    "leg-before": Look(fill=LEG_COLOUR, stroke=SHEET, width=1),
    "leg-after": Look(fill=SHEET, stroke=LEG_COLOUR, width=1.4),
    "leg-stem": Look(stroke=LEG_COLOUR, width=1, opacity=0.55),
    "back": Look(stroke=BACK_COLOUR, width=2, dash="6 4"),
    "back-before": Look(fill=BACK_COLOUR, stroke=SHEET, width=1),
    "back-after": Look(fill=SHEET, stroke=BACK_COLOUR, width=1.4),
    "back-stem": Look(stroke=BACK_COLOUR, width=1, opacity=0.55),
    "disability": Look(stroke=INK, width=2),
    "disability-before": Look(fill=INK, stroke=SHEET, width=1),
}


@dataclass(frozen=True, slots=True)
class TextLook:
    """A halo keeps a word readable over lines."""

    fill: str = INK
    opacity: float = 1.0
    bold: bool = False
    halo: bool = False


TEXT_LOOKS = {
    "axis": TextLook(opacity=0.75),
    "zone": TextLook(opacity=0.6),
    "note": TextLook(opacity=0.75),
    "word": TextLook(opacity=0.8),
    "tip": TextLook(),
    "flag": TextLook(fill=SHEET, bold=True),
    "leg": TextLook(fill=LEG_COLOUR, bold=True, halo=True),
    "back": TextLook(fill=BACK_COLOUR, bold=True, halo=True),
    "disability": TextLook(bold=True, halo=True),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """`kind` is a key of LOOKS."""

    kind: str
    d: str

    @property
    def look(self) -> Look:
        return LOOKS[self.kind]


@dataclass(frozen=True, slots=True)
class Label:
    """`kind` is a key of TEXT_LOOKS; `y` is the base line."""

    kind: str
    x: float
    y: float
    text: str
    anchor: str = "start"
    size: float = 12.0
    turned: bool = False  # read upward

    @property
    def look(self) -> TextLook:
        return TEXT_LOOKS[self.kind]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        wide = text_width(self.text, self.size)
        high = self.size * 0.78
        low = self.size * 0.22
        if self.turned:
            return self.x - high, self.y - wide / 2, self.x + low, self.y + wide / 2
        left = self.x - {"start": 0, "middle": wide / 2, "end": wide}[self.anchor]
        return left, self.y - high, left + wide, self.y + low


def line(points: Sequence[XY]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) if points else ""


def area(upper: Sequence[XY], lower: Sequence[XY]) -> str:
    return line([*upper, *reversed(lower)]) + "Z"


def rect(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}Z"


def circle(x: float, y: float, radius: float) -> str:
    r, wide = f"{radius:.1f}", f"{2 * radius:.1f}"
    return f"M{x - radius:.1f} {y:.1f}a{r} {r} 0 1 0 {wide} 0a{r} {r} 0 1 0 -{wide} 0Z"


def diamond(x: float, y: float, radius: float) -> str:
    return (
        line([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]) + "Z"
    )


NARROW, WIDE = frozenset("fijlrtI.,:;·'()[]|! 1"), frozenset("mwMW%@")


@lru_cache(maxsize=4096)  # the same dates, numbers and names, drawn at two widths
def text_width(text: str, size: float) -> float:
    """Estimate, on the wide side; a Chinese sign is as wide as `size`."""
    return size * sum(
        1.0
        if ord(sign) > 0x2E7F
        else 0.34
        if sign in NARROW
        else 0.86
        if sign in WIDE
        else 0.66
        if sign.isupper()
        else 0.57
        for sign in text
    )


def wrap(text: str, width: float, size: float) -> list[str]:
    """Break into lines no wider than `width` where words, or Chinese signs, allow."""
    pieces: list[str] = []
    for sign in text:
        if not pieces or ord(sign) > 0x2E7F or pieces[-1].endswith(" "):
            pieces.append(sign)
        else:
            pieces[-1] += sign
    lines = [""]
    for piece in pieces:
        if lines[-1] and text_width((lines[-1] + piece).rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece
    return [one.strip() for one in lines]


def spread(
    wanted: Sequence[float], sizes: Sequence[float], room: tuple[float, float]
) -> list[float]:
    """Place intervals of given sizes near the middles wanted, none on another.

    Return the middles. Where they don't fit the room together, they run past its end.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[tuple[float, float, int]] = []  # start, length, members
    for i in order:
        start, length, members = wanted[i] - sizes[i] / 2, sizes[i], 1
        while blocks and sum(blocks[-1][:2]) > start:
            before, taken, count = blocks.pop()
            # Blocks that meet settle where their members are moved least on average.
            start = (before * count + (start - taken) * members) / (count + members)
            length, members = taken + length, count + members
        blocks.append((start, length, members))
    placed = [0.0] * len(wanted)
    rest = iter(order)
    edge, left = room[0], sum(sizes)
    for start, length, members in blocks:
        at = max(edge, min(start, room[1] - left))
        edge, left = at + length, left - length
        for _ in range(members):
            i = next(rest)
            placed[i] = at + sizes[i] / 2
            at += sizes[i]
    return placed


def overlaps(
    box: tuple[float, float, float, float], spots: Iterable[XY], room: float = 0.0
) -> int:
    """Count the spots that lie in the box, or within `room` of it."""
    left, top, right, bottom = box
    return sum(
        left - room <= x <= right + room and top - room <= y <= bottom + room
        for x, y in spots
    )
