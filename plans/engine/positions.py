"""Nobody is turned with needles in: a plan lies one way, or alternates two ways.

One position serves where all that would need turning has an equal that needs none. Else
two prescriptions are given by turns: what suits either position is in both, and each is
made whole by itself, by the same rules.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plans.engine.book import Ruling
from plans.engine.limits import Limits
from plans.engine.proposal import EVERY, A, B, Reason, said_otherwise
from plans.engine.selection import (
    ANY_POSITION,
    Choice,
    Selection,
    fill,
    reasons_to_fill,
)


@dataclass(frozen=True)
class Arrangement:
    """`letters` says of each point in which prescription it stands.

    `positions` are how the patient lies for those of a letter that suit any position;
    `left` are points whose place an equal took, each with its equal.
    """

    codes: tuple[str, ...]
    letters: Mapping[str, str]
    positions: Mapping[str, str]
    stand_ins: Mapping[str, Reason]
    note: Reason | None = None
    left: Mapping[str, str] = field(default_factory=dict)

    def equal_of(self, code: str) -> str:
        """The point in whose place this one stands, or itself."""
        return next((old for old, new in self.left.items() if new == code), code)

    @property
    def together(self) -> Mapping[str, tuple[str, ...]]:
        """What is needled at one time, by the letter of the prescription."""
        alternating = [letter for letter in (A, B) if letter in self.positions]
        return {
            letter: tuple(c for c in self.codes if self.letters[c] in {EVERY, letter})
            for letter in alternating or [EVERY]
        }


def arrange(choice: Choice, selection: Selection, limits: Limits) -> Arrangement:
    lies = choice.turned(choice.position)
    turning = [code for code in selection.codes if not choice.suits(code, lies)]
    if not turning:
        return _one(choice, selection.codes, selection.stand_ins)
    equals = _equals(turning, choice, selection, limits)
    if len(equals) == len(turning):
        return _without_turning(choice, selection, equals)
    return _by_turns(choice, selection, turning, limits)


def shortfalls(choice: Choice, arrangement: Arrangement) -> Iterable[Reason]:
    """What a rule about every plan asks for and is lacking, in its words."""
    together = arrangement.together
    for ruling in choice.rulings:
        for ensure in ruling.then.ensure:
            lacking = [
                letter
                for letter, codes in together.items()
                if not any(choice.fits(ensure, code) for code in codes)
            ]
            if len(lacking) == len(together):
                yield said_otherwise(ruling.reason("note"), ensure.missing)
            else:
                yield from _said_of(lacking, ruling, ensure.turned)
        if size := ruling.then.size:
            short = [
                letter for letter, codes in together.items() if len(codes) < size.least
            ]
            if EVERY in short:
                yield said_otherwise(ruling.reason("note"), size.short)
            else:
                yield from _said_of(short, ruling, size.turned)


def _said_of(
    letters: Iterable[str], ruling: Ruling, text: Mapping[str, str]
) -> Iterable[Reason]:
    for letter in letters:
        yield said_otherwise(ruling.reason("note"), text, letter=letter.upper())


def _one(
    choice: Choice, codes: Sequence[str], stand_ins: Mapping[str, Reason]
) -> Arrangement:
    return Arrangement(
        codes=tuple(codes),
        letters=dict.fromkeys(codes, EVERY),
        positions={EVERY: choice.turned(choice.position)},
        stand_ins=stand_ins,
    )


def _equals(
    turning: Sequence[str], choice: Choice, selection: Selection, limits: Limits
) -> Mapping[str, str]:
    """For each the first point that a rule names in its stead and that lies well."""
    found: dict[str, str] = {}
    lies = choice.turned(choice.position)
    for code in turning:
        for other in choice.beside(code):
            free = other not in selection.codes and other not in found.values()
            if free and choice.suits(other, lies) and limits.allows(other):
                found[code] = other
                break
    return found


def _without_turning(
    choice: Choice, selection: Selection, equals: Mapping[str, str]
) -> Arrangement:
    ruling, words = choice.positions
    stand_ins = {
        other: said_otherwise(
            choice.beside(code)[other].reason("substitute"),
            words.one,
            left=code,
            taken=other,
        )
        for code, other in equals.items()
    }
    kept = _one(
        choice,
        [equals.get(code, code) for code in selection.codes],
        {**selection.stand_ins, **stand_ins},
    )
    note = said_otherwise(
        ruling.reason("note"),
        words.one,
        left=", ".join(equals),
        taken=", ".join(equals.values()),
    )
    return replace(kept, note=note, left=equals)


def _by_turns(
    choice: Choice, selection: Selection, turning: Sequence[str], limits: Limits
) -> Arrangement:
    """A lies as most points do. A third position finds no place and is left out."""
    ruling, words = choice.positions
    lying = Counter(choice.lying(code) for code in turning)
    positions = {A: choice.turned(choice.position), B: lying.most_common(1)[0][0]}
    both = {
        letter: fill(
            choice,
            [c for c in selection.codes if choice.suits(c, position)],
            limits,
            position,
        )
        for letter, position in positions.items()
    }
    codes = tuple(dict.fromkeys((*both[A], *both[B])))
    shared = set(both[A]).intersection(both[B])
    letters = {c: EVERY if c in shared else A if c in both[A] else B for c in codes}
    return Arrangement(
        codes=codes,
        letters=letters,
        positions={EVERY: ANY_POSITION, **positions},
        stand_ins=reasons_to_fill(choice, codes, selection.stand_ins),
        note=said_otherwise(
            ruling.reason("note"), words.two, turning=", ".join(turning)
        ),
    )
