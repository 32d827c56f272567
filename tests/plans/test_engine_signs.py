"""The signs suggest a pattern, for and against; they never decide one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.management.demo.pictures import PICTURES
from clinic.rules.files import RuleFileError
from patients.intake.questionnaire import vocabulary
from plans.engine.signs import FILE, load_signs, suggest_patterns

PATTERNS = vocabulary()["patterns"].options
SIGNS = {
    name: kind
    for name, kind in vocabulary().items()
    if name
    in (
        "pain_quality worse_with eases_with tongue_body tongue_coat pulse cold_limbs "
        "five_centre_heat fatigue trauma_history episode_kind"
    ).split()
}


def values(kind):
    match kind.kind:
        case "yes_no":
            return st.booleans()
        case "choice":
            return st.sampled_from(sorted(kind.options))
        case _:
            return st.frozensets(st.sampled_from(sorted(kind.options)))


FACTS = st.fixed_dictionaries(
    {name: st.none() | values(kind) for name, kind in SIGNS.items()}
)
COLD = {
    "pain_quality": frozenset({"cold_heavy"}),
    "worse_with": frozenset({"rain_cold"}),
    "eases_with": frozenset({"moving"}),
    "tongue_coat": "greasy_yellow",
    "pulse": frozenset(),
}


def test_a_suggestion_says_what_speaks_for_and_against():
    first, *others = suggest_patterns(COLD)

    assert first.pattern == "cold_damp"
    assert [sign.words["en"] for sign in first.signs_for] == [
        "Cold, heavy pain",
        "Worse in rain or cold",
    ]
    assert [sign.words["en"] for sign in first.signs_against] == ["Yellow, greasy coat"]
    assert first.is_likely
    assert [other.pattern for other in others] == ["damp_heat"]
    assert others[0].signs_against


def test_as_many_against_as_for_is_not_likely():
    facts = COLD | {"eases_with": frozenset(), "pulse": frozenset({"rapid"})}

    (cold,) = (s for s in suggest_patterns(facts) if s.pattern == "cold_damp")

    assert (len(cold.signs_for), len(cold.signs_against)) == (2, 2)
    assert not cold.is_likely


def test_nothing_known_suggests_nothing():
    assert suggest_patterns({}) == ()


def test_a_sign_not_asked_speaks_neither_way():
    (suggestion,) = suggest_patterns({"cold_limbs": True})

    assert suggestion.pattern == "kidney_yang_deficiency"
    assert "fatigue" in suggestion.unasked
    assert not suggestion.is_likely


@pytest.mark.parametrize(
    ("picture", "pattern"),
    [
        ("cold_damp", "cold_damp"),
        ("stasis", "qi_stagnation_blood_stasis"),
        ("damp_heat", "damp_heat"),
        ("kidney", "kidney_deficiency"),
    ],
)
def test_a_plain_picture_is_recognised(picture, pattern):
    told = PICTURES[picture].items()
    facts = {n: frozenset(v) if isinstance(v, list) else v for n, v in told}

    likely = [s.pattern for s in suggest_patterns(facts) if s.is_likely]

    assert pattern in likely


@given(FACTS)
def test_every_sign_has_its_words_and_stands_on_one_side(facts):
    for suggestion in suggest_patterns(facts):
        assert suggestion.pattern in PATTERNS
        assert suggestion.signs_for
        both = (*suggestion.signs_for, *suggestion.signs_against)
        assert len({sign.rule for sign in both}) == len(both)
        for sign in both:
            assert sign.words["en"]
            assert sign.words["zh-hans"]
            assert sign.sources or sign.tag == "recalled"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('pattern = "cold_damp"', 'pattern = "cold"', "no such pattern as 'cold'"),
        ('speaks = "for"', 'speaks = "maybe"', "speaks is for or against"),
        ('"P13"', '"P99"', "unknown source 'P99'"),
        ("has cold_heavy", "has cold", "has no value 'cold'"),
    ],
)
def test_a_file_that_is_incomplete_is_refused_with_line_and_rule(
    tmp_path, old, new, says
):
    path = tmp_path / "signs.toml"
    path.write_text(FILE.read_text("utf-8").replace(old, new, 1), "utf-8")

    with pytest.raises(RuleFileError, match=r"signs\.toml, line \d+: rule ") as refused:
        load_signs(path)

    assert says in str(refused.value)
