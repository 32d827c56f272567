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


@WIDTHS
def test_from_proposal_to_approval_in_two_actions(visit, mei, viewport):
    """And a third opens what the patient takes home."""
    intake = intake_of("posterior_50f", mei)
    here = visit(viewport)
    here.sign_in(mei)
    actions = 0
    here.go(f"/episodes/{intake.episode_id}/plan/new/")

    for name, role in (
        ("Propose a plan", "button"),
        ("Approve as Mei Example", "button"),
        ("Patient’s page", "link"),
    ):
        here.press(name, role=role)
        actions += 1

    assert actions <= 3
    version = PlanVersion.objects.get()
    assert (version.status, version.approved_by) == ("approved", mei)
    assert here.page.url.endswith("/patient-sheet/")


@pytest.mark.parametrize("viewport", [DESK, TABLET], ids=["desk", "tablet"])
def test_the_whole_prescription_and_its_approval_are_on_one_screen(
    visit, mei, draft, viewport
):
    here = visit(viewport)
    here.sign_in(mei)
    here.go(f"/plans/{draft.plan_id}/draft/")

    bar = here.page.locator(".form__actions--stuck").bounding_box()
    last = here.page.locator(".rx__line").last.bounding_box()
    figure = here.page.locator(".view .figure:visible").bounding_box()

    assert here.page.locator(".rx__line").count() >= 6
    assert last["y"] + last["height"] <= bar["y"]
    assert figure["y"] + figure["height"] <= bar["y"] + 1
    assert bar["y"] + bar["height"] <= viewport["height"]


@WIDTHS
def test_a_point_is_added_with_the_keyboard_alone(visit, mei, draft, viewport):
    here = visit(viewport)
    here.sign_in(mei)
    here.go(f"/plans/{draft.plan_id}/draft/")
    page, keys = here.page, here.page.keyboard
    field = page.get_by_role("combobox", name="Add a point")

    field.focus()
    keys.type("qihai", delay=20)  # milliseconds between keys
    page.locator("#found-BL24").wait_for()
    here.look()
    keys.press("ArrowDown")
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    chosen = field.get_attribute("aria-activedescendant")
    assert page.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    keys.press("Escape")
    assert page.locator("#found-points").is_hidden()
    assert field.input_value() == "qihai"
    field.fill("BL24")
    page.locator("#found-BL24").wait_for()
    keys.press("ArrowDown")
    with page.expect_navigation():
        keys.press("Enter")

    here.look()
    assert page.locator("#point-BL24").get_by_text("added", exact=True).is_visible()
    assert page.url.endswith("#point-BL24")


def test_figure_and_list_light_each_other_up(visit, mei, draft):
    """A line whose point the figure does not show turns the figure."""
    here = visit(TABLET)
    here.sign_in(mei)
    here.go(f"/plans/{draft.plan_id}/draft/")
    page = here.page
    code = draft.points.first().acupoint_id
    spot = page.locator(f'.view [data-code="{code}"]').first

    page.locator(f"#point-{code} summary").first.focus()
    assert "is-chosen" in spot.get_attribute("class")

    page.get_by_label("Front").check(force=True)
    assert spot.is_hidden()
    page.locator(f"#point-{code}").get_by_label("Technique").focus()
    assert spot.is_visible()
    spot.focus()
    assert page.locator(f"#point-{code}[data-lit]").count() == 1


def test_the_figure_turns_and_a_course_is_chosen_without_script(visit, mei, draft):
    here = visit(TABLET, java_script_enabled=False)
    page = here.page
    page.goto(f"{here.address}/account/sign-in/")
    page.get_by_label("User name").fill(mei.username)
    page.get_by_label("Password").fill("a-long-password")
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{here.address}/plans/{draft.plan_id}/draft/")

    page.locator("label", has=page.locator("#view-front")).click()
    assert page.locator(".view--front").is_visible()
    assert page.locator(".view--back").is_hidden()

    page.get_by_text("Course and goal").click()
    page.get_by_text("12 sessions, 3 a week").click()
    page.get_by_label("Goal in the patient’s words").fill("Sleep through.")
    page.get_by_label("Add a point").fill("飞扬")
    page.get_by_role("button", name="Add", exact=True).click()

    assert page.locator("#point-BL58").is_visible()
    draft.refresh_from_db()
    assert (draft.sessions, draft.per_week, draft.goal) == (12, 3, "Sleep through.")
