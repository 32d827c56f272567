"""The week, lit places, visits moved in the diary, and what others changed."""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.keys import KEYS
from plans.scheduling.models import Appointment, Closure, WorkingHours
from plans.scheduling.services import set_status
from tests.factories import (
    make_appointment,
    make_bed,
    make_hours,
    make_patient,
    make_plan,
    make_user,
)

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
DAY = "/schedule/?day=2026-03-05"
WEEK = "/schedule/week/?day=2026-03-05"
JUNK = ["", "x", "0", "-1", "9" * 30, "\x00", "二", "1' or 1=1", "1999-12-31"]


@pytest.fixture(autouse=True)
def tuesday_noon(monkeypatch):
    """It is Tuesday 3 March 2026, 12:00 in the clinic."""
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now


@pytest.fixture
def una():
    practitioner = make_user(name="Una Hart")
    make_hours(practitioner)
    return practitioner


@pytest.fixture
def desk(client):
    client.force_login(make_user(Role.FRONT_DESK))
    return client


def local(day, hour=9, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=LONDON)


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def column(page, key):
    """What stands in one column."""
    found = re.search(
        rf'<section[^>]*aria-labelledby="c{key}".*?</section>', text(page)
    )
    return found[0]


def lit(page, key):
    """The starts that can be clicked in a column, and their addresses."""
    found = re.search(r'<ul class="free free--lit".*?</ul>', column(page, key))
    links = re.findall(r'href="([^"]+)">(\d\d:\d\d)<', found[0] if found else "")
    return {at: url.replace("&amp;", "&") for url, at in links}


# The week


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


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("name", ["day", "who", "light", "copy", "move"])
def test_no_address_of_a_diary_breaks_it(desk, una, name, junk):
    for page in ("/schedule/", "/schedule/week/"):
        assert desk.get(page, {name: junk}).status_code == 200


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_week_have_pages(desk, una, day):
    assert desk.get(f"/schedule/week/?day={day}&light=first").status_code == 200


def test_a_clinic_without_practitioners_has_an_empty_week(desk):
    assert desk.get(WEEK).status_code == 200


# Free places


def test_places_light_up_where_the_whole_visit_fits(desk, una):
    bed = make_bed()
    make_appointment(practitioner=una, bed=bed, starts_at=local(5, 11))

    page = desk.get(f"{DAY}&light=treatment")

    starts = lit(page, una.pk)
    assert {"09:00", "10:15", "11:45"} <= set(starts)
    assert not {"10:30", "11:00", "11:30", "17:30"} & set(starts), "45 minutes in bed"
    assert "time=14" not in column(page, una.pk).split("free--lit")[0]
    form = desk.get(starts["10:15"])
    assert "Who is it for?" in text(form)
    assert 'name="time" value="10:15"' in text(form)


def test_a_first_visit_needs_more_room(desk, una):
    make_appointment(practitioner=una, bed=make_bed(), starts_at=local(5, 11))

    starts = lit(desk.get(f"{DAY}&light=first"), una.pk)

    assert "09:45" in starts
    assert "10:00" not in starts


def test_each_bed_has_its_own_free_places(desk, una):
    taken, idle = make_bed(), make_bed()
    make_appointment(practitioner=una, bed=taken, starts_at=local(5, 11))

    page = desk.get(f"{DAY}&by=bed&light=treatment")

    assert "10:30" not in lit(page, taken.pk)
    assert f"bed={idle.pk}" in lit(page, idle.pk)["10:30"]
    assert "11:00" not in lit(page, idle.pk), "Una is needling"


@pytest.mark.parametrize("light", ["light=treatment", "copy={row}", "move={row}"])
@pytest.mark.parametrize("page", [DAY, WEEK])
@pytest.mark.parametrize("beds", [1, 4])
def test_light_costs_the_same_in_any_clinic(
    desk, una, beds, page, light, django_assert_max_num_queries
):
    """The calendar's three, the lengths; for a copy it and its plan besides."""
    version = make_plan(codes=())
    row = make_appointment(
        practitioner=una,
        plan=version.plan,
        patient=version.plan.episode.patient,
        starts_at=local(5),
    )
    for _ in range(beds):
        make_bed()
    url = f"{page}&{light.format(row=row.pk)}"
    desk.get(url)

    with django_assert_max_num_queries(13):
        desk.get(url)


def test_a_copied_visit_is_booked_again_with_one_more_click(desk, una):
    version = make_plan(codes=(), sessions=4)
    row = make_appointment(
        practitioner=una,
        plan=version.plan,
        patient=version.plan.episode.patient,
        starts_at=local(3),
        status="done",
    )

    page = desk.get(f"/appointments/{row.pk}/")
    copy = re.search(r'href="([^"]*copy=[^"]*)"', text(page))[1]
    week = desk.get(copy.replace("&amp;", "&"))
    assert "Copied: choose a place" in text(week)
    url = lit(week, "2026-03-10")["10:00"]
    form = desk.get(url)
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.content.decode()))
    place = {"practitioner": una.pk, "bed": "", "do": "book"}
    desk.post(url, sent | place)

    again = Appointment.objects.exclude(pk=row.pk).get()
    assert again.starts_at == local(10, 10)
    assert (again.patient_id, again.plan_id) == (row.patient_id, row.plan_id)


def test_a_visit_to_move_lights_its_own_place_too(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(5, 11))

    starts = lit(desk.get(f"{DAY}&move={row.pk}"), una.pk)
    page = desk.get(starts["11:15"].partition("#")[0])

    assert 'value="11:15"' in text(page)
    assert "btn--primary" in re.search(r"<button[^>]*>Move</button>", text(page))[0]


def test_nothing_lights_up_for_whoever_may_not_book(client, una):
    make_bed()
    row = make_appointment(practitioner=una, starts_at=local(5))
    client.force_login(make_user(Role.ADMIN))

    for light in ("light=treatment", f"copy={row.pk}", f"move={row.pk}"):
        page = text(client.get(f"{DAY}&{light}"))
        assert "free--lit" not in page
        assert "data-held" not in page
        assert "data-move-form" not in page


# Moved in the diary


def dropped(desk, row, **more):
    sent = {
        "day": "2026-03-05",
        "time": "10:00",
        "practitioner": row.practitioner_id,
        "bed": "",
        "needling": 15,
        "stay": 45,
        "revision": row.revision,
        "next": WEEK,
    }
    return desk.post(reverse("plans:move", args=[row.pk]), sent | more)


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


# Steps


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


# What others changed


def changes_address(page):
    found = re.search(r'data-changes="([^"]+)"', page.content.decode())
    return found[1].replace("&amp;", "&")


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


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("name", ["day", "until", "who", "seen"])
def test_no_question_for_changes_breaks(desk, name, junk):
    good = {"day": "2026-03-05", "until": "", "who": "", "seen": "0-0-0"}

    assert desk.get("/schedule/changes/", good | {name: junk}).status_code < 500


def test_a_page_that_looks_for_itself_keeps_no_session(desk, una):
    desk.get(DAY)
    session = desk.session
    session["seen"] = 0
    session.save()

    desk.get(DAY, headers={"X-Unattended": "1"})
    assert desk.session["seen"] == 0
    desk.get(DAY)
    assert desk.session["seen"] > 0


# Rights


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("address", [DAY, WEEK, "/schedule/changes/?day=2026-03-05"])
def test_every_role_reads_the_diary(client, una, role, address):
    client.force_login(make_user(role))

    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", [DAY, WEEK, "/schedule/changes/", "/keys/"])
def test_nobody_reads_it_without_signing_in(client, address):
    assert client.get(address).url.startswith("/account/sign-in/")


# Keys


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
