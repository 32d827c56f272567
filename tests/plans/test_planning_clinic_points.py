"""The three points of the clinic's own text: Kidney Yu, Qi Hai, Sanyin Jiao."""

import pytest
from django.urls import reverse

from plans.catalogue.points import read_catalogue
from plans.engine.book import load_book
from plans.engine.propose import propose
from plans.planning import services
from tests.factories import make_user
from tests.plans.test_engine_propose import BACK, PLAIN
from tests.plans.test_planning import WHEN, intake_of
from tests.plans.test_planning_pages import draft_url, posted

BOOK = load_book(read_catalogue())
BOTH = ["kidney_yang_deficiency", "qi_blood_deficiency"]
WITH_CHILD = {"pregnant": True, "pregnancy_weeks": 20, "patterns": BOTH}


@pytest.fixture
def by(client):
    user = make_user(trained_moxa=True)
    client.force_login(user)
    return user


def draft_of(by, name="posterior_50f", **answers):
    intake = intake_of(name, by, **answers)
    return services.draft_plan(by=by, intake=intake, **WHEN)


# ---- for a pregnant patient ------------------------------------------------------


@pytest.mark.parametrize("weeks", [8, 13, 14, 30, None])
def test_in_pregnancy_cv6_and_sp6_go_with_rule_sources_and_substitute(weeks):
    facts = PLAIN | {"pain_regions": BACK, "patterns": frozenset(BOTH)}
    before = {point.code for point in propose(facts, book=BOOK).points}
    pregnant = facts | {"pregnant": True, "pregnancy_weeks": weeks}

    proposal = propose(pregnant, book=BOOK)

    assert {"BL23", "BL24", "SP6"} <= before  # Qi Hai read as BL24
    proposed = {point.code for point in proposal.points}
    removed = {each.code: each for each in proposal.removed}
    assert not proposed & {"BL23", "BL24", "CV6", "SP6"}
    for code, rule in (("CV6", "pregnancy-other"), ("SP6", "pregnancy-named")):
        assert (removed[code].level, removed[code].reason.rule) == ("block", rule)
        assert {"WHO1999", "CARR2015"} <= set(removed[code].reason.sources)
        assert removed[code].substitute in proposed
        assert removed[code].substitute_reason.rule.startswith("substitute-")


@pytest.mark.django_db
def test_the_page_shows_what_went_why_and_what_stands_there_instead(client, by):
    draft = draft_of(by, **WITH_CHILD)

    page = client.get(draft_url(draft)).content.decode()

    kept = {row.acupoint_id for row in draft.points.all()}
    assert not kept & {"BL23", "CV6", "SP6"}
    assert {"ST36", "SP9"} <= kept
    for text in ("CV6", "SP6", "AACP 2012", "Carr 2015 found no harm", "ST36", "SP9"):
        assert text in page
    for source in ("WHO1999", "AACP2012", "CARR2015"):
        assert f"#source-{source}" in page


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["CV6", "气海", "SP6"])
def test_what_went_is_not_put_back_by_hand(client, by, typed):
    draft = draft_of(by, **WITH_CHILD)

    page = client.post(draft_url(draft), posted(draft, do="add", add=typed))

    assert page.status_code == 422
    assert "cannot be added" in page.content.decode()


# ---- the two readings of Qi Hai --------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["Qi Hai", "qihai", "QÌHǍI"])
def test_qi_hai_is_asked_back_and_never_guessed(client, by, typed):
    draft = draft_of(by)

    page = client.post(draft_url(draft), posted(draft, do="add", add=typed))

    assert page.status_code == 422
    text = page.content.decode()
    assert "can mean" in text
    assert "BL24" in text
    assert "CV6" in text
    assert {row.acupoint_id for row in draft.points.all()}.isdisjoint({"CV6", "BL24"})


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["BL24", "气海俞", "CV6", "气海"])
def test_by_code_or_in_chinese_it_is_one(client, by, typed):
    draft = draft_of(by)

    client.post(draft_url(draft), posted(draft, do="add", add=typed))

    added = draft.points.get(origin="added")
    assert added.acupoint_id == ("BL24" if typed in {"BL24", "气海俞"} else "CV6")


@pytest.mark.django_db
@pytest.mark.parametrize("surgery", [False, True])
def test_the_page_says_that_it_reads_both_ways(client, by, surgery):
    """With BL24 in the plan; and with CV6, where the low back is withheld."""
    draft = draft_of(by, patterns=["kidney_yang_deficiency"], lumbar_surgery=surgery)

    page = client.get(draft_url(draft)).content.decode()

    kept = {row.acupoint_id for row in draft.points.all()}
    assert kept & {"CV6", "BL24"} == ({"CV6"} if surgery else {"BL24"})
    assert "“Qi Hai” reads both ways" in page


@pytest.mark.django_db
def test_a_plan_of_two_prescriptions_goes_all_the_way(client, by):
    draft = draft_of(by, patterns=["qi_blood_deficiency"])
    letters = {row.acupoint_id: row.prescription for row in draft.points.all()}
    assert set(letters.values()) == {"every", "a", "b"}
    assert letters["ST36"] == "b"

    services.approve(by=by, version=draft, revision=0, **WHEN)

    page = client.get(reverse("plans:plan", args=[draft.plan_id])).content.decode()
    assert "two prescriptions alternate" in page
    assert "Prescription B has no lumbar or gluteal point" in page
