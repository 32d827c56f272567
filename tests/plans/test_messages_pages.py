"""The mailbox, the calendar files, and the address that needs no signing in."""

from datetime import timedelta
from itertools import repeat

import icalendar
import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.messages import services
from plans.messages.models import CalendarAddress, Message
from tests.factories import (
    make_appointment,
    make_bed,
    make_patient,
    make_plan,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MAILBOX = "/messages/"


@pytest.fixture
def now():
    return timezone.now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def desk(client):
    return sign_in(client, Role.FRONT_DESK)


def booked(now, *, days=10, at=None, name="Ana", **fields):
    """For somebody who agreed to messages; booked `at`, an hour ago unless told."""
    fields.setdefault(
        "patient",
        make_patient(
            given_name=name,
            email=f"{name.lower()}@example.org",
            phone="07700 900123",
            reminders_by_email=True,
        ),
    )
    at = at or now - HOUR
    return make_appointment(
        starts_at=now + days * DAY, created_at=at, status_since=at, **fields
    )


def send(at):
    services.send_what_is_due(by=None, clock=repeat(at).__next__)


def failed(now, state="failed"):
    appointment = booked(now)
    message = Message.objects.create(
        patient=appointment.patient,
        kind="booking",
        state=state,
        queued_at=now,
        claimed_at=now,
        settled_at=now,
        why="SMTPDataError 550",
    )
    message.mentions.create(
        appointment=appointment,
        kind="booking",
        starts_at=appointment.starts_at,
        revision=0,
    )
    return message


def text(response):
    return response.content.decode()


# ------------------------------------------------------------------ the mailbox


def test_a_booking_is_seen_until_it_leaves_and_after(client, desk, now):
    booked(now, at=timezone.now())
    page = text(client.get(MAILBOX))
    assert "Ana Reyes" in page
    assert "Booked" in page
    assert page.count("due now") == 1  # on the button

    client.post("/messages/send/")
    assert mail.outbox == []  # it can be undone still

    send(timezone.now() + HOUR)
    page = text(client.get(MAILBOX))
    assert "Sent" in page
    assert len(mail.outbox) == 1


def test_the_desk_plays_the_clock_in_the_demo_only(client, desk, now, settings):
    booked(now)
    assert text(client.get(MAILBOX)).count("due now") == 2

    page = client.post("/messages/send/", follow=True)

    assert "1 message has gone to the mailbox." in text(page)
    assert AuditEvent.objects.get(action="send_message").by == desk
    settings.DEMO = False
    assert client.post("/messages/send/").status_code == 404
    assert "no mail server" in text(client.get(MAILBOX))
    settings.EMAIL_URL = "smtp://localhost"
    assert "no mail server" not in text(client.get(MAILBOX))


def test_what_failed_stands_on_top_until_somebody_sees_to_it(client, desk, now):
    message = failed(now)
    page = text(client.get(MAILBOX))
    assert "Somebody has to see to these" in page
    assert "07700 900123" in page

    page = client.post(f"/messages/{message.pk}/by-phone/", follow=True)
    assert "Somebody has to see to these" not in text(page)

    page = client.post(f"/messages/{message.pk}/again/", follow=True)
    assert "Somebody has seen to this message already." in text(page)
    message.refresh_from_db()
    assert (message.state, message.handled_by) == ("by_phone", desk)
    assert AuditEvent.objects.filter(action="tell_by_phone").count() == 1
    assert "retry_message" not in AuditEvent.objects.values_list("action", flat=True)


def test_tried_again_it_waits_to_be_sent(client, desk, now):
    message = failed(now, state="unsure")

    page = client.post(f"/messages/{message.pk}/again/", follow=True)

    assert "Waits to be sent" in text(page)


def test_a_message_is_read_as_it_was_said_and_that_is_recorded(client, desk, now):
    booked(now)
    send(now)
    message = Message.objects.get()

    page = text(client.get(f"/messages/{message.pk}/"))
    attached = client.get(f"/messages/{message.pk}/appointments.ics")

    assert message.subject in page
    assert "Hello Ana," in page
    assert len(icalendar.Calendar.from_ical(attached.content).walk("VEVENT")) == 1
    assert AuditEvent.objects.filter(
        action="open_record", patient_id=message.patient_id
    )


def test_what_one_patient_was_told_stands_together(client, desk, now):
    ana = booked(now).patient
    booked(now, name="Ben")
    send(now)

    page = text(client.get(f"/patients/{ana.pk}/messages/"))

    assert page.count("/messages/", page.index('class="list messages"')) == 1
    assert "Ben Reyes" not in page
    assert AuditEvent.objects.filter(action="open_record", patient_id=ana.pk)
    assert f"/patients/{ana.pk}/messages/" in text(client.get(ana.get_absolute_url()))


def test_the_desk_is_told_on_its_first_page(client, desk, now):
    assert "did not get through" not in text(client.get("/"))

    failed(now)

    assert "1 message did not get through" in text(client.get("/"))


def test_a_name_is_escaped(client, desk, now):
    patient = make_patient(
        given_name="<script>", email="ana@example.org", reminders_by_email=True
    )
    booked(now, patient=patient)
    send(now)

    for address in (MAILBOX, f"/messages/{Message.objects.get().pk}/"):
        assert "<script>" not in text(client.get(address)).partition("</head>")[2]


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("address", [MAILBOX, "/messages/sent/"])
def test_the_cost_does_not_grow(client, now, django_assert_num_queries, address, rows):
    """The session and the user. The mailbox: what failed and is queued (two, and what
    they mention), what is owed (two) and to whom, what has gone (and what it mentions).
    The sent messages: a page of them and what they mention.
    """
    sign_in(client, Role.FRONT_DESK)
    for number in range(rows):
        for state in ("failed", "queued", "sent"):
            Message.objects.create(
                patient=make_patient(),
                kind="booking",
                state=state,
                queued_at=now,
                claimed_at=None if state == "queued" else now,
            ).mentions.create(
                appointment=make_appointment(starts_at=now + DAY),
                kind="booking",
                starts_at=now + DAY,
                revision=0,
            )
        booked(now, name=f"Ana{number}")

    with django_assert_num_queries(11 if address == MAILBOX else 4):
        page = text(client.get(address))

    assert "1 appointment" not in page
    assert ("Next" in page.partition("<main")[2].partition("Leaves next")[2]) == (
        rows > 1
    ) or address != MAILBOX


@pytest.mark.parametrize(
    ("method", "address", "may"),
    [
        ("get", MAILBOX, {Role.FRONT_DESK, Role.ACUPUNCTURIST}),
        ("get", "/messages/sent/", {Role.FRONT_DESK, Role.ACUPUNCTURIST}),
        ("get", "/patients/{i}/messages/", {Role.FRONT_DESK, Role.ACUPUNCTURIST}),
        ("post", "/messages/send/", {Role.FRONT_DESK, Role.ACUPUNCTURIST}),
        ("get", "/messages/{m}/", {Role.FRONT_DESK, Role.ACUPUNCTURIST}),
        ("post", "/messages/{m}/again/", {Role.FRONT_DESK, Role.ACUPUNCTURIST}),
        ("post", "/messages/{m}/by-phone/", {Role.FRONT_DESK, Role.ACUPUNCTURIST}),
        (
            "get",
            "/messages/{m}/appointments.ics",
            {Role.FRONT_DESK, Role.ACUPUNCTURIST},
        ),
        ("get", "/plans/{p}/appointments.ics", set(Role)),
        ("get", "/calendar/", {Role.ACUPUNCTURIST}),
        ("post", "/calendar/new/", {Role.ACUPUNCTURIST}),
        ("post", "/calendar/end/", {Role.ACUPUNCTURIST}),
    ],
)
@pytest.mark.parametrize("role", list(Role))
def test_every_address_knows_who_may(client, now, role, method, address, may):
    version = make_plan(codes=())
    booked(now, patient=version.plan.episode.patient, plan=version.plan)
    message = failed(now)
    Message.objects.update(calendar="BEGIN:VCALENDAR")
    sign_in(client, role)

    url = address.format(m=message.pk, p=version.plan_id, i=message.patient_id)
    answer = getattr(client, method)(url)

    assert (answer.status_code == 403) == (role not in may), answer.status_code
    assert answer.status_code < 404


# ------------------------------------------------------------------ calendar files


def test_the_course_is_one_file_in_the_patients_language(client, desk, now):
    version = make_plan(codes=())
    patient = version.plan.episode.patient
    patient.language = "zh-hans"
    patient.save()
    for days, status in ((-2, "done"), (2, "booked"), (5, "confirmed"), (9, "booked")):
        booked(now, days=days, patient=patient, plan=version.plan, status=status)
    make_appointment(
        starts_at=now + 12 * DAY,
        patient=patient,
        plan=version.plan,
        status="cancelled",
        cancel_reason="ill",
    )

    answer = client.get(f"/plans/{version.plan_id}/appointments.ics")

    entries = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert [entry["DTSTART"].dt for entry in entries] == [
        now + days * DAY for days in (2, 5, 9)
    ]
    assert {str(entry["SUMMARY"])[:2] for entry in entries} == {"预约"}
    assert answer["Content-Disposition"] == 'attachment; filename="appointments.ics"'
    assert AuditEvent.objects.filter(action="open_record", patient_id=patient.pk)


def test_a_course_without_dates_has_no_file(client, desk):
    version = make_plan(codes=())

    assert client.get(f"/plans/{version.plan_id}/appointments.ics").status_code == 404


# ------------------------------------------------------------------ one's own diary


@pytest.fixture
def una(client):
    return sign_in(client, Role.ACUPUNCTURIST, name="Una")


def address_of(client):
    client.post("/calendar/new/")
    page = text(client.get("/calendar/"))
    return page.partition('value="http://testserver')[2].partition('"')[0]


def fetched(client, address, **headers):
    client.logout()
    return client.get(address, **headers)


def test_the_diary_is_fetched_without_signing_in_and_names_nobody(client, una, now):
    bed = make_bed(name="Bed 7")
    for days in (-31, -29, 1, 180, 183):
        booked(now, days=days, practitioner=una, bed=bed)
    booked(now, days=2, practitioner=una, status="cancelled", cancel_reason="ill")
    booked(now, days=3)
    address = address_of(client)

    answer = fetched(client, address)

    entries = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert [entry["DTSTART"].dt for entry in entries] == [
        now + days * DAY for days in (-29, 1, 180)
    ]
    assert {str(entry["SUMMARY"]) for entry in entries} == {"A.R."}
    assert {str(entry["LOCATION"]) for entry in entries} == {"Bed 7"}
    assert "Reyes" not in text(answer)
    assert answer["Cache-Control"] == "no-store, private"


def test_an_unchanged_diary_is_not_sent_again(client, una, now):
    booked(now, practitioner=una)
    address = address_of(client)
    first = fetched(client, address)

    again = client.get(address, headers={"if-none-match": first["ETag"]})
    booked(now, days=4, practitioner=una)
    changed = client.get(address, headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


@pytest.mark.parametrize("visits", [0, 1, 40])
def test_the_diary_costs_two_queries(
    client, una, now, django_assert_num_queries, visits
):
    """Whose it is, and what is in it."""
    bed = make_bed()
    for number in range(visits):
        booked(now, days=number, practitioner=una, bed=bed)
    address = address_of(client)
    client.logout()

    with django_assert_num_queries(2):
        answer = client.get(address)

    assert text(answer).count("BEGIN:VEVENT") == visits


def test_a_new_address_ends_the_old_one(client, una):
    old = address_of(client)
    new = address_of(client)

    assert old != new
    assert client.get(new).status_code == 200
    assert client.get(old).status_code == 404
    client.post("/calendar/end/")
    assert client.get(new).status_code == 404
    assert not CalendarAddress.objects.exists()
    assert list(
        AuditEvent.objects.filter(action__contains="calendar")
        .order_by("pk")
        .values_list("action", flat=True)
    ) == ["make_calendar_address"] * 2 + ["end_calendar_address"]


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"is_acupuncturist": False, "is_admin": True}]
)
def test_who_no_longer_treats_has_no_diary(client, una, change):
    address = address_of(client)
    for name, value in change.items():
        setattr(una, name, value)
    una.save()

    assert fetched(client, address).status_code == 404


def test_what_stands_in_the_database_opens_nothing(client, una):
    address = address_of(client)
    kept = CalendarAddress.objects.get()
    assert kept.key not in address

    for guess in (
        kept.key,
        f"{una.pk}-{kept.key}",
        f"{una.pk}-",
        f"{una.pk}-{'0' * 64}",
        f"{make_user().pk}-{address.partition('-')[2]}",
        "9" * 30,
        "٣-x",
        "-",
    ):
        url = reverse("plans:calendar_feed", args=[guess])
        assert client.get(url).status_code == 404, guess


def test_agreeing_needs_an_address(client, desk):
    patient = make_patient()
    form = {
        "family_name": "Reyes",
        "given_name": "Ana",
        "birth_date": "1980-01-01",
        "sex": "female",
        "language": "en",
        "reminders_by_email": "on",
        "revision": "0",
    }
    address = f"/patients/{patient.pk}/details/"

    refused = client.post(address, form)
    assert refused.status_code == 422
    assert "Messages need an address to go to." in text(refused)

    assert client.post(address, form | {"email": "ana@example.org"}).status_code == 302
    patient.refresh_from_db()
    assert patient.reminders_by_email
