"""Booking: whole or not at all, and in words why not."""

from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.scheduling.models import Appointment, Closure
from plans.scheduling.services import (
    PAST,
    CourseClash,
    NoPlanInForce,
    Slot,
    TooMany,
    book_appointment,
    book_course,
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
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch):
    """It is Monday 2 March 2026, 08:00 in the clinic."""
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now


@pytest.fixture
def una():
    practitioner = make_user(name="Una")
    make_hours(practitioner)
    return practitioner


@pytest.fixture
def bed():
    return make_bed()


@pytest.fixture
def desk():
    return make_user(Role.FRONT_DESK)


def local(day, hour=9, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=LONDON)


def slots(practitioner, *starts, bed=None):
    return [Slot(practitioner.pk, bed, start) for start in starts]


def book(desk, version, starts, submission=None):
    return book_course(
        by=desk, plan=version.plan, starts=starts, submission=submission or uuid4()
    )


def why(error):
    return [(clash.index, clash.why) for clash in error.value.clashes]


def test_a_course_is_booked_whole(desk, una, bed):
    version = make_plan(codes=(), sessions=3)

    rows = book(desk, version, slots(una, local(3), local(6), local(10)))

    assert [row.pk for row in rows] == list(
        Appointment.objects.filter(plan=version.plan).values_list("pk", flat=True)
    )
    assert {row.bed_id for row in rows} == {bed.pk}
    assert rows[0].needling_ends_at == local(3, 9, 15)
    assert rows[0].ends_at == local(3, 9, 45)
    event = AuditEvent.objects.get(action="book_course")
    assert event.details == {"appointments": [row.pk for row in rows]}


def test_the_bed_is_held_as_long_as_the_plan_leaves_the_needles_in(desk, una, bed):
    version = make_plan(codes=(), sessions=1, retention_min=40)

    (row,) = book(desk, version, slots(una, local(3)))

    assert row.ends_at == local(3, 10)


def test_one_clash_and_nothing_is_booked(desk, una, bed):
    make_appointment(practitioner=una, starts_at=local(6))
    Closure.objects.create(
        first_day=date(2026, 3, 10), last_day=date(2026, 3, 10), reason="Holiday"
    )
    version = make_plan(codes=(), sessions=4)

    with pytest.raises(CourseClash) as error:
        book(desk, version, slots(una, local(3), local(6), local(10), local(14)))

    assert why(error) == [(1, "practitioner"), (2, "closed"), (3, "not_working")]
    assert not Appointment.objects.filter(plan=version.plan).exists()


def test_each_obstacle_is_told_by_its_name(desk, una, bed):
    version = make_plan(codes=(), sessions=5)
    patient = version.plan.episode.patient
    Closure.objects.create(
        first_day=date(2026, 3, 3),
        last_day=date(2026, 3, 3),
        practitioner=una,
        reason="Course",
    )
    make_appointment(starts_at=local(4, 9, 30), bed=bed)
    make_appointment(starts_at=local(5, 8, 30), bed=bed, patient=patient)

    with pytest.raises(CourseClash) as error:
        book(
            desk,
            version,
            slots(una, local(1), local(3), local(4), local(5), local(6, 8)),
        )

    assert why(error) == [
        (0, PAST),
        (1, "away"),
        (2, "bed"),
        (3, "patient"),
        (4, "not_working"),
    ]


def test_the_same_submission_books_once(desk, una, bed):
    version = make_plan(codes=(), sessions=2)
    submission = uuid4()
    starts = slots(una, local(3), local(6))

    first = book(desk, version, starts, submission)
    second = book(desk, version, starts, submission)

    assert first == second
    assert Appointment.objects.count() == 2
    assert AuditEvent.objects.filter(action="book_course").count() == 1


def test_a_visit_of_an_earlier_day_that_nobody_marked_leaves_its_session_to_book(
    desk, una, bed
):
    version = make_plan(codes=(), sessions=2)
    patient = version.plan.episode.patient
    for days, status in ((9, "booked"), (5, "arrived")):
        starts_at = local(3) - timedelta(days=days)
        make_appointment(
            plan=version.plan, patient=patient, starts_at=starts_at, status=status
        )

    assert len(book(desk, version, slots(una, local(4), local(6)))) == 2


def test_a_course_has_no_more_sessions_than_the_plan(desk, una, bed):
    version = make_plan(codes=(), sessions=2)
    book(desk, version, slots(una, local(3)))

    with pytest.raises(TooMany) as error:
        book(desk, version, slots(una, local(6), local(10)))

    assert error.value.left == 1
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("status", ["cancelled", "late_cancel", "no_show"])
def test_what_did_not_take_place_leaves_its_session_to_book(desk, una, bed, status):
    version = make_plan(codes=(), sessions=1)
    make_appointment(plan=version.plan, status=status)

    assert book(desk, version, slots(una, local(3)))


def test_no_course_without_a_plan_in_force(desk, una, bed):
    version = make_plan(codes=(), status="draft", approved_at=None, approved_by=None)

    with pytest.raises(NoPlanInForce):
        book(desk, version, slots(una, local(3)))


def test_a_course_keeps_its_hour_when_the_clocks_change(desk, una, bed):
    """British clocks go forward on Sunday 29 March 2026."""
    version = make_plan(codes=(), sessions=2)

    rows = book(desk, version, slots(una, local(27), local(31)))

    assert [row.starts_at.astimezone(UTC).hour for row in rows] == [9, 8]
    assert [row.starts_at.astimezone(LONDON).hour for row in rows] == [9, 9]


def test_nobody_is_booked_into_the_hour_that_is_skipped(desk, bed):
    early = make_user()
    make_hours(early, days=[6], opens=time(0), closes=time(4))
    skipped = datetime(2026, 3, 29, 1, 45, tzinfo=UTC)  # 02:45 on the wall

    row = book_appointment(
        by=desk,
        patient=make_patient(),
        kind="treatment",
        slot=Slot(early.pk, None, skipped),
        submission=uuid4(),
    )
    with pytest.raises(CourseClash) as error:
        book_appointment(
            by=desk,
            patient=make_patient(),
            kind="treatment",
            slot=Slot(early.pk, None, datetime(2026, 3, 29, 0, 45, tzinfo=UTC)),
            submission=uuid4(),
        )

    assert row.ends_at - row.starts_at == timedelta(minutes=45)
    assert why(error) == [(0, "closed")]


@pytest.mark.parametrize("visits", [1, 12])
def test_a_course_costs_the_same_however_long(
    desk, una, bed, visits, django_assert_num_queries
):
    """The lock or savepoint, the plan, lengths, hours with closures, beds, rows, steps,
    audit.
    """
    version = make_plan(codes=(), sessions=12)
    starts = slots(una, *(local(3) + 2 * 7 * DAY * week for week in range(visits)))
    atomic = 2  # a savepoint inside the test's own transaction
    lock = int(connection.vendor == "postgresql")

    with django_assert_num_queries(7 + atomic + lock):
        book(desk, version, starts)

    assert Appointment.objects.count() == visits


def test_a_first_visit_is_longer_and_needs_no_plan(desk, una, bed):
    row = book_appointment(
        by=desk,
        patient=make_patient(),
        kind="first",
        slot=Slot(una.pk, bed.pk, local(3)),
        submission=uuid4(),
    )

    assert row.needling_ends_at == local(3, 9, 30)
    assert row.ends_at == local(3, 10, 15)
    assert row.plan is None


def test_a_bed_asked_for_by_name_is_not_exchanged(desk, una, bed):
    make_bed()
    make_appointment(starts_at=local(3), bed=bed)

    with pytest.raises(CourseClash) as error:
        book_appointment(
            by=desk,
            patient=make_patient(),
            kind="treatment",
            slot=Slot(una.pk, bed.pk, local(3)),
            submission=uuid4(),
        )

    assert why(error) == [(0, "bed")]


def together(number, work):
    """Run `work(index)` in that many threads at one moment; return what they gave."""
    barrier = Barrier(number)
    results = [None] * number

    def run(index):
        try:
            barrier.wait()
            results[index] = work(index)
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("many_connections")
def test_eight_at_once_on_one_place_and_exactly_one_has_it(desk, una, bed):
    patients = [make_patient() for _ in range(8)]

    results = together(
        8,
        lambda index: book_appointment(
            by=desk,
            patient=patients[index],
            kind="treatment",
            slot=Slot(una.pk, None, local(3)),
            submission=uuid4(),
        ),
    )

    assert sum(isinstance(result, Appointment) for result in results) == 1
    assert sum(isinstance(result, CourseClash) for result in results) == 7
    assert Appointment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("many_connections")
def test_eight_at_once_on_different_places_all_have_theirs(desk, una):
    beds = [make_bed() for _ in range(8)]
    patients = [make_patient() for _ in range(8)]

    results = together(
        8,
        lambda index: book_appointment(
            by=desk,
            patient=patients[index],
            kind="treatment",
            slot=Slot(una.pk, beds[index].pk, local(3, 9 + index)),
            submission=uuid4(),
        ),
    )

    assert all(isinstance(result, Appointment) for result in results), results


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("many_connections")
def test_courses_at_once_on_the_same_places_leave_no_half_course(desk, una, bed):
    versions = [make_plan(codes=(), sessions=3) for _ in range(6)]

    def work(index):
        # Each course shares at least one place with its neighbours.
        days = [3 + index % 2, 6, 10 + index % 3]
        return book(desk, versions[index], slots(una, *map(local, days)))

    results = together(6, work)

    booked = [result for result in results if isinstance(result, list)]
    assert len(booked) == 1
    assert all(isinstance(r, list | CourseClash) for r in results), results
    assert Appointment.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("many_connections")
def test_a_double_click_in_two_threads_books_one_course(desk, una, bed):
    version = make_plan(codes=(), sessions=2)
    submission = uuid4()
    starts = slots(una, local(3), local(6))

    first, second = together(2, lambda _: book(desk, version, starts, submission))

    assert [row.pk for row in first] == [row.pk for row in second]
    assert Appointment.objects.count() == 2
