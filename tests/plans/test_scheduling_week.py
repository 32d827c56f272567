"""The week of one practitioner, and what open diaries hear of."""

import re
from datetime import date, time
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from clinic.access.roles import Role
from clinic.core.keys import KEYS
from plans.scheduling.models import Closure, WorkingHours
from tests.factories import (
    make_appointment,
    make_patient,
    make_user,
)
from tests.plans.diary_setting import (
    JUNK,
    changes_address,
    column,
    dropped,
    junk_in_turn,
    local,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]

DAY = "/schedule/?day=2026-03-05"
WEEK = "/schedule/week/?day=2026-03-05"


@pytest.mark.parametrize("visits", [1, 5])
def test_a_week_costs_the_same_however_many_visits(
    desk, una, visits, django_assert_num_queries
):
    """Session, user, names, the stamp, appointments, hours, closures."""
    for day in range(visits):
        make_appointment(practitioner=una, starts_at=local(2 + day))
    desk.get(WEEK)

    with django_assert_num_queries(7):
        page = desk.get(WEEK)

    assert page.content.decode().count('class="visit visit--') == visits


def test_a_week_has_a_column_a_day_of_one_practitioner(desk, una):
    other = make_user(name="Zed Other")
    make_appointment(practitioner=una, starts_at=local(5), patient=make_patient())
    make_appointment(practitioner=other, starts_at=local(5))
    make_appointment(practitioner=una, starts_at=local(6, 10), status="cancelled")
    Closure.objects.create(
        first_day=date(2026, 3, 4),
        last_day=date(2026, 3, 4),
        reason="Training",
        practitioner=una,
    )

    page = desk.get(f"{WEEK}&who={una.pk}")

    assert re.findall(r'data-day="([^"]+)"', text(page)) == [
        f"2026-03-0{day}" for day in range(2, 7)
    ]
    assert "Ana Reyes" in column(page, "2026-03-05")
    assert text(page).count('class="visit visit--') == 1
    assert "Away: Training" in column(page, "2026-03-04")
    assert "Fri 6 Mar, 10:00" in text(page)


def test_a_weekend_is_shown_once_somebody_comes_then(desk, una):
    make_appointment(practitioner=una, starts_at=local(8))

    page = desk.get(WEEK)

    assert 'data-day="2026-03-08"' in text(page)
    assert 'data-day="2026-03-07"' not in text(page)


def test_the_week_is_the_readers_own(client, una):
    other = make_user(name="Abe First")
    client.force_login(una)

    assert f'value="{una.pk}" selected' in text(client.get(WEEK))
    assert f'value="{other.pk}" selected' in text(client.get(f"{WEEK}&who={other.pk}"))


def test_the_hours_of_a_single_day_hold_in_the_week_too(desk, una):
    WorkingHours.objects.create(
        practitioner=una,
        weekday=2,
        day=date(2026, 3, 4),
        starts=time(12),
        ends=time(15),
    )

    page = desk.get(f"{WEEK}&light=treatment")

    assert "12:00–15:00" in column(page, "2026-03-04")
    assert "09:00–18:00" in column(page, "2026-03-05")


@pytest.mark.parametrize("page", ["/schedule/", "/schedule/week/"])
def test_no_address_of_a_diary_breaks_it(desk, una, page):
    names = ("day", "who", "light", "copy", "move")
    for sent in junk_in_turn(names, [*JUNK, "0"]):
        assert desk.get(page, sent).status_code == 200, sent


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_week_have_pages(desk, una, day):
    assert desk.get(f"/schedule/week/?day={day}&light=first").status_code == 200


def test_a_clinic_without_practitioners_has_an_empty_week(desk):
    assert desk.get(WEEK).status_code == 200


@pytest.mark.parametrize("page", [DAY, WEEK])
@pytest.mark.parametrize("visits", [1, 3])
def test_no_change_is_204_for_three_queries(
    desk, una, page, visits, django_assert_num_queries
):
    """Session, user, and one look at the day or the week."""
    for hour in range(visits):
        make_appointment(practitioner=una, starts_at=local(5, 9 + hour), revision=3)
    address = changes_address(desk.get(page))

    with django_assert_num_queries(3):
        answer = desk.get(address)

    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("page", [DAY, WEEK])
@pytest.mark.parametrize("change", ["move", "leave", "step", "book"])
def test_a_change_is_seen(desk, una, page, change):
    row = make_appointment(practitioner=una, starts_at=local(5))
    make_appointment(practitioner=una, starts_at=local(12), revision=1)
    address = changes_address(desk.get(page))

    if change == "move":
        dropped(desk, row)
    elif change == "leave":
        dropped(desk, row, day="2026-03-12", time="11:00")
    elif change == "step":
        step = {"step": "confirmed 0"}
        desk.post(reverse("plans:set_status", args=[row.pk]), step)
    else:
        make_appointment(practitioner=una, starts_at=local(5, 15))

    assert desk.get(address).status_code == 200


@pytest.mark.parametrize("junk", [*JUNK, "0"])
def test_no_question_for_changes_breaks(desk, junk):
    good = {"day": "2026-03-05", "until": "", "who": "", "seen": "0-0-0"}

    for name in good:
        sent = good | {name: junk}
        assert desk.get("/schedule/changes/", sent).status_code < 500, name


def test_a_page_that_looks_for_itself_keeps_no_session(desk, una):
    desk.get(DAY)
    session = desk.session
    session["seen"] = 0
    session.save()

    desk.get(DAY, headers={"X-Unattended": "1"})
    assert desk.session["seen"] == 0
    desk.get(DAY)
    assert desk.session["seen"] > 0


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("address", [DAY, WEEK, "/schedule/changes/?day=2026-03-05"])
def test_every_role_reads_the_diary(client, una, role, address):
    client.force_login(make_user(role))

    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", [DAY, WEEK, "/schedule/changes/", "/keys/"])
def test_nobody_reads_it_without_signing_in(client, address):
    assert client.get(address).url.startswith("/account/sign-in/")


def test_the_list_of_keys_is_that_of_the_pages(client):
    client.force_login(make_user(Role.FRONT_DESK))
    listed = {
        str(key)
        for _, keys in KEYS
        for entry in keys
        if not entry.by_script
        for key in entry.keys
    }
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    used = {
        key
        for template in templates
        for key in re.findall(r'data-key="(.)"', template.read_text())
    }

    assert listed - set("1234567") == used
    page = text(client.get("/keys/"))
    assert all(f"<kbd>{key}</kbd>" in page for key in listed)
