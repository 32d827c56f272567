"""After one of a course was moved: the rest follows, whole or not at all."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from plans.scheduling import queries
from plans.scheduling.models import Appointment
from plans.scheduling.services import (
    CourseClash,
    Slot,
    move_appointment,
    shift_rest,
)
from tests.factories import (
    make_appointment,
    make_bed,
    make_hours,
    make_plan,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def tuesday_noon(monkeypatch):
    """It is Tuesday 3 March 2026, 12:00 in the clinic."""
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now


def local(day, hour=9):
    return datetime(2026, 3, day, hour, tzinfo=LONDON)


@pytest.fixture
def una():
    practitioner = make_user(name="Una Hart")
    make_hours(practitioner)
    return practitioner


@pytest.fixture
def course(una):
    """Tuesdays and Fridays at nine, from the 6th on."""
    version = make_plan(codes=(), sessions=4, per_week=2)
    bed = make_bed()
    return [
        make_appointment(
            practitioner=una,
            plan=version.plan,
            patient=version.plan.episode.patient,
            bed=bed,
            starts_at=local(day),
        )
        for day in (6, 10, 13, 17)
    ]


def days(course):
    rows = Appointment.objects.filter(plan=course[0].plan).order_by("starts_at")
    return [
        row.starts_at.astimezone(LONDON).day for row in rows.filter(status="booked")
    ]


def moved(course, day):
    """The first, moved from the 6th."""
    first = course[0]
    slot = Slot(first.practitioner_id, None, local(day))
    move_appointment(by=make_user(), appointment=first, slot=slot, revision=0)
    return first


def shift(first, starts, **changes):
    rest = queries.rest_of_course(first)
    sent = {"revisions": {row.pk: row.revision for row in rest}} | changes
    slots = [Slot(first.practitioner_id, None, start) for start in starts]
    return shift_rest(by=make_user(), appointment=first, starts=slots, **sent)


def test_the_page_offers_dates_at_which_every_gap_holds_again(client, course):
    """The 9th is a day before the next; one of the rest gives way."""
    first = moved(course, 9)
    sign_in(client, Role.FRONT_DESK)
    url = f"/appointments/{first.pk}/shift/"

    page = client.get(url).content.decode()
    offer = page.split('<form method="post">')[1].split("</form>")[0]
    sent = {
        name: re.findall(rf'name="{name}" value="([^"]+)"', offer)
        for name in ("start", "visit")
    }
    answer = client.post(url, sent)

    assert "Gaps that don’t hold" in page
    assert answer.url == f"/plans/{first.plan_id}/course/"
    version = first.plan.versions.get()
    assert queries.breaches_of(first.plan, version) == []
    assert len(days(course)) == 4


def test_rows_may_land_where_others_of_the_course_still_stand(course):
    first = moved(course, 9)

    number = shift(first, [local(13), local(17), local(20)])

    assert number == 3
    assert days(course) == [9, 13, 17, 20]
    event = AuditEvent.objects.get(action="shift_course")
    assert len(event.details["appointments"]) == 3
    assert shift(first, [local(13), local(17), local(20)]) == 0, "sent twice"


def test_what_stays_is_not_touched(course):
    first = moved(course, 5)

    assert shift(first, [local(10), local(13), local(18)]) == 1

    assert [row.revision for row in queries.rest_of_course(first)] == [0, 0, 1]


def test_one_clash_and_nothing_moves(course, una):
    make_appointment(practitioner=una, starts_at=local(20))
    first = moved(course, 9)

    with pytest.raises(CourseClash):
        shift(first, [local(12), local(17), local(20)])

    assert days(course) == [9, 10, 13, 17]


def test_a_course_changed_meanwhile_is_told(course):
    first = moved(course, 9)
    shown = {row.pk: row.revision for row in queries.rest_of_course(first)}
    Appointment.objects.filter(pk=course[3].pk).update(revision=5)

    with pytest.raises(Stale):
        shift(first, [local(12), local(17), local(20)], revisions=shown)
    with pytest.raises(Stale):
        shift(first, [local(12), local(17)])


def test_a_move_leads_to_the_page_where_the_rest_can_follow(client, course, una):
    sign_in(client, Role.FRONT_DESK)
    place = {"day": "2026-03-09", "time": "09:00", "practitioner": una.pk, "bed": ""}

    lengths = {"needling": 15, "stay": 45, "revision": 0}
    answer = client.post(f"/appointments/{course[0].pk}/", place | lengths)

    assert (
        f"/appointments/{course[0].pk}/shift/"
        in client.get(answer.url).content.decode()
    )


@pytest.mark.parametrize("visit", ["", "x", "1", "1 x", "1 2 3", "9" * 40 + " 1"])
def test_no_rest_breaks_the_page(client, course, visit):
    sign_in(client, Role.FRONT_DESK)
    url = f"/appointments/{course[0].pk}/shift/"

    sent = {"start": "2026-03-12T09:00 1", "visit": visit}

    assert client.post(url, sent).status_code in {409, 422}


def test_an_appointment_of_no_course_has_no_rest(client):
    sign_in(client, Role.FRONT_DESK)

    page = client.get(f"/appointments/{make_appointment().pk}/shift/")

    assert page.status_code == 404
