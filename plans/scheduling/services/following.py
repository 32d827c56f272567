"""What becomes of an appointment: moved, arrived, treated, taken over, cancelled."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from plans.pauses.queries import may_not_needle
from plans.scheduling import statuses
from plans.scheduling.clock import wall
from plans.scheduling.free import GRID, Length
from plans.scheduling.models import Appointment, Handover, StatusChange
from plans.scheduling.policy import LONGEST_STAY
from plans.scheduling.queries import clinic_zone
from plans.scheduling.services.booking import (
    CourseClash,
    Slot,
    alone_with_the_diary,
    find_places,
    mark_freed,
    this_morning,
)


class CannotMove(Exception):
    """Only an appointment that lies ahead can be moved; whoever is here may stay on."""


class NotHere(Exception):
    """Only a patient who is in the house can be taken over."""


class StatusRefused(Exception):
    def __init__(self, why: statuses.Refusal) -> None:
        super().__init__(why)
        self.why = why


@transaction.atomic
def move_appointment(
    *,
    by: User,
    appointment: Appointment,
    slot: Slot,
    revision: int,
    length: Length | None = None,
) -> None:
    """Move within the diary, or change the lengths; it keeps its place in the course.

    Raises CourseClash, CannotMove, Stale. Whether the gaps still hold is for
    `queries.breaches_of` to say.
    """
    alone_with_the_diary()
    appointment.refresh_from_db()
    was = appointment.length
    length = length or was
    there = (appointment.practitioner_id, appointment.starts_at)
    stays = there == (slot.practitioner_id, slot.starts_at) and slot.bed_id in {
        None,
        appointment.bed_id,
    }
    if stays and length == was:
        return
    if length != was and not is_drawable(length):
        raise ValueError(f"{length} is not on the diary's grid")
    if appointment.status not in (
        (*statuses.AHEAD, *statuses.HERE) if stays else statuses.AHEAD
    ):
        raise CannotMove
    bed = _bed_for(appointment, slot, length, keep=stays)
    before = appointment.starts_at
    if not stays:
        mark_freed([appointment], timezone.now())
    _change(
        appointment,
        revision,
        practitioner_id=slot.practitioner_id,
        bed_id=bed,
        starts_at=slot.starts_at,
        needling_ends_at=slot.starts_at + timedelta(minutes=length.needling),
        ends_at=slot.starts_at + timedelta(minutes=length.stay),
    )
    record(
        "move_appointment",
        by=by,
        subject=appointment,
        patient_id=appointment.patient_id,
        was=before.isoformat(),
        now=slot.starts_at.isoformat(),
        minutes=[*was, *length],
    )


def _bed_for(
    appointment: Appointment, slot: Slot, length: Length, *, keep: bool
) -> int:
    """The wished bed; if none is wished the present one, or another if it is taken."""

    def find(bed_id: int | None) -> int:
        (bed,) = find_places(
            [slot._replace(bed_id=bed_id)],
            length,
            patient_id=appointment.patient_id,
            not_before=this_morning(timezone.now()),
            without=[appointment.pk],
        )
        return bed

    if slot.bed_id is not None:
        return find(slot.bed_id)
    try:
        return find(appointment.bed_id)
    except CourseClash:
        if keep:
            raise
        return find(None)


@transaction.atomic
def set_status(
    *,
    by: User,
    appointment: Appointment,
    status: str,
    revision: int,
    reason: str = "",
    by_clinic: bool = False,
) -> None:
    """Follow a visit, or put a mistake right; `statuses.MOVES` has what may follow.

    Cancelling needs a reason and is late within the clinic's policy, but not where it
    is the clinic that cancels. Taking a cancellation back raises CourseClash when the
    place is gone. Also raises StatusRefused and Stale.
    """
    now, zone = timezone.now(), clinic_zone()
    if by_clinic:
        status = Appointment.Status.CANCELLED
    elif status in statuses.FREED:
        status = statuses.cancelled_as(starts_at=appointment.starts_at, now=now)
    was = appointment.status
    if was == status:
        return
    why = statuses.refusal(
        was,
        status,
        starts_at=wall(appointment.starts_at, zone),
        now=wall(now, zone),
        reason=reason,
        written_up=_written_up(appointment),
        is_paused=status == Appointment.Status.NEEDLES_IN
        and may_not_needle(
            plan_id=appointment.plan_id, patient_id=appointment.patient_id
        ),
    )
    if why is not None:
        raise StatusRefused(why)
    if was in statuses.FREED:
        alone_with_the_diary()
        _take_back(appointment)
    if status in statuses.FREED:
        mark_freed([appointment], now)
    _change(
        appointment,
        revision,
        status=status,
        status_since=now,
        cancel_reason=reason if status in statuses.FREED else "",
    )
    StatusChange.objects.create(
        appointment=appointment,
        revision=appointment.revision,
        status=status,
        at=now,
        by=by,
    )
    record(
        "set_status",
        by=by,
        subject=appointment,
        patient_id=appointment.patient_id,
        was=was,
        now=status,
    )


@transaction.atomic
def take_over(*, by: User, appointment: Appointment, revision: int) -> None:
    """From now on `by` answers for the patient, who keeps their bed and their place.

    Asked for twice it is once. Raises NotHere, Stale.
    """
    before = appointment.in_charge.pk
    if before == by.pk:
        return
    if appointment.status not in statuses.HERE:
        raise NotHere
    _change(appointment, revision)
    Handover.objects.create(
        appointment=appointment,
        revision=appointment.revision,
        taken_by=by,
        taken_from_id=before,
        at=timezone.now(),
    )
    record(
        "take_over",
        by=by,
        subject=appointment,
        patient_id=appointment.patient_id,
        taken_from=before,
        status=appointment.status,
    )


def _written_up(appointment: Appointment) -> bool:
    """A session stands above this feature; that one exists is all we ask."""
    if appointment.status in statuses.AHEAD:
        return False
    return Appointment.objects.filter(pk=appointment.pk, session__isnull=False).exists()


def _take_back(appointment: Appointment) -> None:
    length = appointment.length
    slot = Slot(appointment.practitioner_id, appointment.bed_id, appointment.starts_at)
    find_places(
        [slot],
        length,
        patient_id=appointment.patient_id,
        not_before=appointment.starts_at,
    )


def is_drawable(length: Length) -> bool:
    on_grid = not length.needling % GRID and not length.stay % GRID
    return on_grid and 0 < length.needling <= length.stay <= LONGEST_STAY


def _change(appointment: Appointment, revision: int, **fields) -> None:
    if fields.get("starts_at", appointment.starts_at) != appointment.starts_at:
        fields["moved_at"] = timezone.now()
    changed = Appointment.objects.filter(pk=appointment.pk, revision=revision).update(
        **fields, revision=F("revision") + 1
    )
    if not changed:
        raise Stale
    for name, value in fields.items():
        setattr(appointment, name, value)
    appointment.revision = revision + 1
