"""A whole course: wished, chosen, booked, and read afterwards."""

import re
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from plans.scheduling.models import (
    Appointment,
    Closure,
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
from tests.plans.diary_setting import (
    JUNK,
    LONDON,
    junk_in_turn,
    local,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]


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

    with django_assert_max_num_queries(13):  # PostgreSQL asks for its lock too
        desk.post(url, chosen)

    assert Appointment.objects.count() == 12


@pytest.fixture
def booking(una):
    make_bed()
    return f"/plans/{make_plan(codes=(), sessions=2).plan_id}/book/"


def test_no_wish_breaks_the_page(desk, booking):
    good = {
        "earliest": "2026-03-04",
        "per_week": 2,
        "sessions": 2,
        "smallest_gap": 2,
        "largest_gap": 7,
    }

    others = ("weekdays", "time_from", "time_to", "practitioner", "must")
    for sent in (*junk_in_turn((*good, *others)), *junk_in_turn(good)):
        assert desk.get(booking, sent).status_code == 200, sent
    for sent in junk_in_turn(others):
        assert desk.get(booking, good | sent).status_code == 200, sent


@pytest.mark.parametrize("junk", JUNK)
def test_no_choice_breaks_the_page(desk, una, booking, junk):
    for sent in (
        {"start": junk, "submission": uuid4()},
        {"start": f"{junk} {una.pk}", "submission": uuid4()},
        {"start": f"2026-03-05T09:00 {junk}", "submission": uuid4()},
        {"start": f"2026-03-05T09:00 {una.pk}", "submission": junk},
    ):
        assert desk.post(booking, sent).status_code in {409, 422}

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
