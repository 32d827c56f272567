"""Clocks beside that of the needles, and five minutes more."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from plans.room.queries import clocks_beside, stays
from plans.sessions import services
from plans.sessions.models import BedClock, Session
from plans.sessions.queries import added_to, entry_of
from plans.sessions.timer import Timer
from tests.factories import make_user, sign_in
from tests.plans.sessions_setting import make_course
from tests.plans.test_room import MINUTE, NOON, clock, follow, visit_now

__all__ = ["clock"]  # a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(clock):
    """Needles in since noon, with a current on some, for 25 minutes."""
    version = make_course(retention_min=25)
    visit = visit_now(version)
    session = services.open_session(by=visit.practitioner, appointment=visit)
    session.needlings.update(technique="electro")
    follow(visit, "needles_in")
    return visit


def add(visit, kind="needles", seen=0):
    services.add_minutes(by=visit.practitioner, appointment=visit, kind=kind, seen=seen)


def start(visit, clock, kind="electro"):
    return services.start_clock(
        by=visit.practitioner, appointment=visit, kind=kind, now=clock.now
    )


def beside(visit, clock):
    return clocks_beside(stays(clock.now)).get(visit.pk, [])


def press(client, visit, **sent):
    return client.post(reverse("plans:bed_clock", args=[visit.pk]), sent)


def test_five_minutes_more_make_the_needles_stay_longer(visit, clock):
    add(visit)
    add(visit, seen=5)

    (stay,) = stays(clock.now)
    assert stay.timer == Timer(NOON, 35)
    assert added_to(visit) == 10
    events = AuditEvent.objects.filter(action="add_minutes").order_by("pk")
    assert [event.details["more"] for event in events] == [5, 10]


def test_of_two_who_press_at_once_five_minutes_are_added(visit, clock):
    add(visit)

    with pytest.raises(Stale):
        add(visit)
    assert added_to(visit) == 5


def test_a_clock_is_not_made_longer_for_ever(visit, clock):
    for seen in range(0, 60, 5):
        add(visit, seen=seen)

    with pytest.raises(services.LongEnough):
        add(visit, seen=60)
    assert added_to(visit) == 60


def test_needles_put_in_anew_stay_as_long_as_was_said(visit, clock):
    add(visit)
    start(visit, clock)
    follow(visit, "needles_out")
    clock.now += MINUTE
    follow(visit, "needles_in")

    (stay,) = stays(clock.now)
    assert stay.timer == Timer(NOON + MINUTE, 25)
    assert beside(visit, clock) == []


def test_a_second_clock_runs_from_its_own_start_as_long_as_the_draft_says(visit, clock):
    session = Session.objects.get()
    session.typed["stimulation"] = {"electro": {"form": "continuous", "minutes": 15}}
    session.save()
    clock.now += 5 * MINUTE

    start(visit, clock)
    add(visit, "electro")

    (found,) = beside(visit, clock)
    assert (found.kind, found.timer) == ("electro", Timer(NOON + 5 * MINUTE, 20))
    assert stays(clock.now)[0].timer == Timer(NOON, 25)


def test_without_a_word_it_runs_as_long_as_the_needles_stay(visit, clock):
    assert start(visit, clock, "moxa").minutes == 25


def test_started_twice_it_is_one_and_stopped_it_begins_anew(visit, clock):
    start(visit, clock)
    clock.now += MINUTE
    assert start(visit, clock).began_at == NOON

    services.stop_clock(
        by=visit.practitioner, appointment=visit, kind="electro", now=clock.now
    )
    assert beside(visit, clock) == []
    with pytest.raises(Stale):
        add(visit, "electro")
    clock.now += MINUTE
    start(visit, clock)
    (found,) = beside(visit, clock)
    assert found.timer.began == NOON + 2 * MINUTE
    assert BedClock.objects.count() == 1


@pytest.mark.parametrize("status", ["in_bed", "needles_out"])
def test_no_clock_runs_without_needles(visit, clock, status):
    start(visit, clock)
    follow(visit, status)

    assert clocks_beside(stays(clock.now)) == {}
    with pytest.raises(services.NoNeedlesIn):
        start(visit, clock, "moxa")
    with pytest.raises(services.NoNeedlesIn):
        add(visit)


def test_a_clock_writes_nothing_into_the_session(visit, clock):
    before = entry_of(Session.objects.get())

    start(visit, clock)
    add(visit)

    assert entry_of(Session.objects.get()) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "needles"},
        {"kind": "magic"},
        {"minutes": 0},
        {"minutes": 91},
        {"more": 61},
        {"ended_at": NOON - MINUTE},
        {"began_at": NOON - MINUTE},
    ],
)
def test_the_database_takes_no_clock_without_sense(visit, clock, wrong):
    started = start(visit, clock)

    with pytest.raises(IntegrityError), transaction.atomic():
        BedClock.objects.filter(pk=started.pk).update(**wrong)


def test_the_board_starts_lengthens_and_stops_what_the_points_ask_for(
    client, visit, clock
):
    client.force_login(visit.practitioner)
    board = reverse("plans:room")

    page = client.get(board).content.decode()
    assert 'value="electro"' in page
    assert 'value="moxa"' not in page

    press(client, visit, kind="electro", do="start")
    press(client, visit, kind="electro", do="more", seen=0)
    press(client, visit, kind="needles", do="more", seen=0)

    page = client.get(board).content.decode()
    assert page.count("30 min left") == 2
    due = '<time datetime="12:30">12:30</time>'
    assert f"until {due}" in page
    assert f"out at {due}" in page
    log = client.get(reverse("plans:log", args=[visit.pk])).content.decode()
    assert "5 min were added at the bed." in log
    assert f"out at {due}" in log
    clock.now += 31 * MINUTE
    client.force_login(visit.practitioner)
    assert "Electroacupuncture: time is up" in client.get(board).content.decode()
    press(client, visit, kind="electro", do="stop")
    assert "time is up" not in client.get(board).content.decode()


def test_other_tablets_are_told_of_each_press(client, visit, clock):
    client.force_login(visit.practitioner)
    presses = [
        {"kind": "needles", "do": "more"},
        {"kind": "electro", "do": "start"},
        {"kind": "electro", "do": "more"},
        {"kind": "electro", "do": "stop"},
    ]
    for sent in presses:
        changes = client.get(reverse("plans:room")).context["changes"]
        place = f"{reverse('plans:room_changes')}?{changes}"
        assert client.get(place).status_code == 204
        press(client, visit, **sent)
        assert client.get(place).status_code == 200, sent


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"kind": "needles", "do": "stop"},
        {"kind": "needles", "do": "start"},
        {"kind": "electro", "do": "more", "seen": "x"},
        {"kind": "委中", "do": "start"},
        {"kind": "electro", "do": "more", "seen": "9" * 400},
    ],
)
def test_a_strange_press_changes_nothing(client, visit, sent):
    client.force_login(visit.practitioner)

    assert press(client, visit, **sent).status_code == 302
    assert not BedClock.objects.exists()


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.ADMIN])
def test_only_who_needles_sets_clocks(client, visit, role):
    client.force_login(make_user(role))

    assert press(client, visit, kind="needles", do="more").status_code == 403
    assert "+5 min" not in client.get(reverse("plans:room")).content.decode()


@pytest.mark.parametrize("number", [1, 4])
def test_the_boards_cost_does_not_grow_with_its_clocks(
    client, clock, number, django_assert_num_queries
):
    """Session, user; stays, their clocks, the points of drafts and of plans; the
    day's stamp, beds, and who comes next.
    """
    sign_in(client)
    for _visit in range(number):
        visit = visit_now()
        follow(visit, "needles_in")
        start(visit, clock)
        add(visit)
    client.get(reverse("plans:room"))

    with django_assert_num_queries(9):
        page = client.get(reverse("plans:room")).content.decode()

    assert page.count("clock--beside") == number
