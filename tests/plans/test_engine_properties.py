"""What holds for any patient at all, over generated facts."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.machine import facts_in
from patients.intake.models import Intake
from patients.intake.queries import facts_of
from patients.intake.questionnaire import (
    NONE,
    QUESTIONNAIRE,
    check_answers,
    facts_from,
    vocabulary,
)
from patients.intake.services import take_intake
from plans.catalogue.points import read_catalogue
from plans.engine.book import ADDED_FACTS, load_book
from plans.engine.limits import read_limits
from plans.engine.objections import Line, objections
from plans.engine.proposal import proposal_from_json, proposal_to_json
from plans.engine.propose import propose
from plans.planning.models import PlanVersion
from tests.cases import TAKEN_ON
from tests.factories import (
    MONDAY_NINE,
    make_episode,
    make_patient,
    make_plan,
    make_user,
)

BOOK = load_book(read_catalogue())
HIGH = {"age": 100, "bmi": 50.0, "onset_weeks": 500}


def values(name, kind):
    match kind.kind:
        case "yes_no":
            return st.booleans()
        case "integer":
            low, high = int(kind.low or 0), int(kind.high or HIGH.get(name, 100))
            return st.integers(low, min(high, HIGH.get(name, high)))
        case "number":
            return st.floats(10, HIGH.get(name, 100)).map(lambda n: round(n, 1))
        case "choice":
            return st.sampled_from(sorted(kind.options))
        case _:
            return st.frozensets(st.sampled_from(sorted(kind.options)))


def needled_together(proposal):
    """The points of each prescription, those of both included."""
    letters = {point.prescription for point in proposal.points} - {"every"}
    return [
        [point for point in proposal.points if point.prescription in {"every", letter}]
        for letter in sorted(letters) or ["every"]
    ]


def zone_of(point):
    return BOOK.terms.zone(BOOK.points[point.code]).id


def channel_of(point):
    return BOOK.points[point.code].channel


LOOKED_AT = frozenset().union(*(facts_in(rule.when) for rule, _ in BOOK.rules))
USED = {name: kind for name, kind in vocabulary().items() if name in LOOKED_AT}
FACTS = st.fixed_dictionaries(
    {name: st.none() | values(name, kind) for name, kind in USED.items()}
)
# Mostly answered no, as real intakes are; otherwise few plans would be whole.
QUIET = st.fixed_dictionaries(
    {
        name: st.just(False) if kind.kind == "yes_no" else values(name, kind)
        for name, kind in USED.items()
    }
).map(lambda facts: facts | {"age": max(facts["age"], 18)})
MIXED = st.builds(
    lambda quiet, wild, keep: quiet | {name: wild[name] for name in keep},
    QUIET,
    FACTS,
    st.frozensets(st.sampled_from(sorted(USED)), max_size=5),
)
ANY = MIXED | FACTS
TRAINING = st.frozensets(st.sampled_from(sorted(ADDED_FACTS["trained"].options)))
# Every question whose yes takes something away or asks for care.
LIMITS = sorted(
    {
        fact
        for rule, then in BOOK.rules
        if then.ask or then.caution or then.forbid
        for fact in facts_in(rule.when)
        if vocabulary().get(fact) and vocabulary()[fact].kind == "yes_no"
    }
)


@given(ANY)
def test_a_plan_is_whole_or_says_what_it_lacks(facts):
    proposal = propose(facts, book=BOOK)
    codes = [point.code for point in proposal.points]

    if proposal.blocked:
        assert not codes
        assert proposal.dose is None
        return
    assert len(set(codes)) == len(codes)
    said = {note.rule for note in proposal.notes}
    for together in needled_together(proposal):
        assert len(together) <= 9
        assert len(together) >= 6 or "R09" in said
        zones = {zone_of(point) for point in together}
        below = {
            point.code
            for point in together
            if zone_of(point) in {"leg", "foot"}
            and (not proposal.channels or channel_of(point) in proposal.channels)
        }
        assert (zones & {"lumbar", "gluteal"} and below) or "R10" in said


@given(ANY)
def test_nobody_is_turned_with_needles_in(facts):
    proposal = propose(facts, book=BOOK)
    prescriptions = needled_together(proposal)

    for together in prescriptions:
        assert len({point.position for point in together} - {"any"}) <= 1
    lines = [
        Line(point.code, point.depth_mm, point.technique, point.prescription)
        for point in proposal.points
    ]
    said = objections(lines, facts=facts, book=BOOK)
    assert "position" not in {objection.about for objection in said}
    if len(prescriptions) == 2:
        assert proposal.position_note.rule == "positions"
        for point in proposal.points:
            suits_both = point.position == "any"
            assert (point.prescription == "every") == suits_both
    # What is lying otherwise than in the catalogue, a rule has turned.
    turned = {"side"} if facts["pregnant"] else set()
    for point in proposal.points:
        drawn = BOOK.points[point.code].position
        assert drawn == "any" or point.position in {drawn} | turned


@given(ANY, TRAINING)
def test_nothing_withheld_is_proposed_and_no_depth_passes_its_cap(facts, trained):
    proposal = propose(facts, book=BOOK, trained=trained)
    limits = read_limits(BOOK.judge({**facts, "trained": trained}), BOOK)

    for point in proposal.points:
        entry = BOOK.points[point.code]
        assert limits.allows(point.code)
        assert limits.forbids(point.technique, entry) is None
        assert 0 < point.depth_mm <= point.cap_mm == limits.cap(entry)[0]
        assert point.depth_mm <= entry.depth_max_mm
    proposed = {point.code for point in proposal.points}
    for option in proposal.options:
        for codes in option.at:
            assert proposed.issuperset(codes)
            against = [
                limits.forbids(option.technique, BOOK.points[code]) for code in codes
            ]
            assert any(against) == bool(option.withheld)
    for removed in proposal.removed:
        assert removed.code not in proposed
        assert removed.substitute is None or removed.substitute in proposed


HEAT, NEEDLE = {"moxa", "warm_needle"}, {"even", "reducing", "reinforcing"}


@given(ANY, TRAINING)
def test_no_technique_goes_beyond_the_training(facts, trained):
    proposal = propose(facts, book=BOOK, trained=trained)

    may = trained | (HEAT if "moxa" in trained else set())
    offered = [option for option in proposal.options if not option.withheld]
    for technique in (*proposal.points, *offered):
        assert BOOK.terms.techniques[technique.technique].uses <= may
    if not trained:
        assert {point.technique for point in proposal.points} <= NEEDLE


@given(ANY)
def test_every_line_has_its_reasons_with_rule_and_sources(facts):
    proposal = propose(facts, book=BOOK)
    rules = {rule.id for rule, _ in BOOK.rules}

    reasons = list(proposal.notes)
    for option in proposal.options:
        assert option.reasons
        reasons.extend(option.reasons)
    for course in proposal.dose.options if proposal.dose else ():
        assert course.sessions == sum(course.weekly)
        reasons.extend(course.reasons)
    for point in proposal.points:
        assert {"point", "depth", "technique"} <= {
            "point" if reason.about == "substitute" else reason.about
            for reason in point.reasons
        }
        reasons.extend(point.reasons)
    for removed in proposal.removed:
        reasons.extend((removed.reason, removed.substitute_reason))
    if proposal.position_note:
        reasons.append(proposal.position_note)
    for reason in reasons:
        assert reason.rule in rules
        assert set(reason.sources) <= BOOK.sources.keys()
        # What no source supports is clinic policy or recalled, and says so.
        assert reason.sources or reason.tag in {"proposal", "recalled"}
        assert "{" not in reason.because["en"] + reason.because["zh-hans"]
        assert reason.because["en"]
        assert reason.because["zh-hans"]


@given(ANY, st.sampled_from(LIMITS))
def test_a_further_contraindication_only_takes_away(facts, limit):
    before = propose({**facts, limit: False}, book=BOOK)
    after = propose({**facts, limit: True}, book=BOOK)

    proposed = {point.code: point.depth_mm for point in after.points}
    assert not {removed.code for removed in before.removed} & proposed.keys()
    for point in before.points:
        assert proposed.get(point.code, 0) <= point.depth_mm


@given(ANY, st.sampled_from(LIMITS))
def test_unanswered_withholds_what_a_yes_would(facts, limit):
    facts = {**facts, "sex": "female"}
    unanswered = propose({**facts, limit: None}, book=BOOK)
    held = read_limits(BOOK.judge({**facts, limit: True}), BOOK)

    for point in unanswered.points:
        entry = BOOK.points[point.code]
        assert held.allows(point.code)
        assert held.forbids(point.technique, entry) is None
        if point.code in held.shallow:
            assert point.depth_mm <= entry.depth_min_mm
    # Nor does an open question ever count as the no that would free a point.
    said_no = propose({**facts, limit: False}, book=BOOK)
    freed = {removed.code for removed in unanswered.removed} - {
        removed.code for removed in said_no.removed
    }
    assert not freed & {point.code for point in unanswered.points}


@given(ANY)
def test_the_same_facts_give_the_same_proposal_and_it_can_be_stored(facts):
    proposal = propose(facts, book=BOOK)

    assert propose(dict(reversed(facts.items())), book=BOOK) == proposal
    assert proposal_from_json(json.loads(json.dumps(proposal_to_json(proposal)))) == (
        proposal
    )


# ---- the same from what is stored, on either engine ------------------------------


def answer_to(question):
    match question.kind:
        case "yes_no":
            return st.booleans()
        case "integer":
            return st.integers(question.low, question.high)
        case "choice":
            return st.sampled_from(sorted(question.options))
        case _:
            some = st.lists(st.sampled_from(sorted(question.options)), unique=True)
            return some | st.just([NONE]) if question.none else some


ASKED = [question for part in QUESTIONNAIRE.sections for question in part.questions]
ANSWERS = st.fixed_dictionaries(
    {question.id: st.none() | answer_to(question) for question in ASKED}
)
stored = settings(max_examples=max(20, settings().max_examples // 10))


@pytest.mark.django_db
@stored
@given(
    raw=ANSWERS,
    sex=st.sampled_from(["female", "male", "other", "unknown"]),
    age=st.integers(18, 100),
    weeks=st.none() | st.integers(0, 400),
)
def test_what_is_stored_gives_the_same_proposal(raw, sex, age, weeks):
    answers, _ = check_answers(raw)
    told = {
        "birth_date": date(TAKEN_ON.year - age, 1, 1),
        "sex": sex,
        "onset": None if weeks is None else TAKEN_ON - timedelta(weeks=weeks),
    }
    patient = make_patient(birth_date=told["birth_date"], sex=sex)
    episode = make_episode(patient=patient, onset_on=told["onset"], opened_on=TAKEN_ON)
    intake = take_intake(
        by=make_user(),
        episode=episode,
        answers=answers,
        now=MONDAY_NINE,
        on=TAKEN_ON,
        submission=uuid4(),
    )

    read_back = facts_of(Intake.objects.get(pk=intake.pk), on=TAKEN_ON)

    facts = facts_from(answers, **told, on=TAKEN_ON)
    assert read_back == facts
    proposal = propose(facts, book=BOOK)
    assert propose(read_back, book=BOOK) == proposal
    version = make_plan(intake=intake, proposal=proposal_to_json(proposal))
    kept = PlanVersion.objects.get(pk=version.pk).proposal
    assert proposal_from_json(kept) == proposal
