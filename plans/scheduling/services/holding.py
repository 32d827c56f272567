"""A place kept for somebody while they are asked. Nothing is booked by it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from clinic.accounts.models import User
from clinic.audit.services import record
from patients.records.models import Patient
from plans.planning.models import Plan
from plans.scheduling.models import Appointment, FreedPlace, Hold, StatusChange
from plans.scheduling.policy import POLICY, visit_length
from plans.scheduling.queries import visit_lengths
from plans.scheduling.services.booking import (
    Slot,
    alone_with_the_diary,
    find_places,
    sweep_offers,
    this_morning,
)
from plans.scheduling.statuses import HELD


class HoldGone(Exception):
    """It has run out, or somebody has let it go."""


@transaction.atomic
def hold_place(
    *,
    by: User,
    patient: Patient,
    slot: Slot,
    kind: str,
    now: datetime,
    plan: Plan | None = None,
    retention_min: int = 0,
) -> Hold:
    """Keep a place until the clinic's minutes have passed; twice is once.

    Raises CourseClash when it is not free for that patient and length of visit.
    """
    alone_with_the_diary()
    sweep_offers()
    mine = Hold.objects.filter(
        patient=patient,
        practitioner=slot.practitioner_id,
        starts_at=slot.starts_at,
    ).first()
    if mine is not None:
        return mine
    length = visit_length(kind, retention_min, visit_lengths())
    (bed,) = find_places([slot], length, patient_id=patient.pk, not_before=now)
    hold = Hold.objects.create(
        patient=patient,
        plan=plan,
        practitioner_id=slot.practitioner_id,
        bed_id=bed,
        kind=kind,
        starts_at=slot.starts_at,
        needling_ends_at=slot.starts_at + timedelta(minutes=length.needling),
        ends_at=slot.starts_at + timedelta(minutes=length.stay),
        status=HELD,
        status_since=now,
        held_until=now + POLICY.hold,
        created_at=now,
        created_by=by,
    )
    record(
        "hold_place",
        by=by,
        subject=hold,
        patient_id=patient.pk,
        until=(now + POLICY.hold).isoformat(),
    )
    return hold


@transaction.atomic
def confirm_hold(*, by: User, hold_id: int, now: datetime) -> Appointment:
    """Book the place that was kept; twice is once.

    Raises HoldGone, and CourseClash where the hours have changed meanwhile.
    """
    alone_with_the_diary()
    sweep_offers()
    hold = Hold.objects.filter(pk=hold_id).first()
    if hold is not None:
        find_places(
            [Slot(hold.practitioner_id, hold.bed_id, hold.starts_at)],
            hold.length,
            patient_id=hold.patient_id,
            not_before=this_morning(now),
            without=[hold.pk],
        )
    booked = Appointment.Status.BOOKED
    changed = Hold.objects.filter(pk=hold_id).update(
        status=booked,
        status_since=now,
        held_until=None,
        created_by=by,
        created_at=now,
        revision=F("revision") + 1,
    )
    row = Appointment.objects.filter(pk=hold_id).first()
    if row is None:
        raise HoldGone
    if not changed:
        return row
    StatusChange.objects.create(
        appointment=row, revision=row.revision, status=booked, at=now, by=by
    )
    FreedPlace.objects.filter(
        practitioner=row.practitioner_id, starts_at=row.starts_at
    ).delete()
    record("book_appointment", by=by, subject=row, patient_id=row.patient_id)
    return row


@transaction.atomic
def let_go(*, by: User, hold_id: int) -> None:
    """The place is free again for the next. What is booked already stays booked."""
    hold = Hold.objects.select_for_update().filter(pk=hold_id).first()
    if hold is None:
        return
    record("let_hold_go", by=by, subject=hold, patient_id=hold.patient_id)
    hold.delete()
