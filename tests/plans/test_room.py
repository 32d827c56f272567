"""The board of the beds: clocks from stored times, and who answers for whom."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from plans.room.queries import needles_in_of, stays
from plans.scheduling.free import Length, Obstacle
from plans.scheduling.models import Appointment, Handover
from plans.scheduling.services import (
    CourseClash,
    NotHere,
    Slot,
    set_status,
    take_over,
)
from plans.scheduling.services.booking import find_places
from plans.sessions import services
from plans.sessions.models import Session
from plans.sessions.queries import appointments_to_log
from plans.sessions.timer import Timer
from tests.factories import (
    make_appointment,
    make_bed,
    make_episode,
    make_hours,
    make_intake,
    make_patient,
    make_plan,
    make_user,
    sign_in,
)
from tests.plans.sessions_setting import make_course, make_visit, ready
from tests.plans.test_sessions_pages import typed

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 3, 3, 12, tzinfo=LONDON)
MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """Tuesday 3 March 2026, 12:00 in the clinic, until it is moved on."""
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock)
    return clock


def follow(visit, status, by=None):
    visit.refresh_from_db()
    by = by or visit.practitioner
    set_status(by=by, appointment=visit, status=status, revision=visit.revision)


def visit_now(version=None, **fields):
    version = version or make_course(retention_min=25)
    return make_visit(version, **fields)


@pytest.mark.parametrize(
    ("passed", "left", "is_due"),
    [(0, 25, False), (24.5, 1, False), (25, 0, True), (28, -3, True)],
)
def test_a_clock_counts_down_to_the_minute_and_beyond(passed, left, is_due):
    timer = Timer(NOON, 25)
    now = NOON + passed * MINUTE

    assert (timer.left(now), timer.is_due(now)) == (left, is_due)


def test_a_clock_without_a_length_only_counts_up():
    timer = Timer(NOON, None)

    assert timer.due is None
    assert not timer.is_due(NOON + timedelta(hours=3))
    assert timer.passed(NOON + 90 * MINUTE) == 90


@pytest.mark.django_db
def test_the_clock_begins_with_the_needles_and_ends_with_them(clock):
    visit = visit_now()
    clock.now += 5 * MINUTE
    follow(visit, "needles_in")

    (stay,) = stays(clock.now)
    assert stay.timer == Timer(NOON + 5 * MINUTE, 25)

    follow(visit, "needles_out")
    (stay,) = stays(clock.now)
    assert stay.timer is None


@pytest.mark.django_db
def test_the_retention_is_the_drafts_else_the_last_sessions_else_the_plans(clock):
    version = make_course(retention_min=25)
    visit = visit_now(version)
    follow(visit, "needles_in")
    assert stays(clock.now)[0].retention_min == 25

    make_visit(version, days_ago=3)
    earlier = make_visit(version, days_ago=4)
    Session.objects.create(
        appointment=earlier,
        plan_version=version,
        started_at=earlier.starts_at,
        retention_min=20,
        status="signed",
        signed_at=earlier.ends_at,
        signed_by=earlier.practitioner,
        needles_in=4,
        needles_out=4,
        checklist="1",
    )
    assert stays(clock.now)[0].retention_min == 20

    session = services.open_session(by=visit.practitioner, appointment=visit)
    services.save_draft(
        by=visit.practitioner,
        session=session,
        revision=session.revision,
        entry=ready(session, retention_min=30),
    )
    assert stays(clock.now)[0].retention_min == 30


@pytest.mark.django_db
def test_a_clock_nobody_stopped_is_still_there_the_next_day(clock):
    visit = visit_now()
    follow(visit, "needles_in")
    left = visit_now()
    follow(left, "in_bed")

    clock.now += timedelta(days=1)

    assert [stay.pk for stay in stays(clock.now)] == [visit.pk]


@pytest.mark.django_db
def test_a_session_is_not_signed_while_the_clock_runs(clock):
    visit = visit_now()
    session = services.open_session(by=visit.practitioner, appointment=visit)
    follow(visit, "needles_in")
    kept = {"by": visit.practitioner, "session": session, "entry": ready(session)}

    with pytest.raises(services.NotReady) as refused:
        services.sign(**kept, revision=0, now=clock.now)
    assert [(p.kind, p.field) for p in refused.value.problems] == [
        ("clock_runs", "needles_out")
    ]

    follow(visit, "needles_out")
    services.sign(**kept, revision=0, now=clock.now)
    visit.refresh_from_db()
    assert visit.status == "done"


@pytest.mark.django_db
def test_a_bed_is_not_free_before_its_needles_are_out(clock):
    """Booked to 12:45 with 30 minutes of rest; they went in at 12:30."""
    visit, colleague = visit_now(), make_user()
    make_hours(colleague)

    def is_free(hour, minute):
        at = NOON.replace(hour=hour, minute=minute)
        try:
            find_places(
                [Slot(colleague.pk, visit.bed_id, at)],
                Length(15, 30),
                patient_id=0,
                not_before=NOON,
            )
        except CourseClash as refused:
            return refused.clashes[0].why != Obstacle.BED
        return True

    clock.now += 30 * MINUTE
    assert is_free(12, 45)

    follow(visit, "needles_in")
    assert not is_free(12, 45)
    assert is_free(13, 0)
    clock.now = NOON + 75 * MINUTE
    assert not is_free(13, 0)
    assert is_free(13, 15)

    follow(visit, "needles_out")
    assert is_free(12, 45)


@pytest.mark.django_db
def test_who_takes_over_answers_for_the_patient_and_both_may_write(clock):
    visit, other = visit_now(), make_user(name="Priya")
    follow(visit, "needles_in")
    assert [stay.pk for stay in needles_in_of(visit.practitioner, clock.now)]
    assert not appointments_to_log(other, NOON.date())

    take_over(by=other, appointment=visit, revision=visit.revision)
    take_over(by=other, appointment=visit, revision=visit.revision)

    (stay,) = needles_in_of(other, clock.now)
    assert (stay.in_charge, stay.practitioner) == ("Priya", visit.practitioner.name)
    assert needles_in_of(visit.practitioner, clock.now) == []
    for practitioner in (other, visit.practitioner):
        assert [a.pk for a in appointments_to_log(practitioner, NOON.date())] == [
            visit.pk
        ]
    assert Handover.objects.count() == 1
    event = AuditEvent.objects.get(action="take_over")
    assert event.details == {
        "taken_from": visit.practitioner_id,
        "status": "needles_in",
    }


@pytest.mark.django_db
def test_a_patient_can_be_handed_back_and_the_trail_keeps_both(clock):
    visit, other = visit_now(), make_user()
    take_over(by=other, appointment=visit, revision=0)
    take_over(by=visit.practitioner, appointment=visit, revision=1)

    assert stays(clock.now)[0].in_charge_id == visit.practitioner_id
    assert [(row.taken_from_id, row.taken_by_id) for row in Handover.objects.all()] == [
        (visit.practitioner_id, other.pk),
        (other.pk, visit.practitioner_id),
    ]


@pytest.mark.django_db
def test_of_two_who_take_over_at_once_the_second_is_told(clock):
    visit = visit_now()
    same = Appointment.objects.get(pk=visit.pk)
    take_over(by=make_user(), appointment=visit, revision=0)

    with pytest.raises(Stale):
        take_over(by=make_user(), appointment=same, revision=0)


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["booked", "done", "no_show", "cancelled"])
def test_nobody_who_is_not_here_is_taken_over(clock, status):
    visit = make_appointment(starts_at=NOON, status=status)

    with pytest.raises(NotHere):
        take_over(by=make_user(), appointment=visit, revision=0)


@pytest.mark.django_db
def test_the_board_shows_initials_and_what_is_due(client, clock):
    patient = make_patient(family_name="Okafor", given_name="Mei-Ling")
    episode = make_episode(patient=patient)
    version = make_plan(intake=make_intake(episode=episode), retention_min=25)
    visit = visit_now(version)
    follow(visit, "needles_in")
    client.force_login(visit.practitioner)

    page = client.get(reverse("plans:room")).content.decode()
    assert "M.L.O." in page
    assert "Okafor" not in page
    assert "25 min left" in page
    assert "data-over" not in page

    clock.now += 26 * MINUTE
    page = client.get(reverse("plans:room")).content.decode()
    assert "1 min over" in page
    assert "data-over" in page
    assert "1 is due out" in page


@pytest.mark.django_db
def test_a_board_is_told_of_every_change_and_of_nothing_else(client, clock):
    visit = visit_now()
    client.force_login(visit.practitioner)

    def seen():
        page = client.get(reverse("plans:room"))
        return f"{reverse('plans:room_changes')}?{page.context['changes']}"

    def has_changed(address):
        reply = client.get(address, headers={"X-Unattended": "1"})
        return {204: False, 200: True}[reply.status_code]

    address = seen()
    clock.now += MINUTE
    assert not has_changed(address)
    follow(visit, "needles_in")
    assert has_changed(address)

    address = seen()
    take_over(by=make_user(), appointment=visit, revision=visit.revision)
    assert has_changed(address)

    address = seen()
    session = services.open_session(by=visit.practitioner, appointment=visit)
    assert has_changed(address)

    address = seen()
    services.save_draft(
        by=visit.practitioner,
        session=session,
        revision=0,
        entry=ready(session, retention_min=40),
    )
    assert has_changed(address)
    assert not has_changed(seen())


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 6])
def test_the_boards_cost_does_not_grow(
    client, clock, number, django_assert_num_queries
):
    """Nine: session, user, stays, their clocks, the points of drafts and of plans, the
    day's stamp, beds, and who comes next.
    """
    sign_in(client)
    for _visit in range(number):
        follow(visit_now(), "needles_in")
        make_appointment(starts_at=NOON + timedelta(hours=2), bed=make_bed())
    client.get(reverse("plans:room"))

    with django_assert_num_queries(9):
        page = client.get(reverse("plans:room")).content.decode()

    assert page.count("min left") == number


@pytest.mark.django_db
def test_a_press_on_the_log_saves_the_draft_and_starts_the_clock(client, clock):
    visit = visit_now()
    client.force_login(visit.practitioner)
    address = reverse("plans:log", args=[visit.pk])

    client.post(address, typed(visit, do="needles_in", needles_out="", note="Kept"))

    visit.refresh_from_db()
    assert visit.status == "needles_in"
    assert visit.session.note == "Kept"
    page = client.get(address).content.decode()
    assert "min left" in page
    assert 'value="needles_in"' not in page

    client.post(address, typed(visit, do="needles_out", revision=1))
    visit.refresh_from_db()
    assert visit.status == "needles_out"


@pytest.mark.django_db
def test_no_clock_starts_with_a_red_flag_raised(client, clock):
    visit = visit_now()
    client.force_login(visit.practitioner)
    flagged = {"safety-saddle_numbness": "yes"}

    client.post(
        reverse("plans:log", args=[visit.pk]), typed(visit, do="needles_in", **flagged)
    )

    visit.refresh_from_db()
    assert visit.status == "arrived"


@pytest.mark.django_db
def test_taking_over_from_the_board(client, clock):
    visit = visit_now()
    follow(visit, "needles_in")
    taker = sign_in(client)
    address = reverse("plans:take_over", args=[visit.pk])

    assert client.post(address, {"revision": "junk"}).status_code == 302
    assert not Handover.objects.exists()
    reply = client.post(address, {"revision": visit.revision}, follow=True)

    assert "is in your care now" in reply.content.decode()
    assert Handover.objects.get().taken_by == taker
    assert reverse("plans:log", args=[visit.pk]) in reply.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "board", "take"),
    [
        (Role.ACUPUNCTURIST, 200, 302),
        (Role.FRONT_DESK, 200, 403),
        (Role.ADMIN, 200, 403),
    ],
)
def test_each_role_sees_the_board_and_practitioners_take_over(
    client, clock, role, board, take
):
    visit = visit_now()
    sign_in(client, role)

    assert client.get(reverse("plans:room")).status_code == board
    data = {"revision": visit.revision}
    assert client.post(
        reverse("plans:take_over", args=[visit.pk]), data
    ).status_code == (take)
    assert client.get(reverse("plans:take_over", args=[visit.pk])).status_code in {
        403,
        405,
    }


@pytest.mark.django_db
def test_signing_out_with_needles_in_is_asked_about(client, clock):
    visit = visit_now()
    follow(visit, "needles_in")
    client.force_login(visit.practitioner)
    address = reverse("account_logout")

    page = client.post(address)
    assert page.status_code == 409
    assert "1 patient still has needles in" in page.content.decode()
    assert "_auth_user_id" in client.session

    client.post(address, {"anyway": "1"})
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_signing_out_is_plain_once_somebody_took_over(client, clock):
    visit = visit_now()
    follow(visit, "needles_in")
    client.force_login(visit.practitioner)
    take_over(by=make_user(), appointment=visit, revision=visit.revision)

    client.post(reverse("account_logout"))

    assert "_auth_user_id" not in client.session
