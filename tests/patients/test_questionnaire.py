"""The questionnaire as data, the answers checked, the facts derived."""

import json
from datetime import date
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.texts import LANGUAGES
from clinic.rules.machine import facts_in
from patients.intake.questionnaire import (
    FILE,
    NONE,
    QUESTIONNAIRE,
    QuestionFileError,
    check_answers,
    facts_from,
    load_questionnaire,
    vocabulary,
)
from tests.cases import CASES, TAKEN_ON

QUESTIONS = QUESTIONNAIRE.questions


def facts(answers=None, **record):
    known = {"birth_date": None, "sex": None, "onset": None, "on": TAKEN_ON}
    return facts_from(answers or {}, **known | record)


# ---------------------------------------------------------------- the file


def test_sections_come_in_the_order_of_a_first_visit():
    assert [section.id for section in QUESTIONNAIRE.sections] == [
        "pain",
        "course",
        "red_flags",
        "history",
        "body",
        "signs",
        "needling",
    ]


def texts_of(question):
    yield question.label
    yield from question.options.values()
    yield from (t for t in (question.help, question.none, question.unit) if t)


def test_every_text_is_there_in_both_languages():
    for text in chain.from_iterable(map(texts_of, QUESTIONS.values())):
        assert set(text) == set(LANGUAGES)
        assert any("一" <= char <= "鿿" for char in text["zh-hans"]) or not any(
            char.isalpha() for char in text["en"]
        )


def test_the_vocabulary_is_the_questions_and_what_is_derived():
    words = vocabulary()

    assert words.keys() == QUESTIONS.keys() - {"pain_map"} | {
        "age",
        "sex",
        "onset_weeks",
        "bmi",
        "side",
        "pain_regions",
    }
    assert words["root"].options == {"L4", "L5", "S1"}
    assert (words["leg_nrs"].low, words["leg_nrs"].high) == (0, 10)
    assert len(words["pain_regions"].options) == 20


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (', zh-hans = "疼痛"', "", "section pain: title"),
        ('en = "Leg pain now", ', "", "leg_nrs: label"),
        ('id = "leg_nrs"', 'id = "pain map"', "pain map: the id"),
        ('id = "back_nrs"', 'id = "leg_nrs"', "leg_nrs: the id is taken"),
        ('id = "back_nrs"', 'id = "age"', "age: the id is taken"),
        ("range = [0, 10]\n", "", "leg_nrs: an integer has a range"),
        ('kind = "map"', 'kind = "picture"', "pain_map: kind"),
        ('kind = "map"', 'kind = "choice"', "pain_map: a choice has options"),
        ('kind = "map"', 'kind = "map"\nwhy = 1', "pain_map: no such key as 'why'"),
        ('asked_when = "age > 60"', 'asked_when = "pulse is 9"', "vascular_risk"),
        ('otherwise = "no"', 'otherwise = "perhaps"', "pregnant: otherwise"),
        ("both_legs = {", "other = {", "both_legs"),
        ("[messages]", "[messages", "line"),
        ('version = "2026.1"', "", "version"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path, old, new, words):
    text = FILE.read_text(encoding="utf-8")
    path = tmp_path / "questions.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(QuestionFileError, match=words):
        load_questionnaire(path)


def test_a_condition_reads_only_what_was_asked_before():
    """Also the reader's rule; here it guards the file as shipped."""
    before = {"age", "sex", "onset_weeks", "bmi", "side", "pain_regions"}
    for question in QUESTIONS.values():
        if question.asked_when is not None:
            assert facts_in(question.asked_when) <= before
        before.add(question.id)


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("question", "sent", "kept"),
    [
        ("numbness", "yes", True),
        ("numbness", True, True),
        ("numbness", "no", False),
        ("numbness", False, False),
        ("numbness", "unknown", None),
        ("numbness", "", None),
        ("numbness", None, None),
        ("leg_nrs", "0", 0),
        ("leg_nrs", " 10 ", 10),
        ("leg_nrs", "７", 7),
        ("leg_nrs", 3, 3),
        ("leg_nrs", "", None),
        ("leg_nrs", " ", None),
        ("root", "L5", "L5"),
        ("root", "", None),
        ("needle_experience", "none", "none"),
        ("pulse", ["tight", "deep", "tight"], ["deep", "tight"]),
        ("pulse", "deep", ["deep"]),
        ("pulse", {"deep"}, ["deep"]),
        ("pulse", [NONE], [NONE]),
        ("pulse", [], None),
        ("pulse", [""], None),
        ("pain_map", ["left_heel", "left_buttock"], ["left_buttock", "left_heel"]),
    ],
)
def test_what_is_kept(question, sent, kept):
    expected = {} if kept is None else {question: kept}

    assert check_answers({question: sent}) == (expected, {})


@pytest.mark.parametrize(
    ("question", "sent", "words"),
    [
        ("numbness", "maybe", "Answer yes, no or not known."),
        ("numbness", 1, "Answer yes, no or not known."),
        ("numbness", ["yes"], "Answer yes, no or not known."),
        ("leg_nrs", "11", "Give a number from 0 to 10."),
        ("leg_nrs", "-1", "Give a number from 0 to 10."),
        ("leg_nrs", "5.5", "Give a whole number."),
        ("leg_nrs", "five", "Give a whole number."),
        ("leg_nrs", True, "Give a whole number."),
        ("leg_nrs", "9" * 5000, "Give a whole number."),
        ("straight_leg_raise", 91, "Give a number from 0 to 90."),
        ("root", "L3", "Choose from the answers offered."),
        ("root", ["L5"], "Choose from the answers offered."),
        ("pulse", ["deep", "loud"], "Choose from the answers offered."),
        ("pulse", ["deep", 3], "Choose from the answers offered."),
        ("pulse", 3, "Choose from the answers offered."),
        ("pain_map", ["heel"], "Choose from the answers offered."),
        ("pain_map", [NONE], "Choose from the answers offered."),
        ("pulse", ["deep", NONE], "Choose either “None of these” or other"),
        ("favourite_colour", "jade", "There is no such question."),
    ],
)
def test_what_is_refused_is_said_in_both_languages(question, sent, words):
    clean, errors = check_answers({question: sent})

    assert clean == {}
    assert errors.keys() == {question}
    assert errors[question]["en"].startswith(words)
    assert errors[question]["zh-hans"]
    assert "{" not in errors[question]["zh-hans"]


def test_one_bad_answer_costs_no_other():
    clean, errors = check_answers({"leg_nrs": "11", "back_nrs": "4"})

    assert clean == {"back_nrs": 4}
    assert errors.keys() == {"leg_nrs"}


def test_the_map_and_the_answer_about_both_legs_may_not_disagree_silently():
    both = ["left_posterior_thigh", "right_posterior_leg"]

    clean, errors = check_answers({"pain_map": both, "bilateral_leg_pain": "no"})
    assert errors["bilateral_leg_pain"]["en"].startswith("The map shows pain in both")
    assert "bilateral_leg_pain" not in clean
    for answer in ("yes", "unknown"):
        assert not check_answers({"pain_map": both, "bilateral_leg_pain": answer})[1]
    one = {"pain_map": both[:1], "bilateral_leg_pain": "no"}
    assert not check_answers(one)[1]


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*QUESTIONS]) | st.text(max_size=5), junk))
def test_no_junk_breaks_it_and_what_is_kept_can_be_stored_and_sent_again(raw):
    clean, errors = check_answers(raw)

    assert clean.keys().isdisjoint(errors)
    stored = json.loads(json.dumps(clean))
    assert check_answers(stored) == (clean, {})
    facts(stored, sex="female")


@pytest.mark.parametrize("name", CASES)
def test_the_published_cases_are_answers_that_can_be_kept(name):
    answers = CASES[name].answers

    assert check_answers(answers) == (answers, {})


# ---------------------------------------------------------------- facts


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(1986, 3, 2), 40),
        (date(1986, 3, 3), 39),
        (TAKEN_ON, 0),
        (date(2026, 3, 3), None),
        (None, None),
    ],
)
def test_age_in_full_years(born, age):
    assert facts(birth_date=born).get("age") == age


@pytest.mark.parametrize(
    ("onset", "weeks"),
    [
        (TAKEN_ON, 0),
        (date(2026, 2, 24), 0),
        (date(2026, 2, 23), 1),
        (date(2026, 3, 3), None),
        (None, None),
    ],
)
def test_onset_in_full_weeks(onset, weeks):
    assert facts(onset=onset).get("onset_weeks") == weeks


def test_bmi_needs_both_measures():
    assert facts({"height_cm": 170, "weight_kg": 70})["bmi"] == 24.2
    assert "bmi" not in facts({"height_cm": 170})
    assert "bmi" not in facts({"weight_kg": 70})


@pytest.mark.parametrize(
    ("marked", "side", "regions"),
    [
        (["left_heel"], "left", {"heel"}),
        (["right_buttock", "right_heel"], "right", {"buttock", "heel"}),
        (["left_heel", "right_heel"], "both", {"heel"}),
        (["left_low_back", "right_low_back", "left_hip"], "left", {"low_back", "hip"}),
        (["left_low_back", "right_sacrum"], "both", {"low_back", "sacrum"}),
        (["right_low_back"], "right", {"low_back"}),
    ],
)
def test_side_and_regions_come_from_the_map(marked, side, regions):
    known = facts({"pain_map": marked})

    assert known["side"] == side
    assert known["pain_regions"] == regions
    assert "pain_map" not in known


def test_an_unmarked_map_leaves_side_and_regions_unknown():
    assert not {"side", "pain_regions", "bilateral_leg_pain"} & facts().keys()


@pytest.mark.parametrize(
    ("marked", "answer", "expected"),
    [
        (["left_heel", "right_posterior_thigh"], None, True),
        (["left_heel", "right_posterior_thigh"], False, True),
        (["left_heel"], True, True),
        (["left_heel"], False, False),
        (["left_heel"], None, None),
        (["left_buttock", "right_buttock"], None, None),  # the pelvis is no leg
        (None, True, True),
        (None, False, False),
    ],
)
def test_yes_wins_over_one_leg_marked_and_both_marked_over_no(marked, answer, expected):
    answers = {"pain_map": marked, "bilateral_leg_pain": answer}
    given = {name: value for name, value in answers.items() if value is not None}

    assert facts(given).get("bilateral_leg_pain") is expected


def test_none_of_these_is_known_and_nothing_chosen_is_not():
    assert facts({"patterns": [NONE]})["patterns"] == frozenset()
    assert "patterns" not in facts()
    assert facts({"patterns": ["cold_damp"]})["patterns"] == {"cold_damp"}


def test_a_question_that_does_not_arise():
    man = facts({"pregnant": True, "pregnancy_weeks": 12}, sex="male")
    assert man["pregnant"] is False
    assert "pregnancy_weeks" not in man

    for sex in ("female", "other", "unknown", None):
        assert "pregnant" not in facts(sex=sex)
        woman = facts({"pregnant": True, "pregnancy_weeks": 12}, sex=sex)
        assert (woman["pregnant"], woman["pregnancy_weeks"]) == (True, 12)

    corrected = facts({"pregnant": False, "pregnancy_weeks": 12}, sex="female")
    assert "pregnancy_weeks" not in corrected


@pytest.mark.parametrize(
    ("question", "ages"),
    [
        ("new_back_pain", {19: True, 20: False, 55: False, 56: True, None: True}),
        ("vascular_risk", {60: False, 61: True, None: True}),
    ],
)
def test_asked_on_both_sides_of_the_age_limits(question, ages):
    for age, is_asked in ages.items():
        known = {} if age is None else {"age": age}
        assert QUESTIONS[question].is_asked(known) is is_asked
