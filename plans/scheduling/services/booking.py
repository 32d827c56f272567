"""Booking: all or nothing, and never two in one place.

Whoever books or moves is alone with the diary until the transaction ends, so a place
seen free is free when it is taken. The constraints stand behind that.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from django.db import IntegrityError, connection, transaction
from django.db.models import (
    BigIntegerField,
    DateTimeField,
    Exists,
    OuterRef,
    QuerySet,
)
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.prepared import Given, prepared
from patients.records.models import Patient
from plans.pauses.models import Pause
from plans.planning.models import Plan, PlanVersion
from plans.scheduling.clock import bounds, wall
from plans.scheduling.free import GRID, Calendar, Length, Obstacle, free_starts
from plans.scheduling.free import obstacle as obstacle_at
from plans.scheduling.models import Appointment, FreedPlace, Hold, StatusChange
from plans.scheduling.policy import visit_length
from plans.scheduling.queries import (
    calendar,
    clinic_zone,
    day_bounds,
    had_and_to_come,
    live_holds,
    visit_lengths,
)

Kind = Appointment.Kind
Status = Appointment.Status

DIARY = 7_203_114  # the number of the lock; any will do, if it is always the same
PAST = "past"


class Slot(NamedTuple):
    """A wished place; without a bed, any that is free for the whole stay."""

    practitioner_id: int
    bed_id: int | None
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Clash:
    """Why one row can't be booked: an `Obstacle`, or PAST. The times are wall-clock.

    Where nothing but a kept place is in the way, `kept_for` and `kept_until` say more.
    """

    index: int
    at: datetime
    practitioner_id: int
    why: str
    kept_for: str = ""
    kept_until: datetime | None = None


class CourseClash(Exception):
    """Some rows can't be booked, so none was."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__(", ".join(f"{clash.at} {clash.why}" for clash in clashes))
        self.clashes = tuple(clashes)


class NoPlanInForce(Exception):
    """A course needs an approved plan of an open episode that is not paused."""


class TooMany(Exception):
    """More sessions than the plan still prescribes; `left` may be booked."""

    def __init__(self, left: int) -> None:
        super().__init__(f"{left} left")
        self.left = left


def alone_with_the_diary() -> None:
    """Keep others from booking until this transaction ends, as SQLite does anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DIARY])


def sweep_offers() -> None:
    """Let go of what has run out."""
    Hold.objects.filter(held_until__lte=timezone.now()).delete()


def this_morning(now: datetime) -> datetime:
    """Somebody who came in unannounced may be booked after they have come."""
    return day_bounds(wall(now, clinic_zone()).date())[0]


def find_places(
    slots: Sequence[Slot],
    length: Length,
    *,
    patient_id: int,
    not_before: datetime,
    without: Collection[int] = (),
) -> list[int]:
    """Return a bed for every slot, or raise CourseClash with each that has none.

    Offers that ran out on these days are swept away: the constraints know no clock.
    """
    zone = clinic_zone()
    walls = [wall(slot.starts_at, zone) for slot in slots]
    for at in walls:
        if at.minute % GRID or at.second or at.microsecond:
            raise ValueError(f"{at} is not on the diary's grid")
    days = [at.date() for at in walls]
    known = calendar(min(days), max(days), patient_id=patient_id, without=without)
    if known.run_out:
        Hold.objects.filter(pk__in=known.run_out).delete()
    beds: list[int] = []
    clashes = []
    for index, (slot, at) in enumerate(zip(slots, walls, strict=True)):
        why: str | None
        if slot.starts_at < not_before:
            why = PAST
        elif at.date() in days[:index]:
            why = Obstacle.PATIENT
        else:
            bed, why = _place(known, slot, at, length)
            if bed is not None:
                beds.append(bed)
        if why is not None:
            clashes.append(Clash(index, at, slot.practitioner_id, why))
    if clashes:
        asked = [(clash, slots[clash.index]) for clash in clashes]
        raise CourseClash(_with_kept(asked, length, patient_id, without))
    return beds


def _with_kept(
    asked: Sequence[tuple[Clash, Slot]],
    length: Length,
    patient_id: int,
    without: Collection[int],
) -> list[Clash]:
    """Say for whom a place is kept, where it would be free without that."""
    zone, stay = clinic_zone(), timedelta(minutes=length.stay)
    days = [clash.at.date() for clash, _ in asked]
    begins, ends = bounds(min(days), max(days), zone)
    holds = list(live_holds(timezone.now()).filter(starts_at__range=(begins, ends)))
    if not holds:
        return [clash for clash, _ in asked]
    known = calendar(
        min(days),
        max(days),
        patient_id=patient_id,
        without=[*without, *(hold.pk for hold in holds)],
    )
    found = []
    for clash, slot in asked:
        there = [
            hold
            for hold in holds
            if hold.starts_at < slot.starts_at + stay and hold.ends_at > slot.starts_at
        ]
        if there and clash.why != PAST and _place(known, slot, clash.at, length)[0]:
            hold = min(there, key=lambda h: h.practitioner_id != slot.practitioner_id)
            clash = replace(
                clash,
                why=Obstacle.KEPT,
                kept_for=hold.patient.name,
                kept_until=hold.held_until and wall(hold.held_until, zone),
            )
        found.append(clash)
    return found


def _place(
    known: Calendar, slot: Slot, at: datetime, length: Length
) -> tuple[int | None, Obstacle | None]:
    if slot.bed_id is not None:
        wished = tuple(bed for bed in known.beds if bed == slot.bed_id)
        known = replace(known, beds=wished)
    who = slot.practitioner_id
    found = free_starts(
        known, length, first=at.date(), last=at.date(), practitioners=[who]
    )
    bed = next((start.bed for start in found if start.at == at), None)
    if isinstance(bed, int):
        return bed, None
    return None, obstacle_at(known, length, at, who) or Obstacle.NOT_WORKING


def _book(
    *,
    by: User,
    patient_id: int,
    plan_id: int | None,
    kind: str,
    length: Length,
    slots: Sequence[Slot],
    submissions: Sequence[UUID],
    not_before: datetime,
    now: datetime,
) -> list[Appointment]:
    beds = find_places(slots, length, patient_id=patient_id, not_before=not_before)
    rows = [
        Appointment(
            patient_id=patient_id,
            plan_id=plan_id,
            practitioner_id=slot.practitioner_id,
            bed_id=bed,
            kind=kind,
            starts_at=slot.starts_at,
            needling_ends_at=slot.starts_at + timedelta(minutes=length.needling),
            ends_at=slot.starts_at + timedelta(minutes=length.stay),
            status_since=now,
            created_at=now,
            created_by=by,
            submission=submission,
        )
        for slot, bed, submission in zip(slots, beds, submissions, strict=True)
    ]
    booked = Appointment.objects.bulk_create(rows)
    StatusChange.objects.bulk_create(
        StatusChange(appointment=row, revision=0, status=row.status, at=now, by=by)
        for row in booked
    )
    return booked


def mark_freed(rows: Iterable[Appointment], now: datetime) -> None:
    """Places given up, for those who wait. Past ones are forgotten."""
    FreedPlace.objects.filter(starts_at__lt=now).delete()
    FreedPlace.objects.bulk_create(
        [
            FreedPlace(
                practitioner_id=row.practitioner_id,
                starts_at=row.starts_at,
                freed_at=now,
            )
            for row in rows
            if row.starts_at > now
        ],
        ignore_conflicts=True,
    )


def _sent_before(submissions: Sequence[UUID]) -> list[Appointment]:
    rows = Appointment.objects.filter(submission__in=submissions)
    return list(rows.order_by("starts_at", "pk"))


def book_course(
    *, by: User, plan: Plan, starts: Sequence[Slot], submission: UUID
) -> list[Appointment]:
    """Book every row or none; the same submission again gives the same rows.

    Raises:
        CourseClash: says of each row that can't be booked why.
        TooMany: the plan does not prescribe that many more sessions.
        NoPlanInForce
    """
    now = timezone.now()
    ordered = sorted(starts, key=lambda slot: slot.starts_at)
    submissions = [uuid5(submission, str(index)) for index in range(len(ordered))]
    try:
        with transaction.atomic():
            alone_with_the_diary()
            version = version_to_book(plan)
            if len(ordered) > version.left:
                raise TooMany(version.left)
            length = visit_length(
                Kind.TREATMENT, version.retention_min, visit_lengths()
            )
            patient_id = version.plan.episode.patient_id
            rows = _book(
                by=by,
                patient_id=patient_id,
                plan_id=plan.pk,
                kind=Kind.TREATMENT,
                length=length,
                slots=ordered,
                submissions=submissions,
                not_before=now,
                now=now,
            )
            record(
                "book_course",
                by=by,
                subject=plan,
                patient_id=patient_id,
                appointments=[row.pk for row in rows],
            )
            return rows
    except (CourseClash, TooMany, IntegrityError) as refused:
        # A second click comes too late for the places that the first one took.
        before = _sent_before(submissions)
        if before:
            return before
        if isinstance(refused, IntegrityError):
            find_places(ordered, length, patient_id=patient_id, not_before=now)
        raise


def version_to_book(plan: Plan):
    """In force, with `left`, how many sessions may be booked; or NoPlanInForce."""
    for version in _to_book(plan=plan.pk, midnight=this_morning(timezone.now())):
        had = version.attended + version.booked
        version.left = max(version.sessions - had, 0)
        return version
    raise NoPlanInForce


@prepared
def _to_book() -> QuerySet:
    paused = Pause.objects.filter(plan=OuterRef("plan"), ended_at=None)
    return (
        PlanVersion.objects.in_force()
        .filter(
            ~Exists(paused),
            plan=Given("plan", BigIntegerField()),
            plan__episode__closed_on=None,
        )
        .select_related("plan__episode")
        .defer("proposal")
        .annotate(**had_and_to_come(Given("midnight", DateTimeField())))
    )


def book_appointment(
    *,
    by: User,
    patient: Patient,
    kind: str,
    slot: Slot,
    submission: UUID,
    plan: Plan | None = None,
    retention_min: int = 0,
) -> Appointment:
    """Book one; the same submission again gives the same row. Raises CourseClash."""
    now = timezone.now()
    length = visit_length(kind, retention_min, visit_lengths())
    try:
        with transaction.atomic():
            alone_with_the_diary()
            (row,) = _book(
                by=by,
                patient_id=patient.pk,
                plan_id=plan.pk if plan else None,
                kind=kind,
                length=length,
                slots=[slot],
                submissions=[submission],
                not_before=this_morning(now),
                now=now,
            )
            record("book_appointment", by=by, subject=row, patient_id=patient.pk)
            return row
    except (CourseClash, IntegrityError) as refused:
        before = _sent_before([submission])
        if before:
            return before[0]
        if isinstance(refused, IntegrityError):
            find_places(
                [slot],
                length,
                patient_id=patient.pk,
                not_before=this_morning(now),
            )
        raise
