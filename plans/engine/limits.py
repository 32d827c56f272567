"""What is withheld from one patient: points, depths, techniques.

A limit holds until its question is answered no: unknown is not no.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plans.catalogue.depth import cap_mm, usual_cun
from plans.catalogue.points import Point
from plans.engine.book import RuleBook, Ruling
from plans.engine.proposal import ASK, BLOCK, WARN, Caution


@dataclass(frozen=True)
class Limits:
    """`removed` may not be put back; `set_aside` may, with a recorded reason."""

    removed: Mapping[str, Ruling]
    set_aside: Mapping[str, Ruling]
    shallow: Mapping[str, Ruling]
    forbidding: tuple[Ruling, ...]
    capping: tuple[Ruling, ...]
    book: RuleBook

    def allows(self, code: str) -> bool:
        return code not in self.removed and code not in self.set_aside

    def withholding(self, code: str) -> tuple[str, Ruling]:
        """The level and the rule that withholds a point that is not allowed."""
        if code in self.removed:
            return BLOCK, self.removed[code]
        return WARN, self.set_aside[code]

    def forbids(self, technique: str, point: Point) -> Ruling | None:
        """The rule against this technique at this point, if there is one."""
        uses = self.book.terms.techniques[technique].uses
        zone = self.book.terms.zone(point).id
        for ruling in self.forbidding:
            then = ruling.then
            anywhere = not then.forbid_points and not then.forbid_zones
            here = point.code in then.forbid_points or zone in then.forbid_zones
            if uses.intersection(then.forbid) and (anywhere or here):
                return ruling
        return None

    def cap(self, point: Point) -> tuple[int, str, Ruling]:
        """The deepest allowed in mm, the angle it is given for, and the rule."""
        published = [r for r in self.capping if point.code in _capped(r)]
        capping = published or [r for r in self.capping if not _capped(r)]
        depths = [(_cap_mm(ruling, point), n) for n, ruling in enumerate(capping)]
        deepest, lowest = min(depths)
        angles = [r.then.cap.angle for r in capping if r.then.cap and r.then.cap.angle]
        angle = angles[0] if angles else point.angle
        return deepest, angle, capping[lowest]


def read_limits(rulings: Iterable[Ruling], book: RuleBook) -> Limits:
    # What was answered is named as the reason before what merely stands open.
    held = sorted(
        (ruling for ruling in rulings if ruling.may_hold),
        key=lambda ruling: not ruling.says_yes,
    )
    return Limits(
        removed={c: r for r in reversed(held) for c in r.then.remove},
        set_aside={
            code: ruling
            for ruling in reversed(held)
            for code in (
                *ruling.then.set_aside,
                *ruling.then.set_aside_marked,
                *ruling.then.set_aside_in,
            )
        },
        shallow={c: r for r in reversed(held) for c in r.then.shallow},
        forbidding=tuple(r for r in held if r.then.forbid),
        capping=tuple(r for r in held if r.then.cap),
        book=book,
    )


def cautions(rulings: Iterable[Ruling]) -> tuple[Caution, ...]:
    """Every caution, the gravest first; a question of safety left open is one too."""
    found = []
    for ruling in rulings:
        if ruling.says_yes and ruling.then.caution:
            found.append(ruling.caution(ruling.then.caution))
        elif ruling.unknown and ruling.then.ask:
            found.append(ruling.caution(ASK))
    return tuple(sorted(found, key=lambda caution: _GRAVITY.index(caution.level)))


_GRAVITY = (BLOCK, ASK, WARN, "note")


def _capped(ruling: Ruling) -> tuple[str, ...]:
    return ruling.then.cap.points if ruling.then.cap else ()


def _cap_mm(ruling: Ruling, point: Point) -> int:
    cap = ruling.then.cap
    published = cap.cun if cap else None
    cun = usual_cun(point.depth_max_mm) if published is None else published
    return int(cap_mm(cun))
