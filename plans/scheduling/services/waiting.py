"""The wait list: who is on it, and a freed place taken from it."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from patients.records.models import Patient
from plans.scheduling.models import Appointment, Hold, WaitEntry
from plans.scheduling.queries.waiting import visit_to_move
from plans.scheduling.services.booking import (
    Slot,
    TooMany,
    alone_with_the_diary,
    sweep_offers,
    version_to_book,
)
from plans.scheduling.services.following import move_appointment
from plans.scheduling.services.holding import confirm_hold
from plans.scheduling.waiting import bits_of


@transaction.atomic
def join_wait_list(
    *,
    by: User,
    patient: Patient,
    kind: str,
    practitioner: int | None,
    weekdays: Iterable[int],
    time_from: time | None,
    time_to: time | None,
    first_day: date,
    last_day: date,
    now: datetime,
) -> WaitEntry:
    """A patient waits once: joining again changes the wishes and keeps the place."""
    wishes = {
        "kind": kind,
        "practitioner_id": practitioner,
        "weekdays": bits_of(weekdays),
        "time_from": time_from,
        "time_to": time_to,
        "first_day": first_day,
        "last_day": last_day,
    }
    entry, _ = WaitEntry.objects.update_or_create(
        patient=patient,
        left_at=None,
        defaults=wishes,
        create_defaults=wishes | {"since": now, "added_by": by},
    )
    record("join_wait_list", by=by, subject=entry, patient_id=patient.pk)
    return entry


@transaction.atomic
def leave_wait_list(*, by: User, patient_id: int, now: datetime) -> None:
    entry = WaitEntry.objects.filter(patient=patient_id, left_at=None).first()
    if entry is None:
        return
    WaitEntry.objects.filter(pk=entry.pk).update(left_at=now)
    record("leave_wait_list", by=by, subject=entry, patient_id=patient_id)


@transaction.atomic
def take_place(*, by: User, hold_id: int, now: datetime) -> Appointment:
    """Book what was kept; who has it waits no longer.

    Who has all their visits already moves one here instead. Raises HoldGone, and
    where things have changed meanwhile CourseClash, NoPlanInForce or TooMany.
    """
    alone_with_the_diary()
    sweep_offers()
    hold = Hold.objects.filter(pk=hold_id).first()
    later = visit_to_move(hold, now) if hold else None
    if hold and hold.plan and not (version_to_book(hold.plan).left or later):
        raise TooMany(0)
    if hold and later:
        row = _move_here(hold, later, by=by)
    else:
        row = confirm_hold(by=by, hold_id=hold_id, now=now)
    leave_wait_list(by=by, patient_id=row.patient_id, now=now)
    return row


def _move_here(hold: Hold, later: Appointment, *, by: User) -> Appointment:
    slot = Slot(hold.practitioner_id, hold.bed_id, hold.starts_at)
    hold.delete()
    move_appointment(by=by, appointment=later, slot=slot, revision=later.revision)
    return later
