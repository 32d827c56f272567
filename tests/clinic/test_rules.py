"""The rule machine: three-valued logic, limits on both sides, files refused."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.texts import check_text
from clinic.rules.files import RuleFileError, load_rules
from clinic.rules.machine import (
    Always,
    FactType,
    Verdict,
    check_condition,
    facts_in,
    grounds,
    judge,
    judge_all,
    parse_condition,
)
from clinic.rules.sources import SourceFileError, load_sources

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
ANSWERS = {YES: True, NO: False, UNKNOWN: None}
VOCABULARY = {
    "a": FactType("yes_no"),
    "b": FactType("yes_no"),
    "age": FactType("integer", low=0, high=120),
    "bmi": FactType("number"),
    "root": FactType("choice", frozenset({"L4", "L5", "S1"})),
    "regions": FactType("several", frozenset({"hip", "foot", "calf"})),
}


def verdict(raw, **facts):
    return judge(parse_condition(raw), facts).verdict


@pytest.mark.parametrize(
    ("a", "b", "both", "either"),
    [
        (YES, YES, YES, YES),
        (YES, NO, NO, YES),
        (YES, UNKNOWN, UNKNOWN, YES),
        (NO, YES, NO, YES),
        (NO, NO, NO, NO),
        (NO, UNKNOWN, NO, UNKNOWN),
        (UNKNOWN, YES, UNKNOWN, YES),
        (UNKNOWN, NO, NO, UNKNOWN),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_kleene_tables(a, b, both, either):
    facts = {"a": ANSWERS[a], "b": ANSWERS[b]}
    parts = ["a is yes", "b is yes"]

    assert verdict({"all": parts}, **facts) is both
    assert verdict({"any": parts}, **facts) is either


@pytest.mark.parametrize(("a", "opposite"), [(YES, NO), (NO, YES), (UNKNOWN, UNKNOWN)])
def test_kleene_not(a, opposite):
    assert verdict({"not": "a is yes"}, a=ANSWERS[a]) is opposite
    assert verdict("a is not yes", a=ANSWERS[a]) is opposite


@pytest.mark.parametrize(
    ("raw", "below", "at", "above"),
    [
        ("age >= 60", NO, YES, YES),
        ("age > 60", NO, NO, YES),
        ("age <= 60", YES, YES, NO),
        ("age < 60", YES, NO, NO),
    ],
)
def test_limits_on_both_sides(raw, below, at, above):
    assert [verdict(raw, age=age) for age in (59, 60, 61)] == [below, at, above]


@pytest.mark.parametrize(
    ("raw", "regions", "expected"),
    [
        ("regions has hip", {"hip"}, YES),
        ("regions has hip", {"foot"}, NO),
        ("regions has hip", set(), NO),
        ("regions has any hip foot", {"foot"}, YES),
        ("regions has any hip foot", {"calf"}, NO),
        ("regions has all hip foot", {"hip", "foot", "calf"}, YES),
        ("regions has all hip foot", {"hip"}, NO),
        ("regions has all hip foot", None, UNKNOWN),
    ],
)
def test_sets(raw, regions, expected):
    known = None if regions is None else frozenset(regions)

    assert verdict(raw, regions=known) is expected


def test_choice_and_number():
    assert verdict("root is L5", root="L5") is YES
    assert verdict("root is L5", root="S1") is NO
    assert verdict("root is not L5", root="S1") is YES
    assert verdict("bmi < 18.5", bmi=18.4) is YES
    assert verdict("bmi < 18.5", bmi=18.5) is NO
    assert verdict("age >= 1", age=0) is NO  # nought is known, not absent


def test_a_missing_fact_and_none_are_both_unknown():
    assert verdict("a is yes") is UNKNOWN
    assert verdict("a is yes", a=None) is UNKNOWN


def test_unknown_names_only_what_keeps_it_open():
    condition = parse_condition({"all": [{"any": ["a is yes", "b is yes"]}, "age > 5"]})

    open_ = judge(condition, {"a": True})
    assert (open_.verdict, open_.unknown) == (UNKNOWN, {"age"})
    assert judge(condition, {"age": 4}).unknown == frozenset()
    assert judge(condition, {"age": 6, "b": False}).unknown == {"a"}


def test_always_is_yes_and_reads_nothing():
    assert judge(parse_condition("always"), {}).verdict is YES
    assert facts_in(Always()) == frozenset()


conditions = st.recursive(
    st.sampled_from(
        ["a is yes", "b is not yes", "age >= 60", "regions has any hip foot"]
    ),
    lambda inner: st.one_of(
        st.builds(lambda part: {"not": part}, inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
    ),
    max_leaves=8,
)
some_facts = st.fixed_dictionaries(
    {
        "a": st.sampled_from([True, False, None]),
        "b": st.sampled_from([True, False, None]),
        "age": st.sampled_from([59, 60, None]),
        "regions": st.sampled_from([frozenset(), frozenset({"hip"}), None]),
    }
)


@given(conditions, some_facts)
def test_a_settled_verdict_survives_any_further_answer(raw, facts):
    condition = parse_condition(raw)
    settled = judge(condition, facts)
    filled = facts | {
        name: {"a": True, "b": False, "age": 60, "regions": frozenset({"foot"})}[name]
        for name, value in facts.items()
        if value is None
    }

    assert judge(condition, filled).verdict is not UNKNOWN
    if settled.verdict is UNKNOWN:
        assert settled.unknown
        assert settled.unknown <= {name for name in facts if facts[name] is None}
    else:
        assert judge(condition, filled).verdict is settled.verdict


@pytest.mark.parametrize(
    "raw",
    [
        "a",
        "a equals yes",
        "age >= old",
        "a is yes no",
        "regions has hip foot",
        {"all": []},
        {"all": "a is yes"},
        {"some": ["a is yes"]},
        {"all": ["a is yes"], "any": ["b is yes"]},
        {},
        7,
    ],
)
def test_what_is_not_a_condition(raw):
    with pytest.raises(ValueError, match=r"not a condition|unknown op|takes"):
        parse_condition(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "c is yes",
        "a is maybe",
        "a >= 1",
        "age is 60",
        "age >= 121",
        "age >= -1",
        "root is L3",
        "regions is hip",
        "regions has elbow",
        {"not": "root is L3"},
    ],
)
def test_a_condition_that_could_never_be_judged(raw):
    with pytest.raises(ValueError, match=r"fact|value|suit|range"):
        check_condition(parse_condition(raw), VOCABULARY)


FILE = """\
[file]
id = "example"
version = "2026.1"
author = "A. Author"
reviewer = ""
review_date = ""

[[rule]]
id = "X1"
when = "a is yes"
then = { add = "one" }
because = { en = "Because.", zh-hans = "因为。" }
sources = ["S1"]
strength = "A"
tag = "seen"

[[rule]]
id = "X2"
when = { all = ["age >= 60", { not = "regions has any hip foot" }] }
then = { add = "two" }
because = { en = "Because.", zh-hans = "因为。" }
sources = []
strength = "D"
tag = "proposal"
reviewer = "B. Reviewer"
review_date = 2026-11-20
"""


def load(tmp_path, text, **more):
    path = tmp_path / "example.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path, vocabulary=VOCABULARY, sources={"S1"}, **more)


def test_a_whole_file(tmp_path):
    file = load(tmp_path, FILE)
    first, second = file.rules

    assert (file.id, file.version) == ("example", "2026.1")
    assert (first.id, first.author, first.reviewer) == (
        "X1",
        "A. Author",
        "",
    )
    assert first.review_date is None
    assert (second.reviewer, second.review_date) == ("B. Reviewer", date(2026, 11, 20))
    assert second.then == {"add": "two"}
    facts = {"a": True, "age": 60}
    findings = judge_all(file.rules, facts)
    assert [(f.rule.id, f.verdict) for f in findings] == [("X1", YES), ("X2", UNKNOWN)]
    assert findings[1].unknown == {"regions"}


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "words"),
    [
        ('when = "a is yes"\n', "", 8, "X1", "when: this key is missing"),
        ('then = { add = "one" }\n', "", 8, "X1", "then: this key is missing"),
        ('strength = "A"\n', "", 8, "X1", "strength: this key is missing"),
        ('"a is yes"', '"c is yes"', 10, "X1", "unknown fact 'c'"),
        ('"a is yes"', '"a is maybe"', 10, "X1", "no value 'maybe'"),
        ('"a is yes"', '"a equals yes"', 10, "X1", "unknown op"),
        ('"age >= 60"', '"root is L3"', 19, "X2", "no value 'L3'"),
        ('["S1"]', '["S9"]', 13, "X1", "unknown source 'S9'"),
        ('["S1"]', "[1]", 13, "X1", "unknown source 1"),
        ('["S1"]', "[]", 13, "X1", "names its source"),
        ('["S1"]', '"S1"', 13, "X1", "not the kind of value"),
        ('id = "X2"', 'id = "X1"', 18, "X1", "taken by another rule"),
        ('id = "X2"', 'id = ""', 18, "", "this id is empty"),
        (
            ', zh-hans = "因为。" }\nsources = ["',
            ' }\nsources = ["',
            12,
            "X1",
            "zh-hans",
        ),
        ('en = "Because."', 'en = " "', 12, "X1", "in en is missing"),
        ('strength = "D"', 'strength = "E"', 23, "X2", "none of A, B, C, D"),
        ('tag = "seen"', 'tag = "rumour"', 15, "X1", "'rumour' is none of"),
        ('tag = "seen"', 'tag = "seen"\nwhy = 1', 16, "X1", "why: no such key"),
        ("= 2026-11-20", '= "soon"', 26, "X2", "is not a date"),
        ('version = "2026.1"\n', "", 1, None, "[file] lacks 'version'"),
        ('[[rule]]\nid = "X2"', '[[rules]]\nid = "X2"', 1, None, "'rules'"),
        ("[[rule]]", "[[rules]]", 1, None, "under its own [[rule]]"),
        ("[file]", "[header]", 1, None, "there is no [file]"),
        ('reviewer = ""', "reviewer = 7", 5, None, "'reviewer'"),
        ('reviewer = ""', 'title = "x"', 5, None, "'title'"),
        ('author = "A. Author"\n', "", 1, None, "[file] lacks 'author'"),
        ('reviewer = ""\n', "", 1, None, "[file] lacks 'reviewer'"),
        ('review_date = ""\n', "", 1, None, "[file] lacks 'review_date'"),
        ('reviewer = ""', 'reviewer = "B."', 8, "X1", "go together"),
        ('reviewer = "B. Reviewer"', 'reviewer = ""', 26, "X2", "go together"),
    ],
)
def test_a_refusal_names_file_line_and_rule(tmp_path, old, new, line, rule, words):
    assert old in FILE

    with pytest.raises(RuleFileError) as refusal:
        load(tmp_path, FILE.replace(old, new, 1 if old != "[[rule]]" else -1))

    said = str(refusal.value)
    assert f"example.toml, line {line}: " in said
    assert rule is None or f"rule {rule}: " in said
    assert words in said


def test_a_file_that_is_not_toml_is_refused_with_its_line(tmp_path):
    with pytest.raises(RuleFileError, match=r"example\.toml.*line 2"):
        load(tmp_path, FILE.replace('id = "example"', "id = example"))


def test_then_is_checked_by_its_reader(tmp_path):
    def only_one(then):
        if then["add"] != "one":
            raise ValueError(f"cannot add {then['add']}")

    with pytest.raises(RuleFileError, match="line 20: rule X2: then: cannot add two"):
        load(tmp_path, FILE, check_then=only_one)


@pytest.mark.parametrize("raw", [None, "words", {}, {"en": "words"}, {"zh-hans": "词"}])
def test_a_text_in_one_language_is_refused(raw):
    with pytest.raises(ValueError, match=r"^X1"):
        check_text(raw, "X1")


def test_a_text_in_both_languages():
    text = {"en": "words", "zh-hans": "词"}

    assert check_text(text, "X1") == text
    with pytest.raises(ValueError, match="no such language as fr"):
        check_text(text | {"fr": "mots"}, "X1")


SOURCE = '[[source]]\nid = "S1"\ncitation = "Somebody 2020."\ntag = "seen"\n'


def test_the_shelf(tmp_path):
    path = tmp_path / "sources.toml"
    path.write_text(SOURCE, encoding="utf-8")

    shelf = load_sources(path)

    assert shelf["S1"].citation == "Somebody 2020."
    assert replace(shelf["S1"], doi="10.1/x").doi == "10.1/x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SOURCE.replace('id = "S1"\n', ""), "number 1 lacks 'id'"),
        (SOURCE.replace('"seen"', '"rumour"'), "S1 has a tag 'rumour'"),
        (SOURCE + SOURCE, "S1 stands there twice"),
        (SOURCE + 'year = "2020"\n', "no such key as 'year'"),
        (SOURCE + 'not_shown = { en = "Much." }\n', "zh-hans"),
        (SOURCE + 'design = "Trial"\n', "design: the text in en is missing"),
    ],
)
def test_a_shelf_that_is_not_whole_is_refused(tmp_path, text, words):
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SourceFileError, match=words):
        load_sources(path)


def test_ops_cover_every_pair_of_kinds():
    """Every kind has at least one op, and no op suits a kind it cannot judge."""
    samples = {"a": "yes", "age": "60", "bmi": "20", "root": "L5", "regions": "hip"}
    ops = ["is", "is not", ">=", "<=", ">", "<", "has", "has any", "has all"]
    suited = set()
    for (fact, value), op in product(samples.items(), ops):
        try:
            check_condition(parse_condition(f"{fact} {op} {value}"), VOCABULARY)
        except ValueError:
            continue
        suited.add((fact, op))

    assert {fact for fact, _ in suited} == set(samples)
    assert len(suited) == 2 * 2 + 4 * 2 + 3


@pytest.mark.parametrize(
    ("raw", "facts", "expected"),
    [
        ("a is yes", {"a": True}, ["a"]),
        ("a is yes", {"a": False}, ["a"]),
        ("a is yes", {}, []),
        ({"any": ["a is yes", "b is yes"]}, {"a": True, "b": False}, ["a"]),
        ({"any": ["a is yes", "b is yes"]}, {"a": True, "b": True}, ["a", "b"]),
        ({"any": ["a is yes", "b is yes"]}, {"a": True}, ["a"]),
        ({"any": ["a is yes", "b is yes"]}, {"a": False, "b": False}, ["a", "b"]),
        ({"all": ["a is yes", "age > 60"]}, {"a": True, "age": 61}, ["a", "age"]),
        ({"all": ["a is yes", "age > 60"]}, {"a": True, "age": 60}, ["age"]),
        ({"not": {"any": ["a is yes", "b is yes"]}}, {"b": True}, ["b"]),
        (
            {"any": ["a is yes", {"all": ["b is yes", "age > 60"]}]},
            {"a": True, "b": False, "age": 70},
            ["a"],
        ),
        ("always", {}, []),
    ],
)
def test_grounds_are_the_tests_that_settle_it(raw, facts, expected):
    found = grounds(parse_condition(raw), facts)

    assert [test.fact for test in found] == expected
