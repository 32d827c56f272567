"""The words the rules are written in: zones of the body, and techniques."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from clinic.core.texts import Text, check_text
from clinic.rules.files import RuleFileError
from plans.catalogue.points import Point
from plans.catalogue.vocabulary import WORDS


@dataclass(frozen=True)
class Zone:
    id: str
    regions: tuple[str, ...]
    role: str


# Of Ashi: it may lie anywhere, so no rule for a part of the body speaks of it.
ANYWHERE = Zone("anywhere", ("variable",), "")


@dataclass(frozen=True)
class Technique:
    """`uses` is what a rule may forbid; `base` the manipulation left without it."""

    id: str
    name: Text
    base: str
    uses: frozenset[str]


@dataclass(frozen=True)
class Terms:
    """`zones` run from head to foot."""

    zones: tuple[Zone, ...]
    techniques: Mapping[str, Technique]

    @property
    def uses(self) -> frozenset[str]:
        return frozenset().union(*(t.uses for t in self.techniques.values()))

    def zone(self, point: Point) -> Zone:
        if point.body_region in ANYWHERE.regions:
            return ANYWHERE
        return self.zones[self.height(point)]

    def height(self, point: Point) -> int:
        """0 for the zone of the head, rising downward."""
        return self._heights[point.body_region]

    @cached_property
    def _heights(self) -> Mapping[str, int]:
        return {r: n for n, zone in enumerate(self.zones) for r in zone.regions}


def load_terms(path: Path) -> Terms:
    """Raises RuleFileError naming the file and what is wrong."""
    with path.open("rb") as file:
        data = tomllib.load(file)
    try:
        zones = tuple(
            Zone(row["id"], tuple(row["regions"]), row["role"]) for row in data["zone"]
        )
        techniques = {
            row["id"]: Technique(
                id=row["id"],
                name=check_text(row["name"], row["id"]),
                base=row["base"],
                uses=frozenset(row["uses"]),
            )
            for row in data["technique"]
        }
        _check(zones, techniques)
    except (KeyError, TypeError, ValueError) as problem:
        raise RuleFileError(f"{path}: {problem}") from problem
    return Terms(zones, techniques)


def _check(zones: tuple[Zone, ...], techniques: Mapping[str, Technique]) -> None:
    zoned = [region for zone in zones for region in zone.regions]
    for region in WORDS["body_region"]:
        if region != "variable" and zoned.count(region) != 1:
            raise ValueError(f"{region} should stand in exactly one zone")
    for technique in techniques.values():
        base = techniques.get(technique.base)
        if base is None or base.uses:
            raise ValueError(f"{technique.id}: its base is not a plain manipulation")
