"""What the rules say against a prescription that a person has edited.

The engine proposes; an acupuncturist changes. Whatever passes a limit is named here
with its rule. Block: may not be. Ask: first the question. Warn: with a recorded reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.rules.machine import Facts
from plans.catalogue.points import Point
from plans.engine.book import RuleBook, Ruling, speaking
from plans.engine.limits import Limits, cautions, read_limits
from plans.engine.proposal import ASK, BLOCK, EVERY, NOTE, WARN, Caution
from plans.engine.propose import plan_size
from plans.engine.selection import ANY_POSITION, turns_of

POINT = "point"
DEPTH = "depth"
TECHNIQUE = "technique"
SIZE = "size"
POSITION = "position"
DOSE = "dose"
PATIENT = "patient"  # a caution about this patient, whatever the points


@dataclass(frozen=True)
class Line:
    """One line of the prescription as edited; depth in mm along the needle."""

    code: str
    depth_mm: int
    technique: str
    prescription: str = EVERY


@dataclass(frozen=True)
class Objection:
    """Against one line, or with an empty `code` against the whole.

    `about` is point, depth, technique, size, position, dose or patient; `limit` the
    deepest in mm.
    """

    code: str
    about: str
    caution: Caution
    limit: int | None = None

    @property
    def level(self) -> str:
        return self.caution.level

    @property
    def needs_reason(self) -> bool:
        """A recorded reason answers it; nothing answers the others but a change."""
        return self.level == WARN


def objections(
    lines: Sequence[Line],
    *,
    facts: Facts,
    book: RuleBook,
    trained: frozenset[str] = frozenset(),
) -> tuple[Objection, ...]:
    """Everything the rules say against these lines for this patient, in their order.

    `trained` is what the one who answers for them has been trained in. Raises KeyError
    for a point or technique that the book lacks.
    """
    rulings = book.judge({**facts, "trained": trained})
    limits = read_limits(rulings, book)
    found = [
        objection
        for line in lines
        for objection in _against(line, book.points[line.code], limits)
    ]
    rules = speaking(rulings)
    size = plan_size(rules)
    together = _together(lines)
    if any(not size.least <= len(each) <= size.most for each in together):
        found += [Objection("", SIZE, r.caution(WARN)) for r in rules if r.then.size]
    if any(len(_positions(each, rules, book)) > 1 for each in together):
        found += [
            Objection("", POSITION, r.caution(NOTE)) for r in rules if r.then.positions
        ]
    said = [caution for caution in cautions(rulings) if caution.level == WARN]
    return (*found, *(Objection("", PATIENT, caution) for caution in said))


def _together(lines: Sequence[Line]) -> list[list[Line]]:
    """What is needled at one time: each of two that alternate, or all."""
    letters = {line.prescription for line in lines} - {EVERY} or {EVERY}
    return [
        [line for line in lines if line.prescription in {EVERY, letter}]
        for letter in sorted(letters)
    ]


def _positions(
    lines: Sequence[Line], rules: Sequence[Ruling], book: RuleBook
) -> set[str]:
    """How the patient would have to lie for them."""
    turns = turns_of(rules)
    usual = {book.points[line.code].position for line in lines} - {ANY_POSITION}
    return {turns.get(position, position) for position in usual}


def deepest(code: str, *, facts: Facts, book: RuleBook) -> int:
    """The cap of a point for this patient, in mm along the needle."""
    cap, _, _ = read_limits(book.judge(facts), book).cap(book.points[code])
    return cap


def _against(line: Line, point: Point, limits: Limits) -> list[Objection]:
    found = []
    if not limits.allows(line.code):
        level, ruling = limits.withholding(line.code)
        caution = ruling.caution(level if ruling.says_yes else ASK)
        found.append(Objection(line.code, POINT, caution))
    if forbidding := limits.forbids(line.technique, point):
        caution = forbidding.caution(BLOCK if forbidding.says_yes else ASK)
        found.append(Objection(line.code, TECHNIQUE, caution))
    cap, _, capping = limits.cap(point)
    if line.depth_mm > cap:
        found.append(Objection(line.code, DEPTH, capping.caution(WARN), cap))
    return found
