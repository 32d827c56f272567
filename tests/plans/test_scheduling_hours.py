"""Hours and closures when two admins press at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from plans.scheduling.models import Closure, WorkingHours
from plans.scheduling.services import add_closure, set_week
from tests.factories import make_user

DAY = date(2026, 3, 9)
CLOSURE = {"first_day": DAY, "last_day": DAY, "reason": "Painting"}


@pytest.mark.django_db
@pytest.mark.parametrize("is_leave", [True, False])
def test_a_closure_is_entered_once(is_leave):
    who = make_user() if is_leave else None
    first = add_closure(by=make_user(), practitioner=who, **CLOSURE)

    assert add_closure(by=make_user(), practitioner=who, **CLOSURE) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        Closure.objects.create(practitioner=who, **CLOSURE)


def at_once(work, number):
    barrier = Barrier(number)

    def run(index):
        barrier.wait()
        try:
            work(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        list(pool.map(run, range(number)))


def test_of_weeks_sent_at_once_one_stands_whole(many_connections):
    practitioner = make_user()
    admins = [make_user() for _ in range(4)]

    def work(index):
        periods = [(day, time(9), time(12 + index)) for day in range(5)]
        set_week(by=admins[index], practitioner=practitioner, periods=periods)

    at_once(work, len(admins))

    ends = WorkingHours.objects.values_list("ends", flat=True)
    assert len(ends) == 5
    assert len(set(ends)) == 1


def test_a_closure_sent_at_once_is_one(many_connections):
    admins = [make_user() for _ in range(4)]

    at_once(lambda index: add_closure(by=admins[index], **CLOSURE), len(admins))

    assert Closure.objects.count() == 1
