"""The body figure: our own line drawing, with spots and regions placed on it.

Data and places are in cun (`body.json`): x from the body's middle, y down from the
vertex, the sole at 75. What is drawn is in units: a figure is always 480 units high,
so a unit is a pixel when it is drawn 480 pixels high. Left and right are the patient's
own; in the front view the patient's left has x > 0, in the back view x < 0.
"""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from clinic.core import curves
from clinic.core.curves import XY
from clinic.core.labels import TEXT_SIZE, Label, set_column, text_width

VIEWS = ("front", "back", "left", "right")
HEIGHT = 480.0
PIXELS = 1.2  # to a unit, where a page has room; narrower pages shrink the figure
HIT_RADIUS = 22.0  # half of 44 px, the least target for a thumb
PEN = 2.0  # room for the outline's own width
EDGE = 9.0  # free space around the drawing
LABEL_GAP = 14.0  # between the body and a column of labels
BESIDE_FOOT = 6.6  # cun from the middle: where the letters L and R stand
NEAR_EDGE = 0.6  # cun: a region's corner this near to the body's edge lies on it
UNIT_BOX = (30.0, 75.0)  # cun wide and high: the box in which regions are given

_VIEWS = json.loads(Path(__file__).with_name("body.json").read_text("utf-8"))["views"]


@dataclass(frozen=True)
class Crop:
    """A part of the figure, in cun. `reach` is how far it shows from the middle."""

    top: float
    bottom: float
    reach: float

    def shows(self, place: XY) -> bool:
        return self.top <= place[1] <= self.bottom and abs(place[0]) <= self.reach


# "lower" is waist to sole: without the arms, and drawn half as large again.
CROPS = {"whole": Crop(-0.3, 75.3, 15.4), "lower": Crop(26.8, 75.3, 8.3)}


@dataclass(frozen=True)
class Spot:
    """A point to draw. `place` is in cun; `label` is what stands beside it.

    `hollow` draws a ring: offered, or removed. One with an `href` (its row in a list,
    say) can be reached and followed by keyboard. A page may show one `group` alone.
    """

    code: str
    side: str  # left, right or midline
    place: XY
    label: str
    hollow: bool = False
    href: str = ""
    group: str = ""


@dataclass(frozen=True)
class Region:
    """An area to draw. `polygon` is in the unit box: x and y from 0 to 1."""

    id: str
    label: str
    polygon: Sequence[XY]
    selected: bool = False
    href: str = ""


@dataclass(frozen=True)
class DrawnSpot:
    spot: Spot
    x: float
    y: float
    label: Label
    leader: str
    hit: str


@dataclass(frozen=True)
class DrawnRegion:
    region: Region
    path: str


@dataclass(frozen=True)
class Figure:
    """Plain geometry for `components/body_figure.html`. `key` keeps ids apart."""

    key: str
    view: str
    crop: str
    width: float
    height: float
    window: tuple[float, float, float, float]  # x, y, width, height of the drawing
    outline: str
    lines: str
    regions: tuple[DrawnRegion, ...]
    spots: tuple[DrawnSpot, ...]
    letters: tuple[tuple[str, float, float], ...]  # which foot is the patient's left
    text_size: float = TEXT_SIZE

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height in pixels where there is room: all figures to one scale."""
        return round(self.width * PIXELS), round(self.height * PIXELS)

    @property
    def can_be_followed(self) -> bool:
        return any(drawn.spot.href for drawn in self.spots) or any(
            drawn.region.href for drawn in self.regions
        )


def draw(
    view: str,
    *,
    spots: Sequence[Spot] = (),
    regions: Iterable[Region] = (),
    crop: str = "whole",
    key: str = "figure",
) -> Figure:
    """Draw one view. Spots outside the crop must be left out by the caller."""
    cut = CROPS[crop]
    scale = HEIGHT / (cut.bottom - cut.top)
    left_cun, right_cun = _extent(view, cut)
    edge = _edge(view)
    columns = _columns(view, spots)
    margins = {
        side: EDGE
        + max(
            (
                LABEL_GAP + text_width(spot.label) + 3
                for spot, column in zip(spots, columns, strict=True)
                if column == side
            ),
            default=0.0,
        )
        for side in (-1, 1)
    }
    origin = margins[-1] - left_cun * scale

    def to_units(place: Sequence[float]) -> XY:
        return origin + place[0] * scale, (place[1] - cut.top) * scale

    def stroke(line: Sequence[XY]) -> list[XY]:
        return [to_units(place) for place in line]

    dots = stroke([spot.place for spot in spots])
    labels = _labels(spots, dots, columns, _column_at(view, cut, scale, origin))
    return Figure(
        key=key,
        view=view,
        crop=crop,
        width=round(origin + right_cun * scale + margins[1], 1),
        height=HEIGHT,
        window=(
            round(margins[-1] - PEN, 1),
            0.0,
            round((right_cun - left_cun) * scale + 2 * PEN, 1),
            HEIGHT,
        ),
        outline=curves.path(map(stroke, outline(view)), closed=True),
        lines="".join(curves.path([stroke(line)]) for line in _lines(view)),
        regions=tuple(_draw_region(region, edge, to_units) for region in regions),
        spots=tuple(
            DrawnSpot(
                spot=spot,
                x=round(dot[0], 1),
                y=round(dot[1], 1),
                label=label,
                leader=curves.straight_path(label.leader),
                hit=curves.straight_path(_hit(dot, dots), closed=True),
            )
            for spot, dot, label in zip(spots, dots, labels, strict=True)
        ),
        letters=_letters(view, to_units),
    )


def outline(view: str) -> list[list[XY]]:
    """The strokes of the body's edge, in cun, joined end to end."""
    strokes = _VIEWS["left" if view == "right" else view]["outline"]
    if view != "right":
        return [[(x, y) for x, y in stroke] for stroke in strokes]
    return [[(-x, y) for x, y in reversed(stroke)] for stroke in reversed(strokes)]


@cache
def _edge(view: str) -> tuple[XY, ...]:
    """The corners of the outline, in cun."""
    return tuple(curves.flatten(outline(view)))


def _lines(view: str) -> list[list[XY]]:
    lines = _VIEWS["left" if view == "right" else view]["lines"]
    sign = -1 if view == "right" else 1
    return [[(sign * x, y) for x, y in line] for line in lines]


def _extent(view: str, crop: Crop, top: float = 0.0, bottom: float = 75.0) -> XY:
    """Leftmost and rightmost cun of the body in a view, between two heights."""
    xs = [
        max(-crop.reach, min(crop.reach, x))
        for x, y in _edge(view)
        if max(top, crop.top) <= y <= min(bottom, crop.bottom)
    ]
    return min(xs), max(xs)


def _columns(view: str, spots: Sequence[Spot]) -> list[int]:
    """The column of each spot: its own side; for the midline, the emptier one.

    In a side view the foot's spots go to the front, all others behind the body.
    """
    if view in ("left", "right"):
        front = -1 if view == "left" else 1
        return [
            front if spot.place[1] > 71 and spot.place[0] * front > 1.4 else -front
            for spot in spots
        ]
    leaning = sum(math.copysign(1, spot.place[0]) for spot in spots if spot.place[0])
    emptier = -1 if leaning > 0 else 1
    return [
        int(math.copysign(1, spot.place[0])) if spot.place[0] else emptier
        for spot in spots
    ]


def _column_at(
    view: str, crop: Crop, scale: float, origin: float
) -> Callable[[int, float], float]:
    """The x of a side's label column at a height.

    Below the hands, and above the foot of a side view, the body is narrower and the
    labels come closer.
    """
    top, bottom = (0.0, 69.0) if view in ("left", "right") else (50.5, 75.0)
    narrow, full = _extent(view, crop, top, bottom), _extent(view, crop)

    def column_at(side: int, y: float) -> float:
        left, right = narrow if top < y / scale + crop.top < bottom else full
        return origin + (right if side > 0 else left) * scale + side * LABEL_GAP

    return column_at


def _labels(
    spots: Sequence[Spot],
    dots: Sequence[XY],
    columns: Sequence[int],
    column_at: Callable[[int, float], float],
) -> list[Label]:
    room = (TEXT_SIZE, HEIGHT - 2 * TEXT_SIZE)  # the letters L and R stand below
    found: dict[int, Label] = {}
    for side in (-1, 1):
        members = [i for i, column in enumerate(columns) if column == side]
        labels = set_column(
            [(spots[i].label, dots[i]) for i in members],
            side=side,
            column_at=column_at,
            room=room,
        )
        found.update(zip(members, labels, strict=True))
    return [found[i] for i in range(len(spots))]


def _hit(dot: XY, dots: Sequence[XY]) -> list[XY]:
    """A thumb's circle around a dot, less what lies nearer to another dot."""
    part = [
        (
            dot[0] + HIT_RADIUS * math.cos(math.tau * step / 24),
            dot[1] + HIT_RADIUS * math.sin(math.tau * step / 24),
        )
        for step in range(24)
    ]
    for other in dots:
        if other != dot:
            part = curves.nearer_part(part, dot, other)
    return part


def _draw_region(
    region: Region, edge: Sequence[XY], to_units: Callable[[Sequence[float]], XY]
) -> DrawnRegion:
    wide, high = UNIT_BOX
    corners = [
        to_units(_over_the_edge(((x - 0.5) * wide, y * high), edge))
        for x, y in region.polygon
    ]
    return DrawnRegion(region, curves.straight_path(corners, closed=True))


def _over_the_edge(corner: XY, edge: Sequence[XY]) -> XY:
    """A corner meant to lie on the body's edge, moved past it: the edge then cuts.

    It stays on its own side of the middle, where the thighs meet.
    """
    x, y = corner
    near = min(curves.crossings(y, edge), key=lambda at: abs(at - x), default=x)
    if not 0 < abs(near - x) < NEAR_EDGE or not curves.inside(corner, edge):
        return corner
    past = near + math.copysign(NEAR_EDGE, near - x)
    return (past if past * x > 0 else 0.0), y


def _letters(
    view: str, to_units: Callable[[Sequence[float]], XY]
) -> tuple[tuple[str, float, float], ...]:
    """The patient's left and right, beside the feet; a side view needs no telling."""
    if view in ("left", "right"):
        return ()
    sign = 1 if view == "front" else -1
    places = (
        ("left", to_units((sign * BESIDE_FOOT, 74.9))),
        ("right", to_units((-sign * BESIDE_FOOT, 74.9))),
    )
    return tuple((side, round(x, 1), round(y, 1)) for side, (x, y) in places)
