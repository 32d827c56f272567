"""Two tablets and one truth about the beds; and a session that was logged for the wrong
patient, moved in two steps.
"""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from plans.scheduling.models import Appointment
from plans.sessions.models import Session
from tests.browser.conftest import TABLET
from tests.browser.test_stories import WIDTHS
from tests.factories import make_user
from tests.plans.sessions_setting import make_course, make_visit, sign

RUNNING, OVER = re.compile(r"2[234]:\d\d"), re.compile(r"\+[23]:\d\d")
SOON = 15_000  # milliseconds: three looks for changes


@pytest.fixture
def lying():
    """Somebody who arrived, with a plan of 25 minutes."""
    mei = make_user(name="Mei Example")
    version = make_course(retention_min=25)
    return make_visit(version, practitioner=mei, starts_at=timezone.now())


@WIDTHS
def test_every_tablet_shows_the_same_clock_and_a_hand_over(visit, lying, viewport):
    priya = make_user(name="Priya Example")
    hers, other = visit(viewport), visit(viewport)
    for tablet, user in ((hers, lying.practitioner), (other, priya)):
        tablet.sign_in(user)
        tablet.go("/room/")

    hers.press("Needles in")

    clocks = [tablet.page.locator(".clock") for tablet in (hers, other)]
    for clock in clocks:
        expect(clock).to_contain_text(RUNNING, timeout=SOON)
    assert len({clock.get_attribute("data-due") for clock in clocks}) == 1
    other.look()
    hers.page.reload()
    expect(clocks[0]).to_contain_text(RUNNING)

    # Half an hour passes.
    began = timezone.now() - timedelta(minutes=27)
    Appointment.objects.update(status_since=began, revision=9)
    for tablet, clock in zip((hers, other), clocks, strict=True):
        expect(clock).to_contain_text(OVER, timeout=SOON)
        expect(clock.get_by_text("Take the needles out")).to_be_visible()
        tablet.look()

    other.press("Take over")
    stay = hers.page.locator(".bed__stay")
    expect(stay).to_contain_text("Priya Example", timeout=SOON)
    other.press("Needles out")
    expect(hers.page.locator(".clock")).to_have_count(0, timeout=SOON)
    lying.refresh_from_db()
    assert lying.status == "needles_out"


def test_the_clock_runs_on_the_log_and_signing_out_is_asked_about(visit, lying):
    tablet = visit(TABLET)
    tablet.sign_in(lying.practitioner)
    tablet.go(f"/appointments/{lying.pk}/session/")

    tablet.press("Needles in: start the clock")
    expect(tablet.page.locator(".clock")).to_contain_text(RUNNING)
    tablet.page.locator("details.menu > summary").click()
    tablet.press("Sign out")

    expect(tablet.page.get_by_role("heading", level=1)).to_have_text(
        "1 patient still has needles in"
    )
    tablet.press("To the board", role="link")
    tablet.press("Needles out")
    tablet.page.locator("details.menu > summary").click()
    tablet.press("Sign out")
    assert "sign-in" in tablet.page.url


def test_the_board_works_without_script(visit, lying):
    tablet = visit(TABLET, java_script_enabled=False)
    page = tablet.page
    page.goto(f"{tablet.address}/account/sign-in/")
    page.get_by_label("User name").fill(lying.practitioner.username)
    page.get_by_label("Password").fill("a-long-password")
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{tablet.address}/room/")

    page.get_by_role("button", name="Needles in").click()

    expect(page.locator(".clock")).to_contain_text("25 min left")
    expect(page.locator(".clock")).to_contain_text("out at")
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Needles out").click()
    expect(page.locator(".clock")).to_have_count(0)


@WIDTHS
def test_a_session_logged_for_the_wrong_patient_is_moved(visit, lying, viewport):
    wrong = make_visit(
        make_course(),
        practitioner=lying.practitioner,
        starts_at=lying.starts_at - timedelta(minutes=50),
    )
    session = sign(wrong, note="Leg eased at once.")
    tablet = visit(viewport)
    tablet.sign_in(lying.practitioner)
    tablet.go(f"/sessions/{session.pk}/")

    tablet.press("Logged for the wrong patient?", role="link")
    page = tablet.page
    page.locator(f'[name="to"][value="{lying.pk}"]').check()
    page.locator('[name="came"][value="yes"]').check()
    page.get_by_label("What happened").fill("Two charts were open.")
    tablet.press("Compare both records")
    expect(page.get_by_text("Leg eased at once.")).to_be_visible()
    tablet.press("Move it to")

    assert page.url.endswith(f"/appointments/{lying.pk}/session/")
    session.refresh_from_db()
    copy = Session.objects.get(appointment=lying)
    assert (session.status, copy.status) == ("error", "draft")
    assert copy.note == "Leg eased at once."
    tablet.go(f"/sessions/{session.pk}/")
    expect(page.get_by_text("Entered in error: it counts nowhere")).to_be_visible()
    tablet.press("See it in the right patient’s record", role="link")
    tablet.go("/sessions/missed/")
    tablet.go("/sessions/paper/")
