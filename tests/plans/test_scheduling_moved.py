"""A visit dropped elsewhere in the diary, made longer, and its steps."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.scheduling.services import set_status
from tests.factories import (
    make_appointment,
    make_bed,
    make_hours,
    make_user,
)
from tests.plans.diary_setting import (
    dropped,
    local,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]

DAY = "/schedule/?day=2026-03-05"
WEEK = "/schedule/week/?day=2026-03-05"


def undo_address(page):
    found = re.search(r'action="(/appointments/\d+/move/[^"]+)"', page.content.decode())
    return found[1].replace("&amp;", "&")


def test_a_drop_leads_back_to_the_diary_and_can_be_undone(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(4))
    other = make_user(name="Ira Other")
    make_hours(other)

    answer = dropped(desk, row, practitioner=other.pk)

    assert answer.url == f"{WEEK}#a{row.pk}"
    page = desk.get(answer.url)
    assert "moved to Thu 5 Mar, 10:00 with Ira Other" in text(page)
    row.refresh_from_db()
    assert (row.starts_at, row.practitioner) == (local(5, 10), other)

    back = desk.post(undo_address(page))

    row.refresh_from_db()
    assert back.url == f"{WEEK}#a{row.pk}"
    assert (row.starts_at, row.practitioner) == (local(4), una)


def test_lengths_dropped_are_told_in_minutes_and_can_be_undone(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(5, 10))

    page = desk.get(dropped(desk, row, needling=30, stay=60).url)

    assert "30 min needling, 60 min in bed." in text(page)
    row.refresh_from_db()
    assert row.ends_at == local(5, 11)
    event = AuditEvent.objects.get(action="move_appointment")
    assert event.details["minutes"] == [15, 45, 30, 60]
    desk.post(undo_address(page))
    row.refresh_from_db()
    assert row.ends_at == local(5, 10, 45)


def test_a_drop_keeps_the_bed_if_it_is_free_and_finds_another_if_not(desk, una):
    spare = make_bed(order=1)
    own = make_bed(order=2)
    row = make_appointment(practitioner=una, bed=own, starts_at=local(4))

    dropped(desk, row)
    row.refresh_from_db()
    assert row.bed == own

    make_appointment(bed=own, starts_at=local(5, 14))
    dropped(desk, row, time="14:00")
    row.refresh_from_db()
    assert (row.bed, row.starts_at) == (spare, local(5, 14))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"time": "11:00"}, "Una Hart is with somebody else"),
        ({"time": "07:00"}, "outside the hours of Una Hart"),
        ({"day": "2026-03-02"}, "that time has passed"),
        ({"revision": 7}, "Somebody else has changed this appointment"),
        ({"needling": 60}, "can’t be read"),
        ({"stay": 50}, "can’t be read"),
        ({"day": "二"}, "can’t be read"),
        ({"practitioner": "9" * 40}, "can’t be read"),
        ({"practitioner": 999_999}, "outside the hours"),
    ],
)
def test_a_drop_that_cannot_be_is_said_and_changes_nothing(desk, una, changes, said):
    row = make_appointment(practitioner=una, starts_at=local(4))
    make_appointment(practitioner=una, starts_at=local(5, 11))

    page = desk.get(dropped(desk, row, **changes).url)

    assert "was not moved" in text(page)
    assert said in text(page)
    row.refresh_from_db()
    assert (row.starts_at, row.revision) == (local(4), 0)


def test_a_drop_never_leads_elsewhere(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(4))

    answer = dropped(desk, row, next="https://elsewhere.example/")

    assert answer.url == f"/schedule/?day=2026-03-05#a{row.pk}"


@pytest.mark.parametrize("role", Role)
def test_who_may_move(client, una, role):
    row = make_appointment(practitioner=una, starts_at=local(4))
    client.force_login(make_user(role))

    answer = dropped(client, row)

    row.refresh_from_db()
    assert answer.status_code == (403 if role == Role.ADMIN else 302)
    assert (row.starts_at == local(4)) == (role == Role.ADMIN)


def test_a_drop_takes_no_get_and_no_unknown_number(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(4))

    assert desk.get(reverse("plans:move", args=[row.pk])).status_code == 405
    assert desk.post("/appointments/999/move/").status_code == 404


def test_an_appointment_tells_when_each_step_was(desk, una, tuesday_noon, monkeypatch):
    row = make_appointment(practitioner=una, starts_at=local(3, 12))
    for minute, status in ((2, "arrived"), (9, "in_bed")):
        now = tuesday_noon + timedelta(minutes=minute)
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        set_status(by=una, appointment=row, status=status, revision=row.revision)

    page = text(desk.get(f"/appointments/{row.pk}/"))

    steps = page.split(">Steps<")[1]
    assert re.findall(r"list__time\">([^<]+)</span><[^>]+>([^<]+)<", steps) == [
        ("12:02", "Arrived"),
        ("12:09", "In bed"),
    ]
    assert steps.count("Una Hart") == 2


def test_whoever_is_here_can_be_given_longer_by_the_form(desk, una):
    row = make_appointment(
        practitioner=una, starts_at=local(3, 11, 45), status="in_bed"
    )
    url = f"/appointments/{row.pk}/"

    page = desk.get(url)
    assert "Change how long it takes" in text(page)
    assert 'type="hidden" name="day"' in text(page)
    sent = {
        "day": "2026-03-03",
        "time": "11:45",
        "practitioner": una.pk,
        "bed": row.bed_id,
        "needling": 15,
        "stay": 60,
        "revision": 0,
    }
    elsewhere = desk.post(url, sent | {"time": "14:00"})
    assert elsewhere.status_code == 409
    assert "Only an appointment that lies ahead can be moved" in text(elsewhere)
    assert desk.post(url, sent).status_code == 302

    row.refresh_from_db()
    assert row.ends_at == local(3, 12, 45)
