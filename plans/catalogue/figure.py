"""Acupoints on the body figure. It shows where a point lies, and guides no needle.

`data/places.json` has a place for about a third of the catalogue: the points that
sciatica needs, and those that a plain measure of the trunk gives. `docs/catalogue.md`
says how they were measured. A point without a place is listed, never drawn by guess.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from pathlib import Path

from clinic.core import body
from clinic.core.body import CROPS, VIEWS, Figure, Region, Spot
from clinic.core.curves import XY

_FILE = Path(__file__).parent / "data" / "places.json"
# code -> view -> place in cun, on the patient's left or the midline; the right is its
# mirror image, and the right view that of the left.
_PLACES: dict[str, dict[str, XY]] = json.loads(_FILE.read_text("utf-8"))["points"]


@dataclass(frozen=True)
class Mark:
    """A point to show. `label` is what stands beside it, its code if empty.

    Points of one `group` can be shown without the others.
    """

    code: str
    side: str  # left, right, both or midline
    label: str = ""
    hollow: bool = False
    href: str = ""
    group: str = ""


@dataclass(frozen=True)
class Figures:
    """The drawings that together show all marks that have a place, the fullest first.

    `others` are the views that show nothing more.
    """

    figures: tuple[Figure, ...]
    others: tuple[Figure, ...]
    not_shown: tuple[Mark, ...]


def figures(
    marks: Iterable[Mark], *, key: str = "figure", crop: str | None = None
) -> Figures:
    """Draw marks in the fewest views; only the lower half where that shows all."""
    return _figures(tuple(_one_sided(marks)), key, crop)


@lru_cache(maxsize=256)
def _figures(marks: tuple[Mark, ...], key: str, crop: str | None) -> Figures:
    """Kept for a while: a plan is looked at more often than it changes."""
    crop = crop or best_crop(marks)
    views = views_showing(marks, crop)
    drawn = [figure(view, marks, crop=crop, key=f"{key}-{view}") for view in VIEWS]
    drawn.sort(key=lambda each: -len(each.spots))
    return Figures(
        figures=tuple(each for each in drawn if each.view in views),
        others=tuple(each for each in drawn if each.view not in views),
        not_shown=tuple(
            mark
            for mark in marks
            if not any(_shown(mark, view, crop) for view in views)
        ),
    )


def figure(
    view: str,
    marks: Iterable[Mark] = (),
    *,
    regions: Iterable[Region] = (),
    crop: str = "whole",
    key: str = "figure",
) -> Figure:
    """Draw one view with those of the marks that it shows."""
    spots = [
        Spot(
            code=mark.code,
            side=mark.side,
            place=place,
            label=mark.label or mark.code,
            hollow=mark.hollow,
            href=mark.href,
            group=mark.group,
        )
        for mark in _one_sided(marks)
        if (place := _shown(mark, view, crop))
    ]
    return body.draw(view, spots=spots, regions=regions, crop=crop, key=key)


def place_of(code: str, side: str, view: str) -> XY | None:
    """Where a point lies in a view, in cun; None where that view does not show it."""
    place = _PLACES.get(code, {}).get("left" if view == "right" else view)
    if place is None or (view in ("left", "right") and side != view):
        return None
    x, y = place
    return (-x if side == "right" else x), y


def views_showing(marks: Iterable[Mark], crop: str = "whole") -> tuple[str, ...]:
    """The fewest views that together show every mark that has a place."""
    marks = _one_sided(marks)
    seen = {
        view: {mark for mark in marks if _shown(mark, view, crop)} for view in VIEWS
    }
    wanted = set().union(*seen.values())
    return next(
        views
        for count in range(len(VIEWS) + 1)
        for views in combinations(VIEWS, count)
        if set().union(*(seen[view] for view in views)) == wanted
    )


def best_crop(marks: Iterable[Mark]) -> str:
    """The lower half, drawn larger, where it shows as much as the whole figure."""
    marks = _one_sided(marks)
    shown = {
        crop: {mark for mark in marks for view in VIEWS if _shown(mark, view, crop)}
        for crop in CROPS
    }
    return "lower" if shown["whole"] and shown["lower"] == shown["whole"] else "whole"


def _shown(mark: Mark, view: str, crop: str) -> XY | None:
    place = place_of(mark.code, mark.side, view)
    return place if place and CROPS[crop].shows(place) else None


def _one_sided(marks: Iterable[Mark]) -> list[Mark]:
    return [
        one
        for mark in marks
        for one in (
            [replace(mark, side="left"), replace(mark, side="right")]
            if mark.side == "both"
            else [mark]
        )
    ]
