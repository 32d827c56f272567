"""Places on the body figure where pain can be marked.

A region such as "buttock" stands on both sides; what is marked is one side of it,
"left_buttock". Left and right are always the patient's own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.core.texts import Text, check_text

FILE = Path(__file__).with_name("regions.toml")

Point = tuple[float, float]
Polygon = tuple[Point, ...]

SIDES: Mapping[str, Text] = {
    "left": {"en": "left", "zh-hans": "左"},
    "right": {"en": "right", "zh-hans": "右"},
}
PARTS = frozenset({"back", "hip", "leg"})
# The file's keys, and the views that show the patient's left and right side there.
_SHAPES = {
    "front": {"left": "front", "right": "front"},
    "back": {"left": "back", "right": "back"},
    "side": {"left": "left", "right": "right"},
}


class RegionFileError(Exception):
    """The message names the file and the region."""


@dataclass(frozen=True)
class Place:
    """Where one side of a region lies in one view: front, back, left or right.

    In unit coordinates of a figure 0.4 as wide as high, seen as the viewer sees it.
    """

    view: str
    side: str
    polygon: Polygon


@dataclass(frozen=True)
class Region:
    """`part` is back, hip (pelvis) or leg (thigh to toes)."""

    id: str
    part: str
    label: Text
    sided_labels: Mapping[str, Text]
    places: tuple[Place, ...]


def sided(region: str, side: str) -> str:
    return f"{side}_{region}"


def split_sided(marked: str) -> tuple[str, str]:
    """Return side and region of what `sided` joined."""
    side, _, region = marked.partition("_")
    return side, region


def load_regions(path: Path) -> tuple[Region, ...]:
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["region"]
    regions = tuple(_region(row, path) for row in rows)
    ids = [region.id for region in regions]
    if twice := [name for name in ids if ids.count(name) > 1]:
        raise RegionFileError(f"{path}: region {twice[0]} stands there twice")
    return regions


def _region(row: dict, path: Path) -> Region:
    where = f"{path}: region {row.get('id')}"
    try:
        label = check_text(row.get("label"), "label")
    except ValueError as error:
        raise RegionFileError(f"{where}: {error}") from error
    if any("{side}" not in words for words in label.values()):
        raise RegionFileError(f"{where}: the label has no place for the side")
    if row.get("part") not in PARTS:
        raise RegionFileError(f"{where}: part is none of {', '.join(sorted(PARTS))}")
    places = tuple(
        Place(view, side, _drawn(row[shape], side))
        for shape, views in _SHAPES.items()
        if shape in row
        for side, view in views.items()
    )
    if not places:
        raise RegionFileError(f"{where}: it lies nowhere on the figure")
    return Region(
        id=row["id"],
        part=row["part"],
        label=_say_side(label, None),
        sided_labels={side: _say_side(label, side) for side in SIDES},
        places=places,
    )


def _drawn(polygon: list[list[float]], side: str) -> Polygon:
    """The file draws the patient's left; the right is its mirror image."""
    if side == "left":
        return tuple((x, y) for x, y in polygon)
    return tuple((round(1 - x, 4), y) for x, y in polygon)


def _say_side(label: Text, side: str | None) -> Text:
    if side is None:
        return {
            language: words.replace("{side} ", "").replace("{side}", "")
            for language, words in label.items()
        }
    return {
        language: words.format(side=SIDES[side][language])
        for language, words in label.items()
    }


REGIONS = load_regions(FILE)
