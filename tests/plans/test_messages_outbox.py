"""The outbox: what leaves, what does not, and never anything twice."""

from io import StringIO

import icalendar
import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from patients.records.models import Patient
from plans.messages import services
from plans.messages.models import Mention, Message
from plans.messages.policy import POLICY
from plans.scheduling.models import Appointment
from plans.scheduling.services import (
    Slot,
    move_appointment,
    set_status,
    shift_rest,
)
from plans.scheduling.services.holding import confirm_hold, hold_place
from tests.factories import (
    make_bed,
    make_hours,
    make_plan,
    make_user,
)
from tests.plans.messages_setting import (
    DAY,
    HOUR,
    LATER,
    MINUTE,
    NOW,
    SILENT,
    booked,
    said,
    send,
    someone,
    states,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """The time of the services that ask for it themselves; tests push it on."""

    class Clock:
        now = NOW

        def __call__(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock)
    return clock


@pytest.fixture
def desk():
    return make_user(Role.FRONT_DESK)


@pytest.fixture
def una():
    practitioner = make_user(name="Una")
    make_hours(practitioner)
    return practitioner


# ------------------------------------------------------------------ what leaves


def test_a_booking_leaves_after_the_undo_window_and_once():
    appointment = booked()

    assert send(at=LATER - MINUTE).sent == 0
    assert send().sent == 1
    assert send().sent == 0
    assert said() == [
        (["ana@example.org"], "Your appointment: Thursday 12 March 2026, 09:00")
    ]
    mention = Mention.objects.get()
    assert (mention.appointment, mention.starts_at) == (
        appointment,
        appointment.starts_at,
    )
    event = AuditEvent.objects.get(action="send_message")
    assert event.details == {"kind": "booking"}
    assert event.patient_id == appointment.patient_id


def test_a_course_is_one_message_with_one_file():
    patient = someone()
    course = [booked(patient, days) for days in (3, 7, 10, 14)]

    assert send().sent == 1

    (email,) = mail.outbox
    assert email.subject.startswith("Your 4 appointments")
    ((name, content, kind),) = email.attachments
    assert (name, kind) == ("appointments.ics", "text/calendar")
    entries = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert [entry["DTSTART"].dt for entry in entries] == [
        row.starts_at for row in course
    ]
    assert [entry["UID"] for entry in entries] == [
        f"{row.submission}@acuplan" for row in course
    ]
    assert Message.objects.get().body == email.body


def test_what_leaves_says_nothing_of_health_and_no_family_name():
    booked(someone(alerts="Pacemaker"), cancel_reason="")

    send()

    raw = mail.outbox[0].message().as_string()
    for secret in ("Reyes", "Pacemaker", "Treatment", "Una", "sciatica"):
        assert secret not in raw
    assert "Hello Ana," in mail.outbox[0].body


def test_it_is_in_the_patients_language():
    booked(someone(language="zh-hans", given_name="秀英", family_name="示例"))

    send()

    assert mail.outbox[0].subject == "您的预约：2026年3月12日 星期四 09:00"
    assert mail.outbox[0].body.startswith("秀英，您好：")


@pytest.mark.parametrize(
    "fields", [{"email": ""}, {"reminders_by_email": False}], ids=str
)
def test_nobody_is_written_to_who_has_not_agreed(fields):
    booked(someone(**fields))

    assert send().sent == 0
    assert send(at=NOW + 8 * DAY).sent == 0
    assert not Message.objects.exists()


def test_who_agrees_later_is_told_the_dates_that_are_left():
    patient = someone(reminders_by_email=False)
    booked(patient, 3)
    booked(patient, 10)
    send()
    patient.reminders_by_email = True
    patient.save()

    assert send(at=NOW + 5 * DAY).sent == 1
    assert mail.outbox[0].subject == "Your appointment: Thursday 12 March 2026, 09:00"


def test_both_reminders_leave_at_their_hour():
    start = booked().starts_at
    send()
    mail.outbox.clear()

    for at in (start - 48 * HOUR - MINUTE, start - 48 * HOUR, start - 47 * HOUR):
        send(at=at)
    for at in (start - 2 * HOUR - MINUTE, start - 2 * HOUR, start - HOUR):
        send(at=at)

    assert [subject for _, subject in said()] == [
        "Reminder of your appointment: Thursday 12 March 2026, 09:00",
        "Today at 09:00: your appointment",
    ]
    assert not mail.outbox[0].attachments


def test_after_a_night_without_power_a_stale_reminder_stays_away():
    start = booked().starts_at
    send()

    assert send(at=start - 23 * HOUR).sent == 0
    assert send(at=start - 10 * MINUTE).sent == 0


# ------------------------------------------------------------------ quiet when changed


def test_booked_and_cancelled_within_the_window_is_silence(clock, desk):
    appointment = booked()
    clock.now = NOW + MINUTE
    set_status(
        by=desk, appointment=appointment, status="cancelled", revision=0, reason="ill"
    )

    for at in (LATER, LATER + HOUR, appointment.starts_at - 2 * HOUR):
        assert send(at=at).sent == 0


def test_a_cancellation_is_told_once_and_ends_the_reminders(clock, desk):
    appointment = booked()
    send()
    clock.now = NOW + DAY
    set_status(
        by=desk, appointment=appointment, status="cancelled", revision=0, reason="ill"
    )

    assert send(at=clock.now).sent == 0  # it can be undone still
    assert send(at=clock.now + POLICY.undo).sent == 1
    assert send(at=appointment.starts_at - 48 * HOUR).sent == 0

    email = mail.outbox[-1]
    assert email.subject.startswith("Your appointment was cancelled")
    assert "ill" not in email.body.split("appointment was cancelled")[1].split()
    entry = icalendar.Calendar.from_ical(email.attachments[0][1]).walk("VEVENT")[0]
    assert (entry["STATUS"], entry["SEQUENCE"]) == ("CANCELLED", 1)


def test_a_cancellation_taken_back_is_told_as_a_booking(clock, desk, una):
    appointment = booked(practitioner=una)
    send()
    clock.now = NOW + DAY
    set_status(
        by=desk, appointment=appointment, status="cancelled", revision=0, reason="ill"
    )
    send(at=clock.now + HOUR)
    clock.now += 2 * HOUR
    set_status(by=desk, appointment=appointment, status="booked", revision=1)

    assert send(at=clock.now + POLICY.undo).sent == 1
    assert [kind for kind, _ in states()] == ["booking", "cancelled", "booking"]


def test_a_move_silences_the_old_reminder_and_brings_the_new(clock, desk, una):
    appointment = booked(practitioner=una)
    old = appointment.starts_at
    send()
    mail.outbox.clear()
    clock.now = old - 49 * HOUR
    make_bed()
    move_appointment(
        by=desk,
        appointment=appointment,
        slot=Slot(una.pk, None, old + DAY),
        revision=0,
    )

    send(at=clock.now + POLICY.undo)
    send(at=old - 48 * HOUR)
    send(at=old - 24 * HOUR)

    assert [subject for _, subject in said()] == [
        "Your appointment was moved: Friday 13 March 2026, 09:00",
        "Reminder of your appointment: Friday 13 March 2026, 09:00",
    ]
    assert "instead of Thursday 12 March 2026, 09:00" in mail.outbox[0].body


def test_a_course_that_is_shifted_is_one_message(clock, desk, una):
    plan = make_plan(codes=()).plan
    patient = plan.episode.patient
    patient.email, patient.reminders_by_email = "ana@example.org", True
    patient.save()
    first, *rest = [
        booked(patient, days, practitioner=una, plan=plan) for days in (7, 10, 14)
    ]
    make_bed()
    send()
    clock.now = NOW + DAY
    shift_rest(
        by=desk,
        appointment=first,
        starts=[Slot(una.pk, None, row.starts_at + DAY) for row in rest],
        revisions={row.pk: row.revision for row in rest},
    )

    assert send(at=clock.now + MINUTE).sent == 0  # it can be undone still
    assert send(at=clock.now + POLICY.undo).sent == 1
    assert mail.outbox[-1].subject == "2 of your appointments were moved"


def test_a_place_that_is_only_offered_is_no_appointment(clock, desk, una):
    make_bed()
    hold = hold_place(
        by=desk,
        patient=someone(),
        slot=Slot(una.pk, None, NOW + 10 * DAY),
        kind="treatment",
        now=NOW,
    )
    assert send(at=NOW + MINUTE).sent == 0

    row = confirm_hold(by=desk, hold_id=hold.pk, now=NOW + MINUTE)

    assert send(at=NOW + MINUTE + POLICY.undo).sent == 1
    assert Mention.objects.get().appointment == row


def test_moved_there_and_back_within_the_window_is_silence(clock, desk, una):
    appointment = booked(practitioner=una)
    start = appointment.starts_at
    send()
    clock.now = NOW + DAY
    for revision, at in enumerate((start + DAY, start)):
        slot = Slot(una.pk, appointment.bed_id, at)
        move_appointment(by=desk, appointment=appointment, slot=slot, revision=revision)

    assert send(at=NOW + DAY + HOUR).sent == 0


def test_confirming_is_no_news(clock, desk):
    appointment = booked()
    send()
    set_status(by=desk, appointment=appointment, status="confirmed", revision=0)

    assert send(at=LATER + DAY).sent == 0


CANCELLED = {"status": "cancelled", "cancel_reason": "ill"}


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Patient, {"reminders_by_email": False}),
        (Patient, {"email": ""}),
        (Appointment, CANCELLED),
        (Appointment, {"starts_at": NOW + 9 * DAY}),
    ],
    ids=str,
)
def test_what_changed_after_it_was_queued_is_dropped(model, change):
    booked()
    services.queue_due(now=LATER)
    model.objects.update(**change)

    run = send()

    assert (run.sent, run.dropped) == (0, 1)
    assert mail.outbox == []
    assert states()[0] == ("booking", "dropped")


def test_of_a_queued_course_only_what_is_still_true_is_said():
    patient = someone()
    kept, gone = booked(patient, 3), booked(patient, 10)
    services.queue_due(now=LATER)
    Appointment.objects.filter(pk=gone.pk).update(**CANCELLED)

    assert send().sent == 1
    assert "12 March" not in mail.outbox[0].body
    assert Mention.objects.get(dropped=False).appointment == kept
    # The patient never heard of the other, so there is nothing to cancel.
    assert send(at=LATER + HOUR).sent == 0


# ------------------------------------------------------------------ the command


def command(**options):
    out = StringIO()
    call_command("send_messages", stdout=out, **options)
    return out.getvalue()


def test_the_command_counts_and_names_nobody(clock):
    booked()
    clock.now = LATER

    assert command() == "1 sent, 0 not sent, 0 not needed any more.\n"
    assert command() == ""
    assert AuditEvent.objects.get(action="send_message").by is None


def test_the_command_says_when_it_cannot_send(settings, clock):
    booked()
    clock.now = LATER
    settings.EMAIL_BACKEND = SILENT
    with pytest.raises(CommandError, match="doesn't answer"):
        command()

    settings.DEMO, settings.EMAIL_URL = False, ""
    with pytest.raises(CommandError, match="EMAIL_URL"):
        command()
