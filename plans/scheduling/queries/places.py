from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db.models import DateTimeField, FilteredRelation, Q, QuerySet
from django.utils import timezone

from clinic.core.prepared import Given, prepared
from plans.scheduling.clock import bounds, skipped, wall
from plans.scheduling.free import (
    Calendar,
    Held,
    Hours,
    Length,
    Obstacle,
    Start,
    free_starts,
    read_calendar,
)
from plans.scheduling.models import Appointment, Bed, Hold
from plans.scheduling.queries.hours import clinic_zone, worked_and_shut
from plans.scheduling.statuses import FREED, HELD

Status = Appointment.Status
HOLDING = [*(status for status in Status.values if status not in FREED), HELD]
# No appointment is longer, so none that began before can reach into a day.
LONGEST = timedelta(days=1)


def calendar(
    first: date,
    last: date,
    *,
    patient_id: int | None = None,
    without: Collection[int] = (),
) -> Calendar:
    """What is worked, shut and held from `first` to `last`, in two queries.

    Args:
        patient_id: whose own appointments stand in the way too.
        without: appointments that are being moved and so hold nothing.
    """
    zone, moment = clinic_zone(), timezone.now()
    begins, ends = bounds(first, last, zone)
    beds = _beds_and_visits(since=begins - LONGEST, begins=begins, ends=ends)
    hours: list[Hours] = []
    held = [Held(Obstacle.CLOSED, *gone) for gone in skipped(first, last, zone)]
    rows = worked_and_shut(first=first, last=last)
    for shut, _name, who, weekday, opens, closes, since, until in rows:
        days = (since or date.min, until or date.max)
        if shut:
            held.append(_shut(who, *days))
        else:
            hours.append(Hours(who, weekday, opens, closes, *days))
    usable: dict[int, None] = {}
    run_out = []
    for bed, is_active, visit, who, patient, starts, needled, left, kept, *now in beds:
        if is_active:
            usable[bed] = None
        if visit is None or visit in without:
            continue
        if kept and kept <= moment:
            run_out.append(visit)
            continue
        start = wall(starts, zone)
        end = wall(_bed_free_at(needled, left, *now), zone)
        busy = Obstacle.KEPT if kept else Obstacle.PRACTITIONER
        held.append(Held(busy, start, wall(needled, zone), who))
        held.append(Held(Obstacle.BED, start, end, bed))
        if patient == patient_id:
            held.append(Held(Obstacle.PATIENT, start, end))
    return read_calendar(hours=hours, beds=usable, held=held, run_out=run_out)


@prepared
def _beds_and_visits() -> QuerySet:
    """Every bed that is in use or held, with what holds it; offers that have run out
    too.
    """
    since, begins, ends = (
        Given(name, DateTimeField()) for name in ("since", "begins", "ends")
    )
    visit = FilteredRelation(
        "appointments",
        condition=Q(
            appointments__starts_at__gt=since,
            appointments__starts_at__lt=ends,
            appointments__ends_at__gt=begins,
            appointments__status__in=HOLDING,
        ),
    )
    return (
        Bed.objects.annotate(visit=visit)
        .filter(Q(is_active=True) | Q(visit__isnull=False))
        .order_by("order", "name")
        .values_list(
            "pk",
            "is_active",
            "visit__pk",
            "visit__practitioner_id",
            "visit__patient_id",
            "visit__starts_at",
            "visit__needling_ends_at",
            "visit__ends_at",
            "visit__held_until",
            "visit__status",
            "visit__status_since",
        )
    )


def live_holds(now: datetime) -> QuerySet[Hold]:
    rows = Hold.objects.filter(held_until__gt=now)
    return rows.select_related("patient", "practitioner", "bed").order_by("held_until")


def _bed_free_at(
    needled: datetime, left: datetime, status: str, since: datetime
) -> datetime:
    """As booked; later while needles are in that went in late, or are not out yet."""
    if status != Status.NEEDLES_IN:
        return left
    return max(left, since + (left - needled), timezone.now())


def _shut(away: int | None, first: date, last: date) -> Held:
    start = datetime.combine(first, time.min)
    end = datetime.combine(last + timedelta(days=1), time.min)
    return Held(Obstacle.CLOSED if away is None else Obstacle.AWAY, start, end, away)


def nearest_free(
    known: Calendar,
    length: Length,
    at: datetime,
    *,
    practitioner_id: int | None,
    after: datetime,
    number: int = 4,
) -> list[Start]:
    """Free starts of the same day, those nearest to the wished hour."""
    starts = free_starts(
        known,
        length,
        first=at.date(),
        last=at.date(),
        after=after,
        practitioners=None if practitioner_id is None else [practitioner_id],
    )
    by_distance = sorted(starts, key=lambda start: (abs(start.at - at), start.at))
    return sorted(by_distance[:number])
