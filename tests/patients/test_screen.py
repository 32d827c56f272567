"""The red-flag screen: unanswered is never clear, and hard stops stay hard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.files import RuleFileError
from clinic.rules.machine import facts_in
from patients.intake.questionnaire import QUESTIONNAIRE, vocabulary
from patients.intake.screen import (
    CLEARABLE,
    FILE,
    LEVELS,
    RED_FLAGS,
    SHORT_SCREEN,
    State,
    load_red_flags,
    screen,
    screen_session,
)
from tests.cases import CASES

VOCABULARY = vocabulary()
RULES = {rule.id: rule for rule in RED_FLAGS.rules}
READ = sorted(frozenset().union(*(facts_in(rule.when) for rule in RULES.values())))
CLEAR = {fact: False for fact in READ if VOCABULARY[fact].kind == "yes_no"} | {
    "age": 40
}
ALL = frozenset(RULES)


def ids(findings):
    return {finding.rule.id for finding in findings}


def test_all_answered_no_is_clear():
    said = screen(CLEAR)

    assert said.state is State.CLEAR
    assert (said.raised, said.open, said.cleared) == ((), (), ())
    assert said.version == RED_FLAGS.version


def test_nothing_answered_is_unanswered():
    said = screen({})

    assert said.state is State.UNANSWERED
    assert ids(said.open) == ALL - {"RF9"}
    assert said.unanswered == set(READ) - {"symptoms_changed"}


@pytest.mark.parametrize(
    ("fact", "raised"),
    [
        ("bladder_bowel_change", {"RF1"}),
        ("saddle_numbness", {"RF1"}),
        ("both_legs_weak", {"RF1"}),
        ("bilateral_leg_pain", {"RF1b"}),
        ("sexual_dysfunction_new", {"RF1c"}),
        ("leg_weakness_progressive", {"RF2"}),
        ("foot_drop", {"RF2"}),
        ("cancer_history", {"RF3"}),
        ("weight_loss", {"RF3"}),
        ("night_pain_unremitting", {"RF3"}),
        ("thoracic_pain", {"RF3"}),
        ("fever_unwell", {"RF4"}),
        ("immunosuppressed", {"RF4"}),
        ("iv_drug_use", {"RF4"}),
        ("major_trauma", {"RF5"}),
        ("osteoporosis_steroids", {"RF5"}),
        ("spinal_deformity", {"RF5"}),
        ("pulsatile_abdomen_collapse", {"RF6"}),
        ("cold_pulseless_leg", {"RF7"}),
        ("calf_swelling", {"RF7"}),
        ("hip_pathology", {"RF7"}),
        ("morning_stiffness_inflammatory", {"RF8"}),
        ("new_back_pain", set()),
        ("vascular_risk", set()),
    ],
)
def test_each_fact_raises_its_flag_and_open_leaves_it_open(fact, raised):
    yes = screen(CLEAR | {fact: True})
    unknown = screen(CLEAR | {fact: None})

    assert ids(yes.raised) == raised
    assert yes.state is (State.RAISED if raised else State.CLEAR)
    assert ids(unknown.open) >= raised
    if raised:
        assert unknown.state is State.UNANSWERED
        assert unknown.unanswered == {fact}


@pytest.mark.parametrize(
    ("age", "raised"),
    [(19, {"RF3"}), (20, set()), (55, set()), (56, {"RF3"}), (60, {"RF3"})],
)
def test_new_pain_on_both_sides_of_the_age_limits(age, raised):
    assert ids(screen(CLEAR | {"age": age, "new_back_pain": True}).raised) == raised
    assert screen(CLEAR | {"age": age}).state is State.CLEAR


@pytest.mark.parametrize(("age", "raised"), [(60, {"RF3"}), (61, {"RF3", "RF6"})])
def test_new_pain_with_vascular_risk_after_sixty(age, raised):
    at_risk = {"age": age, "new_back_pain": True, "vascular_risk": True}

    assert ids(screen(CLEAR | at_risk).raised) == raised


def test_an_unknown_age_leaves_new_pain_open():
    said = screen({**CLEAR, "age": None, "new_back_pain": True})

    assert said.state is State.UNANSWERED
    assert said.unanswered == {"age"}


def test_sexual_dysfunction_alone_is_reviewed_and_with_both_legs_an_emergency():
    alone = CLEAR | {"sexual_dysfunction_new": True}

    assert [finding.rule.then["level"] for finding in screen(alone).raised] == [
        "review"
    ]
    both = screen(alone | {"bilateral_leg_pain": True})
    assert ids(both.raised) == {"RF1", "RF1b", "RF1c"}
    assert both.is_hard


def test_a_raised_flag_wins_over_unanswered():
    said = screen({"saddle_numbness": True})

    assert said.state is State.RAISED
    assert ids(said.raised) == {"RF1"}
    assert said.open


def test_the_most_pressing_comes_first():
    said = screen(dict.fromkeys(CLEAR, True) | {"age": 70})
    levels = [LEVELS.index(finding.rule.then["level"]) for finding in said.raised]

    assert levels == sorted(levels)
    assert ids(said.raised) == ALL - {"RF9"}


# ---------------------------------------------------------------- clearances


def test_which_flags_are_hard():
    assert {"RF1", "RF2", "RF6"} == ALL - CLEARABLE
    for rule in RULES.values():
        assert not rule.then["hard"] or rule.then["level"] in {"emergency", "urgent"}


@pytest.mark.parametrize(
    ("flag", "fact"),
    [
        ("RF1", "saddle_numbness"),
        ("RF2", "foot_drop"),
        ("RF6", "pulsatile_abdomen_collapse"),
    ],
)
def test_a_hard_stop_cannot_be_cleared(flag, fact):
    said = screen(CLEAR | {fact: True}, clearances=ALL)

    assert said.state is State.RAISED
    assert said.is_hard
    assert ids(said.raised) == {flag}


@pytest.mark.parametrize(
    ("flag", "fact"),
    [
        ("RF1b", "bilateral_leg_pain"),
        ("RF1c", "sexual_dysfunction_new"),
        ("RF3", "cancer_history"),
        ("RF4", "immunosuppressed"),
        ("RF5", "major_trauma"),
        ("RF7", "hip_pathology"),
        ("RF8", "morning_stiffness_inflammatory"),
    ],
)
def test_another_flag_goes_on_with_its_own_clearance(flag, fact):
    facts = CLEAR | {fact: True}

    assert not screen(facts).is_hard
    cleared = screen(facts, clearances=frozenset({flag}))
    assert cleared.state is State.CLEAR
    assert ids(cleared.cleared) == {flag}
    assert screen(facts, clearances=ALL - {flag}).state is State.RAISED


def test_a_clearance_answers_no_open_question():
    said = screen(CLEAR | {"cancer_history": None}, clearances=ALL)

    assert said.state is State.UNANSWERED


# ---------------------------------------------------------------- before a session

TODAY_NO = dict.fromkeys(SHORT_SCREEN, False)


def test_the_short_screen_is_five_questions_that_exist():
    assert len(SHORT_SCREEN) == 5
    assert QUESTIONNAIRE.questions.keys() >= set(SHORT_SCREEN)


def test_a_session_goes_on_when_nothing_has_changed():
    assert screen_session(CLEAR, TODAY_NO).state is State.CLEAR


@pytest.mark.parametrize(
    ("question", "flag"),
    [
        ("symptoms_changed", "RF9"),
        ("bladder_bowel_change", "RF1"),
        ("saddle_numbness", "RF1"),
        ("leg_weakness_progressive", "RF2"),
        ("fever_unwell", "RF4"),
    ],
)
def test_each_question_before_a_session_counts(question, flag):
    assert ids(screen_session(CLEAR, TODAY_NO | {question: True}).raised) == {flag}
    open_ = {name: no for name, no in TODAY_NO.items() if name != question}
    said = screen_session(CLEAR, open_)
    assert said.state is State.UNANSWERED  # the intake's "no" is no answer for today
    assert said.unanswered == {question}


def test_what_the_intake_left_open_stays_open():
    assert screen_session({}, TODAY_NO).state is State.UNANSWERED
    raised = screen_session(CLEAR | {"foot_drop": True}, TODAY_NO, clearances=ALL)
    assert ids(raised.raised) == {"RF2"}


def test_changed_symptoms_go_on_after_the_whole_screen():
    today = TODAY_NO | {"symptoms_changed": True}

    said = screen_session(CLEAR, today, clearances=frozenset({"RF9"}))

    assert said.state is State.CLEAR


def test_changed_symptoms_are_no_question_of_the_intake():
    assert "RF9" not in ids(screen(CLEAR | {"symptoms_changed": True}).raised)


# ---------------------------------------------------------------- any answers

any_facts = st.fixed_dictionaries(
    {fact: st.sampled_from([True, False, None]) for fact in CLEAR if fact != "age"}
    | {"age": st.sampled_from([None, 19, 20, 40, 55, 56, 60, 61])}
)
mostly_no = st.fixed_dictionaries(
    {fact: st.sampled_from([False] * 30 + [None]) for fact in CLEAR if fact != "age"}
    | {"age": st.sampled_from([None, 40, 70])}
)
some_flags = st.frozensets(st.sampled_from(sorted(ALL)))


@given(any_facts | mostly_no, some_flags, st.sets(st.sampled_from(READ)))
def test_taking_answers_away_never_raises_and_never_clears(facts, clearances, lost):
    before = screen(facts, clearances=clearances)
    less = {fact: value for fact, value in facts.items() if fact not in lost}
    after = screen(less, clearances=clearances)

    assert ids(after.raised) <= ids(before.raised)
    assert ids(after.open) >= ids(before.open)
    if before.state is State.CLEAR:
        assert after.state is not State.RAISED
    if before.state is State.UNANSWERED:
        assert after.state is State.UNANSWERED


@given(any_facts | mostly_no, some_flags)
def test_clear_means_that_no_rule_is_open(facts, clearances):
    said = screen(facts, clearances=clearances)

    assert (said.state is State.CLEAR) == (not said.raised and not said.open)
    assert not (ids(said.cleared) - CLEARABLE)
    assert bool(said.open) == bool(said.unanswered)


@given(any_facts)
def test_an_open_flag_is_never_due_to_a_question_that_is_not_asked(facts):
    known = {fact: value for fact, value in facts.items() if value is not None}

    for fact in screen(known).unanswered - {"age"}:
        assert QUESTIONNAIRE.questions[fact].is_asked(known)


# ---------------------------------------------------------------- the file


def test_the_flags_are_those_of_the_evidence():
    numbered = {f"RF{number}" for number in range(1, 10)}

    assert numbered | {"RF1b", "RF1c"} == ALL


def test_every_question_of_the_section_serves_a_flag():
    section = next(part for part in QUESTIONNAIRE.sections if part.id == "red_flags")

    assert {question.id for question in section.questions} <= set(READ)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('level = "emergency"', 'level = "soon"', "rule RF1: then: level"),
        ("hard = true", 'hard = "yes"', "rule RF1: then: hard"),
        ("hard = true\n", "hard = true\nsoft = 1\n", "rule RF1: then: no such key"),
        ('at = "session"', 'at = "night"', "rule RF9: then: at"),
        ('name = { en = "Possible cauda equina syndrome", ', "name = { ", "then: name"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path, old, new, words):
    text = FILE.read_text(encoding="utf-8")
    path = tmp_path / "red_flags.toml"
    head, _, rules = text.partition("[file]")
    path.write_text(head + "[file]" + rules.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(RuleFileError, match=words):
        load_red_flags(path)


# ---------------------------------------------------------------- published cases


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("buttock_to_foot_36f", State.CLEAR),
        ("posterior_50f", State.CLEAR),
        ("l4l5_numb_79m", State.CLEAR),
        ("slr30_45m", State.CLEAR),
        ("saddle_stop", State.RAISED),
    ],
)
def test_published_cases(name, state):
    said = screen(CASES[name].facts)

    assert said.state is state
    assert said.is_hard == (state is State.RAISED)
