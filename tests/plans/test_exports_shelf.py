"""The shelf: every source with the rules that cite it, and the way there."""

import re

import pytest
from django.urls import reverse

from clinic.access.roles import Role
from clinic.rules.machine import Always, Rule
from clinic.rules.sources import Source
from plans.exports.presenters.shelf import READ
from plans.exports.shelf import all_rules, entries, found_by, shelf, without_source
from plans.planning import services
from tests.factories import make_user, sign_in
from tests.plans.test_planning import WHEN, intake_of

TEXT = {"en": "Because.", "zh-hans": "因为。"}


def rule(name, *sources):
    return Rule(name, Always(), {}, TEXT, sources, "B", "seen", "Acuplan")


def test_a_source_has_the_rules_that_cite_it_in_their_order():
    sources = {key: Source(key, key.title(), "seen") for key in ("b", "a")}
    found = entries(sources, [rule("R2", "b"), rule("R1", "a", "b")], band={"a"})

    assert [
        (entry.source.id, [r.id for r in entry.rules], entry.in_band) for entry in found
    ] == [("a", ["R1"], True), ("b", ["R2", "R1"], False)]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("", ["a", "b"]),
        ("doe 2020", ["b"]),
        ("DOE", ["a", "b"]),
        ("r2", ["b"]),
        ("随机", ["a"]),
        ("10.1/x", ["a"]),
        ("doe nobody", []),
    ],
)
def test_a_work_is_found_by_all_of_the_words(words, ids):
    sources = {
        "a": Source(
            "a",
            "Doe 1999.",
            "seen",
            doi="10.1/X",
            design={"en": "Trial", "zh-hans": "随机"},
        ),
        "b": Source("b", "Doe 2020.", "seen"),
    }
    found = found_by(entries(sources, [rule("R2", "b")], band=set()), words)

    assert [entry.source.id for entry in found] == ids


def test_what_cites_nothing_is_a_decision_or_was_recalled():
    told = without_source()

    assert {rule.tag for rule in told} == {"proposal", "recalled"}
    cited = {rule.id for entry in shelf() for rule in entry.rules}
    assert not cited & {rule.id for rule in told}
    assert len(cited) + len(told) == len({rule.id for rule in all_rules()})


def test_every_work_says_how_it_was_read_and_most_what_they_do_not_show():
    for entry in shelf():
        source = entry.source
        assert source.citation
        assert source.tag in READ
    silent = {entry.source.id for entry in shelf() if not entry.source.not_shown}
    assert silent == {"HAUGEN2011", "HEYNEURO", "JIN2017", "PMC3082683"} | {
        "SIERPINA2005",
        "ZHAO2011",
    }


def test_every_rule_resolves_to_the_shelf():
    on_shelf = {entry.source.id: entry for entry in shelf()}

    for each in all_rules():
        for source in each.sources:
            assert each in on_shelf[source].rules


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ACUPUNCTURIST, 200), (Role.ADMIN, 200), (Role.FRONT_DESK, 403)],
)
def test_the_shelf_is_for_those_who_read_plans(client, role, status):
    client.force_login(make_user(role))

    assert client.get(reverse("plans:sources")).status_code == status


@pytest.mark.django_db
def test_the_page_shows_every_source(client, django_assert_num_queries):
    sign_in(client, Role.ACUPUNCTURIST)

    with django_assert_num_queries(2):  # session and user
        page = client.get(reverse("plans:sources")).content.decode()

    for entry in shelf():
        assert f'id="source-{entry.source.id}"' in page
    assert "10.1001/jamainternmed.2024.5463" in page
    assert "What it doesn’t show" in page
    for rule in without_source():
        assert f"<strong>{rule.id}</strong>" in page


@pytest.mark.django_db
def test_the_page_finds(client):
    sign_in(client, Role.ACUPUNCTURIST)

    def ids(**query):
        page = client.get(reverse("plans:sources"), query).content.decode()
        return re.findall(r'id="source-([^"]+)"', page)

    assert ids(q="TU jamainternmed.2024") == ["P02"]
    assert ids(q="  ") == [entry.source.id for entry in shelf()]
    for junk in ("\x00", "委中" * 3000, "<script>"):
        assert ids(q=junk) == []


@pytest.mark.django_db
def test_each_reason_of_a_plan_leads_to_its_source(client):
    by = sign_in(client, Role.ACUPUNCTURIST)
    draft = services.draft_plan(by=by, intake=intake_of("slr30_45m", by), **WHEN)

    page = client.get(reverse("plans:draft", args=[draft.plan_id])).content.decode()

    linked = set(re.findall(r'href="/sources/#source-([^"]+)"', page))
    assert linked
    assert linked <= {entry.source.id for entry in shelf()}
