"""Which points: the rules take turns, each until it has what it needs."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from plans.engine.book import RuleBook, Ruling
from plans.engine.effects import Ensure, Positions, Size
from plans.engine.limits import Limits
from plans.engine.proposal import Reason, Removed, said_otherwise

ANY_POSITION = "any"


@dataclass(frozen=True)
class Wish:
    """So many of these, in this order of preference."""

    candidates: tuple[str, ...]
    need: int


@dataclass(frozen=True)
class Selection:
    """`codes` in the order chosen; `stand_ins` says why one that no rule offers is."""

    codes: tuple[str, ...]
    removed: tuple[Removed, ...]
    stand_ins: Mapping[str, Reason]


@dataclass(frozen=True)
class Choice:
    """What the speaking rules ask for, and how a choice among points is made."""

    rulings: tuple[Ruling, ...]
    book: RuleBook
    channels: frozenset[str]
    position: str
    size: Size

    @cached_property
    def asked(self) -> Counter[str]:
        """How many rules ask for each point."""
        thens = [ruling.then for ruling in self.rulings]
        return Counter(code for then in thens for code in (*then.offer, *then.favour))

    @cached_property
    def asking(self) -> Mapping[str, frozenset[str]]:
        """By point the ids of the rules that ask for it, or support what does."""
        offers: dict[str, list[str]] = {}
        for ruling in self.rulings:
            offers.setdefault(ruling.then.decides, []).extend(ruling.then.offer)
        found: dict[str, set[str]] = {}
        for ruling in self.rulings:
            then = ruling.then
            backed = offers.get(then.backs, ()) if then.backs else ()
            for code in {*then.offer, *then.optional, *then.favour, *backed}:
                found.setdefault(code, set()).add(ruling.rule.id)
        return {code: frozenset(rules) for code, rules in found.items()}

    def preferred(self, codes: Iterable[str]) -> tuple[str, ...]:
        """One position before two, then what most rules ask for, then as written."""

        def merit(code: str) -> tuple[bool, int]:
            return not self.lies_well(code), -self.asked[code]

        return tuple(sorted(dict.fromkeys(codes), key=merit))

    def lies_well(self, code: str) -> bool:
        return self.book.points[code].position in {self.position, ANY_POSITION}

    def suits(self, code: str, position: str) -> bool:
        return self.lying(code) in {position, ANY_POSITION}

    def lying(self, code: str) -> str:
        """How this patient lies for a point."""
        return self.turned(self.book.points[code].position)

    def turned(self, position: str) -> str:
        return self._turns.get(position, position)

    @cached_property
    def _turns(self) -> Mapping[str, str]:
        return turns_of(self.rulings)

    @cached_property
    def positions(self) -> tuple[Ruling, Positions]:
        """The rule about turning, and its words."""
        said = ((ruling, ruling.then.positions) for ruling in self.rulings)
        return next((ruling, words) for ruling, words in said if words)

    def offered(self) -> tuple[str, ...]:
        """What may fill the plan: offers, but not the other half of an either-or."""
        free = (r.then.offer for r in self.rulings if not r.then.either)
        return self.preferred(code for codes in free for code in codes)

    def optional(self) -> tuple[str, ...]:
        codes = (code for r in self.rulings for code in r.then.optional)
        return self.preferred(codes)

    def offers(self, code: str) -> bool:
        return any(code in (*r.then.offer, *r.then.optional) for r in self.rulings)

    def beside(self, code: str) -> Mapping[str, Ruling]:
        """What a rule would also take in its stead, with the first that says so."""
        others: dict[str, Ruling] = {}
        for ruling in self.rulings:
            either = ruling.then.offer if ruling.then.either else ()
            named = (ruling.then.alternates or {}).get(code, ())
            for other in (*(either if code in either else ()), *named):
                if other != code:
                    others.setdefault(other, ruling)
        return others

    def wishes(self) -> list[Wish]:
        offers = [code for r in self.rulings for code in r.then.offer]
        listed = (*self.preferred(offers), *self.optional(), *self.book.pool)
        wishes = [
            Wish(tuple(code for code in listed if self.fits(ensure, code)), 1)
            for ruling in self.rulings
            for ensure in ruling.then.ensure
        ]
        return wishes + [
            Wish(self.preferred(ruling.then.offer), ruling.then.need)
            for ruling in self.rulings
            if ruling.then.need
        ]

    def fits(self, ensure: Ensure, code: str) -> bool:
        point = self.book.points[code]
        on_channel = not ensure.on_channel or point.channel in self.channels
        # Where no channel is known to be affected, any will do.
        return self.book.terms.zone(point).id in ensure.zones and (
            on_channel or not self.channels
        )


def turns_of(rulings: Iterable[Ruling]) -> Mapping[str, str]:
    """How this patient lies in place of how a point is usually needled."""
    turns: dict[str, str] = {}
    for ruling in rulings:
        turns |= ruling.then.turn or {}
    return turns


def select(choice: Choice, limits: Limits) -> Selection:
    """The plan without the limits, then what the limits leave of it, made whole."""
    wanted = fill(choice, [], limits=None)
    codes = [code for code in wanted if limits.allows(code)]
    stand_ins: dict[str, Reason] = {}
    removed = []
    for code in wanted:
        if limits.allows(code):
            continue
        level, ruling = limits.withholding(code)
        substitute, reason = _substitute(code, codes, choice, limits)
        if substitute:
            codes.append(substitute)
            stand_ins[substitute] = reason
        removal = ruling.reason("removal")
        removed.append(Removed(code, level, removal, substitute, reason))
    codes = fill(choice, codes, limits)
    return Selection(
        tuple(codes), tuple(removed), reasons_to_fill(choice, codes, stand_ins)
    )


def reasons_to_fill(
    choice: Choice, codes: Iterable[str], stand_ins: Mapping[str, Reason]
) -> Mapping[str, Reason]:
    """`stand_ins`, and why any other point is there that no rule offers."""
    fillers = {
        code: _filler(choice, code)
        for code in codes
        if code not in stand_ins and not choice.offers(code)
    }
    return {**stand_ins, **fillers}


def fill(
    choice: Choice,
    start: Sequence[str],
    limits: Limits | None,
    position: str | None = None,
) -> list[str]:
    """Add to `start` what the rules need, in turns, then what they offer.

    Given a position, only what can be needled in it.
    """
    chosen, size, wishes = list(start), choice.size, choice.wishes()

    def take(codes: Iterable[str]) -> bool:
        for code in codes:
            allowed = limits is None or limits.allows(code)
            reached = position is None or choice.suits(code, position)
            if code not in chosen and allowed and reached:
                chosen.append(code)
                return True
        return False

    took = True
    while took:
        took = False
        for wish in wishes:
            met = len(set(chosen).intersection(wish.candidates)) >= wish.need
            if not met and len(chosen) < size.most:
                took = take(wish.candidates) or took
    for codes, enough in (
        (choice.offered(), size.aim),
        (choice.optional(), size.least),
        (_spare(choice, position), size.least),
    ):
        while len(chosen) < enough and take(codes):
            pass
    return chosen


def _spare(choice: Choice, position: str | None) -> tuple[str, ...]:
    """The book's other points on the affected channels, for a plan left too short.

    One of two prescriptions, in its position, takes those of any channel after them.
    """
    points = choice.book.points
    on_channel = (c for c in choice.book.pool if points[c].channel in choice.channels)
    others = choice.book.pool if position else ()
    return (*choice.preferred(on_channel), *choice.preferred(others))


def _filler(choice: Choice, code: str) -> Reason:
    """Why a point stands there that no rule offers: a rule about every plan."""
    for ruling in choice.rulings:
        if any(choice.fits(ensure, code) for ensure in ruling.then.ensure):
            return ruling.reason("point")
    sizing = next(ruling for ruling in choice.rulings if ruling.then.size)
    return said_otherwise(sizing.reason("point"), choice.size.filled)


def _substitute(
    code: str, chosen: Sequence[str], choice: Choice, limits: Limits
) -> tuple[str | None, Reason]:
    """The first that the rules of substitution find, in the order of the book."""
    ways = [ruling for ruling in choice.rulings if ruling.then.substitute]
    for ruling in ways:
        for other in _candidates(code, ruling, choice):
            if other not in chosen and other != code and limits.allows(other):
                return other, ruling.reason("substitute")
    return None, ways[-1].reason("substitute")


def _candidates(code: str, ruling: Ruling, choice: Choice) -> tuple[str, ...]:
    points, terms = choice.book.points, choice.book.terms
    height, channel = terms.height(points[code]), points[code].channel
    pool = choice.preferred(choice.book.pool)
    same = [other for other in pool if points[other].channel == channel]

    def distance(other: str) -> int:
        return abs(terms.height(points[other]) - height)

    match ruling.then.substitute:
        case "named":
            return (ruling.then.named or {}).get(code, ())
        case "same rule":
            return tuple(choice.beside(code))
        case "same zone":
            return tuple(other for other in same if distance(other) == 0)
        case "next zone":
            return tuple(other for other in same if distance(other) == 1)
        case "any channel":
            return tuple(other for other in pool if distance(other) == 0)
        case _:
            return ()
