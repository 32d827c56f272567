"""The rule book refuses to load rather than propose on half a rule."""

import shutil

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from clinic.rules.files import RuleFileError
from clinic.rules.sources import SourceFileError
from plans.catalogue.points import read_catalogue
from plans.engine.book import FILES, RULES, SHELF, load_book
from plans.planning.queries import rule_book

POINTS = read_catalogue()


def load_with(tmp_path, name, old, new):
    """The book with one text of one of its files changed; the file's path and error."""
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    path = folder / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleFileError) as refused:
        load_book(POINTS, folder=folder)
    line = next(
        (
            n
            for n, row in enumerate(path.read_text("utf-8").splitlines(), 1)
            if new in row
        ),
        None,
    )
    return str(refused.value), line


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("points", '"BL54", "GB30"', '"BL99", "GB30"', "no point 'BL99'"),
        ("points", '"EX-B2-L3"]', '"CV8"]', "CV8 is not a point that is needled"),
        ("points", "need = 2", "need = 3", "need: 3 of 2 offered"),
        (
            "patterns",
            'technique = "reducing"',
            'technique = "hard"',
            "'hard' is none of",
        ),
        (
            "patterns",
            '["lumbar", "gluteal"]',
            '["lumbar", "moon"]',
            "'moon' is none of",
        ),
        ("patterns", '"P01", "P13"', '"P99", "P13"', "unknown source 'P99'"),
        (
            "patterns",
            "patterns has cold_damp",
            "patterns has cold",
            "has no value 'cold'",
        ),
        (
            "pregnancy",
            "pregnant is yes",
            "expecting is yes",
            "unknown fact 'expecting'",
        ),
        ("pregnancy", "remove = [", "removes = [", "no such effect as 'removes'"),
        ("caps", "cun = 2.5", 'cun = "deep"', "'deep' is not a number"),
        ("policy", "factor = 0.8", "factor = 0.4", "factor: 0.4 is outside 0.5 to 1"),
        ("policy", "start = 0.5,", "start = 1.5,", "start: 1.5 is outside 0 to 1"),
        ("dose", "per_week = 2", "per_week = 3", "per_week: 3 is outside 1 to 2"),
        (
            "contraindications",
            'caution = "block"',
            'caution = "stop"',
            "'stop' is none of",
        ),
    ],
)
def test_a_wrong_word_is_refused_with_its_line(tmp_path, name, old, new, says):
    message, line = load_with(tmp_path, name, old, new)

    assert f"{name}.toml, line " in message
    assert "rule " in message
    assert says in message
    stands_at = int(message.split(", line ")[1].split(":")[0])
    assert 0 <= line - stands_at <= 10  # the key, or the table it stands in


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("technique", 'id = "R32"', 'id = "R10"', "two files have a rule R10"),
        (
            "points",
            'backs = "level"',
            'backs = "depth"',
            "R07 backs 'depth': undecided",
        ),
        ("policy", "start = 0.5", "factor = 0.5", "start"),
        (
            "terms",
            '"ankle", "foot"',
            '"foot"',
            "ankle should stand in exactly one zone",
        ),
    ],
)
def test_rules_that_do_not_fit_together_are_refused(tmp_path, name, old, new, says):
    message, _ = load_with(tmp_path, name, old, new)

    assert says in message


@pytest.mark.parametrize("name", FILES)
def test_a_text_in_one_language_only_is_refused(tmp_path, name):
    message, _ = load_with(tmp_path, name, "zh-hans = ", "zh = ")

    assert f"{name}.toml, line " in message
    assert "zh" in message


def test_a_shelf_with_half_a_source_is_refused(tmp_path):
    shelf = tmp_path / "sources.toml"
    shelf.write_text(SHELF.read_text("utf-8").replace("citation = ", "# ", 1), "utf-8")

    with pytest.raises(SourceFileError, match="P01"):
        load_book(POINTS, shelf=shelf)


def test_a_clinic_may_bring_its_own_policy(tmp_path):
    own = tmp_path / "own.toml"
    text = (RULES / "policy.toml").read_text("utf-8")
    own.write_text(text.replace("start = 0.5,", "start = 0.0,"), "utf-8")

    shipped, changed = load_book(POINTS), load_book(POINTS, policy=own)

    assert changed.version != shipped.version
    assert [r.id for r, _ in changed.rules] == [r.id for r, _ in shipped.rules]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # The limits are those shipped, whatever the copy says of its own.
        (
            "{ factor = 0.8, limits = { factor = [0.5, 1.0] } }",
            "{ factor = 3.0, limits = { factor = [0.5, 4.0] } }",
            "factor: 3 is outside 0.5 to 1",
        ),
        (
            "factor = 0.8, limits = { factor = [0.5, 1.0] }",
            "factor = 0.8",
            "limits: a clinic's policy changes no effect",
        ),
        ("per_week = 2", "per_week = 3", "per_week: 3 is outside 1 to 2"),
        ("weeks_range = [4, 8]", "weeks_range = [4, 9]", "weeks_range may not"),
        ('forbid = ["electro"]', 'forbid = ["cupping"]', "forbid: only its words"),
        ('favour = ["GB29", "GB30"]', 'favour = ["GB29"]', "favour: only its words"),
        (
            "then = { substitute",
            "then = { note = true, substitute",
            "note: a clinic's policy changes no effect",
        ),
    ],
)
def test_a_clinics_policy_goes_no_further_than_it_may(tmp_path, old, new, says):
    own = tmp_path / "own.toml"
    text = (RULES / "policy.toml").read_text("utf-8")
    assert old in text
    own.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(RuleFileError, match=r"own.toml, line \d+: rule ") as refused:
        load_book(POINTS, policy=own)

    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "training-moxa"', 'id = "moxa"', "moxa stands where training-moxa"),
        ('when = "bmi < 18.5"', 'when = "bmi < 10"', "R42-thin stands where"),
    ],
)
def test_a_clinics_policy_holds_the_same_rules(tmp_path, old, new, says):
    own = tmp_path / "own.toml"
    text = (RULES / "policy.toml").read_text("utf-8")
    own.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(RuleFileError, match=says):
        load_book(POINTS, policy=own)


def test_no_rule_of_a_clinics_policy_may_be_missing_or_new(tmp_path):
    own = tmp_path / "own.toml"
    text = (RULES / "policy.toml").read_text("utf-8")
    start = text.index('[[rule]]\nid = "near-foot-dorsum"')

    own.write_text(text[:start], "utf-8")
    with pytest.raises(RuleFileError, match="near-foot-dorsum is missing"):
        load_book(POINTS, policy=own)
    own.write_text(text + text[start:].replace("near-foot", "mine"), "utf-8")
    with pytest.raises(RuleFileError, match=r"line .* adds no rule"):
        load_book(POINTS, policy=own)


def test_a_clinic_may_change_words_and_the_order_of_points(tmp_path):
    own = tmp_path / "own.toml"
    text = (RULES / "policy.toml").read_text("utf-8")
    changed = text.replace(
        'favour = ["GB29", "GB30"]', 'favour = ["GB30", "GB29"]'
    ).replace("Traditional Chinese acupuncture, ind", "Korean acupuncture, ind")
    own.write_text(changed, "utf-8")

    book = load_book(POINTS, policy=own)

    thens = {rule.id: then for rule, then in book.rules}
    assert thens["near-hip"].favour == ("GB30", "GB29")
    assert thens["style"].style["en"].startswith("Korean")


def test_a_policy_that_goes_too_far_stops_the_start(tmp_path, settings):
    settings.POLICY_FILE = tmp_path / "absent.toml"
    rule_book.cache_clear()
    try:
        with pytest.raises(ImproperlyConfigured, match=r"POLICY_FILE.*absent.toml"):
            apps.get_app_config("plans").ready()
    finally:
        rule_book.cache_clear()


def test_every_source_on_the_shelf_says_what_it_is():
    shelf = load_book(POINTS).sources

    assert all(source.design for source in shelf.values() if source.tag == "seen-2")
