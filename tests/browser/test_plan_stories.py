"""A plan at the screen: what if, what is forbidden, what changed, what is printed."""

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from plans.planning import services
from plans.planning.models import PlanVersion
from plans.planning.services import revise
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.factories import make_user
from tests.plans.test_planning import intake_of

WIDTHS = pytest.mark.parametrize(
    "viewport", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"]
)


@pytest.fixture
def mei():
    return make_user(Role.ACUPUNCTURIST, name="Mei Example")


def when():
    now = timezone.now()
    return {"now": now, "today": timezone.localdate(now)}


@pytest.fixture
def draft(mei):
    return services.draft_plan(by=mei, intake=intake_of("posterior_50f", mei), **when())


@WIDTHS
def test_what_if_is_answered_beside_the_list_and_keeps_what_was_typed(
    visit, mei, draft, viewport
):
    here = visit(viewport)
    here.sign_in(mei)
    here.go(f"/plans/{draft.plan_id}/draft/")
    page = here.page
    page.get_by_text("Note and reason").click()
    page.get_by_label("Note").fill("Typed, not saved.")

    page.get_by_role("link", name="pregnant").click()
    page.locator(".what-if__outcome").wait_for()

    here.look()
    assert page.locator("#what-if .diff__gone").count()
    assert page.get_by_label("Note").input_value() == "Typed, not saved."
    page.get_by_text("Another fact", exact=True).click()
    page.get_by_label("If this were otherwise").select_option("age")
    page.get_by_role("spinbutton", name="Then it is").fill("80")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("shallower, with fewer needles").first.wait_for()
    here.look()
    draft.refresh_from_db()
    assert (draft.revision, draft.note) == (0, "")


def test_what_if_works_without_script(visit, mei, draft):
    here = visit(DESK, java_script_enabled=False)
    here.page.goto(f"{here.address}/account/sign-in/")
    here.page.get_by_label("User name").fill(mei.username)
    here.page.get_by_label("Password").fill("a-long-password")
    here.page.get_by_role("button", name="Sign in").click()
    page = here.page

    page.goto(f"{here.address}/plans/{draft.plan_id}/what-if/")
    page.get_by_text("Another fact", exact=True).click()
    page.get_by_label("If this were otherwise").select_option("age")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("spinbutton", name="Then it is").fill("80")
    page.get_by_role("button", name="Show").click()

    assert page.locator(".what-if__outcome").is_visible()
    assert page.get_by_text("shallower, with fewer needles").first.is_visible()


def test_past_a_cap_asks_for_a_reason_and_keeps_it(visit, mei, draft):
    here = visit(TABLET)
    here.sign_in(mei)
    here.go(f"/plans/{draft.plan_id}/draft/")
    page = here.page
    code = draft.points.first().acupoint_id
    line = page.locator(f"#point-{code}")

    line.get_by_label("Depth (mm)").fill("75")
    here.press("Approve as Mei Example")
    assert page.get_by_text("Saved, but not approved").is_visible()
    draft.refresh_from_db()
    assert draft.status == PlanVersion.Status.DRAFT

    line.get_by_label("Your reason").fill("Measured by ultrasound.")
    here.press("Approve as Mei Example")

    assert page.get_by_text("The plan is approved in your name.").is_visible()
    assert page.get_by_text("Measured by ultrasound.").is_visible()
    draft.refresh_from_db()
    assert draft.status == PlanVersion.Status.APPROVED


def test_a_hard_block_cannot_be_overridden(visit, mei):
    """SP6 in pregnancy: not by name, and not where it stands already."""
    intake = intake_of("posterior_50f", mei, pregnant=True, pregnancy_weeks=20)
    draft = services.draft_plan(by=mei, intake=intake, **when())
    point = draft.points.last()
    here = visit(TABLET)
    here.sign_in(mei)
    here.go(f"/plans/{draft.plan_id}/draft/")
    page = here.page

    page.get_by_label("Add a point").fill("三阴交")
    here.press("Add")
    assert page.get_by_text("SP6 cannot be added").first.is_visible()

    # As if it had been there before the patient was known to be pregnant.
    draft.points.filter(pk=point.pk).update(
        acupoint_id="SP6", override_reason="I insist."
    )
    here.go(f"/plans/{draft.plan_id}/draft/")
    here.press("Approve as Mei Example")

    assert page.get_by_text("Saved, but not approved").is_visible()
    assert page.locator("#point-SP6 .rx__warned").is_visible()
    draft.refresh_from_db()
    assert draft.status == PlanVersion.Status.DRAFT


@WIDTHS
def test_a_plan_is_compared_printed_and_traced_to_its_sources(
    visit, mei, draft, viewport
):
    services.approve(by=mei, version=draft, revision=0, **when())
    later = revise(
        by=mei, plan=draft.plan, intake=draft.intake, reason="Fewer.", **when()
    )
    later.points.last().delete()
    services.approve(by=mei, version=later, revision=0, **when())
    here = visit(viewport)
    here.sign_in(mei)
    plan = f"/plans/{draft.plan_id}/"

    here.go(plan)
    here.press("Compare with 1", role="link")
    assert here.page.get_by_text("Dropped").is_visible()
    for sheet in ("patient-sheet", "clinical-sheet", "stricta"):
        here.go(f"{plan}{sheet}/")
    here.go(plan)
    here.page.locator(".rx__why > summary").first.click()
    here.page.locator(".rx__why[open] .why__sources > summary").first.click()
    source = here.page.locator(".rx__why[open] .why__sources a").first
    cited = source.inner_text()
    with here.page.expect_navigation():
        source.click()
    here.look()
    assert here.page.locator(".shelf__work:target").get_by_text(cited).is_visible()
