"""From a patient's facts to a proposal: the same facts and book, the same answer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from clinic.rules.machine import Facts
from plans.catalogue.depth import usual_cun
from plans.engine.book import RuleBook, Ruling, speaking
from plans.engine.effects import Size
from plans.engine.limits import Limits, cautions, read_limits
from plans.engine.needling import choose_depth, choose_side, choose_technique
from plans.engine.positions import Arrangement, arrange, shortfalls
from plans.engine.proposal import (
    BLOCK,
    Ashi,
    B,
    Dose,
    DoseOption,
    OpenFact,
    Proposal,
    ProposedPoint,
    Reason,
    Removed,
    TechniqueOption,
)
from plans.engine.selection import ANY_POSITION, Choice, Selection, select


@dataclass(frozen=True)
class _Draft:
    choice: Choice
    arrangement: Arrangement
    limits: Limits
    facts: Facts


def propose(
    facts: Facts, *, book: RuleBook, trained: frozenset[str] = frozenset()
) -> Proposal:
    """Suggest points, depths, techniques and a dose, each with its reasons.

    Pure: no clock, no chance. Facts that are missing or None are unknown; a limit
    whose question is open is kept until it is answered. `trained` is what the one who
    will needle has been trained in, beyond needling by hand.
    """
    facts = {**facts, "trained": trained}
    at_first = book.judge(facts)
    dose = _dose(speaking(at_first))
    chosen: Facts = {"per_week": dose.per_week, "weeks": dose.weeks}
    rulings = book.judge_again(at_first, facts, chosen)
    said = cautions(rulings)
    blocked = tuple(caution for caution in said if caution.level == BLOCK)
    rules = speaking(rulings)
    limits = read_limits(rulings, book)
    choice = _choice(rules, book)
    selection = select(choice, limits)
    arrangement = arrange(choice, selection, limits)
    draft = _Draft(choice, arrangement, limits, facts)
    points = () if blocked else _points(draft)
    return Proposal(
        blocked=blocked,
        points=points,
        ashi=None if blocked else _ashi(rules),
        removed=() if blocked else _removed(selection, arrangement),
        cautions=tuple(caution for caution in said if caution.level != BLOCK),
        dose=None if blocked else dose,
        open_facts=_open_facts(rulings, arrangement.codes),
        channels=tuple(sorted(choice.channels)),
        position=choice.turned(choice.position),
        position_note=None if blocked else arrangement.note,
        notes=() if blocked else _notes(draft, selection, points),
        rules_version=book.version,
        options=() if blocked else _options(arrangement, rules, limits),
        style=next((r.then.style for r in rules if r.then.style), None),
        seek=next((r.then.seek for r in rules if r.then.seek), ""),
    )


def _choice(rules: Sequence[Ruling], book: RuleBook) -> Choice:
    """What the rules that speak make of this patient's plan as a whole."""
    positions = Counter(
        book.points[code].position
        for ruling in rules
        if ruling.then.role != "pattern"
        for code in ruling.then.offer
        if book.points[code].position != ANY_POSITION
    )
    return Choice(
        rulings=tuple(rules),
        book=book,
        channels=frozenset(code for r in rules for code in r.then.channels),
        position=positions.most_common(1)[0][0],
        size=plan_size(rules),
    )


def plan_size(rules: Sequence[Ruling]) -> Size:
    """How many coded points a plan may hold, by the rules that speak."""
    size = next(ruling.then.size for ruling in rules if ruling.then.size)
    if not _fewer(rules):
        return size
    most = min(r.then.fewer_most for r in rules if r.then.fewer_most is not None)
    return replace(size, aim=size.least, most=most)


def _fewer(rules: Sequence[Ruling]) -> bool:
    return any(ruling.then.fewer for ruling in rules)


def _points(draft: _Draft) -> tuple[ProposedPoint, ...]:
    """In the order of needling, from head to foot; what only B holds comes last."""
    points, terms = draft.choice.book.points, draft.choice.book.terms
    letters = draft.arrangement.letters

    def order(code: str) -> tuple[bool, int, int, str]:
        point = points[code]
        region = terms.zone(point).regions.index(point.body_region)
        return letters[code] == B, terms.height(point), region, code

    ordered = sorted(letters, key=order)
    return tuple(_point(draft, code, place) for place, code in enumerate(ordered, 1))


def _point(draft: _Draft, code: str, place: int) -> ProposedPoint:
    book, rules, limits = draft.choice.book, draft.choice.rulings, draft.limits
    point = book.points[code]
    # An equal stands there for what asked for the point it replaces.
    meant = {code, draft.arrangement.equal_of(code)}
    ids = {rule for each in meant for rule in draft.choice.asking.get(each, ())}
    asking = [ruling for ruling in rules if ruling.rule.id in ids]
    why = [ruling.reason("point") for ruling in asking]
    if code in draft.arrangement.stand_ins:
        why.append(draft.arrangement.stand_ins[code])
    side, side_reasons = choose_side(point, rules, draft.facts, fewer=_fewer(rules))
    depth = choose_depth(point, rules, limits, book.terms)
    technique, technique_reasons = choose_technique(point, rules, limits, book.terms)
    letter, lies = draft.arrangement.letters[code], draft.choice.lying(code)
    if lies == ANY_POSITION:
        lies = draft.arrangement.positions[letter]
    roles = {r.then.role for r in asking if meant & {*r.then.offer, *r.then.optional}}
    return ProposedPoint(
        code=code,
        side=side,
        depth_mm=depth.mm,
        depth_cun=usual_cun(depth.mm),
        cap_mm=depth.cap_mm,
        angle=depth.angle,
        technique=technique,
        position=lies,
        order=place,
        role="pattern" if roles == {"pattern"} else book.terms.zone(point).role,
        alternates=_alternates(draft, meant - {code} or {code}),
        reasons=(*why, *side_reasons, *depth.reasons, *technique_reasons),
        prescription=letter,
    )


def _alternates(draft: _Draft, meant: Iterable[str]) -> tuple[str, ...]:
    """What may stand in a point's stead; first what it stands for itself."""
    arrangement, limits = draft.arrangement, draft.limits
    named = (c for code in meant for c in (code, *draft.choice.beside(code)))
    others = (c for c in named if c not in arrangement.letters and limits.allows(c))
    return tuple(dict.fromkeys(others))


def _removed(selection: Selection, arrangement: Arrangement) -> tuple[Removed, ...]:
    """A substitute that would need turning may have been left for its equal."""
    return tuple(
        replace(each, substitute=arrangement.left.get(each.substitute, each.substitute))
        if each.substitute
        else each
        for each in selection.removed
    )


def _ashi(rules: Sequence[Ruling]) -> Ashi | None:
    asking = [(r, r.then.ashi) for r in rules if r.then.ashi]
    if not asking:
        return None
    least, most = asking[0][1]
    return Ashi(least, most, tuple(ruling.reason("point") for ruling, _ in asking))


def _dose(rules: Sequence[Ruling]) -> Dose:
    dosing = [ruling for ruling in rules if ruling.then.dose]
    chosen = next(ruling.then.dose for ruling in dosing if ruling.then.dose)
    reviewing = [ruling for ruling in rules if ruling.then.reviews]
    noting = [ruling for ruling in rules if ruling.then.dose_note]
    return Dose(
        per_week=chosen.per_week,
        weeks=chosen.weeks,
        sessions=chosen.per_week * chosen.weeks,
        retention_min=chosen.retention_min,
        per_week_range=chosen.per_week_range,
        weeks_range=chosen.weeks_range,
        reviews=tuple(review for r in reviewing for review in r.then.reviews),
        reasons=tuple(r.reason("dose") for r in (*dosing, *reviewing, *noting)),
        options=_other_doses(rules),
    )


def _other_doses(rules: Sequence[Ruling]) -> tuple[DoseOption, ...]:
    """Each course once, with the reasons of every rule that offers it."""
    offers = dict.fromkeys(r.then.weekly for r in rules if r.then.weekly)
    return tuple(
        DoseOption(
            weekly=weekly,
            sessions=sum(weekly),
            reasons=tuple(r.reason("dose") for r in rules if r.then.weekly == weekly),
        )
        for weekly in offers
    )


def _options(
    arrangement: Arrangement, rules: Sequence[Ruling], limits: Limits
) -> tuple[TechniqueOption, ...]:
    """What may be added at the points of the plan, and what may not, with the rule."""
    together = [set(codes) for codes in arrangement.together.values()]
    speaking_for: dict[str, list[Ruling]] = {}
    places: dict[str, list[tuple[str, ...]]] = {}
    for ruling in rules:
        for may in ruling.then.may:
            speaking_for.setdefault(may.technique, []).append(ruling)
            here = [
                at for at in may.at if any(each.issuperset(at) for each in together)
            ]
            places.setdefault(may.technique, []).extend(here)
    return tuple(
        _option(technique, tuple(dict.fromkeys(at)), speaking_for[technique], limits)
        for technique, at in places.items()
        if at
    )


def _option(
    technique: str,
    at: tuple[tuple[str, ...], ...],
    rulings: Sequence[Ruling],
    limits: Limits,
) -> TechniqueOption:
    catalogue = limits.book.points
    against = {
        codes: next(
            filter(None, (limits.forbids(technique, catalogue[c]) for c in codes)), None
        )
        for codes in at
    }
    free = tuple(codes for codes, ruling in against.items() if ruling is None)
    stopping = next((ruling for ruling in against.values() if ruling), None)
    withheld = stopping.reason("option") if stopping and not free else None
    return TechniqueOption(
        technique=technique,
        at=free or at,
        reasons=tuple(ruling.reason("option") for ruling in rulings),
        withheld=withheld,
    )


def _notes(
    draft: _Draft, selection: Selection, points: Sequence[ProposedPoint]
) -> tuple[Reason, ...]:
    choice, arrangement = draft.choice, draft.arrangement
    removed = (each.code for each in selection.removed)
    named = {*arrangement.codes, *arrangement.left, *removed}
    terms = choice.book.terms
    techniques = (terms.techniques[point.technique] for point in points)
    uses = frozenset[str]().union(*(technique.uses for technique in techniques))
    said = (
        ruling.reason("note")
        for ruling in choice.rulings
        if ruling.then.note
        or named.intersection(ruling.then.note_with)
        or uses.intersection(ruling.then.note_with_uses)
    )
    return (*shortfalls(choice, arrangement), *said)


def _open_facts(
    rulings: Sequence[Ruling], codes: Sequence[str]
) -> tuple[OpenFact, ...]:
    """The facts whose answer could still change something, safety first."""
    decided = {
        (ruling.then.decides, ruling.then.rank) for ruling in rulings if ruling.says_yes
    }
    waiting: dict[str, list[Ruling]] = {}
    for ruling in rulings:
        name, rank = ruling.then.decides, ruling.then.rank
        idle = name and any(n == name and r < rank for n, r in decided)
        if cap := ruling.then.cap:
            idle = not set(codes).intersection(cap.points)
        for fact in () if idle else sorted(ruling.unknown):
            waiting.setdefault(fact, []).append(ruling)
    open_facts = (
        OpenFact(
            fact=fact,
            rules=tuple(ruling.rule.id for ruling in asking),
            safety=any(ruling.then.ask for ruling in asking),
        )
        for fact, asking in waiting.items()
    )
    return tuple(sorted(open_facts, key=lambda open_fact: not open_fact.safety))
