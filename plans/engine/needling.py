"""How a chosen point is needled: side, depth, technique, each with its reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinic.rules.machine import Facts
from plans.catalogue.points import Point
from plans.engine.book import Ruling
from plans.engine.limits import Limits
from plans.engine.proposal import Reason, said_otherwise
from plans.engine.terms import Terms


@dataclass(frozen=True)
class Depth:
    mm: int
    cap_mm: int
    angle: str
    reasons: tuple[Reason, ...]


def choose_depth(
    point: Point, rulings: Sequence[Ruling], limits: Limits, terms: Terms
) -> Depth:
    """Start within the usual range, allow for the patient, stop at the cap."""
    cap, angle, capping = limits.cap(point)
    zone = terms.zone(point).id
    here = [r for r in rulings if not r.then.zones or zone in r.then.zones]
    deepest = min(point.depth_max_mm, cap)
    least = min(point.depth_min_mm, deepest)
    reasons = []
    start = least
    if point.code in limits.shallow:
        reasons.append(limits.shallow[point.code].reason("depth"))
    elif shy := [ruling for ruling in here if ruling.then.start_least]:
        reasons.extend(ruling.reason("depth") for ruling in shy)
    else:
        starts = ((r, r.then.start) for r in here if r.then.start is not None)
        starting, share = next(starts)
        start = least + share * (deepest - least)
        reasons.append(starting.reason("depth"))
    mm = start
    for ruling in here:
        # A point held at the least depth may be made shallower still, not deeper.
        if ruling.then.factor < 1 or (ruling.then.factor > 1 and start > least):
            mm *= ruling.then.factor
            reasons.append(ruling.reason("depth"))
    if mm >= cap:
        reasons.append(capping.reason("depth"))
    return Depth(int(min(mm, deepest)), cap, angle, tuple(reasons))


def choose_side(
    point: Point, rulings: Iterable[Ruling], facts: Facts, *, fewer: bool
) -> tuple[str, tuple[Reason, ...]]:
    """The affected side; both where a rule allows it, or where no side is known."""
    if point.side == "midline":
        return "midline", ()
    ruled = [ruling for ruling in rulings if ruling.then.both_sides]
    doubled = any(point.code in ruling.then.both_sides for ruling in ruled)
    affected = facts.get("side")
    one = affected in {"left", "right"} and (fewer or not doubled)
    reasons = tuple(ruling.reason("side") for ruling in ruled)
    return str(affected) if one else "both", reasons


def choose_technique(
    point: Point, rulings: Iterable[Ruling], limits: Limits, terms: Terms
) -> tuple[str, tuple[Reason, ...]]:
    """What the patterns agree on for this point; the default where they don't."""
    zone = terms.zone(point).id
    asking = [ruling for ruling in rulings if ruling.then.technique]
    close = [ruling for ruling in asking if _speaks_of(ruling, point, zone)]
    ruled = close or [r for r in asking if not r.then.technique_zones]
    wanted = [terms.techniques[ruling.then.technique] for ruling in ruled]
    if len({technique.base for technique in wanted}) == 1:
        technique = max(wanted, key=lambda technique: len(technique.uses))
        reasons = [ruling.reason("technique") for ruling in ruled]
    else:
        default = next(ruling for ruling in rulings if ruling.then.default_technique)
        technique = terms.techniques[default.then.default_technique]
        reasons = [default.reason("technique")]
        if wanted and default.then.disagree:
            reasons = [said_otherwise(reasons[0], default.then.disagree)]
    if forbidding := limits.forbids(technique.id, point):
        reasons.append(forbidding.reason("technique"))
        technique = terms.techniques[technique.base]
    return technique.id, tuple(reasons)


def _speaks_of(ruling: Ruling, point: Point, zone: str) -> bool:
    then = ruling.then
    if then.technique_zones:
        return zone in then.technique_zones
    return point.code in then.offer or point.code in then.optional
