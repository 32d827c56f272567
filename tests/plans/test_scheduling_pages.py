"""The desk's pages: what they show, what they cost, and what they refuse."""

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.scheduling import queries
from plans.scheduling.free import Length, free_starts
from plans.scheduling.models import (
    Appointment,
    Bed,
    Closure,
    VisitLength,
    WorkingHours,
)
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
DAY = "/schedule/?day=2026-03-03"
JUNK = [
    "",
    "x",
    "0001-01-01",
    "9999-12-31",
    "1999-12-31",
    "2100-01-01",
    "2026-02-30",
    "2026-03-03T09:00",
    "\x00",
    "-1",
    "9" * 400,
    "二〇二六",
]


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
    user = make_user(Role.FRONT_DESK)
    client.force_login(user)
    return client


@pytest.fixture
def admin(client):
    client.force_login(make_user(Role.ADMIN))
    return client


def local(day, hour=9, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=LONDON)


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


# The day


@pytest.mark.parametrize(
    ("visits", "by"), list(product([1, 3], ["practitioner", "bed"]))
)
def test_a_day_costs_the_same_however_many_visits(
    desk, una, visits, by, django_assert_num_queries
):
    """Session, user, the stamp, appointments, hours, closures; by bed the beds."""
    for hour in range(visits):
        make_appointment(practitioner=una, starts_at=local(3, 9 + hour))
    desk.get(DAY)

    with django_assert_num_queries(6 + (by == "bed")):
        page = desk.get(f"{DAY}&by={by}")

    assert page.content.decode().count('class="visit visit--') == visits


def test_a_day_of_twelve_and_two_hundred_costs_the_same(
    desk, django_assert_num_queries
):
    for _ in range(12):
        practitioner, bed = make_user(), make_bed()
        make_hours(practitioner)
        for quarter in range(17):
            make_appointment(
                practitioner=practitioner,
                bed=bed,
                starts_at=local(3) + timedelta(minutes=15 * quarter),
                minutes=15,
            )
    desk.get(DAY)

    with django_assert_num_queries(6):
        page = desk.get(DAY)

    assert page.content.decode().count('class="visit visit--') == 12 * 17


def test_a_day_says_each_visit_in_words(desk, una):
    patient = make_patient(given_name="Kit", family_name="Marlow")
    row = make_appointment(
        practitioner=una, patient=patient, starts_at=local(3, 13), status="confirmed"
    )

    page = text(desk.get(DAY))

    assert "Kit Marlow" in page
    assert "Una Hart" in page
    assert "Confirmed" in page
    assert f"/appointments/{row.pk}/status/" in page
    assert "style=" not in page


def test_free_places_lead_to_a_form_with_the_place_in_it(desk, una):
    make_appointment(practitioner=una, starts_at=local(3, 15))

    page = text(desk.get(DAY))

    assert "time=14:45" in page
    assert "time=15:00" not in page
    assert "time=11:45" not in page, "that has passed"
    assert f"practitioner={una.pk}" in page


def test_closures_and_leave_are_said(desk, una):
    Closure.objects.create(
        first_day=date(2026, 3, 3), last_day=date(2026, 3, 3), reason="Spring holiday"
    )
    Closure.objects.create(
        first_day=date(2026, 3, 4),
        last_day=date(2026, 3, 4),
        reason="Training",
        practitioner=una,
    )

    assert "Spring holiday" in text(desk.get(DAY))
    assert "Away: Training" in text(desk.get("/schedule/?day=2026-03-04"))


@pytest.mark.parametrize("junk", JUNK)
def test_no_day_breaks_the_page(desk, una, junk):
    page = desk.get("/schedule/", {"day": junk, "by": junk})

    assert page.status_code == 200
    assert "Tuesday 3 March 2026" in text(page)


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_day_have_pages(desk, una, day):
    assert desk.get(f"/schedule/?day={day}").status_code == 200


def test_arriving_is_one_press_and_can_be_undone(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(3, 13))

    answer = desk.post(
        f"/appointments/{row.pk}/status/", {"step": "arrived 0", "next": DAY}
    )
    page = desk.get(answer.url)
    undo = re.search(r'action="([^"]*status=booked[^"]*)"', page.content.decode())
    row.refresh_from_db()
    assert (answer.url, row.status) == (f"{DAY}#a{row.pk}", "arrived")

    desk.post(undo[1].replace("&amp;", "&"))

    row.refresh_from_db()
    assert row.status == "booked"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"step": "arrived"},
        {"step": "flown 0"},
        {"step": "arrived -1"},
        {"status": "arrived", "revision": "9" * 40},
        {"step": "\x00"},
        {"step": "arrived 0", "next": "https://elsewhere.example/"},
    ],
)
def test_no_step_breaks_the_page_or_leads_elsewhere(desk, una, sent):
    row = make_appointment(practitioner=una, starts_at=local(3, 13))

    answer = desk.post(f"/appointments/{row.pk}/status/", sent)

    assert answer.status_code == 302
    assert answer.url == f"/schedule/?day=2026-03-03#a{row.pk}"


def test_the_slower_of_two_is_told(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(3, 11), revision=1)

    answer = desk.post(f"/appointments/{row.pk}/status/", {"step": "no_show 0"})

    page = text(desk.get(answer.url))
    row.refresh_from_db()
    assert row.status == "booked"
    assert "Somebody else was quicker" in page


# One appointment


def test_cancelling_asks_for_a_reason_beside_the_field(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(5))
    url = f"/appointments/{row.pk}/status/"

    page = desk.post(url, {"status": "cancelled", "revision": 0, "reason": " "})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()

    desk.post(url, {"status": "cancelled", "revision": 0, "reason": "Ill"})
    row.refresh_from_db()
    assert (row.status, row.cancel_reason) == ("cancelled", "Ill")


def place(practitioner, day="2026-03-05", at="10:00", **more):
    where = {"day": day, "time": at, "practitioner": practitioner.pk, "bed": ""}
    return where | {"needling": 15, "stay": 45} | more


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

    with django_assert_max_num_queries(14 + (connection.vendor == "postgresql")):
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


@pytest.mark.parametrize("junk", JUNK)
def test_no_booking_address_breaks_the_page(desk, una, junk):
    patient = make_patient()
    names = ("patient", "q", "day", "time", "practitioner", "bed")

    for name in names:
        sent = {"patient": patient.pk} | {name: junk}
        assert desk.get("/schedule/new/", sent).status_code in {200, 404}


# A whole course


def offered(page):
    """The starts and the token of the first course on the page."""
    first = page.content.decode().split("<ol class=")[1].split("</form>")[0]
    before = page.content.decode().split("<ol class=")[0]
    submission = re.findall(r'name="submission" value="([^"]+)"', before)[-1]
    return {
        "start": re.findall(r'name="start" value="([^"]+)"', first),
        "submission": submission,
    }


def test_a_course_is_booked_in_two_clicks_after_the_wishes(desk, una):
    make_bed()
    version = make_plan(codes=(), sessions=12, per_week=2)
    url = f"/plans/{version.plan_id}/book/"
    wishes = {
        "earliest": "2026-03-04",
        "per_week": 2,
        "weekdays": [1, 4],
        "time_from": "10:00",
        "time_to": "11:00",
        "practitioner": una.pk,
        "sessions": 12,
        "smallest_gap": 2,
        "largest_gap": 7,
    }

    page = desk.get(url, wishes)
    assert page.content.decode().count('class="offer"') == 3
    assert "Everything as wished" in text(page)
    answer = desk.post(page.request["PATH_INFO"], offered(page))

    assert answer.url == f"/plans/{version.plan_id}/course/"
    rows = Appointment.objects.filter(plan=version.plan)
    assert rows.count() == 12
    local_starts = [row.starts_at.astimezone(LONDON) for row in rows]
    assert {start.weekday() for start in local_starts} == {1, 4}
    assert {start.hour for start in local_starts} == {10}, "summer time begins within"
    assert "12 appointments are booked." in text(desk.get(answer.url))


def test_a_place_taken_meanwhile_is_told_and_the_next_best_offered(desk, una):
    make_bed()
    version = make_plan(codes=(), sessions=4)
    url = f"/plans/{version.plan_id}/book/"
    chosen = offered(desk.get(url))
    taken = datetime.fromisoformat(chosen["start"][1].split()[0])
    make_appointment(
        practitioner=una,
        starts_at=taken.replace(tzinfo=LONDON),
        patient=make_patient(family_name="Secretsdottir"),
    )

    page = desk.post(url, chosen)

    assert page.status_code == 409
    assert "Nothing has been booked" in text(page)
    assert f"{taken:%H:%M}: Una Hart is with somebody else." in text(page)
    assert "Secretsdottir" not in text(page)
    assert not Appointment.objects.filter(plan=version.plan).exists()
    desk.post(url, offered(page))
    assert Appointment.objects.filter(plan=version.plan).count() == 4


def test_without_a_course_the_page_links_to_what_makes_room(desk, una):
    make_bed()
    version = make_plan(codes=(), sessions=4)
    url = f"/plans/{version.plan_id}/book/"
    wishes = (
        "earliest=2026-03-04&per_week=2&weekdays=6&must=weekdays&sessions=4"
        "&smallest_gap=2&largest_gap=7&practitioner="
    )

    page = desk.get(f"{url}?{wishes}")
    link = re.search(r'<a class="btn" href="(\?[^"]+)">Allow other days', text(page))

    assert "0 of 4 sessions find a place" in text(page)
    relaxed = desk.get(url + link[1].replace("&amp;", "&"))
    assert relaxed.content.decode().count('class="offer"') == 3


def test_a_date_that_is_passed_over_has_a_row_of_its_own(desk, una):
    """Fridays only, at nine; Una is away on one of them, and nobody else works."""
    make_bed()
    version = make_plan(codes=(), sessions=3, per_week=1)
    away = date(2026, 3, 13)
    Closure.objects.create(
        practitioner=una, first_day=away, last_day=away, reason="Training"
    )

    page = desk.get(
        f"/plans/{version.plan_id}/book/?earliest=2026-03-04&per_week=1&sessions=3"
        "&weekdays=4&time_from=09:00&time_to=09:00&must=weekdays&largest_gap=14"
    )

    first = text(page).split('class="offer__rows"')[1].split("</ol>")[0]
    row = first.split("<li")[2]
    assert "Fri 13 Mar" in row
    assert "Left out" in row
    assert "Una Hart is away" in row
    assert 'name="start"' not in row, "it is not booked"


def test_the_missing_rest_of_a_course_is_offered(desk, una):
    bed = make_bed()
    version = make_plan(codes=(), sessions=3)
    make_appointment(
        plan=version.plan,
        patient=version.plan.episode.patient,
        practitioner=una,
        bed=bed,
        starts_at=local(2),
        status="done",
    )

    page = desk.get(f"/plans/{version.plan_id}/book/")

    assert len(offered(page)["start"]) == 2
    assert offered(page)["start"][0].startswith("2026-03-05")


@pytest.mark.parametrize(
    ("per_week", "by_week"),
    [
        ("3-3-2-2", [3, 3, 2, 2]),
        ("2", [2, 2, 2, 2, 2]),
        ("1-2-3", [1, 2, 3, 3, 1]),
    ],
)
def test_a_course_may_taper_week_by_week(desk, una, per_week, by_week):
    make_bed()
    version = make_plan(codes=(), sessions=10)
    wishes = "earliest=2026-03-09&sessions=10&smallest_gap=&largest_gap="

    page = desk.get(f"/plans/{version.plan_id}/book/?{wishes}&per_week={per_week}")

    starts = [datetime.fromisoformat(row.split()[0]) for row in offered(page)["start"]]
    weeks = [start.isocalendar().week for start in starts]
    assert [weeks.count(week) for week in dict.fromkeys(weeks)] == by_week


def test_the_plans_own_taper_is_what_is_asked_first(desk, una):
    make_bed()
    version = make_plan(codes=(), sessions=9, weekly=[3, 3, 2, 1])

    page = desk.get(f"/plans/{version.plan_id}/book/")

    assert "9 of 9 sessions to book, 3-3-2-1 a week" in text(page)
    assert re.search(r'value="3-3-2-1"[^>]* checked', page.content.decode())
    assert len(offered(page)["start"]) == 9


def test_a_rest_keeps_the_days_the_hour_and_the_practitioner(desk, una):
    """Tuesdays and Fridays at eleven with Una, though Ira approved the plan."""
    make_hours(make_user(name="Ira Idle"))
    version = make_plan(codes=(), sessions=8, approved_by=make_user())
    bed = make_bed()
    for days in (11, 7, 4, 0):
        make_appointment(
            practitioner=una,
            plan=version.plan,
            patient=version.plan.episode.patient,
            bed=bed,
            starts_at=local(3, 11) - timedelta(days=days),
            status="done",
        )

    page = desk.get(f"/plans/{version.plan_id}/book/")

    assert "Everything as wished" in text(page)
    assert offered(page)["start"] == [
        f"2026-03-{day:02}T11:00 {una.pk}" for day in (6, 10, 13, 17)
    ]


def test_a_way_out_of_too_few_a_week_leads_to_a_course(desk, una):
    """Three in one week, of which the gaps of one a week allow none."""
    make_bed()
    version = make_plan(codes=(), sessions=3)
    WorkingHours.objects.exclude(weekday__in=[0, 2]).delete()
    Closure.objects.create(
        first_day=date(2026, 3, 16), last_day=date(2026, 6, 1), reason="Builders"
    )
    url = f"/plans/{version.plan_id}/book/"
    page = desk.get(
        f"{url}?earliest=2026-03-04&per_week=1&sessions=3&smallest_gap=2&largest_gap="
    )

    link = re.search(r'href="(\?[^"]+)">Come up to 2 times a week', text(page))
    relaxed = desk.get(url + link[1].replace("&amp;", "&"))

    assert len(offered(relaxed)["start"]) == 3


def test_booking_a_course_asks_little_of_the_database(
    desk, una, django_assert_max_num_queries
):
    make_bed()
    version = make_plan(codes=(), sessions=12)
    url = f"/plans/{version.plan_id}/book/"
    chosen = offered(desk.get(url))

    with django_assert_max_num_queries(15):
        desk.post(url, chosen)

    assert Appointment.objects.count() == 12


@pytest.mark.parametrize("junk", JUNK)
def test_no_wish_and_no_choice_breaks_the_page(desk, una, junk):
    make_bed()
    version = make_plan(codes=(), sessions=2)
    url = f"/plans/{version.plan_id}/book/"
    good = {
        "earliest": "2026-03-04",
        "per_week": 2,
        "sessions": 2,
        "smallest_gap": 2,
        "largest_gap": 7,
    }

    for field in (*good, "weekdays", "time_from", "time_to", "practitioner", "must"):
        assert desk.get(url, good | {field: junk}).status_code == 200, field
    for sent in (
        {"start": junk, "submission": uuid4()},
        {"start": f"{junk} {una.pk}", "submission": uuid4()},
        {"start": f"2026-03-05T09:00 {junk}", "submission": uuid4()},
        {"start": f"2026-03-05T09:00 {una.pk}", "submission": junk},
    ):
        assert desk.post(url, sent).status_code in {409, 422}

    assert not Appointment.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_course_page_costs_the_same_for_any_length(
    desk, una, rows, django_assert_num_queries
):
    """Session, user, plan, version, state, breaches, pace, rows; the audit writes."""
    version = make_plan(codes=(), sessions=3)
    for day in range(rows):
        make_appointment(
            practitioner=una,
            plan=version.plan,
            patient=version.plan.episode.patient,
            starts_at=local(4 + 2 * day),
        )
    url = f"/plans/{version.plan_id}/course/"
    desk.get(url)

    with django_assert_num_queries(9):
        page = desk.get(url)

    assert page.content.decode().count('<th scope="row">') == rows


def test_a_draft_cannot_be_booked(desk, una):
    version = make_plan(codes=(), status="draft", approved_at=None, approved_by=None)
    url = f"/plans/{version.plan_id}/book/"

    assert "There is no approved plan" in text(desk.get(url))
    sent = {"start": f"2026-03-05T09:00 {una.pk}", "submission": uuid4()}
    assert desk.post(url, sent).status_code == 409


def test_nothing_is_booked_for_a_closed_episode(desk, una):
    version = make_plan(codes=())
    version.plan.episode.closed_on = date(2026, 3, 2)
    version.plan.episode.save()
    url = f"/plans/{version.plan_id}"

    assert "This episode is closed" in text(desk.get(f"{url}/book/"))
    page = text(desk.get(f"{url}/course/"))
    assert "Behind plan" not in page
    assert f"{url}/book/" not in page


# Hours


def week(**changes):
    sent = {
        f"{edge}{part}_{weekday}": ""
        for edge in ("starts", "ends")
        for part in (1, 2)
        for weekday in range(7)
    }
    return sent | changes


def test_a_week_has_breaks_and_is_replaced_whole(admin, una):
    url = reverse("plans:week", args=[una.pk])
    sent = week(starts1_0="08:00", ends1_0="12:00", starts2_0="13:00", ends2_0="17:30")

    assert admin.post(url, sent).status_code == 302

    hours = WorkingHours.objects.filter(practitioner=una)
    assert [(h.weekday, h.starts, h.ends) for h in hours] == [
        (0, time(8), time(12)),
        (0, time(13), time(17, 30)),
    ]
    assert AuditEvent.objects.filter(action="set_hours").count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts1_0": "08:00"}, "Give both times"),
        ({"starts1_0": "12:00", "ends1_0": "08:00"}, "ends before it begins"),
        ({"starts1_0": "08:00", "ends1_0": "08:00"}, "ends before it begins"),
        (
            {
                "starts1_0": "08:00",
                "ends1_0": "12:00",
                "starts2_0": "11:45",
                "ends2_0": "13:00",
            },
            "overlaps the hours before",
        ),
        ({"starts1_0": "08:07", "ends1_0": "12:00"}, "full quarter"),
    ],
)
def test_a_week_that_makes_no_sense_is_not_saved(admin, una, changes, said):
    page = admin.post(reverse("plans:week", args=[una.pk]), week(**changes))

    assert page.status_code == 422
    assert said in text(page)
    assert WorkingHours.objects.filter(practitioner=una).count() == 5


def test_one_day_may_have_other_hours_than_its_week(admin, una):
    """Thursday 5 March in the evening only; the Sunday after it too."""
    make_bed()
    make_appointment(practitioner=una, starts_at=local(5))
    url = reverse("plans:add_day", args=[una.pk])

    answer = admin.post(
        url, {"day": "2026-03-05", "starts1": "18:00", "ends1": "20:00"}
    )
    page = text(admin.get(answer.url))
    admin.post(url, {"day": "2026-03-08", "starts1": "10:00", "ends1": "12:00"})

    assert "1 appointment lies outside these hours" in page
    assert "18:00–20:00" in page
    first, last = date(2026, 3, 5), date(2026, 3, 8)
    known = queries.calendar(first, last)
    free = free_starts(known, Length(15, 45), first=first, last=last)
    hours = {day: {f.at.hour for f in free if f.at.day == day} for day in (5, 6, 8)}
    assert hours == {5: {18, 19}, 6: set(range(9, 18)), 8: {10, 11}}

    admin.post(reverse("plans:remove_day", args=[una.pk]), {"day": "2026-03-05"})
    assert [row.starts for row in queries.hours_on(first)] == [time(9)]
    assert [row.starts for row in queries.hours_on(last)] == [time(10)]


def test_setting_the_week_leaves_single_days_alone(admin, una):
    url = reverse("plans:add_day", args=[una.pk])
    admin.post(url, {"day": "2026-03-08", "starts1": "10:00", "ends1": "12:00"})

    admin.post(reverse("plans:week", args=[una.pk]), week())

    assert [str(row.day) for row in WorkingHours.objects.all()] == ["2026-03-08"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"day": "2026-03-02"}, "That day has passed"),
        ({"starts1": ""}, "This field is required"),
        ({"ends1": "09:00"}, "ends before it begins"),
        ({"starts2": "11:00", "ends2": "13:00"}, "overlaps the hours before"),
        ({"starts2": "13:00"}, "Give both times"),
    ],
)
def test_hours_of_a_day_that_make_no_sense_are_not_saved(admin, una, changes, said):
    sent = {"day": "2026-03-08", "starts1": "10:00", "ends1": "12:00"} | changes

    page = admin.post(reverse("plans:add_day", args=[una.pk]), sent)

    assert page.status_code == 422
    assert said in text(page)
    assert not WorkingHours.objects.exclude(day=None).exists()


LENGTHS = {
    "needling_first": 45,
    "stay_first": 90,
    "needling_treatment": 30,
    "stay_treatment": 60,
}


def test_lengths_hold_for_what_is_booked_from_now_on(client, admin, una):
    make_bed()
    before = make_appointment(practitioner=una, starts_at=local(4))

    assert admin.post(reverse("plans:lengths"), LENGTHS).status_code == 302

    client.force_login(make_user(Role.FRONT_DESK))
    client.post(
        f"/schedule/new/?patient={make_patient().pk}",
        place(una, kind="treatment", submission=uuid4()),
    )
    row = Appointment.objects.get(starts_at=local(5, 10))
    assert row.needling_ends_at - row.starts_at == timedelta(minutes=30)
    assert row.ends_at - row.starts_at == timedelta(minutes=60)
    before.refresh_from_db()
    assert before.ends_at - before.starts_at == timedelta(minutes=45)


@pytest.mark.parametrize(
    "changes",
    [
        {"stay_first": 30},
        {"needling_treatment": 20},
        {"stay_treatment": 255},
        {"needling_first": "x"},
    ],
)
def test_lengths_that_make_no_sense_are_not_saved(admin, changes):
    page = admin.post(reverse("plans:lengths"), LENGTHS | changes)

    assert page.status_code == 422
    assert not VisitLength.objects.exists()


@pytest.mark.parametrize("minutes", [(0, 45), (20, 45), (60, 45), (15, 255)])
def test_the_database_keeps_lengths_that_fit(minutes):
    needling, stay = minutes

    with pytest.raises(IntegrityError), transaction.atomic():
        VisitLength.objects.create(kind="first", needling_min=needling, stay_min=stay)


def test_a_closure_says_who_already_stands_there(admin, una):
    make_appointment(practitioner=una, starts_at=local(5))
    sent = {
        "first_day": "2026-03-05",
        "last_day": "2026-03-06",
        "practitioner": una.pk,
        "reason": "Training",
    }

    for _ in range(2):
        answer = admin.post(reverse("plans:add_closure"), sent)

    page = text(admin.get(answer.url))
    assert "1 appointment stands on these days" in page
    closure = Closure.objects.get()
    admin.post(reverse("plans:remove_closure", args=[closure.pk]))
    assert not Closure.objects.exists()


def test_beds_have_their_own_names(admin):
    sent = {"name": "Window", "room": "", "order": 1, "is_active": "on"}
    url = reverse("plans:add_bed")

    assert admin.post(url, sent).status_code == 302
    page = admin.post(url, sent)

    assert page.status_code == 422
    assert "Another bed has this name" in text(page)
    bed = Bed.objects.get()
    admin.post(reverse("plans:bed", args=[bed.pk]), sent | {"is_active": ""})
    bed.refresh_from_db()
    assert not bed.is_active


@pytest.mark.parametrize("rows", [1, 3])
def test_the_hours_page_costs_the_same_for_any_clinic(
    admin, rows, django_assert_num_queries
):
    """Session, user, people and their number, hours, closures and theirs, beds,
    lengths.
    """
    for number in range(rows):
        member = make_user()
        make_hours(member)
        make_bed()
        Closure.objects.create(
            first_day=date(2026, 4, 1 + number),
            last_day=date(2026, 4, 1 + number),
            reason="Holiday",
            practitioner=member,
        )
    admin.get("/schedule/hours/")

    with django_assert_num_queries(9):
        page = admin.get("/schedule/hours/")

    assert page.status_code == 200


@pytest.mark.parametrize("junk", JUNK)
def test_no_hours_address_or_form_breaks(admin, una, junk):
    assert admin.get("/schedule/hours/", {"page": junk, "closures": junk}).status_code
    assert (
        admin.post(
            reverse("plans:add_closure"),
            {
                "first_day": junk,
                "last_day": junk,
                "practitioner": junk,
                "reason": "x",
            },
        ).status_code
        == 422
    )
    assert (
        admin.post(
            reverse("plans:add_bed"), {"name": "", "room": junk, "order": junk}
        ).status_code
        == 422
    )


# Rights


READ = {Role.ACUPUNCTURIST: 200, Role.FRONT_DESK: 200, Role.ADMIN: 200}
BOOK = {Role.ACUPUNCTURIST: 200, Role.FRONT_DESK: 200, Role.ADMIN: 403}
MANAGE = {Role.ACUPUNCTURIST: 403, Role.FRONT_DESK: 403, Role.ADMIN: 200}


@pytest.mark.parametrize(
    ("name", "rights"),
    [
        ("day", READ),
        ("appointment", READ),
        ("course", READ),
        ("book", BOOK),
        ("book_course", BOOK),
        ("shift_course", BOOK),
        ("hours", MANAGE),
        ("week", MANAGE),
        ("add_closure", MANAGE),
        ("add_bed", MANAGE),
        ("add_day", MANAGE),
        ("wait_list", BOOK),
        ("join_wait_list", BOOK),
        ("lengths", MANAGE),
        ("bed", MANAGE),
    ],
)
@pytest.mark.parametrize("role", Role)
def test_who_may_see_which_page(client, una, name, rights, role):
    version = make_plan(codes=())
    row = make_appointment(practitioner=una, plan=version.plan)
    client.force_login(make_user(role))
    args = {
        "appointment": [row.pk],
        "course": [version.plan_id],
        "shift_course": [row.pk],
        "book_course": [version.plan_id],
        "week": [una.pk],
        "add_day": [una.pk],
        "join_wait_list": [row.patient_id],
        "bed": [row.bed_id],
    }

    page = client.get(reverse(f"plans:{name}", args=args.get(name)))

    assert page.status_code == rights[role]


def test_an_admin_changes_no_appointment(admin, una):
    row = make_appointment(practitioner=una, starts_at=local(5))

    moved = admin.post(f"/appointments/{row.pk}/", place(una, revision=0))
    step = admin.post(f"/appointments/{row.pk}/status/", {"step": "arrived 0"})

    row.refresh_from_db()
    assert (moved.status_code, step.status_code) == (403, 403)
    assert (row.starts_at, row.status) == (local(5), "booked")


@pytest.mark.parametrize(
    "url",
    [
        "/appointments/999/",
        "/appointments/99999999999999999999999/",
        "/plans/999/book/",
        "/plans/999/course/",
        "/schedule/new/?patient=999",
    ],
)
def test_what_is_not_there_is_404(desk, url):
    assert desk.get(url).status_code == 404


def test_the_desk_sees_no_clinical_word(desk, una):
    version = make_plan(codes=())
    version.plan.episode.complaint = "Sciatica, left"
    version.plan.episode.save()
    row = make_appointment(
        practitioner=una,
        plan=version.plan,
        patient=version.plan.episode.patient,
        starts_at=local(5),
    )

    for url in (
        DAY,
        f"/appointments/{row.pk}/",
        f"/plans/{version.plan_id}/book/",
        f"/plans/{version.plan_id}/course/",
        f"/schedule/new/?patient={row.patient_id}",
    ):
        assert "Sciatica" not in text(desk.get(url)), url
