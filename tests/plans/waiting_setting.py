"""Who waits for an earlier place, and a place that is kept for one of them."""

from datetime import UTC, date, datetime, timedelta

from clinic.access.roles import Role
from plans.scheduling import services
from plans.scheduling.queries.waiting import fitting
from plans.scheduling.services import Slot
from tests.factories import (
    make_appointment,
    make_plan,
    make_user,
)
from tests.plans.diary_setting import local

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def join(patient, **changes):
    wishes = {
        "kind": "treatment",
        "practitioner": None,
        "weekdays": [],
        "time_from": None,
        "time_to": None,
        "first_day": date(2026, 3, 3),
        "last_day": date(2026, 3, 31),
        "now": NOON,
    }
    by = make_user(Role.FRONT_DESK)
    return services.join_wait_list(by=by, patient=patient, **wishes | changes)


def behind(days, **fields):
    """A course last attended so many days ago, with nothing booked."""
    version = make_plan(codes=(), **fields)
    make_appointment(
        plan=version.plan,
        patient=version.plan.episode.patient,
        starts_at=NOON - days * DAY,
        status="done",
    )
    return version.plan.episode.patient


def hold(desk, patient, una, start=None, kind="treatment", plan=None):
    slot = Slot(una.pk, None, start or local(5))
    return services.hold_place(
        by=desk, patient=patient, slot=slot, kind=kind, now=NOON, plan=plan
    )


def who(una, start=None):
    return [fit.patient for fit in fitting(start or local(5), una.pk, NOON)]
