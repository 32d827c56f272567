"""The outbox: what leaves, what does not, and never anything twice."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Barrier

import icalendar
import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from patients.records.models import Patient
from plans.messages import services
from plans.messages.models import Mention, Message
from plans.messages.policy import POLICY
from plans.messages.queries import upcoming
from plans.scheduling.models import Appointment
from plans.scheduling.services import (
    Slot,
    move_appointment,
    set_status,
    shift_rest,
)
from plans.scheduling.services.holding import confirm_hold, hold_place
from tests.factories import (
    MONDAY_NINE,
    make_appointment,
    make_bed,
    make_hours,
    make_patient,
    make_plan,
    make_user,
)

pytestmark = pytest.mark.django_db

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
NOW = MONDAY_NINE  # every appointment of the factory was booked then
LATER = NOW + POLICY.undo


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


def someone(**fields):
    defaults = {"email": "ana@example.org", "reminders_by_email": True}
    return make_patient(**defaults | fields)


def booked(patient=None, days=10, **fields):
    return make_appointment(
        patient=patient or someone(), starts_at=NOW + days * DAY, **fields
    )


def send(at=LATER, by=None):
    return services.send_what_is_due(by=by, clock=lambda: at)


def said():
    return [(row.to, row.subject) for row in mail.outbox]


def states():
    return list(Message.objects.order_by("pk").values_list("kind", "state"))


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


# ------------------------------------------------------------------ what goes wrong


class Refusing(EmailBackend):
    """Sends to all but those whose address says why not."""

    def send_messages(self, messages):
        for message in messages:
            (address,) = message.to
            if address.startswith("nobody"):
                raise smtplib.SMTPRecipientsRefused({address: (550, b"no such user")})
            if address.startswith("silent"):
                raise TimeoutError(f"no answer for {address}")
        return super().send_messages(messages)


@pytest.fixture
def refusing(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"


def test_one_that_fails_does_not_keep_the_others(refusing, caplog):
    for name in ("ana", "nobody", "silent", "ben"):
        booked(someone(email=f"{name}@example.org"))

    run = send()

    assert (run.sent, run.failed) == (2, 2)
    assert [to for to, _ in said()] == [["ana@example.org"], ["ben@example.org"]]
    assert [state for _, state in states()] == ["sent", "failed", "unsure", "sent"]
    assert list(Message.objects.order_by("pk").values_list("why", flat=True)) == [
        "",
        "SMTPRecipientsRefused 550",
        "TimeoutError",
        "",
    ]
    assert "example.org" not in caplog.text
    assert send(at=LATER + DAY).sent == 0  # nothing is sent again by itself


class Silent(EmailBackend):
    def open(self):
        raise ConnectionRefusedError


def test_without_a_mail_server_nothing_is_lost(settings):
    booked()
    settings.EMAIL_BACKEND = f"{__name__}.Silent"

    with pytest.raises(services.NoMailServer):
        send()

    assert states() == [("booking", "queued")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send(at=LATER + HOUR).sent == 1


def test_a_claim_without_an_end_waits_for_a_person(desk):
    booked()
    services.queue_due(now=LATER)
    message = Message.objects.get()
    assert services.claim(message.pk, now=LATER)

    assert send(at=LATER + DAY).sent == 0
    with pytest.raises(Stale):  # it may be on its way still
        services.told_by_phone(by=desk, message=message, now=LATER + MINUTE)
    services.told_by_phone(
        by=desk, message=message, now=LATER + POLICY.unsure_after + MINUTE
    )
    with pytest.raises(Stale):
        services.try_again(by=desk, message=message, now=LATER + DAY)
    assert states() == [("booking", "by_phone")]
    assert send(at=LATER + DAY).sent == 0


def test_tried_again_it_is_sent_if_it_is_still_true(refusing, desk):
    patient = someone(email="nobody@example.org")
    booked(patient)
    send()
    patient.email = "ana@example.org"
    patient.save()

    services.try_again(by=desk, message=Message.objects.get(), now=LATER + HOUR)

    assert send(at=LATER + HOUR).sent == 1
    assert states() == [("booking", "sent")]


def test_a_person_may_settle_while_the_worker_still_waits(desk, monkeypatch):
    """The mail server takes a quarter of an hour: the desk was quicker."""
    booked()

    def slow(self, *args, **kwargs):
        message = Message.objects.get()
        services.told_by_phone(by=desk, message=message, now=LATER + 20 * MINUTE)

    monkeypatch.setattr("django.core.mail.EmailMessage.send", slow)
    send()

    assert states() == [("booking", "by_phone")]


# ------------------------------------------------------------------ the database's part


def mention(appointment, kind, **fields):
    message = Message.objects.create(
        patient=appointment.patient, kind=kind, queued_at=NOW
    )
    defaults = {"starts_at": appointment.starts_at, "revision": 0}
    return Mention.objects.create(
        message=message, appointment=appointment, kind=kind, **defaults | fields
    )


@pytest.mark.parametrize(
    ("kind", "other", "allowed"),
    [
        ("early_reminder", {"revision": 1}, False),
        ("early_reminder", {"starts_at": NOW + 11 * DAY}, True),
        ("moved", {"starts_at": NOW + 11 * DAY}, False),
        ("moved", {"revision": 1}, True),
    ],
)
def test_nothing_is_told_twice_whoever_writes_it(kind, other, allowed):
    appointment = booked()
    mention(appointment, kind)

    if allowed:
        mention(appointment, kind, **other)
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            mention(appointment, kind, **other)
    mention(appointment, kind, dropped=True)


@pytest.mark.parametrize(
    "fields",
    [{"kind": "advert"}, {"state": "posted"}, {"state": "sent"}, {"claimed_at": NOW}],
    ids=str,
)
def test_a_message_without_sense_is_refused(fields):
    defaults = {"patient": someone(), "kind": "booking", "queued_at": NOW}

    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(**defaults | fields)


WORKERS = 8


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_each_message_has_one(many_connections):
    patient = someone()
    messages = Message.objects.bulk_create(
        Message(patient=patient, kind="booking", queued_at=NOW) for _ in range(200)
    )
    gate = Barrier(WORKERS)

    def work(_worker):
        gate.wait()
        try:
            return [row.pk for row in messages if services.claim(row.pk, now=LATER)]
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        claimed = [pk for found in pool.map(work, range(WORKERS)) for pk in found]

    assert sorted(claimed) == sorted(row.pk for row in messages)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_each_message_once(many_connections):
    for number in range(12):
        booked(someone(email=f"p{number}@example.org"))
    gate = Barrier(4)

    def run(_worker):
        gate.wait()
        try:
            return send().sent
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 12

    assert len({to for (to,), _ in said()}) == len(mail.outbox) == 12


@pytest.mark.parametrize("owed", [1, 12])
def test_what_is_owed_is_found_in_two_queries(django_assert_num_queries, owed):
    for _ in range(owed):
        booked()

    with django_assert_num_queries(2):
        assert len(upcoming(LATER)) == owed


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
    settings.EMAIL_BACKEND = f"{__name__}.Silent"
    with pytest.raises(CommandError, match="doesn't answer"):
        command()

    settings.DEMO, settings.EMAIL_URL = False, ""
    with pytest.raises(CommandError, match="EMAIL_URL"):
        command()
