from datetime import datetime

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from plans.scheduling.models import Appointment
from plans.sessions.models import MOST_MORE, NEEDLES, BedClock
from plans.sessions.queries import minutes_for

STEP = 5  # minutes that one press adds


class NoNeedlesIn(Exception):
    """Clocks run on a bed only while needles are in."""


class LongEnough(Exception):
    """More than a clock is made longer."""


@transaction.atomic
def start_clock(
    *, by: User, appointment: Appointment, kind: str, now: datetime
) -> BedClock:
    """Let electro, moxa or cupping run from now, for as long as the session says.

    While it runs it is the same; stopped it begins anew. Raises NoNeedlesIn.
    """
    held = _hold(appointment)
    begun = {"began_at": now, "minutes": minutes_for(held, kind), "more": 0}
    clock, made = BedClock.objects.get_or_create(
        appointment=held,
        needles_since=held.status_since,
        kind=kind,
        defaults=begun,
    )
    if not made:
        if clock.ended_at is None:
            return clock
        BedClock.objects.filter(pk=clock.pk).update(**begun, ended_at=None)
    _record("start_clock", by, held, kind)
    return clock


@transaction.atomic
def add_minutes(*, by: User, appointment: Appointment, kind: str, seen: int) -> None:
    """Five minutes more; `seen` are those that were added before.

    Raises NoNeedlesIn, LongEnough; Stale when somebody else has pressed since, or the
    clock was stopped.
    """
    held = _hold(appointment)
    if seen + STEP > MOST_MORE:
        raise LongEnough
    running = BedClock.objects.filter(
        appointment=held, needles_since=held.status_since, kind=kind, ended_at=None
    )
    if kind == NEEDLES and not seen and not running.exists():
        BedClock.objects.create(
            appointment=held,
            needles_since=held.status_since,
            kind=kind,
            began_at=held.status_since,
            more=STEP,
        )
    elif not running.filter(more=seen).update(more=seen + STEP):
        raise Stale
    _record("add_minutes", by, held, kind, more=seen + STEP)


@transaction.atomic
def stop_clock(*, by: User, appointment: Appointment, kind: str, now: datetime) -> None:
    """The needles' own clock stops with them. Raises NoNeedlesIn."""
    held = _hold(appointment)
    running = BedClock.objects.filter(
        appointment=held, needles_since=held.status_since, kind=kind, ended_at=None
    )
    if running.exclude(kind=NEEDLES).update(ended_at=now):
        _record("stop_clock", by, held, kind)


def _hold(appointment: Appointment) -> Appointment:
    held = Appointment.objects.select_for_update().get(pk=appointment.pk)
    if held.status != Appointment.Status.NEEDLES_IN:
        raise NoNeedlesIn
    return held


def _record(
    action: str, by: User, appointment: Appointment, kind: str, **details: int
) -> None:
    record(
        action,
        by=by,
        subject=appointment,
        patient_id=appointment.patient_id,
        clock=kind,
        **details,
    )
