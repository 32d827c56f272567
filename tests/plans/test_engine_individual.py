"""Two patients who differ in one thing get different plans, and the reason names it."""

import pytest

from plans.catalogue.points import read_catalogue
from plans.engine.book import ADDED_FACTS, load_book
from plans.engine.objections import TECHNIQUE, Line, objections
from plans.engine.propose import propose
from tests.plans.test_engine_propose import BACK, OUTSIDE, PLAIN

BOOK = load_book(read_catalogue())
ALL_TRAINING = ADDED_FACTS["trained"].options
ONE = PLAIN | {
    "pain_regions": BACK,
    "leg_nrs": 4,
    "onset_weeks": 8,
    "constitution": "average",
    "build": "average",
    "needle_experience": "some",
    "previous_response": "better",
    "patterns": frozenset(),
    "root": "S1",
}


def plan(trained=ALL_TRAINING, **changed):
    return propose(ONE | changed, book=BOOK, trained=trained)


def prescription(proposal):
    lines = [(p.code, p.side, p.depth_mm, p.technique) for p in proposal.points]
    dose = proposal.dose
    return lines, dose and (dose.per_week, dose.weeks, dose.options)


def every_reason(proposal):
    for point in proposal.points:
        yield from point.reasons
    yield from proposal.notes
    for removed in proposal.removed:
        yield removed.reason
    if proposal.dose:
        yield from proposal.dose.reasons
        for course in proposal.dose.options:
            yield from course.reasons
    yield from proposal.cautions


FACTORS = [
    ("pain level", {"leg_nrs": 8}, "leg_nrs", "R30"),
    ("course of disease", {"onset_weeks": 30}, "onset_weeks", "R31-weeks"),
    ("medical history", {"anticoagulant": True}, "anticoagulant", "anticoagulant"),
    (
        "qi and blood",
        {"patterns": frozenset({"qi_blood_deficiency"})},
        "patterns",
        "R26",
    ),
    ("physical fitness", {"constitution": "weak"}, "constitution", "R43"),
    ("build", {"build": "muscular"}, "build", "R41"),
    ("age", {"age": 80}, "age", "R42-elderly"),
    ("pain location", {"pain_regions": OUTSIDE}, "pain_regions", "R03"),
    ("previous treatment", {"previous_response": "worse"}, None, "previous-worse"),
]


@pytest.mark.parametrize(
    ("changed", "fact", "rule"),
    [factor[1:] for factor in FACTORS],
    ids=[factor[0] for factor in FACTORS],
)
def test_one_factor_alone_changes_the_plan_and_is_named(changed, fact, rule):
    one, other = plan(), plan(**changed)

    assert prescription(one) != prescription(other)
    said = {reason.rule: reason for reason in every_reason(other)}
    assert rule not in {reason.rule for reason in every_reason(one)}
    assert (fact or "previous_response") in said[rule].facts


# ---- course and level ------------------------------------------------------------


def test_an_acute_severe_pain_is_reduced_with_fewer_needles():
    acute = plan(leg_nrs=8)

    assert {point.technique for point in acute.points} == {"reducing"}
    assert len(acute.points) <= 7
    assert {point.side for point in acute.points} == {"left"}


def test_where_the_pattern_wants_the_contrary_the_method_is_even():
    acute = plan(leg_nrs=8, patterns=frozenset({"qi_blood_deficiency"}))

    techniques = {point.code: point.technique for point in acute.points}
    assert techniques["BL57"] == "even"
    assert techniques["ST36"] == "reinforcing"  # the pattern's own point


def test_a_chronic_course_is_longer_and_says_what_is_published_and_what_is_ours():
    dose = plan(onset_weeks=12).dose

    assert (dose.per_week, dose.weeks, dose.sessions) == (2, 6, 12)
    said = {reason.rule: reason.tag for reason in dose.reasons}
    assert (said["R31"], said["R31-weeks"]) == ("seen", "proposal")


def test_the_taper_and_the_consensus_are_offered_with_their_reasons():
    courses = {
        course.weekly: [reason.rule for reason in course.reasons]
        for course in plan(leg_nrs=8).dose.options
    }

    assert courses == {(3, 3, 2, 2): ["D03", "D04"], (3, 3, 3, 3): ["D03-consensus"]}
    assert [course.sessions for course in plan().dose.options] == [10, 12]


# ---- techniques and training -----------------------------------------------------


def option(proposal, technique):
    return next((o for o in proposal.options if o.technique == technique), None)


def test_electroacupuncture_is_offered_where_a_pair_is_needled():
    chronic = option(plan(onset_weeks=20), "electro")

    assert ("EX-B2-L4", "EX-B2-L5") in chronic.at
    assert [reason.rule for reason in chronic.reasons] == ["R31", "R33"]
    assert chronic.withheld is None


@pytest.mark.parametrize(
    ("technique", "changed", "rule"),
    [
        ("electro", {}, "training-electro"),
        ("pricking", {"leg_nrs": 8}, "training-pricking"),
        (
            "cupping",
            {"patterns": frozenset({"qi_stagnation_blood_stasis"})},
            "training-cupping",
        ),
    ],
)
def test_a_technique_is_not_offered_to_who_is_not_trained_in_it(
    technique, changed, rule
):
    trained, not_trained = plan(**changed), plan(frozenset(), **changed)

    assert option(trained, technique).withheld is None
    assert option(not_trained, technique).withheld.rule == rule


@pytest.mark.parametrize(
    ("changed", "rule"),
    [({"electronic_implant": True}, "electronic-implant"), ({"epilepsy": True}, None)],
)
def test_training_does_not_lift_a_contraindication(changed, rule):
    withheld = option(plan(**changed), "electro").withheld

    assert withheld.rule == (rule or "epilepsy")


def test_heat_is_needled_without_by_who_is_not_trained_in_it():
    cold = {"patterns": frozenset({"cold_damp"})}
    trained, not_trained = plan(**cold), plan(frozenset({"electro"}), **cold)

    assert "warm_needle" in {point.technique for point in trained.points}
    assert {point.technique for point in not_trained.points} == {"even"}
    reasons = {
        reason.rule
        for point in not_trained.points
        for reason in point.reasons
        if reason.about == "technique"
    }
    assert "training-moxa" in reasons
    assert "R34" in {note.rule for note in trained.notes}
    assert "R34" not in {note.rule for note in not_trained.notes}


@pytest.mark.parametrize("trained", [frozenset(), frozenset({"electro"})])
def test_a_line_beyond_the_training_is_refused(trained):
    lines = [Line(code, 10, "electro") for code in ("GB30", "GB34")]

    found = objections(lines, facts=ONE, book=BOOK, trained=trained)

    against = {(o.code, o.level) for o in found if o.about == TECHNIQUE}
    refused = {("GB30", "block"), ("GB34", "block")}
    assert against == (set() if trained else refused)


# ---- where on the body -----------------------------------------------------------


def codes_in(proposal, *zones):
    found = {point.code for point in proposal.points}
    return {c for c in found if BOOK.terms.zone(BOOK.points[c]).id in zones}


@pytest.mark.parametrize("fact", ["skin_lesion", "reduced_sensation"])
def test_skin_that_is_not_sound_is_left_alone_and_the_rest_is_needled(fact):
    proposal = plan(**{fact: True, f"{fact}_at": frozenset({"leg"})})

    assert codes_in(plan(), "leg")
    assert not codes_in(proposal, "leg")
    assert codes_in(proposal, "lumbar", "gluteal")
    assert f"{fact.replace('_', '-')}-leg" in {
        removed.reason.rule for removed in proposal.removed
    }


@pytest.mark.parametrize(
    ("limb", "needled"), [("left_leg", False), ("right_leg", True)]
)
def test_a_limb_with_lymphoedema_is_not_needled(limb, needled):
    proposal = plan(lymphoedema=True, lymphoedema_limbs=frozenset({limb}))

    assert bool(codes_in(proposal, "thigh", "knee", "leg", "foot")) is needled
    assert "lymphoedema" in {caution.rule for caution in proposal.cautions}


@pytest.mark.parametrize(("limb", "held"), [("left_arm", True), ("right_arm", False)])
def test_nor_is_an_arm(limb, held):
    facts = ONE | {"lymphoedema": True, "lymphoedema_limbs": frozenset({limb})}

    found = objections([Line("TE5", 10, "even")], facts=facts, book=BOOK)

    against = {(o.code, o.level, o.caution.rule) for o in found if o.code}
    assert against == ({("TE5", "warn", "lymphoedema-left-arm")} if held else set())


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"episode_kind": "recurrent"}, "recurrent"),
        ({"previous_response": "better"}, "previous-better"),
        ({"previous_response": "same"}, "previous-same"),
    ],
)
def test_what_came_before_is_spoken_of(changed, rule):
    before = {"episode_kind": "first", "previous_response": None}

    assert rule not in {note.rule for note in plan(**before).notes}
    assert rule in {note.rule for note in plan(**before | changed).notes}


@pytest.mark.parametrize(
    ("weeks", "rule"),
    [(8, "pregnancy-first-trimester"), (20, "pregnancy-after-month-3")],
)
def test_pregnancy_goes_by_its_week(weeks, rule):
    notes = {note.rule for note in plan(pregnant=True, pregnancy_weeks=weeks).notes}

    assert notes & {"pregnancy-first-trimester", "pregnancy-after-month-3"} == {rule}


# ---- where sources disagree both are said ----------------------------------------


@pytest.mark.parametrize(
    ("rule", "both"),
    [
        ("R09", ("4-9", "4-6")),
        ("R20", ("GV3", "GV4")),
        ("R21", ("SP9", "TE5")),
        ("R22", ("SP10", "GV26")),
        ("R23", ("KI3", "KI4")),
        ("D01", ("Twice", "three", "one to two")),
        ("R33", ("2/100", "10 Hz")),
        ("pregnancy", ("WHO 1999", "Carr 2015")),
        ("qi-hai", ("CV6", "BL24")),
    ],
)
def test_sources_that_disagree_are_shown_both_ways(rule, both):
    texts = {found.id: found.because for found, _ in BOOK.rules}

    for words in both:
        assert words in texts[rule]["en"]
    assert len(next(r.sources for r, _ in BOOK.rules if r.id == rule)) > 1
