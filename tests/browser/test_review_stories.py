"""A review is held with the patient in front of the chart."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from plans.planning import services
from plans.planning.models import PlanVersion
from plans.reviews.models import Review
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.factories import make_user
from tests.plans.caseload import make_session
from tests.plans.sessions_setting import make_course

WIDTHS = pytest.mark.parametrize(
    "viewport", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"]
)


@pytest.fixture
def mei():
    return make_user(Role.ACUPUNCTURIST, name="Mei Example")


def course(mei, *scores):
    """Eight sessions prescribed, and so many had, the last of them today."""
    now = timezone.now().replace(microsecond=0)
    begun = now - timedelta(days=28)
    version = make_course(
        intake={"taken_by": mei, "screen": "clear"},
        sessions=8,
        goal="Walk to the shops",
        approved_at=begun,
    )
    step = timedelta(days=28) / (len(scores) - 1)
    for number, leg in enumerate(scores):
        make_session(version, begun + number * step, leg=leg, back=3)
    return version


@WIDTHS
def test_no_response_by_week_four_leads_to_other_points(visit, mei, viewport):
    version = course(mei, 7, 7, 6, 7, 7, 6, 7, 6)
    here = visit(viewport)
    here.sign_in(mei)
    page = here.page
    here.go(version.plan.episode.patient.get_absolute_url())

    here.press("Hold the review", role="link")

    assert page.get_by_text("Off track").is_visible()
    assert page.get_by_text("Leg pain 7 before treatment, 6 on").is_visible()
    assert page.get_by_text("by D09").is_visible()
    assert page.get_by_text("“Walk to the shops”").is_visible()
    shown = page.locator(".chart:visible").first
    shown.locator(".chart__point").last.focus()
    assert shown.locator(".chart__point").last.locator(".chart__tip").is_visible()
    page.locator("label.scale__step", has_text="3").first.click()
    page.get_by_label("What the patient says of it").fill("Half way, then a rest.")
    page.get_by_label("Change points or technique").check()
    page.get_by_label("Reason").fill("No response: look at the pattern again.")
    here.press("Record the decision")

    assert page.url.endswith(f"/plans/{version.plan_id}/draft/")
    assert page.get_by_text("The review is held and its decision kept.").is_visible()
    draft = version.plan.versions.get(status=PlanVersion.Status.DRAFT)
    assert draft.change_reason == "No response: look at the pattern again."
    review = Review.objects.get()
    assert (review.goal_reached, review.standing) == (3, "off_track")

    today = timezone.localdate()
    services.approve(
        by=mei,
        version=draft,
        revision=draft.revision,
        now=timezone.now(),
        today=today,
    )
    here.go(f"/episodes/{version.plan.episode_id}/progress/")
    assert page.get_by_text("Plan version 2: No response").first.is_visible()
    assert page.get_by_text("Held", exact=True).first.is_visible()


@WIDTHS
def test_a_good_end_is_a_summary_on_two_pages_of_paper(visit, mei, viewport):
    version = course(mei, 7, 6, 5, 4, 3, 2, 1, 1)
    here = visit(viewport)
    here.sign_in(mei)
    page = here.page
    here.go("/reviews/")
    here.press("Review", role="link", exact=False)
    assert page.get_by_text("by D08-finish").is_visible()

    page.get_by_label("Finish").check()
    page.get_by_label("Reason").fill("Walks to the shops and back.")
    here.press("Record the decision")

    assert page.get_by_role("heading", name="Summary at the end").is_visible()
    assert page.get_by_text("Finish: Walks to the shops and back.").is_visible()
    version.plan.episode.refresh_from_db()
    assert version.plan.episode.closed_on == timezone.localdate()
    page.emulate_media(media="print")
    assert page.get_by_role("button", name="Print").is_hidden()
    if viewport == DESK:
        assert page.pdf(format="A4").count(b"/Type /Page\n") == 2
    here.go("/reviews/")
    assert page.get_by_text("No review is due").is_visible()


def test_what_was_typed_survives_a_colleague(visit, mei):
    """Both are read before either is overruled."""
    version = course(mei, 7, 5)
    here, there = visit(TABLET), visit(TABLET)
    for room in (here, there):
        room.sign_in(mei)
        room.go(f"/plans/{version.plan_id}/review/")
        room.page.get_by_label("Continue").check()
    there.page.get_by_label("Reason").fill("I was first.")
    there.press("Record the decision")

    here.page.get_by_label("Reason").fill("Typed here.")
    here.press("Record the decision")

    assert here.page.get_by_text("I was first.").is_visible()
    assert here.page.get_by_label("Reason").input_value() == "Typed here."
    here.press("Record the decision")
    assert Review.objects.count() == 2


def test_a_review_is_held_without_script(visit, mei):
    version = course(mei, 7, 5)
    here = visit(DESK, java_script_enabled=False)
    page = here.page
    page.goto(f"{here.address}/account/sign-in/")
    page.get_by_label("User name").fill(mei.username)
    page.get_by_label("Password").fill("a-long-password")
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{here.address}/plans/{version.plan_id}/review/")

    page.get_by_label("Refer").check()
    page.get_by_label("Reason").fill("For an opinion.")
    page.get_by_role("button", name="Record the decision").click()

    assert page.get_by_role("heading", name="Referral after a review").is_visible()
    assert Review.objects.get().decision == "refer"
