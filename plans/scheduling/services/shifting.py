"""The rest of a course moved in one go, after one of its appointments was."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from plans.scheduling.free import Length
from plans.scheduling.models import Appointment
from plans.scheduling.planner import who_moves
from plans.scheduling.queries import rest_of_course
from plans.scheduling.services.booking import (
    Slot,
    alone_with_the_diary,
    find_places,
    mark_freed,
)


@transaction.atomic
def shift_rest(
    *,
    by: User,
    appointment: Appointment,
    starts: Sequence[Slot],
    revisions: Mapping[int, int],
) -> int:
    """Move what follows an appointment to `starts`, all of it or nothing.

    Args:
        revisions: of each that follows, as the page showed them.

    Returns how many moved; the same sent twice moves none the second time.
    Raises CourseClash, and Stale where the course is no longer as it was shown.
    """
    alone_with_the_diary()
    now = timezone.now()
    # A step of a visit asks no leave of the diary: who takes one now waits for us.
    course = Appointment.objects.filter(plan=appointment.plan_id)
    list(course.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    rest = rest_of_course(appointment)
    slots = sorted(starts, key=lambda slot: slot.starts_at)
    were, will = [_place(row) for row in rest], [_place(slot) for slot in slots]
    if were == will:
        return 0
    shown = {row.pk: row.revision for row in rest}
    if len(set(will)) != len(were) or len(will) != len(were) or revisions != shown:
        raise Stale
    pairs = who_moves(were, will)
    leaving = [rest[index] for index, _ in pairs]
    lengths = [row.length for row in leaving]
    beds = find_places(
        [slots[index] for _, index in pairs],
        Length(*(max(minutes) for minutes in zip(*lengths, strict=True))),
        patient_id=appointment.patient_id,
        not_before=now,
        without=[row.pk for row in leaving],
    )
    moved = [
        (rest[row], slots[slot], bed)
        for (row, slot), bed in zip(pairs, beds, strict=True)
    ]
    mark_freed(leaving, now)
    # Lifted out of the diary first, so that none lands where another still stands.
    lifted = Appointment.objects.filter(pk__in=[row.pk for row in leaving])
    lifted.update(status=Appointment.Status.CANCELLED, cancel_reason="–")
    for row, slot, bed in moved:
        Appointment.objects.filter(pk=row.pk).update(
            practitioner_id=slot.practitioner_id,
            bed_id=bed,
            starts_at=slot.starts_at,
            moved_at=now if slot.starts_at != row.starts_at else row.moved_at,
            needling_ends_at=slot.starts_at + timedelta(minutes=row.length.needling),
            ends_at=slot.starts_at + timedelta(minutes=row.length.stay),
            status=row.status,
            cancel_reason=row.cancel_reason,
            revision=F("revision") + 1,
        )
    record(
        "shift_course",
        by=by,
        subject=appointment,
        patient_id=appointment.patient_id,
        appointments=[row.pk for row in leaving],
        now=[slot.starts_at.isoformat() for _, slot, _ in moved],
    )
    return len(moved)


def _place(there: Appointment | Slot) -> tuple[int, datetime]:
    return there.practitioner_id, there.starts_at
