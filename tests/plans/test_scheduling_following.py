"""Moving an appointment, and following it through the day."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from plans.scheduling import queries, statuses
from plans.scheduling.free import Length, Obstacle
from plans.scheduling.models import Appointment
from plans.scheduling.services import (
    CannotMove,
    CourseClash,
    Slot,
    StatusRefused,
    book_appointment,
    move_appointment,
    set_status,
)
from plans.scheduling.standing import Behind, CourseState
from plans.scheduling.statuses import MOVES, Refusal, refusal
from plans.scheduling.wishes import Wish
from plans.sessions.models import Session
from tests.factories import (
    make_appointment,
    make_bed,
    make_hours,
    make_patient,
    make_plan,
    make_user,
)
from tests.plans.diary_setting import local

pytestmark = pytest.mark.usefixtures("tuesday_noon")

HOUR = timedelta(hours=1)
NINE = datetime(2026, 3, 3, 9)
STATUSES = Appointment.Status.values


@pytest.fixture
def desk(db):
    return make_user(Role.FRONT_DESK)


def test_the_words_are_those_of_the_model():
    assert set(MOVES) == set(STATUSES)
    assert {*statuses.AHEAD, *statuses.HERE, *statuses.FREED} < set(STATUSES)
    assert set(statuses.FREED) == {"cancelled", "late_cancel"}


@pytest.mark.parametrize("was", STATUSES)
def test_a_status_follows_only_as_the_table_says(was):
    taken = {
        wished
        for wished in STATUSES
        if refusal(was, wished, starts_at=NINE, now=NINE + HOUR, reason="Ill") is None
    }

    assert taken == set(MOVES[was])


@pytest.mark.parametrize("status", STATUSES)
def test_every_step_but_a_repeated_one_can_be_taken_back(status):
    """Cancelling is kinds of one step, so back from either is enough."""
    for wished in MOVES[status]:
        if wished not in statuses.FREED and status not in statuses.FREED:
            assert status in MOVES[wished] or status == "no_show", (status, wished)


@pytest.mark.parametrize(
    ("wished", "now", "why"),
    [
        ("arrived", NINE - timedelta(hours=9, minutes=1), Refusal.NOT_YET),
        ("arrived", NINE - timedelta(hours=9), None),
        ("done", NINE - timedelta(days=1), Refusal.NOT_YET),
        ("no_show", NINE - timedelta(minutes=1), Refusal.NOT_LATE),
        ("no_show", NINE, None),
        ("confirmed", NINE - timedelta(days=9), None),
        ("cancelled", NINE - timedelta(days=9), Refusal.NO_REASON),
    ],
)
def test_a_status_has_its_time(wished, now, why):
    assert refusal("booked", wished, starts_at=NINE, now=now) == why


@pytest.mark.parametrize(
    ("before", "status"),
    [
        (timedelta(hours=24), "cancelled"),
        (timedelta(hours=24) - timedelta(seconds=1), "late_cancel"),
        (timedelta(0), "late_cancel"),
    ],
)
def test_a_late_cancellation_is_one_within_the_clinics_hours(before, status):
    assert statuses.cancelled_as(starts_at=NINE, now=NINE - before) == status


@pytest.mark.django_db
def test_a_step_is_written_with_its_time_and_audited(desk, tuesday_noon):
    row = make_appointment(starts_at=local(3, 12))

    set_status(by=desk, appointment=row, status="arrived", revision=0)

    row.refresh_from_db()
    assert (row.status, row.revision) == ("arrived", 1)
    assert row.status_since == tuesday_noon
    event = AuditEvent.objects.get(action="set_status")
    assert event.details == {"was": "booked", "now": "arrived"}
    assert event.patient_id == row.patient_id


@pytest.mark.django_db
def test_the_second_of_two_is_told_and_a_double_click_is_one_step(desk):
    row = make_appointment(starts_at=local(3, 12))
    same = Appointment.objects.get(pk=row.pk)
    set_status(by=desk, appointment=row, status="arrived", revision=0)

    with pytest.raises(Stale):
        set_status(by=desk, appointment=same, status="no_show", revision=0)
    set_status(by=desk, appointment=row, status="arrived", revision=0)

    row.refresh_from_db()
    assert (row.status, row.revision) == ("arrived", 1)


@pytest.mark.django_db
def test_every_step_is_kept_a_mistaken_one_too(desk, tuesday_noon):
    bed = make_bed()
    practitioner, patient = make_user(), make_patient()
    make_hours(practitioner)
    row = book_appointment(
        by=desk,
        patient=patient,
        kind="treatment",
        slot=Slot(practitioner.pk, bed.pk, local(3, 12)),
        submission=uuid4(),
    )

    for number, status in enumerate(["arrived", "booked", "arrived"]):
        set_status(by=desk, appointment=row, status=status, revision=number)
    with pytest.raises(StatusRefused):
        set_status(by=desk, appointment=row, status="cancelled", revision=3)

    steps = row.status_changes.values_list("revision", "status", "at", "by")
    assert list(steps) == [
        (number, status, tuesday_noon, desk.pk)
        for number, status in enumerate(["booked", "arrived", "booked", "arrived"])
    ]


@pytest.mark.django_db
def test_a_cancelled_place_is_free_and_can_be_taken_back_while_it_is(desk):
    practitioner = make_user()
    make_hours(practitioner)
    row = make_appointment(practitioner=practitioner, starts_at=local(5))
    set_status(
        by=desk, appointment=row, status="cancelled", revision=0, reason="On holiday"
    )
    assert (row.status, row.cancel_reason) == ("cancelled", "On holiday")

    set_status(by=desk, appointment=row, status="booked", revision=1)
    assert (row.status, row.cancel_reason) == ("booked", "")

    set_status(by=desk, appointment=row, status="cancelled", revision=2, reason="Ill")
    make_appointment(practitioner=practitioner, bed=row.bed, starts_at=local(5))
    with pytest.raises(CourseClash):
        set_status(by=desk, appointment=row, status="booked", revision=3)

    row.refresh_from_db()
    assert row.status == "cancelled"


@pytest.mark.django_db
def test_what_a_session_tells_of_cannot_be_undone(desk):
    version = make_plan(codes=())
    row = make_appointment(plan=version.plan, status="done", starts_at=local(3))
    Session.objects.create(
        appointment=row,
        plan_version=version,
        started_at=row.starts_at,
        retention_min=30,
    )

    with pytest.raises(StatusRefused) as refused:
        set_status(by=desk, appointment=row, status="booked", revision=0)

    assert refused.value.why == Refusal.WRITTEN_UP


@pytest.mark.django_db
def test_a_move_keeps_the_lengths_and_may_overlap_its_own_time(desk):
    practitioner = make_user()
    make_hours(practitioner)
    row = make_appointment(
        practitioner=practitioner, starts_at=local(5), minutes=75, needling=30
    )
    slot = Slot(practitioner.pk, row.bed_id, local(5, 9, 15))

    move_appointment(by=desk, appointment=row, slot=slot, revision=0)

    row.refresh_from_db()
    assert row.starts_at == local(5, 9, 15)
    assert row.needling_ends_at == local(5, 9, 45)
    assert row.ends_at == local(5, 10, 30)
    assert row.revision == 1


def resized(desk, row, needling, stay, **where):
    slot = Slot(row.practitioner_id, row.bed_id, row.starts_at)._replace(**where)
    length = Length(needling, stay)
    move_appointment(
        by=desk, appointment=row, slot=slot, revision=row.revision, length=length
    )
    row.refresh_from_db()
    minute = timedelta(minutes=1)
    return (
        (row.needling_ends_at - row.starts_at) // minute,
        (row.ends_at - row.starts_at) // minute,
    )


@pytest.mark.django_db
def test_both_lengths_can_be_changed_as_far_as_there_is_room(desk):
    practitioner = make_user()
    make_hours(practitioner)
    row = make_appointment(practitioner=practitioner, starts_at=local(5))
    after = make_appointment(practitioner=practitioner, starts_at=local(5, 9, 30))

    assert resized(desk, row, 30, 60) == (30, 60)
    with pytest.raises(CourseClash) as refused:
        resized(desk, row, 45, 60)
    assert refused.value.clashes[0].why == Obstacle.PRACTITIONER
    make_appointment(bed=row.bed, starts_at=local(5, 10))
    with pytest.raises(CourseClash) as refused:
        resized(desk, row, 30, 75)
    assert refused.value.clashes[0].why == Obstacle.BED

    row.refresh_from_db()
    assert row.ends_at == local(5, 10)
    assert after.starts_at == local(5, 9, 30)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("needling", "stay"), [(0, 45), (20, 45), (60, 45), (15, 50), (15, 255), (-15, 15)]
)
def test_no_length_leaves_the_grid_or_the_limits(desk, needling, stay):
    row = make_appointment(starts_at=local(5))

    with pytest.raises(ValueError, match="grid"):
        resized(desk, row, needling, stay)


@pytest.mark.django_db
@pytest.mark.parametrize("status", statuses.HERE)
def test_whoever_is_here_may_stay_longer_but_not_elsewhere(desk, status):
    practitioner = make_user()
    make_hours(practitioner)
    row = make_appointment(
        practitioner=practitioner, starts_at=local(3, 11, 30), status=status
    )

    assert resized(desk, row, 15, 60) == (15, 60)
    with pytest.raises(CannotMove):
        resized(desk, row, 15, 60, starts_at=local(3, 13))
    with pytest.raises(CannotMove):
        resized(desk, row, 15, 60, bed_id=make_bed().pk)


@pytest.mark.django_db
def test_a_move_is_refused_onto_a_held_place_or_a_stale_page(desk):
    practitioner = make_user()
    make_hours(practitioner)
    row = make_appointment(practitioner=practitioner, starts_at=local(5))
    make_appointment(practitioner=practitioner, starts_at=local(5, 10))

    with pytest.raises(CourseClash):
        move_appointment(
            by=desk,
            appointment=row,
            slot=Slot(practitioner.pk, None, local(5, 10)),
            revision=0,
        )
    with pytest.raises(Stale):
        move_appointment(
            by=desk,
            appointment=row,
            slot=Slot(practitioner.pk, None, local(5, 11)),
            revision=7,
        )

    row.refresh_from_db()
    assert row.starts_at == local(5)


@pytest.mark.django_db
@pytest.mark.parametrize("status", sorted(set(STATUSES) - set(statuses.AHEAD)))
def test_only_what_lies_ahead_can_be_moved(desk, status):
    row = make_appointment(status=status)

    with pytest.raises(CannotMove):
        move_appointment(
            by=desk,
            appointment=row,
            slot=Slot(row.practitioner_id, None, local(5)),
            revision=0,
        )


@pytest.mark.django_db
def test_a_course_says_where_a_gap_no_longer_holds():
    version = make_plan(codes=(), per_week=2)
    practitioner, bed = make_user(), make_bed()
    patient = version.plan.episode.patient
    for day in (3, 4, 13):
        make_appointment(
            patient=patient,
            plan=version.plan,
            practitioner=practitioner,
            bed=bed,
            starts_at=local(day),
        )

    found = queries.breaches_of(version.plan, version)

    said = [(row.starts_at.day, b.wish, b.amount, b.limit) for row, b in found]
    assert said == [(4, Wish.SMALLEST_GAP, 1, 2), (13, Wish.LARGEST_GAP, 9, 7)]


def state(**fields):
    plain = {
        "prescribed": 8,
        "per_week": 2,
        "attended": 2,
        "booked": 6,
        "missed": 0,
        "since": date(2026, 3, 2),
        "next_on": date(2026, 3, 9),
        "today": date(2026, 3, 3),
    }
    return CourseState(**plain | fields)


@pytest.mark.parametrize(
    ("changed", "behind"),
    [
        ({}, ()),
        ({"next_on": date(2026, 3, 10)}, (Behind.GAP,)),
        ({"booked": 5}, (Behind.NOT_BOOKED,)),
        ({"booked": 0, "next_on": None}, (Behind.NO_NEXT,)),
        (
            {"booked": 0, "next_on": None, "today": date(2026, 3, 10)},
            (Behind.GAP, Behind.NO_NEXT),
        ),
        ({"attended": 8, "booked": 0, "next_on": None}, ()),
    ],
)
def test_behind_plan_on_both_sides_of_every_limit(changed, behind):
    assert state(**changed).behind == behind


@pytest.mark.django_db
@pytest.mark.parametrize("courses", [1, 3])
def test_who_is_behind_plan_is_two_queries(
    courses, tuesday_noon, django_assert_num_queries
):
    for _ in range(courses):
        make_plan(codes=())

    with django_assert_num_queries(2):
        found = queries.behind_plan(tuesday_noon)

    assert len(found) == courses
    assert found[0][2].to_book == 8


@pytest.mark.django_db
def test_the_state_of_a_course_counts_each_kind(tuesday_noon):
    version = make_plan(codes=(), sessions=8)
    patient, plan = version.plan.episode.patient, version.plan
    for day, status in (
        (2, "done"),
        (3, "arrived"),
        (6, "booked"),
        (10, "cancelled"),
    ):
        make_appointment(
            patient=patient, plan=plan, starts_at=local(day), status=status
        )
    make_appointment(patient=patient, plan=plan, starts_at=local(1), status="no_show")
    make_appointment(patient=patient, plan=plan, starts_at=local(2, 14))

    found = queries.course_state(plan, tuesday_noon)

    assert (found.attended, found.booked, found.missed) == (1, 2, 1)
    assert found.to_book == 5
    assert found.next_on == date(2026, 3, 6)
    assert found.since == date(2026, 3, 2)
