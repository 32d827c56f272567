"""Booked, looked up in the mailbox, cancelled in time: nothing leaves."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from plans.messages.models import Message
from plans.scheduling.models import Appointment
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.factories import (
    make_appointment,
    make_bed,
    make_hours,
    make_patient,
    make_user,
)

WIDTHS = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
DAY = timedelta(days=1)


@pytest.fixture
def una():
    practitioner = make_user(Role.ACUPUNCTURIST, name="Una Example")
    make_hours(practitioner, days=range(7), opens=time(0, 15), closes=time(23, 45))
    make_bed()
    return practitioner


def agreed(**fields):
    defaults = {"email": "ana@example.org", "reminders_by_email": True}
    return make_patient(**defaults | fields)


def test_what_is_undone_in_time_never_leaves(visit, una):
    patient = agreed()
    start = (timezone.now() + 5 * DAY).replace(minute=0, second=0, microsecond=0)
    row = make_appointment(
        patient=patient,
        practitioner=una,
        starts_at=start,
        created_at=timezone.now(),
        status_since=timezone.now(),
    )
    at_desk = visit(TABLET)
    at_desk.sign_in(make_user(Role.FRONT_DESK))
    page = at_desk.page

    at_desk.go("/messages/")
    assert page.get_by_text("Booked ·").is_visible()
    at_desk.go(f"/appointments/{row.pk}/")
    page.get_by_label("Why is it cancelled?").fill("Ill")
    at_desk.press("Cancel the appointment")
    at_desk.go("/messages/")
    at_desk.press("Send what is due now")

    assert page.get_by_text("Nothing is due within a day").is_visible()
    assert not Message.objects.exists()


@WIDTHS
def test_what_is_due_is_sent_and_read(visit, una, viewport):
    booked = timezone.now() - DAY
    for days in (4, 7, 10):
        make_appointment(
            patient=agreed() if days == 4 else Appointment.objects.first().patient,
            practitioner=una,
            starts_at=timezone.now() + days * DAY,
            created_at=booked,
            status_since=booked,
        )
    at_desk = visit(viewport)
    at_desk.sign_in(make_user(Role.FRONT_DESK))

    at_desk.go("/messages/")
    at_desk.press("Send what is due now")
    at_desk.press("Ana Reyes", role="link")

    page = at_desk.page
    assert page.get_by_role("heading", name="Your 3 appointments").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Calendar file").click()
    assert download.value.suggested_filename == "appointments.ics"
    # A message of a broken line, seen to by telephone.
    Message.objects.create(
        patient=Appointment.objects.first().patient,
        kind="moved",
        state="unsure",
        queued_at=booked,
        claimed_at=booked,
    ).mentions.create(
        appointment=Appointment.objects.first(),
        kind="moved",
        starts_at=Appointment.objects.first().starts_at,
        revision=1,
    )
    at_desk.go("/")
    at_desk.press("See who has to be called", role="link")
    at_desk.press("Told by phone")
    assert not page.get_by_text("Somebody has to see to these").is_visible()


def test_a_practitioner_has_the_diary_elsewhere(visit, una):
    in_the_room = visit(TABLET)
    in_the_room.sign_in(una)
    page = in_the_room.page

    in_the_room.go("/account/preferences/")
    in_the_room.press("Calendar address", role="link")
    in_the_room.press("Make an address")
    address = page.get_by_label("Add this address").input_value()

    answer = visit(PHONE).context.request.get(address)
    assert answer.text().startswith("BEGIN:VCALENDAR")
    page.on("dialog", lambda dialog: dialog.accept())
    in_the_room.press("End it")
    assert visit(PHONE).context.request.get(address).status == 404
