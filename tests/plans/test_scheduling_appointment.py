"""One appointment: moved, cancelled, or booked by itself."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from clinic.audit.models import AuditEvent
from plans.scheduling.models import (
    Appointment,
    WorkingHours,
)
from tests.factories import (
    make_appointment,
    make_bed,
    make_patient,
    make_plan,
    make_user,
)
from tests.plans.diary_setting import (
    JUNK,
    junk_in_turn,
    local,
    place,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]


def test_cancelling_asks_for_a_reason_beside_the_field(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(5))
    url = f"/appointments/{row.pk}/status/"

    page = desk.post(url, {"status": "cancelled", "revision": 0, "reason": " "})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()

    desk.post(url, {"status": "cancelled", "revision": 0, "reason": "Ill"})
    row.refresh_from_db()
    assert (row.status, row.cancel_reason) == ("cancelled", "Ill")


def test_a_move_says_where_to_and_what_it_breaks(desk, una):
    version = make_plan(codes=(), per_week=2)
    for day in (4, 6):
        row = make_appointment(
            practitioner=una,
            plan=version.plan,
            patient=version.plan.episode.patient,
            starts_at=local(day),
        )

    answer = desk.post(f"/appointments/{row.pk}/", place(una, revision=0))

    page = text(desk.get(answer.url))
    assert "moved to Thu 5 Mar, 10:00 with Una Hart" in page
    assert "1 day after the session before" in page


def test_a_move_onto_a_held_place_keeps_what_was_typed(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(4))
    make_appointment(practitioner=una, starts_at=local(5, 10))

    page = desk.post(f"/appointments/{row.pk}/", place(una, revision=0))

    assert page.status_code == 409
    assert "Una Hart is with somebody else" in text(page)
    assert 'value="2026-03-05"' in page.content.decode()


def test_a_stale_move_shows_both_and_can_be_sent_again(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(4), revision=3)

    page = desk.post(f"/appointments/{row.pk}/", place(una, revision=0))
    assert page.status_code == 409
    assert "Wed 4 Mar, 09:00" in text(page)
    assert 'name="revision" value="3"' in page.content.decode()

    desk.post(f"/appointments/{row.pk}/", place(una, revision=3))
    row.refresh_from_db()
    assert row.starts_at == local(5, 10)


@pytest.mark.parametrize("junk", JUNK)
def test_no_move_breaks_the_page(desk, una, junk):
    row = make_appointment(practitioner=una, starts_at=local(4))
    lengths = ("needling", "stay")
    fields = ("day", "time", "practitioner", "bed", *lengths, "revision")

    for field in fields:
        sent = place(una, revision=0) | {field: junk}
        if field == "bed" and not junk:
            continue
        page = desk.post(f"/appointments/{row.pk}/", sent)
        assert page.status_code == 422, field

    row.refresh_from_db()
    assert row.starts_at == local(4)


def test_booking_one_asks_who_then_where(desk, una):
    make_bed()
    patient = make_patient(given_name="Kit", family_name="Marlow")
    place_clicked = f"day=2026-03-05&time=10:00&practitioner={una.pk}"

    form = desk.get(f"/schedule/new/?{place_clicked}&patient={patient.pk}")
    submission = re.search(r'name="submission" value="([^"]+)"', form.content.decode())
    assert 'value="10:00"' in form.content.decode()
    sent = place(una, kind="first", submission=submission[1])
    for _ in range(2):
        answer = desk.post(f"/schedule/new/?patient={patient.pk}", sent)

    row = Appointment.objects.get()
    assert answer.url.endswith(f"#a{row.pk}")
    assert (row.patient, row.kind, row.plan) == (patient, "first", None)
    assert row.ends_at - row.starts_at == timedelta(minutes=75)


@pytest.mark.parametrize(
    "page", ["/schedule/new/?patient={patient}", "/plans/{plan}/book/"]
)
def test_opening_a_page_to_book_on_is_audited(desk, page):
    version = make_plan(codes=())
    patient = version.plan.episode.patient

    desk.get(page.format(patient=patient.pk, plan=version.plan_id))

    event = AuditEvent.objects.get(action="open_record")
    assert event.patient_id == patient.pk


def test_booking_one_asks_little_of_the_database(
    desk, una, django_assert_max_num_queries
):
    """The savepoint of the test's own transaction is one more than on a real page."""
    make_bed()
    version = make_plan(codes=())
    url = f"/schedule/new/?patient={version.plan.episode.patient_id}"
    desk.get(url)

    with django_assert_max_num_queries(11 + (connection.vendor == "postgresql")):
        desk.post(url, place(una, kind="treatment", submission=uuid4()))

    assert Appointment.objects.count() == 1


def test_a_held_place_is_told_with_the_nearest_free_ones(desk, una):
    make_bed()
    make_appointment(practitioner=una, starts_at=local(5, 10))
    patient = make_patient()

    page = desk.post(
        f"/schedule/new/?patient={patient.pk}",
        place(una, kind="treatment", submission=uuid4()),
    )

    assert page.status_code == 409
    assert "Una Hart is with somebody else" in text(page)
    assert "time=09%3A45" in page.content.decode()
    assert "time=10%3A15" in page.content.decode()


def test_booking_one_shows_what_is_free_that_day(desk, una):
    make_bed()
    make_appointment(practitioner=una, starts_at=local(5, 9))
    patient = make_patient()
    day = {"day": "2026-03-05", "practitioner": una.pk, "kind": "treatment"}

    asked = desk.post(f"/schedule/new/?patient={patient.pk}", day | {"do": "free"})
    page = desk.get(asked.url)

    assert not Appointment.objects.filter(patient=patient).exists()
    assert "Free on Thu 5 Mar with Una Hart" in text(page)
    assert "time=09%3A15" in page.content.decode()
    assert "time=09%3A00" not in page.content.decode()

    asked = desk.post(
        f"/schedule/new/?patient={patient.pk}", day | {"time": "14:00", "do": "free"}
    )
    near = desk.get(asked.url).content.decode()
    assert 'value="14:00"' in near
    assert "time=14%3A15" in near
    assert "time=09%3A15" not in near
    assert not re.search(r'href="[^"]*free=near', near)


def test_free_times_are_offered_with_somebody_else_before_none(desk, una):
    make_bed()
    idle = make_user(name="Ira Idle")
    patient = make_patient()
    wish = {"patient": patient.pk, "day": "2026-03-05", "practitioner": idle.pk}

    others = desk.get("/schedule/new/", wish)
    WorkingHours.objects.all().delete()
    nobody = desk.get("/schedule/new/", wish)

    assert "Ira Idle has no time on Thu 5 Mar. Free with others" in text(others)
    assert "09:00 Una Hart" in text(others)
    assert "Nobody is free on Thu 5 Mar" in text(nobody)


def test_a_treatment_belongs_to_the_plan_in_force(desk, una):
    make_bed()
    version = make_plan(codes=(), retention_min=45)
    patient = version.plan.episode.patient

    desk.post(
        f"/schedule/new/?patient={patient.pk}",
        place(una, kind="treatment", submission=uuid4()),
    )

    row = Appointment.objects.get()
    assert row.plan == version.plan
    assert row.ends_at - row.starts_at == timedelta(minutes=60)


def test_no_booking_address_breaks_the_page(desk, una):
    patient = {"patient": make_patient().pk}

    for sent in junk_in_turn(("q", "day", "time", "practitioner", "bed")):
        assert desk.get("/schedule/new/", patient | sent).status_code == 200, sent
    for sent in junk_in_turn(("patient", "q")):
        assert desk.get("/schedule/new/", sent).status_code in {200, 404}, sent
