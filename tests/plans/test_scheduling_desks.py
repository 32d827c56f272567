"""Twelve desks at once on the same places, as clinics have them at nine o’clock.

Each goes through the page: it is offered a course, books it, and where somebody was
quicker it is told so and takes the next best, until it has its own.
"""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import combinations
from multiprocessing import get_context
from threading import Barrier
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test import Client

from clinic.access.roles import Role
from plans.scheduling.models import Appointment, Hold
from plans.scheduling.services import (
    CourseClash,
    HoldGone,
    Slot,
    book_appointment,
    hold_place,
    take_place,
)
from tests.factories import (
    make_bed,
    make_patient,
    make_plan,
    make_user,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("many_connections"),
]

DESKS = 12
SESSIONS = 3
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
NINE = datetime(2026, 3, 5, 9, tzinfo=LONDON)
WISHES = (
    "earliest=2026-03-03&per_week=2&sessions={SESSIONS}&time_from={at}&time_to={at}"
    "&weekdays=1&weekdays=4&smallest_gap=&largest_gap=&practitioner="
)


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture(autouse=True)
def no_rendering_is_kept(monkeypatch):
    """A test client keeps what is rendered; twelve at once each keep all of it."""
    monkeypatch.setattr(
        "django.test.client.store_rendered_templates", lambda *_, **__: 0
    )


@pytest.fixture
def una(una):
    make_bed()
    return una


def at_once(work):
    """Run `work(desk)` on as many desks at one moment."""
    gate = Barrier(DESKS)

    def run(desk):
        try:
            gate.wait()
            return work(desk)
        finally:
            connection.close()

    with ThreadPoolExecutor(DESKS) as pool:
        return list(pool.map(run, range(DESKS)))


def offered(page, desk=0):
    """One of the courses on the page, as its button sends it; desks like different."""
    forms = re.findall(r'<form method="post" action="\?.*?</form>', page, re.DOTALL)
    if not forms:
        return None
    form = forms[desk % len(forms)]
    return {
        "start": re.findall(r'name="start" value="([^"]+)"', form),
        "submission": re.search(r'name="submission" value="([^"]+)"', form)[1],
    }


def nobody_is_in_two_places():
    rows = Appointment.objects.all()
    for one, other in combinations(rows, 2):
        needled = (
            one.starts_at < other.needling_ends_at
            and other.starts_at < one.needling_ends_at
        )
        lain = one.starts_at < other.ends_at and other.starts_at < one.ends_at
        if (one.practitioner_id == other.practitioner_id and needled) or (
            one.bed_id == other.bed_id and lain
        ):
            return False
    return True


def test_twelve_desks_want_the_same_courses_and_each_has_one_in_the_end(una):
    """Three at a time wish for the same hour; who loses is told, and goes on."""
    versions = [make_plan(codes=(), sessions=SESSIONS) for _ in range(DESKS)]
    desks = [make_user(Role.FRONT_DESK) for _ in range(DESKS)]

    def work(desk):
        client = Client()
        client.force_login(desks[desk])
        wishes = WISHES.format(SESSIONS=SESSIONS, at=f"{9 + desk % 4:02}:00")
        url = f"/plans/{versions[desk].plan_id}/book/?{wishes}"
        page, refusals = client.get(url), 0
        while course := offered(page.content.decode(), desk):
            page = client.post(url, course)
            if page.status_code == 302:
                return refusals
            assert page.status_code == 409
            assert "Somebody was quicker. Nothing has been booked." in (
                page.content.decode()
            )
            refusals += 1
        return None

    refusals = at_once(work)

    assert None not in refusals, "a desk was left without a course"
    assert refusals.count(0) >= 1
    by_plan = Counter(Appointment.objects.values_list("plan_id", flat=True))
    assert by_plan == {version.plan_id: SESSIONS for version in versions}
    assert nobody_is_in_two_places()


def test_of_twelve_courses_on_the_last_places_one_is_booked_whole(una):
    """Every desk sends the same three dates; there is room for one."""
    versions = [make_plan(codes=(), sessions=SESSIONS) for _ in range(DESKS)]
    desks = [make_user(Role.FRONT_DESK) for _ in range(DESKS)]
    starts = [f"2026-03-{day:02}T09:00 {una.pk}" for day in (3, 6, 10)]

    def work(desk):
        client = Client()
        client.force_login(desks[desk])
        sent = {"start": starts, "submission": str(uuid4())}
        wishes = WISHES.format(SESSIONS=SESSIONS, at="09:00")
        page = client.post(f"/plans/{versions[desk].plan_id}/book/?{wishes}", sent)
        return page.status_code, page.content.decode()

    answers = at_once(work)

    assert Counter(status for status, _ in answers) == {302: 1, 409: DESKS - 1}
    for status, page in answers:
        if status == 409:
            assert "Una Hart is with somebody else" in page
            assert len(offered(page)["start"]) == SESSIONS, "the next best is offered"
    assert Appointment.objects.count() == SESSIONS
    assert len(set(Appointment.objects.values_list("plan", flat=True))) == 1


def test_of_twelve_offers_of_one_place_one_is_kept_and_taken_once(una):
    desk = make_user(Role.FRONT_DESK)
    patients = [make_patient() for _ in range(DESKS)]
    slot = Slot(una.pk, None, NINE)

    def keep(index):
        try:
            return hold_place(
                by=desk, patient=patients[index], slot=slot, kind="treatment", now=NOW
            ).pk
        except CourseClash:
            return None

    kept = [pk for pk in at_once(keep) if pk]
    assert len(kept) == Hold.objects.count() == 1

    def take(_index):
        try:
            return take_place(by=desk, hold_id=kept[0], now=NOW).pk
        except HoldGone:
            return None

    assert set(at_once(take)) == set(kept)
    assert Appointment.objects.count() == 1


def test_an_offer_taken_while_it_runs_out_is_booked_or_gone(una, monkeypatch):
    """Half the desks book the place at the very moment at which the offer ends."""
    desk = make_user(Role.FRONT_DESK)
    slot = Slot(una.pk, None, NINE)
    kept = hold_place(
        by=desk, patient=make_patient(), slot=slot, kind="treatment", now=NOW
    )
    patients = [make_patient() for _ in range(DESKS)]
    late = NOW + timedelta(minutes=20)
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)

    def work(index):
        try:
            if index % 2:
                return take_place(by=desk, hold_id=kept.pk, now=late)
            return book_appointment(
                by=desk,
                patient=patients[index],
                kind="treatment",
                slot=slot,
                submission=uuid4(),
            )
        except (CourseClash, HoldGone):
            return None

    won = [row for row in at_once(work) if row]

    assert len(won) == Appointment.objects.count() == 1
    assert not Hold.objects.exists()


def book_in_process(desk, patient, practitioner):
    """In a process of its own, as each worker of a clinic's server is."""
    connections.close_all()
    try:
        book_appointment(
            by=desk,
            patient=patient,
            kind="treatment",
            slot=Slot(practitioner.pk, None, NINE),
            submission=uuid4(),
        )
    except CourseClash as clash:
        return clash.clashes[0].why
    finally:
        connections.close_all()
    return "booked"


def test_twelve_processes_on_one_place_and_exactly_one_has_it(una):
    desk = make_user(Role.FRONT_DESK)
    work = [(desk, make_patient(), una) for _ in range(DESKS)]
    connections.close_all()

    with get_context("fork").Pool(DESKS) as pool:
        answers = pool.starmap(book_in_process, work, chunksize=1)

    assert answers.count("booked") == 1
    assert set(answers) <= {"booked", "practitioner", "bed"}
    assert Appointment.objects.count() == 1
