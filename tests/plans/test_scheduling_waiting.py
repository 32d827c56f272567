"""The wait list: who fits a freed place, and who first."""

from datetime import date, datetime, time

import pytest

from clinic.access.roles import Role
from plans.scheduling import services
from plans.scheduling.models import Bed, FreedPlace
from plans.scheduling.queries.waiting import fitting, freed_places
from plans.scheduling.services import Slot
from plans.scheduling.waiting import Claim, Wanted, Why, bits_of, weekdays_of
from tests.factories import (
    make_appointment,
    make_bed,
    make_patient,
    make_plan,
    make_user,
)
from tests.plans.diary_setting import local
from tests.plans.waiting_setting import DAY, NOON, behind, join, who

pytestmark = pytest.mark.usefixtures("tuesday_noon")


@pytest.fixture
def una(una):
    make_bed(name="Willow")
    return una


@pytest.fixture
def desk(db):
    return make_user(Role.FRONT_DESK)


# Wishes and order: pure


@pytest.mark.parametrize(
    ("changes", "suits"),
    [
        ({}, True),
        ({"first_day": date(2026, 3, 6)}, False),
        ({"last_day": date(2026, 3, 5)}, True),
        ({"last_day": date(2026, 3, 4)}, False),
        ({"weekdays": bits_of([3])}, True),
        ({"weekdays": bits_of([0, 4])}, False),
        ({"time_from": time(9), "time_to": time(9)}, True),
        ({"time_from": time(9, 15)}, False),
        ({"time_to": time(8, 45)}, False),
        ({"practitioner": 7}, True),
        ({"practitioner": 8}, False),
    ],
)
def test_a_place_suits_on_both_sides_of_every_wish(changes, suits):
    plain = {"first_day": date(2026, 3, 5), "last_day": date(2026, 3, 9)}

    wanted = Wanted(**plain | changes)

    assert wanted.suits(datetime(2026, 3, 5, 9), 7) is suits


def test_weekdays_are_bits():
    assert weekdays_of(bits_of([4, 1, 1])) == [1, 4]
    assert bits_of(range(7)) == bits_of([]) == 0


def test_the_longest_over_the_gap_comes_first_then_who_waits_longest():
    claims = [
        Claim(1, (Why.NOT_BOOKED,)),
        Claim(2, (Why.WAITS,), since=NOON),
        Claim(3, (Why.WAITS, Why.NO_NEXT), since=NOON - DAY),
        Claim(4, (Why.GAP,), over=2),
        Claim(5, (Why.GAP, Why.NO_NEXT), over=9),
        Claim(6, (Why.NO_NEXT,)),
    ]

    ordered = sorted(claims, key=lambda claim: claim.rank)

    assert [claim.patient for claim in ordered] == [5, 4, 3, 2, 6, 1]


# Who fits


def test_those_behind_their_plan_are_known_and_come_first(una):
    waits = make_patient()
    join(waits)
    late, later = behind(10), behind(20)

    assert who(una) == [later, late, waits]


def test_who_is_behind_and_on_the_list_stands_there_once(una):
    patient = behind(20)
    join(patient)

    (fit,) = fitting(local(5), una.pk, NOON)

    assert (fit.patient, fit.claim.why) == (patient, (Why.GAP, Why.WAITS, Why.NO_NEXT))


def test_wishes_are_kept(una):
    on_thursday, on_friday = make_patient(), make_patient()
    join(on_thursday, weekdays=[3], time_to=time(9))
    join(on_friday, weekdays=[4])

    assert who(una) == [on_thursday]
    assert who(una, local(6)) == [on_friday]


def test_a_place_is_offered_only_where_the_whole_visit_fits(una):
    """A first visit is longer than what is left before the next, or of the day."""
    long, short = make_patient(), make_patient()
    join(long, kind="first")
    join(short)
    bed = Bed.objects.get(name="Willow")
    make_appointment(practitioner=una, bed=bed, starts_at=local(5, 9, 45))

    assert who(una) == [short]
    assert who(una, local(5, 17)) == [short], "75 minutes end after the day does"
    assert who(una, local(5, 17, 30)) == []
    assert who(una, local(7)) == [], "nobody works on a Saturday"


def test_the_needles_own_time_counts_for_the_length(una):
    """A plan with 50 minutes of retention does not fit into 45."""
    behind(20, retention_min=50)
    Bed.objects.exclude(name="Willow").update(is_active=False)
    bed = Bed.objects.get(name="Willow")
    make_appointment(practitioner=una, bed=bed, starts_at=local(5, 9, 45))

    assert who(una) == []


def test_nobody_who_comes_that_day_or_was_just_there(una):
    there_that_day, day_before = make_patient(), make_plan(codes=(), sessions=9)
    join(there_that_day)
    make_appointment(patient=there_that_day, starts_at=local(5, 16))
    patient = day_before.plan.episode.patient
    make_appointment(plan=day_before.plan, patient=patient, starts_at=local(4))
    join(patient)

    assert who(una) == []
    assert who(una, local(6)) == [there_that_day, patient]


def test_nobody_is_offered_what_they_gave_up(una):
    version = make_plan(codes=())
    patient = version.plan.episode.patient
    make_appointment(
        plan=version.plan,
        patient=patient,
        starts_at=local(5),
        status="cancelled",
        cancel_reason="Ill",
    )
    join(patient)

    assert who(una) == []
    assert who(una, local(5, 11)) == [patient]


@pytest.mark.parametrize("number", [1, 4])
def test_who_fits_costs_the_same_for_any_number(una, number, django_assert_num_queries):
    """Entries, courses, versions, their dates; hours with closures, beds; lengths;
    those who come that day and those who have an offer.
    """
    for _ in range(number):
        behind(20)
        join(make_patient())

    with django_assert_num_queries(9):
        assert len(fitting(local(5), una.pk, NOON)) == 2 * number


# Places given up


@pytest.mark.parametrize("how", ["cancelled", "moved"])
def test_a_place_is_freed_by_a_cancellation_and_by_a_move(desk, una, how):
    row = make_appointment(
        practitioner=una, bed=Bed.objects.get(name="Willow"), starts_at=local(5)
    )
    if how == "cancelled":
        services.set_status(
            by=desk, appointment=row, status="cancelled", revision=0, reason="Ill"
        )
    else:
        slot = Slot(una.pk, None, local(6))
        services.move_appointment(by=desk, appointment=row, slot=slot, revision=0)

    (place,) = freed_places(NOON)

    assert (place.starts_at, place.practitioner) == (local(5), una)
    make_appointment(practitioner=una, starts_at=local(5))
    assert freed_places(NOON) == [], "taken since"


def test_past_places_are_forgotten(desk, una, clock):
    FreedPlace.objects.create(practitioner=una, starts_at=local(2), freed_at=NOON)
    row = make_appointment(practitioner=una, starts_at=local(5))

    services.set_status(
        by=desk, appointment=row, status="cancelled", revision=0, reason="Ill"
    )

    assert [place.starts_at for place in FreedPlace.objects.all()] == [local(5)]
