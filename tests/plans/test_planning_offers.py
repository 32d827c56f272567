"""What a plan leaves to the acupuncturist is on its pages, with the reasons."""

import pytest
from django.urls import reverse

from plans.planning import services
from tests.factories import make_user
from tests.plans.test_planning import WHEN, intake_of

pytestmark = pytest.mark.django_db
COLD = {
    "pain_quality": ["cold_heavy"],
    "worse_with": ["rain_cold"],
    "tongue_coat": "greasy_yellow",
}


def page(client, by, **answers):
    intake = intake_of("slr30_45m", by, **answers)
    version = services.draft_plan(by=by, intake=intake, **WHEN)
    client.force_login(by)
    return client.get(reverse("plans:draft", args=[version.plan_id]))


def test_a_technique_is_offered_to_who_is_trained_and_withheld_from_the_others(client):
    trained = page(client, make_user(trained_electro=True))
    untrained = page(client, make_user())

    (offer,) = trained.context["offers"]
    assert offer.withheld is None
    assert "EX-B2-L4–EX-B2-L5" in offer.at
    (offer,) = untrained.context["offers"]
    assert offer.withheld.rule == "training-electro"
    assert "Not offered" in untrained.content.decode()
    assert "Not offered" not in trained.content.decode()


def test_the_taper_and_the_consensus_stand_beside_the_dose(client):
    text = page(client, make_user()).content.decode()

    assert "10 sessions, week by week 3 + 3 + 2 + 2" in text
    assert "12 sessions, 3 a week" in text


def test_both_sides_of_the_guidelines_are_shown_for_consent(client):
    shown = page(client, make_user())

    assert {stand.position.stance for stand in shown.context["stands"]} == {
        "for",
        "against",
        "apart",
    }
    assert "NICE, United Kingdom" in shown.content.decode()


def test_the_advice_goes_by_the_phase_of_the_patient(client):
    shown = page(client, make_user())  # leg pain 8: acute

    now = {item.advice.id for item in shown.context["told_now"]}
    assert {"L8", "L1"} <= now
    assert {item.advice.id for item in shown.context["told_later"]} == {
        "L2",
        "L3",
        "L10",
    }
    assert "Sources differ" in shown.content.decode()


@pytest.mark.parametrize("found", [["cold_damp"], ["none"]])
def test_the_signs_suggest_a_pattern_for_and_against(client, found):
    shown = page(client, make_user(), **COLD, patterns=found)

    (likely,) = shown.context["likely"]
    assert (len(likely.signs_for), len(likely.signs_against)) == (2, 1)
    assert likely.is_found is (found == ["cold_damp"])
    assert "2 signs for, 1 against" in " ".join(shown.content.decode().split())


def test_before_the_first_draft_the_signs_are_shown_too(client):
    by = make_user()
    intake = intake_of("slr30_45m", by, **COLD)
    client.force_login(by)

    shown = client.get(reverse("plans:propose", args=[intake.episode_id]))

    assert "2 signs for, 1 against" in " ".join(shown.content.decode().split())
