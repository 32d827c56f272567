"""After one of a course was moved: the rest follows, whole or not at all."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from plans.scheduling import queries
from plans.scheduling.models import Appointment
from plans.scheduling.services import (
    CourseClash,
    Slot,
    add_closure,
    move_appointment,
    set_status,
    shift_rest,
    shifting,
)
from tests.factories import (
    make_appointment,
    make_bed,
    make_plan,
    make_user,
    sign_in,
)
from tests.plans.diary_setting import LONDON, local

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]


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


def moves(page):
    """Where those stand now that an offer would move."""
    return re.findall(r">was ([^<]+)<", page)


def test_what_can_stay_stays_and_every_gap_holds_again(client, course):
    """The 9th is a day before the next, which alone gives way, behind the others."""
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
    told = client.get(answer.url).content.decode()
    assert "1 appointment was moved." in told
    assert 'Places were given up by this. <a href="/schedule/waiting/">' in told
    version = first.plan.versions.get()
    assert queries.breaches_of(first.plan, version) == []
    assert days(course)[:3] == [9, 13, 17]
    assert len(days(course)) == 4
    assert moves(page) == ["Tue 10 Mar, 09:00"] * 3, "once an offer"
    rows = [Appointment.objects.get(pk=row.pk) for row in course]
    assert [row.revision for row in rows] == [1, 1, 0, 0]


def test_a_visit_given_longer_stays_too(client, course):
    """The planner asks whether it fits where it is, not whether a usual one would."""
    for row, minutes in ((course[2], 75), (course[3], 30)):
        ends = row.starts_at + timedelta(minutes=minutes)
        Appointment.objects.filter(pk=row.pk).update(ends_at=ends)
    follower = local(17) + timedelta(minutes=30)
    make_appointment(
        practitioner=course[3].practitioner, bed=course[3].bed, starts_at=follower
    )
    first = moved(course, 9)
    sign_in(client, Role.FRONT_DESK)

    page = client.get(f"/appointments/{first.pk}/shift/").content.decode()

    assert moves(page) == ["Tue 10 Mar, 09:00"] * 3


def test_a_course_booked_at_a_pace_of_its_own_keeps_it(client, una):
    """Twice a week by wish, though the plan says once: one has to give way, not six."""
    version = make_plan(codes=(), sessions=8, per_week=1)
    bed = make_bed()
    course = [
        make_appointment(
            practitioner=una,
            plan=version.plan,
            patient=version.plan.episode.patient,
            bed=bed,
            starts_at=local(day),
        )
        for day in (6, 10, 13, 17, 20, 24, 27)
    ]
    first = moved(course, 9)
    sign_in(client, Role.FRONT_DESK)

    page = client.get(f"/appointments/{first.pk}/shift/").content.decode()

    assert moves(page) == ["Tue 10 Mar, 09:00"] * 3


def test_who_is_outside_the_hours_by_now_cannot_stay(client, course, una):
    day = local(13).date()
    add_closure(by=una, first_day=day, last_day=day, reason="Painting")
    first = moved(course, 9)
    sign_in(client, Role.FRONT_DESK)

    page = client.get(f"/appointments/{first.pk}/shift/").content.decode()

    assert "Fri 13 Mar, 09:00" in moves(page)


def test_rows_may_land_where_others_of_the_course_still_stand(course):
    first = moved(course, 9)

    later = [local(day) + timedelta(minutes=30) for day in (10, 13, 17)]

    assert shift(first, later) == 3
    rows = Appointment.objects.filter(pk__in=[row.pk for row in course[1:]])
    assert [row.starts_at for row in rows] == later
    event = AuditEvent.objects.get(action="shift_course")
    assert len(event.details["appointments"]) == 3
    assert shift(first, later) == 0, "sent twice"


def test_what_stays_is_not_touched(course):
    first = moved(course, 5)

    assert shift(first, [local(13), local(17), local(18)]) == 1

    rows = queries.rest_of_course(first)
    assert [(row.pk, row.revision) for row in rows] == [
        (course[2].pk, 0),
        (course[3].pk, 0),
        (course[1].pk, 1),
    ], "the 10th leaves its place, the others are left where they are"


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
    with pytest.raises(Stale):
        shift(first, [local(12), local(12), local(17)])


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


@pytest.mark.django_db(transaction=True)
def test_who_cancels_while_it_is_shifted_is_told_and_nothing_is_undone(
    many_connections, course, monkeypatch
):
    """The other desk's press falls between our look at the places and our writing."""
    first = moved(course, 9)
    rest = queries.rest_of_course(first)
    find_places = shifting.find_places

    def cancel():
        row = Appointment.objects.get(pk=course[1].pk)
        try:
            set_status(
                by=row.practitioner,
                appointment=row,
                status="cancelled",
                revision=rest[0].revision,
                reason="Ill",
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pressed = []

        def look(*args, **kwargs):
            found = find_places(*args, **kwargs)
            pressed.append(pool.submit(cancel))
            return found

        monkeypatch.setattr(shifting, "find_places", look)
        shift_rest(
            by=make_user(),
            appointment=first,
            starts=[Slot(first.practitioner_id, None, local(d)) for d in (11, 13, 17)],
            revisions={row.pk: row.revision for row in rest},
        )
        with pytest.raises(Stale):
            pressed[0].result()

    assert days(course) == [9, 11, 13, 17]
