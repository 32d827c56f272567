"""Every rule of the engine, on both sides of its limits and with nothing known."""

import pytest

from clinic.rules.machine import Always, Verdict, facts_in
from plans.catalogue.points import read_catalogue
from plans.engine.book import ADDED_FACTS, load_book

BOOK = load_book(read_catalogue())
RULES = {rule.id: rule for rule, _ in BOOK.rules}


def regions(*names):
    return {"pain_regions": frozenset(names)}


def patterns(*names):
    return {"patterns": frozenset(names)}


PREGNANT = {"sex": "female", "pregnant": True}
NOT_PREGNANT = [{"sex": "female", "pregnant": False}, {"sex": "male"}]
EMERGENCIES = (
    "bladder_bowel_change saddle_numbness both_legs_weak "
    "pulsatile_abdomen_collapse cold_pulseless_leg"
).split()
ZONES = "lumbar gluteal abdomen thigh knee leg foot".split()


def lymphoedema(limb, side):
    return {
        "lymphoedema": True,
        "lymphoedema_limbs": frozenset({limb}),
        "side": side,
    }


# rule: the facts under which it says yes, and those under which it says no.
CASES = {
    "R02": (
        [regions(n) for n in ("posterior_thigh", "posterior_leg", "heel")]
        + [regions("knee_back"), regions("buttock", "little_toe")],
        [regions("buttock", "lateral_thigh"), regions()],
    ),
    "R03": (
        [regions(n) for n in ("lateral_thigh", "lateral_leg", "foot_dorsum")],
        [regions("buttock", "posterior_leg"), regions()],
    ),
    "R04": (
        [regions("posterior_thigh", "lateral_leg")],
        [regions("posterior_thigh"), regions("lateral_leg"), regions()],
    ),
    "R05": (
        [regions("medial_leg"), regions("medial_thigh", "buttock")],
        [regions("posterior_leg")],
    ),
    "R06-L4": ([{"root": "L4"}], [{"root": "L5"}, {"root": "S1"}]),
    "R06-L5": ([{"root": "L5"}], [{"root": "L4"}, {"root": "S1"}]),
    "R06-S1": ([{"root": "S1"}], [{"root": "L4"}, {"root": "L5"}]),
    "root-L4": ([{"root": "L4"}], [{"root": "S1"}]),
    "root-L5": ([{"root": "L5"}], [{"root": "S1"}]),
    "root-S1": ([{"root": "S1"}], [{"root": "L5"}]),
    "R07": (
        [{"paravertebral_tenderness": True}],
        [{"paravertebral_tenderness": False}],
    ),
    "R07-lumbosacral": (
        [{"paravertebral_tenderness": True, **regions("sacrum")}],
        [
            {"paravertebral_tenderness": False, **regions("sacrum")},
            {"paravertebral_tenderness": True, **regions("buttock")},
        ],
    ),
    "R08": ([{"tender_points": True}], [{"tender_points": False}]),
    "R11": ([{"side": "left"}, {"side": "right"}, {"side": "both"}], []),
    "R20": ([patterns("cold_damp")], [patterns("damp_heat"), patterns()]),
    "R21": ([patterns("damp_heat", "cold_damp")], [patterns("cold_damp")]),
    "R22": ([patterns("qi_stagnation_blood_stasis")], [patterns("cold_damp")]),
    "R23": (
        [
            patterns("kidney_deficiency"),
            patterns("kidney_yang_deficiency"),
            patterns("kidney_yin_deficiency"),
        ],
        [patterns("qi_blood_deficiency")],
    ),
    "R24": ([patterns("kidney_yang_deficiency")], [patterns("kidney_deficiency")]),
    "R25": ([patterns("kidney_yin_deficiency")], [patterns("kidney_deficiency")]),
    "R26": ([patterns("qi_blood_deficiency")], [patterns("kidney_deficiency")]),
    "R40": (
        [
            {"age": 75, "frail": True},
            {"age": 80, "constitution": "weak"},
            {"age": 75, **patterns("kidney_deficiency")},
        ],
        [
            {"age": 74, "frail": True},
            {"age": 75, "frail": False, "constitution": "average", **patterns()},
        ],
    ),
    "R43": (
        [
            {"needle_experience": "none"},
            {"fainted_before": True},
            {"needle_fear": True},
            {"constitution": "weak"},
        ],
        [
            {
                "needle_experience": "some",
                "fainted_before": False,
                "needle_fear": False,
                "constitution": "strong",
            }
        ],
    ),
    "R30": (
        [{"onset_weeks": 11, "leg_nrs": 7}],
        [{"onset_weeks": 12, "leg_nrs": 7}, {"onset_weeks": 11, "leg_nrs": 6}],
    ),
    "R31": ([{"onset_weeks": 12}], [{"onset_weeks": 11}]),
    "R31-weeks": ([{"onset_weeks": 12}], [{"onset_weeks": 11}]),
    "R41": (
        [
            {"age": 74, "build": "muscular", "bmi": 24.9},
            {"age": 20, "build": "heavy", "bmi": 20.0},
        ],
        [
            {"age": 75, "build": "muscular", "bmi": 24.9},
            {"age": 74, "build": "average", "bmi": 24.9},
            {"age": 74, "build": "muscular", "bmi": 25.0},
        ],
    ),
    "previous-worse": (
        [{"previous_response": "worse"}],
        [{"previous_response": "better"}, {"previous_response": "same"}],
    ),
    "previous-same": (
        [{"previous_response": "same"}],
        [{"previous_response": "better"}, {"previous_response": "worse"}],
    ),
    "D03": ([{"leg_nrs": 7}], [{"leg_nrs": 6}]),
    "too-ill": ([{"too_ill": True}], [{"too_ill": False}]),
    "emergency": (
        [{fact: True} for fact in EMERGENCIES],
        [dict.fromkeys(EMERGENCIES, False)],
    ),
    "lymphoedema-left": (
        [lymphoedema("left_leg", "left"), lymphoedema("left_leg", "both")],
        [
            lymphoedema("left_leg", "right"),
            lymphoedema("right_leg", "left"),
            {"lymphoedema": False},
        ],
    ),
    "lymphoedema-right": (
        [lymphoedema("right_leg", "right"), lymphoedema("right_leg", "both")],
        [lymphoedema("right_leg", "left"), {"lymphoedema": False}],
    ),
    "pregnancy-first-trimester": (
        [PREGNANT | {"pregnancy_weeks": 13}],
        [PREGNANT | {"pregnancy_weeks": 14}, *NOT_PREGNANT],
    ),
    "pregnancy-after-month-3": (
        [PREGNANT | {"pregnancy_weeks": 14}],
        [PREGNANT | {"pregnancy_weeks": 13}, *NOT_PREGNANT],
    ),
    "R42-thin": ([{"bmi": 18.4}], [{"bmi": 18.5}]),
    "R42-overweight": ([{"bmi": 25.0}, {"bmi": 29.9}], [{"bmi": 24.9}, {"bmi": 30.0}]),
    "R42-obese": ([{"bmi": 30.0}], [{"bmi": 29.9}]),
    "R42-elderly": (
        [{"age": 75}, {"age": 40, "frail": True}],
        [{"age": 74, "frail": False}],
    ),
    "bleeding-disorder": (
        [{"bleeding_disorder": True}],
        [{"bleeding_disorder": False}],
    ),
    "spinal-instability": (
        [{"spinal_instability": True}],
        [{"spinal_instability": False}],
    ),
    "cannot-keep-still": (
        [{"cannot_keep_still": True}],
        [{"cannot_keep_still": False}],
    ),
    "child": ([{"age": 17}], [{"age": 18}]),
    "malignancy": ([{"cancer_history": True}], [{"cancer_history": False}]),
    "anticoagulant": ([{"anticoagulant": True}], [{"anticoagulant": False}]),
    "electronic-implant": (
        [{"electronic_implant": True}],
        [{"electronic_implant": False}],
    ),
    "epilepsy": ([{"epilepsy": True}], [{"epilepsy": False}]),
    "skin-lesion": ([{"skin_lesion": True}], [{"skin_lesion": False}]),
    "lymphoedema": ([{"lymphoedema": True}], [{"lymphoedema": False}]),
    "lumbar-surgery": (
        [{"lumbar_surgery": True}, {"lumbar_implant": True}],
        [{"lumbar_surgery": False, "lumbar_implant": False}],
    ),
    "metal-allergy": ([{"metal_allergy": True}], [{"metal_allergy": False}]),
    "needle-fear": (
        [{"needle_fear": True}, {"fainted_before": True}],
        [{"needle_fear": False, "fainted_before": False}],
    ),
    "first-session": ([{"needle_experience": "none"}], [{"needle_experience": "some"}]),
    "immunosuppressed": ([{"immunosuppressed": True}], [{"immunosuppressed": False}]),
    "diabetes-neuropathy": (
        [{"diabetes_neuropathy": True}],
        [{"diabetes_neuropathy": False}],
    ),
    "reduced-sensation": (
        [{"reduced_sensation": True}],
        [{"reduced_sensation": False}],
    ),
    "lymphoedema-left-arm": (
        [lymphoedema("left_arm", "left"), lymphoedema("left_arm", "both")],
        [lymphoedema("left_arm", "right"), lymphoedema("left_leg", "left")],
    ),
    "lymphoedema-right-arm": (
        [lymphoedema("right_arm", "right"), lymphoedema("right_arm", "both")],
        [lymphoedema("right_arm", "left"), lymphoedema("right_leg", "right")],
    ),
    "previous-better": (
        [{"previous_response": "better"}],
        [{"previous_response": "same"}, {"previous_response": "worse"}],
    ),
    "recurrent": ([{"episode_kind": "recurrent"}], [{"episode_kind": "first"}]),
    "R34-numb": ([{"numbness": True}], [{"numbness": False}]),
    "elderly": ([{"age": 75}], [{"age": 74}]),
    "frail": ([{"frail": True}], [{"frail": False}]),
    "pregnancy": ([PREGNANT, {"sex": "other", "pregnant": True}], NOT_PREGNANT),
    "pregnancy-heat": ([PREGNANT], NOT_PREGNANT),
    "pregnancy-named": ([PREGNANT], NOT_PREGNANT),
    "pregnancy-other": ([PREGNANT], NOT_PREGNANT),
    "pregnancy-region": ([PREGNANT], NOT_PREGNANT),
    "pregnancy-position": ([PREGNANT], NOT_PREGNANT),
    "cap-CV4-6-thin": (
        [{"build": "thin"}, {"bmi": 18.4}],
        [{"build": "average", "bmi": 18.5}],
    ),
    "D01-range": (
        [{"per_week": 3}, {"weeks": 3}, {"weeks": 9}],
        [{"per_week": 2, "weeks": 4}, {"per_week": 1, "weeks": 8}],
    ),
    "D02": ([{"per_week": 1}], [{"per_week": 2}]),
}
NEAR = (
    "buttock hip sacrum low_back posterior_thigh lateral_thigh knee_back "
    "posterior_leg lateral_leg medial_leg ankle heel little_toe foot_dorsum"
).split()
CASES |= {
    f"near-{name.replace('_', '-')}": ([regions(name)], [regions("groin")])
    for name in NEAR
}
CASES |= {
    f"{fact.replace('_', '-')}-{zone}": (
        [{fact: True, f"{fact}_at": frozenset({zone})}],
        [{fact: True, f"{fact}_at": frozenset()}, {fact: False}],
    )
    for fact in ("skin_lesion", "reduced_sensation")
    for zone in ZONES
}
CASES |= {
    f"training-{technique}": (
        [{"trained": frozenset()}],
        [{"trained": frozenset({technique})}],
    )
    for technique in sorted(ADDED_FACTS["trained"].options)
}


def verdict(rule, facts):
    (found,) = (r for r in BOOK.judge(facts) if r.rule.id == rule)
    return found.verdict


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_says_yes_and_no_on_the_two_sides_of_its_limits(rule):
    says_yes, says_no = CASES[rule]

    assert [verdict(rule, facts) for facts in says_yes] == [Verdict.YES] * len(says_yes)
    assert [verdict(rule, facts) for facts in says_no] == [Verdict.NO] * len(says_no)


def test_a_rule_stays_open_when_nothing_is_known():
    found = {each.rule.id: each for each in BOOK.judge({})}

    for rule in CASES:
        assert found[rule].verdict is Verdict.UNKNOWN, rule
        assert found[rule].unknown == facts_in(RULES[rule].when), rule


def test_every_rule_that_depends_on_the_patient_is_tried_above():
    conditional = {i for i, rule in RULES.items() if not isinstance(rule.when, Always)}

    assert conditional == set(CASES)


def test_every_limit_of_safety_asks_its_question():
    """A rule that may block or warn makes the open question itself a caution."""
    silent = {
        rule.id
        for rule, then in BOOK.rules
        if then.caution in {"block", "warn"}
        and not then.ask
        and not isinstance(rule.when, Always)
    }

    # The pain map and the dose are no questions of safety.
    assert silent == {"R05", "D01-range"}


def test_a_rule_without_source_says_it_is_recalled_or_policy():
    for rule, _then in BOOK.rules:
        assert set(rule.sources) <= BOOK.sources.keys(), rule.id
        assert rule.sources or rule.tag in {"recalled", "proposal"}, rule.id
        assert rule.tag != "proposal" or rule.strength == "D", rule.id
