"""What the engine proposes: the published cases, each factor, each limit."""

import json

import pytest

from plans.catalogue.points import read_catalogue
from plans.engine.book import ADDED_FACTS, load_book
from plans.engine.dose import dose_cautions
from plans.engine.objections import Line, objections
from plans.engine.proposal import proposal_from_json, proposal_to_json
from plans.engine.propose import propose
from tests.cases import CASES

BOOK = load_book(read_catalogue())
ANSWERED = dict.fromkeys(
    (
        "bleeding_disorder spinal_instability cannot_keep_still cancer_history "
        "anticoagulant electronic_implant epilepsy skin_lesion lymphoedema numbness "
        "lumbar_surgery lumbar_implant metal_allergy needle_fear fainted_before "
        "immunosuppressed diabetes_neuropathy reduced_sensation frail pregnant "
        "too_ill bladder_bowel_change saddle_numbness both_legs_weak "
        "pulsatile_abdomen_collapse cold_pulseless_leg"
    ).split(),
    False,
)
PLAIN = ANSWERED | {"age": 45, "sex": "female", "side": "left", "bmi": 22.0}
BACK = frozenset({"buttock", "posterior_thigh", "posterior_leg", "heel"})
OUTSIDE = frozenset({"buttock", "lateral_thigh", "lateral_leg"})


ALL_TRAINING = ADDED_FACTS["trained"].options


def plan(trained=ALL_TRAINING, **facts):
    facts = {**PLAIN, "pain_regions": BACK, **facts}
    return propose(facts, book=BOOK, trained=trained)


def patterns(*names):
    return frozenset(names)


def codes(proposal):
    return {point.code for point in proposal.points}


def point(proposal, code):
    return next(point for point in proposal.points if point.code == code)


def rules(reasons, about):
    return {reason.rule for reason in reasons if reason.about == about}


def case(name):
    return propose(CASES[name].facts, book=BOOK, trained=ALL_TRAINING)


# ---- the published cases ---------------------------------------------------------


def test_pain_from_buttock_to_heel_is_treated_on_the_bladder_channel():
    proposal = case("posterior_50f")

    assert proposal.channels == ("BL",)
    assert {"BL54", "BL37", "BL40", "BL57"} <= codes(proposal)
    assert "BL60" in codes(proposal)  # the pain reaches the heel
    assert not codes(proposal) & {"GB31", "GB39"}
    assert {point.position for point in proposal.points} == {"prone"}


def test_pain_on_the_outside_is_treated_on_the_gallbladder_channel():
    proposal = plan(pain_regions=OUTSIDE)

    assert proposal.channels == ("GB",)
    assert {"GB30", "GB31", "GB34", "GB39"} <= codes(proposal)
    assert not codes(proposal) & {"BL37", "BL60"}


def test_pain_on_both_lines_draws_on_both_channels():
    proposal = case("buttock_to_foot_36f")

    assert proposal.channels == ("BL", "GB")
    channels = {BOOK.points[code].channel for code in codes(proposal)}
    assert {"BL", "GB"} <= channels
    assert len(proposal.points) <= 9
    assert "R04" in {note.rule for note in proposal.notes}


def test_l4_l5_with_cold_damp_at_79():
    proposal = case("l4l5_numb_79m")

    assert {"EX-B2-L4", "EX-B2-L3"} <= codes(proposal)  # the level, and one above
    assert "GV3" in codes(proposal)
    assert point(proposal, "GV3").alternates == ("GV4",)
    assert "GV3 or GV4" in point(proposal, "GV3").reasons[0].because["en"]
    assert point(proposal, "EX-B2-L4").technique == "warm_needle"
    assert point(proposal, "GB34").technique == "even"  # no heat on a numb leg
    assert len(proposal.points) <= 7  # fewer at his age
    assert rules(point(proposal, "GB34").reasons, "depth") >= {"R42-elderly"}


def test_every_open_fact_names_the_rules_that_wait_for_it():
    proposal = plan(anticoagulant=None, root=None)

    waiting = {open_fact.fact: open_fact for open_fact in proposal.open_facts}
    assert waiting["anticoagulant"].rules == ("anticoagulant",)
    assert waiting["anticoagulant"].safety
    assert set(waiting["root"].rules) == {"R06-L4", "R06-L5", "R06-S1"}
    assert not waiting["root"].safety
    assert proposal.open_facts[0].safety  # these come first


def test_a_root_decides_where_the_map_names_no_line():
    proposal = case("slr30_45m")

    assert proposal.channels == ("BL",)
    assert {"EX-B2-L5", "EX-B2-L4", "BL57"} <= codes(proposal)
    assert "root-S1" in {note.rule for note in proposal.notes}


def test_the_map_beats_the_root():
    proposal = plan(root="S1", pain_regions=OUTSIDE)

    assert proposal.channels == ("GB",)
    assert "root-S1" not in {note.rule for note in proposal.notes}


def test_the_published_cases_get_different_plans():
    names = ["buttock_to_foot_36f", "posterior_50f", "l4l5_numb_79m", "slr30_45m"]
    plans = {tuple(sorted(codes(case(name)))) for name in names}

    assert len(plans) == len(names)


# ---- pattern, technique, position ------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "wanted", "technique"),
    [
        ("cold_damp", {"GV3"}, "warm_needle"),
        ("damp_heat", {"SP9", "SP6"}, "reducing"),
        ("qi_stagnation_blood_stasis", {"BL17", "BL40"}, "reducing"),
        ("kidney_deficiency", {"BL23", "KI3"}, "reinforcing"),
        ("kidney_yang_deficiency", {"BL23", "BL24"}, "reinforcing_moxa"),
        ("kidney_yin_deficiency", {"BL23", "KI6"}, "reinforcing"),
        ("qi_blood_deficiency", {"SP6", "ST36"}, "reinforcing"),
    ],
)
def test_each_pattern_adds_its_points_and_technique(pattern, wanted, technique):
    proposal = plan(patterns=patterns(pattern))

    assert wanted <= codes(proposal)
    assert technique in {point(proposal, code).technique for code in wanted}
    assert "R27" not in {note.rule for note in proposal.notes}


def test_without_a_pattern_the_method_is_even_and_the_page_asks():
    proposal = plan()

    assert {point.technique for point in proposal.points} == {"even"}
    assert "R27" in {note.rule for note in proposal.notes}
    assert "patterns" in {open_fact.fact for open_fact in proposal.open_facts}


def test_patterns_that_disagree_fall_back_to_the_even_method_and_say_so():
    proposal = plan(patterns=patterns("kidney_deficiency", "damp_heat"))

    legs = point(proposal, "BL57")
    assert legs.technique == "even"
    assert "different" in next(
        r.because["en"] for r in legs.reasons if r.about == "technique"
    )


def test_the_three_points_of_the_clinics_text_and_the_two_readings_of_qi_hai():
    """Read as BL24 where all may lie prone, as CV6 where BL24 is withheld."""
    both = patterns("kidney_yang_deficiency", "qi_blood_deficiency")
    prone, supine = plan(patterns=both), plan(patterns=both, lumbar_surgery=True)

    assert {"BL23", "BL24", "SP6"} <= codes(prone)
    assert "CV6" in point(prone, "BL24").alternates
    assert {"CV6", "SP6"} <= codes(supine)
    for proposal in (prone, supine):
        assert "qi-hai" in {note.rule for note in proposal.notes}


# ---- one position, or two prescriptions ------------------------------------------


def needled_in(proposal, letter):
    return {p.code: p for p in proposal.points if p.prescription in {"every", letter}}


def zones(points):
    return {BOOK.terms.zone(BOOK.points[code]).id for code in points}


def test_one_position_where_the_point_that_needs_turning_has_an_equal():
    proposal = plan(patterns=patterns("kidney_yang_deficiency"))

    assert {point.position for point in proposal.points} == {"prone"}
    assert {point.prescription for point in proposal.points} == {"every"}
    assert proposal.position_note.rule == "positions"
    assert proposal.position_note.because["en"].startswith("BL24 in place of CV6:")
    said = {reason.rule: reason for reason in point(proposal, "BL24").reasons}
    assert said["qi-hai"].because["zh-hans"].startswith("以 BL24 代 CV6：")
    assert said["qi-hai"].sources
    assert "R24" in said  # what asked for CV6


def test_else_two_prescriptions_alternate_each_whole_by_itself():
    proposal = plan(patterns=patterns("qi_blood_deficiency"))
    a, b = needled_in(proposal, "a"), needled_in(proposal, "b")

    assert {point.position for point in a.values()} == {"prone", "any"}
    assert {point.position for point in b.values()} == {"supine", "any"}
    # What suits either position is in both.
    assert point(proposal, "SP6").prescription == "every"
    assert point(proposal, "ST36").prescription == "b"
    assert 6 <= len(a) <= 7
    assert 6 <= len(b) <= 7
    assert zones(a) & {"lumbar", "gluteal"}
    assert zones(a) & {"leg", "foot"}
    assert zones(b) & {"leg", "foot"}
    assert proposal.position_note.because["en"].startswith("ST36 cannot be needled")
    lacking = {note.rule: note.because["en"] for note in proposal.notes}
    assert lacking["R10"].startswith("Prescription B has no lumbar or gluteal point")
    assert "R09" not in lacking
    # What only B holds comes last.
    letters = [point.prescription for point in proposal.points]
    assert letters.index("b") > max(letters.index("a"), letters.index("every"))


def test_on_the_side_nobody_need_turn():
    proposal = plan(pregnant=True, patterns=patterns("qi_blood_deficiency"))

    assert "ST36" in codes(proposal)
    assert {point.position for point in proposal.points} == {"side"}
    assert {point.prescription for point in proposal.points} == {"every"}


@pytest.mark.parametrize(
    ("letters", "pregnant", "mixed"),
    [
        (("every", "every"), False, True),
        (("a", "b"), False, False),
        (("every", "every"), True, False),
    ],
)
def test_a_point_added_by_hand_that_would_need_turning_is_noted(
    letters, pregnant, mixed
):
    facts = PLAIN | {"pain_regions": BACK, "pregnant": pregnant}
    lines = [
        Line(point.code, point.depth_mm, point.technique, letters[0])
        for point in propose(facts, book=BOOK).points
    ]
    by_hand = Line("ST36", 10, "even", letters[1])

    found = objections([*lines, by_hand], facts=facts, book=BOOK)

    noted = [(o.code, o.level, o.caution.rule) for o in found if o.about == "position"]
    assert noted == ([("", "note", "positions")] if mixed else [])


def test_a_pair_for_electroacupuncture_is_needled_at_one_time():
    proposal = plan(
        pain_regions=OUTSIDE, onset_weeks=30, patterns=patterns("qi_blood_deficiency")
    )
    electro = next(o for o in proposal.options if o.technique == "electro")

    for pair in electro.at:
        together = [set(pair) <= needled_in(proposal, letter).keys() for letter in "ab"]
        assert any(together)


def test_a_choice_is_made_for_one_position():
    proposal = plan(patterns=patterns("qi_stagnation_blood_stasis"))

    assert "SP10" not in codes(proposal)
    assert "SP10" in point(proposal, "BL17").alternates
    assert proposal.position_note is None


def test_tender_points_are_counted_apart():
    assert plan(tender_points=False).ashi is None
    found = plan(tender_points=True)
    assert (found.ashi.least, found.ashi.most) == (2, 3)
    assert "ASHI" not in codes(found)


def test_tenderness_beside_the_spine_backs_the_level():
    found = plan(paravertebral_tenderness=True, root="S1")

    assert rules(point(found, "EX-B2-L5").reasons, "point") == {"R06-S1", "R07"}


# ---- side ------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_affected_side_is_needled_and_jiaji_on_both(side):
    proposal = plan(side=side)

    assert point(proposal, "BL57").side == side
    assert point(proposal, "EX-B2-L5").side == "both"


def test_fewer_needles_means_fewer_points_on_one_side():
    proposal = plan(needle_experience="none")

    assert 6 <= len(proposal.points) <= 7
    assert point(proposal, "EX-B2-L5").side == "left"
    assert "R43" in {note.rule for note in proposal.notes}


def test_a_side_that_is_not_known_is_asked_for():
    proposal = plan(side=None)

    assert point(proposal, "BL57").side == "both"
    assert ("ask", "R11") in {(c.level, c.rule) for c in proposal.cautions}


# ---- depth -----------------------------------------------------------------------


def depths(**facts):
    return {point.code: point.depth_mm for point in plan(**facts).points}


def test_depth_follows_age_and_build():
    usual = depths()
    for thinner in (depths(bmi=18.4), depths(frail=True)):
        shared = usual.keys() & thinner.keys()
        assert all(thinner[code] < usual[code] for code in shared)
    heavier = depths(bmi=31.0)
    assert heavier["BL57"] > usual["BL57"]
    assert heavier["BL40"] == usual["BL40"] == 20  # the cap


def test_an_elderly_patient_with_deficiency_is_needled_at_the_shallow_end():
    strong = plan(age=80, patterns=patterns("cold_damp"))
    weak = plan(age=80, patterns=patterns("cold_damp"), constitution="weak")

    assert point(weak, "BL57").depth_mm < point(strong, "BL57").depth_mm
    assert "R40" in rules(point(weak, "BL57").reasons, "depth")


def test_the_abdomen_is_capped_lower_until_build_is_known():
    def cap(**build):
        pattern = patterns("kidney_yang_deficiency")
        return point(plan(patterns=pattern, lumbar_surgery=True, **build), "CV6").cap_mm

    assert (cap(), cap(build="thin"), cap(build="average")) == (20, 20, 30)


def test_a_point_over_the_lung_is_needled_obliquely_and_shallowly():
    proposal = plan(patterns=patterns("qi_stagnation_blood_stasis"), bmi=35.0)

    over_the_lung = point(proposal, "BL17")
    assert over_the_lung.angle == "oblique"
    assert over_the_lung.depth_mm <= 14
    assert rules(over_the_lung.reasons, "depth") == {"R40-back"}


# ---- contraindications -----------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        ({"bleeding_disorder": True}, "bleeding-disorder"),
        ({"spinal_instability": True}, "spinal-instability"),
        ({"cannot_keep_still": True}, "cannot-keep-still"),
        ({"age": 17}, "child"),
        ({"too_ill": True}, "too-ill"),
        ({"saddle_numbness": True}, "emergency"),
    ],
)
def test_some_are_not_needled_at_all(fact, rule):
    proposal = plan(**fact)

    assert [caution.rule for caution in proposal.blocked] == [rule]
    assert proposal.points == ()
    assert proposal.dose is None


def test_blood_thinners_set_the_deep_points_aside_and_keep_jiaji_shallow():
    proposal = plan(anticoagulant=True)

    assert not codes(proposal) & {"GB30", "BL54"}
    aside = {removed.code: removed for removed in proposal.removed}
    assert aside["BL54"].level == "warn"
    assert aside["BL54"].substitute in codes(proposal)
    jiaji = point(proposal, "EX-B2-L5")
    assert jiaji.depth_mm == 12
    assert rules(jiaji.reasons, "depth") == {"anticoagulant"}


def test_pregnancy_takes_cv6_and_sp6_out_of_the_clinics_three_points():
    both = patterns("kidney_yang_deficiency", "qi_blood_deficiency")
    proposal = plan(pregnant=True, patterns=both)

    removed = {removed.code: removed for removed in proposal.removed}
    assert not codes(proposal) & {"BL23", "CV6", "SP6"}
    assert removed["CV6"].level == removed["SP6"].level == "block"
    assert removed["BL23"].level == "warn"
    assert {"AACP2012", "CARR2015"} <= set(removed["SP6"].reason.sources)
    assert (removed["CV6"].substitute, removed["SP6"].substitute) == ("ST36", "SP9")
    assert removed["BL23"].substitute is None
    assert removed["BL23"].substitute_reason.rule == "substitute-none"
    assert not {point.technique for point in proposal.points} & {"reinforcing_moxa"}
    assert {point.position for point in proposal.points} == {"side"}


def test_pregnancy_leaves_a_whole_plan():
    proposal = plan(pregnant=True)

    assert {"BL40", "BL57"} <= codes(proposal)
    assert len(proposal.points) >= 6
    assert {removed.code for removed in proposal.removed} >= {"BL60", "BL54"}


def test_a_man_is_not_asked_whether_he_is_pregnant():
    proposal = plan(sex="male", pregnant=None)

    assert "pregnant" not in {open_fact.fact for open_fact in proposal.open_facts}
    assert "BL60" in codes(proposal)


@pytest.mark.parametrize("answer", [True, None])
def test_an_open_question_of_safety_holds_like_a_yes(answer):
    """What pregnancy and blood thinners withhold, they withhold unanswered too."""
    proposal = plan(pregnant=answer, anticoagulant=answer)

    assert not codes(proposal) & {"BL60", "SP6", "GB30", "BL54", "EX-B2-L5"}
    said = {(c.level, c.rule) for c in proposal.cautions}
    level = "ask" if answer is None else "warn"
    assert {(level, "pregnancy"), (level, "anticoagulant")} <= said
    unanswered = {fact for r in proposal.removed for fact in r.reason.unanswered}
    assert unanswered == (set() if answer else {"pregnant", "anticoagulant"})


def test_heat_is_withheld_where_skin_does_not_feel():
    cold = patterns("cold_damp")

    assert point(plan(patterns=cold), "EX-B2-L5").technique == "warm_needle"
    foot = frozenset({"foot"})
    numb = plan(patterns=cold, reduced_sensation=True, reduced_sensation_at=foot)
    assert {point.technique for point in numb.points} == {"even"}
    assert "reduced-sensation" in rules(point(numb, "EX-B2-L5").reasons, "technique")


def test_moxa_is_withheld_at_bl23_only_when_yin_is_weak_too():
    proposal = plan(
        patterns=patterns("kidney_yang_deficiency", "kidney_yin_deficiency")
    )

    assert point(proposal, "BL23").technique == "reinforcing"
    assert point(proposal, "BL24").technique == "reinforcing_moxa"


def test_too_few_points_is_said():
    """Nothing answered: what is left is proposed, with the word that it is little."""
    proposal = propose({}, book=BOOK)

    assert len(proposal.points) < 6
    assert "R09" in {note.rule for note in proposal.notes}
    assert {c.level for c in proposal.cautions} <= {"ask", "note"}


# ---- dose ------------------------------------------------------------------------


def test_the_default_dose_and_its_reviews():
    dose = plan().dose

    assert (dose.per_week, dose.weeks, dose.sessions) == (2, 4, 8)
    assert dose.retention_min == 30
    reviews = [(review.session, review.week) for review in dose.reviews]
    assert reviews == [(4, 2), (None, 4), (None, 8)]
    said = [reason.rule for reason in dose.reasons]
    assert said == ["D01", "D05", "D06", "D11", "D12"]


@pytest.mark.parametrize(
    ("per_week", "weeks", "said"),
    [
        (2, 4, []),
        (2, 8, []),
        (1, 8, [("note", "D02")]),
        (3, 4, [("warn", "D01-range")]),
        (1, 9, [("warn", "D01-range"), ("note", "D02")]),
    ],
)
def test_another_dose_is_answered(per_week, weeks, said):
    found = dose_cautions(per_week=per_week, weeks=weeks, facts=PLAIN, book=BOOK)

    assert [(caution.level, caution.rule) for caution in found] == said


def test_a_proposal_survives_json():
    for name in CASES:
        proposal = case(name)
        stored = json.loads(json.dumps(proposal_to_json(proposal)))
        assert proposal_from_json(stored) == proposal
