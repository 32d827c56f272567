"""What the patient is told, by phase, and both sides where sources differ."""

import pytest

from clinic.rules.files import RuleFileError
from plans.engine.advice import FILE, advice, load_advice, positions


def ids(items):
    return {item.id for item in items}


@pytest.mark.parametrize(
    ("facts", "phase"),
    [
        ({"onset_weeks": 5, "leg_nrs": 3}, "acute"),
        ({"onset_weeks": 6, "leg_nrs": 6}, "recovery"),
        ({"onset_weeks": 20, "leg_nrs": 7}, "acute"),
        ({"onset_weeks": 20}, "acute"),  # until the pain is known
        ({"leg_nrs": 2}, "acute"),
        ({}, "acute"),
    ],
)
def test_the_phase_is_acute_until_the_facts_say_it_is_over(facts, phase):
    assert advice(facts).phase == phase


def test_an_acute_patient_is_told_what_to_do_now_and_what_later():
    counsel = advice({"onset_weeks": 2, "leg_nrs": 8})

    assert ids(counsel.now) == {"L1", "L2-acute", "L4", "L5", "L6"}
    assert ids(counsel.later) == {"L2", "L3", "L10"}


def test_in_recovery_nothing_waits():
    counsel = advice({"onset_weeks": 20, "leg_nrs": 3})

    assert ids(counsel.now) == {"L2", "L3", "L5", "L6", "L10"}
    assert counsel.later == ()


@pytest.mark.parametrize("facts", [{}, {"onset_weeks": 20, "leg_nrs": 3}])
def test_when_to_go_to_hospital_and_what_consent_says_hold_in_any_phase(facts):
    counsel = advice(facts)

    assert ids(counsel.emergency) == {"L8"}
    assert ids(counsel.consent) == {"L7"}


def test_where_the_clinics_text_and_the_guideline_differ_both_are_shown():
    (bed_rest,) = (item for item in advice({}).now if item.id == "L1")

    assert [said.source for said in bed_rest.beside] == ["BRIEF-B", "NG59", "DAHM2010"]
    assert "prolonged" not in bed_rest.text["en"]
    agreed = [item for item in advice({}).later if not item.beside]
    assert ids(agreed) == {"L2", "L3", "L10"}


def test_the_guidelines_that_speak_for_and_against_stand_side_by_side():
    said = {position.id: position.stance for position in positions()}

    assert said == {
        "position-nice": "against",
        "position-delphi": "for",
        "position-acp": "apart",
    }


def test_no_advice_speaks_of_medicines():
    counsel = advice({})
    texts = [item.text["en"].lower() for item in (*counsel.now, *counsel.later)]

    assert not any(word in text for text in texts for word in ("drug", "medicine"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('phases = ["acute"]', 'phases = ["chronic"]', "phases are some of"),
        ('kind = "advice"', 'kind = "order"', "kind is none of"),
        ('stance = "against"', 'stance = "unsure"', "stance is none of"),
        ('source = "NG59"', 'source = "NG60"', "unknown source 'NG60'"),
        ('sources = ["P07"]', 'sources = ["P99"]', "unknown source 'P99'"),
        ("text = { en", "text = { de", "the text in en is missing"),
        ('says = { en = "More', 'says = { de = "More', "the text in en is missing"),
        ('leg_nrs >= 7"', 'leg_nrs >= 11"', "outside the range"),
    ],
)
def test_a_file_that_is_incomplete_is_refused_with_line_and_rule(
    tmp_path, old, new, says
):
    path = tmp_path / "advice.toml"
    text = FILE.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(
        RuleFileError, match=r"advice\.toml, line \d+: rule "
    ) as refused:
        load_advice(path)

    assert says in str(refused.value)
