"""A place given up: offered to one, who does not answer, and taken by another."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from clinic.access.roles import Role
from plans.scheduling.models import Appointment, Hold
from plans.scheduling.services import join_wait_list
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.factories import (
    make_appointment,
    make_bed,
    make_hours,
    make_patient,
    make_user,
)

WIDTHS = pytest.mark.parametrize(
    "viewport", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"]
)
DAY = timedelta(days=1)


@pytest.fixture
def at():
    day = timezone.localdate() + 7 * DAY
    return datetime.combine(day, time(10), timezone.get_default_timezone())


@pytest.fixture
def given_up(at):
    """Una is at work and has one visit at ten; Kit, then Bo, would rather come then."""
    una, bed = make_user(name="Una Hart"), make_bed()
    make_hours(una, days=range(7))
    for number, (given, family) in enumerate([("Kit", "Marlow"), ("Bo", "Lind")]):
        join_wait_list(
            by=una,
            patient=make_patient(given_name=given, family_name=family),
            kind="treatment",
            practitioner=None,
            weekdays=[],
            time_from=None,
            time_to=None,
            first_day=timezone.localdate(),
            last_day=at.date(),
            now=timezone.now() - (9 - number) * DAY,
        )
    return make_appointment(practitioner=una, bed=bed, starts_at=at)


def look_now(page):
    """As it does every few seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@WIDTHS
def test_a_freed_place_is_kept_runs_out_and_is_anothers(visit, given_up, at, viewport):
    tom, lucia = visit(viewport), visit(viewport)
    for window in (tom, lucia):
        window.sign_in(make_user(Role.FRONT_DESK))
    lucia.go(f"/schedule/?day={at.date()}")

    # Tom writes down who won't come, and offers the place to who has waited longest.
    tom.go(f"/appointments/{given_up.pk}/")
    tom.page.get_by_label("Why is it cancelled?").fill("Ill")
    tom.press("Cancel the appointment")
    told = tom.page.locator("#messages")
    expect(told).to_contain_text("2 patients who wait could have this place.")
    tom.press("See who fits", role="link")
    first, second = tom.page.locator("ol.list > li").all()
    expect(first).to_contain_text("Kit Marlow")
    expect(second).to_contain_text("Bo Lind")
    expect(tom.page.locator("main")).to_contain_text(
        "An offer keeps the place for 20 minutes. Nothing is booked until you confirm."
    )
    tom.press("Offer it Kit Marlow")
    kept = tom.page.get_by_role("heading", name="Kept for Kit Marlow until")
    expect(kept).to_be_visible()
    expect(tom.page.locator("main")).to_contain_text(
        "Nothing is booked until you confirm."
    )
    assert not Appointment.objects.filter(patient__given_name="Kit").exists()

    # Lucía's diary says so without being asked; booking over it is refused.
    look_now(lucia.page)
    there = lucia.page.locator(".visit--held")
    expect(there).to_contain_text("Kit Marlow")
    expect(there).to_contain_text("Kept until")
    lucia.look()

    # Nobody answers; the place is free again of itself.
    ended = timezone.now() - timedelta(seconds=1)
    Hold.objects.update(held_until=ended)
    look_now(lucia.page)
    expect(there).to_have_count(0)
    tom.press("Takes it: book")
    expect(told).to_contain_text("nothing more was booked")
    assert not Appointment.objects.filter(patient__given_name="Kit").exists()

    # Lucía finds it on the wait list and offers it to the next, who says yes.
    lucia.go("/schedule/waiting/")
    lucia.press("See who fits", role="link")
    lucia.press("Offer it Bo Lind")
    lucia.press("Takes it: book")
    expect(lucia.page.locator("#messages")).to_contain_text("Bo Lind is booked for")
    row = Appointment.objects.get(patient__given_name="Bo")
    assert (row.starts_at, row.status) == (at, "booked")
    assert not Hold.objects.exists()
    waiting = lucia.page.get_by_role("heading", name="Waiting").locator("xpath=../..")
    expect(waiting).to_contain_text("Kit Marlow")
    expect(waiting).not_to_contain_text("Bo Lind")


@WIDTHS
def test_the_desk_is_told_for_whom_and_how_long(visit, given_up, at, viewport):
    """The place is kept for Kit; somebody else comes to the desk and asks for it."""
    lucia = visit(viewport)
    lucia.sign_in(make_user(Role.FRONT_DESK))
    lucia.go(f"/appointments/{given_up.pk}/")
    lucia.page.get_by_label("Why is it cancelled?").fill("Ill")
    lucia.press("Cancel the appointment")
    lucia.press("See who fits", role="link")
    lucia.press("Offer it Kit Marlow")
    other = make_patient(given_name="Zed", family_name="Other")
    until = timezone.localtime(Hold.objects.get().held_until)

    lucia.go(
        f"/schedule/new/?patient={other.pk}&kind=treatment&day={at.date()}&time=10:00"
        f"&practitioner={given_up.practitioner_id}"
    )
    lucia.press("Book", exact=True)

    expect(lucia.page.locator("main")).to_contain_text(
        f"the place is kept for Kit Marlow until {until:%H:%M}."
    )
    lucia.go(f"/schedule/?day={at.date()}")
    lucia.press("Kit Marlow", role="link")
    lucia.press("Declines")
    expect(lucia.page.locator("#messages")).to_contain_text("The place is free again")
