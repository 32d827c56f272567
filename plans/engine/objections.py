"""What the rules object to in a prescription that a person has edited.

The engine proposes; an acupuncturist changes. Whatever passes a limit is named here
with its rule: a block stays a block, anything else asks for a recorded reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.rules.machine import Facts
from plans.catalogue.points import Point
from plans.engine.book import RuleBook, speaking
from plans.engine.limits import Limits, read_limits
from plans.engine.proposal import BLOCK, WARN, Reason
from plans.engine.propose import plan_size

POINT = "point"
DEPTH = "depth"
TECHNIQUE = "technique"
SIZE = "size"


@dataclass(frozen=True)
class Line:
    """One line of the prescription as edited; depth in mm along the needle."""

    code: str
    depth_mm: int
    technique: str


@dataclass(frozen=True)
class Objection:
    """`code` is empty when the prescription as a whole is meant.

    `limit` is the deepest allowed in mm, or the number of coded points that is missed.
    """

    code: str
    about: str
    level: str
    reason: Reason
    limit: int | None = None


def objections(
    lines: Sequence[Line], *, facts: Facts, per_week: int, weeks: int, book: RuleBook
) -> tuple[Objection, ...]:
    """Everything the rules say against these lines for this patient, in their order."""
    rulings = book.judge({**facts, "per_week": per_week, "weeks": weeks})
    limits = read_limits(rulings, book)
    found = []
    for line in lines:
        found.extend(_against(line, book.points[line.code], limits))
    rules = speaking(rulings)
    size = plan_size(rules)
    if not size.least <= len(lines) <= size.most:
        missed = size.least if len(lines) < size.least else size.most
        (ruling,) = (ruling for ruling in rules if ruling.then.size)
        found.append(Objection("", SIZE, WARN, ruling.reason(SIZE), missed))
    return tuple(found)


def deepest(code: str, *, facts: Facts, book: RuleBook) -> int:
    """The cap of a point for this patient, in mm."""
    cap, _angle, _ruling = read_limits(book.judge(facts), book).cap(book.points[code])
    return cap


def _against(line: Line, point: Point, limits: Limits) -> list[Objection]:
    found = []
    if not limits.allows(line.code):
        level, ruling = limits.withholding(line.code)
        found.append(Objection(line.code, POINT, level, ruling.reason(POINT)))
    cap, _angle, capping = limits.cap(point)
    if line.depth_mm > cap:
        reason = capping.reason(DEPTH)
        found.append(Objection(line.code, DEPTH, WARN, reason, cap))
    if forbidding := limits.forbids(line.technique, point):
        reason = forbidding.reason(TECHNIQUE)
        found.append(Objection(line.code, TECHNIQUE, BLOCK, reason))
    return found
