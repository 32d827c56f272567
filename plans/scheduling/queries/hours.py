from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, tzinfo
from itertools import groupby
from operator import attrgetter

from django.db.models import Q, QuerySet
from django.utils import timezone

from clinic.accounts.models import User
from plans.scheduling.clock import bounds, wall
from plans.scheduling.free import Length
from plans.scheduling.models import (
    Appointment,
    Bed,
    Closure,
    VisitLength,
    WorkingHours,
)
from plans.scheduling.policy import POLICY
from plans.scheduling.statuses import AHEAD


def clinic_zone() -> tzinfo:
    return timezone.get_default_timezone()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The moments at which the clinic's day begins and has ended."""
    return bounds(day, day, clinic_zone())


def hours_between(first: date, last: date) -> QuerySet[WorkingHours]:
    """Of every week and of single days, in the order of the diary's columns."""
    return WorkingHours.objects.filter(
        Q(day=None) | Q(day__range=(first, last)),
        practitioner__is_active=True,
        practitioner__is_acupuncturist=True,
    ).order_by("practitioner__name", "practitioner_id", "starts")


def hours_on(day: date) -> list[WorkingHours]:
    """Who works on a day, in the order of the diary's columns."""
    rows = hours_between(day, day).filter(weekday=day.weekday())
    return that_hold(rows.select_related("practitioner"))


def that_hold(rows: Iterable[WorkingHours]) -> list[WorkingHours]:
    """Of the hours of a week or less: weekly ones give way to those of a single day."""
    rows = list(rows)
    single = {(row.practitioner_id, row.weekday) for row in rows if row.day}
    return [
        row
        for row in rows
        if row.day or (row.practitioner_id, row.weekday) not in single
    ]


def single_days(
    practitioner_id: int, since: date
) -> list[tuple[date, list[WorkingHours]]]:
    """The days on which other hours hold than those of the week."""
    rows = WorkingHours.objects.filter(practitioner=practitioner_id, day__gte=since)
    by_day = groupby(rows.order_by("day", "starts"), key=attrgetter("day"))
    return [(day, list(hours)) for day, hours in by_day]


def hours_in_week(first: date, last: date, practitioner_id: int) -> list[WorkingHours]:
    """When a practitioner works on the days of one week."""
    return that_hold(hours_between(first, last).filter(practitioner=practitioner_id))


def closures_between(first: date, last: date) -> QuerySet[Closure]:
    return Closure.objects.filter(
        first_day__lte=last, last_day__gte=first
    ).select_related("practitioner")


def practitioner_names() -> dict[int, str]:
    """Those who can be booked, in the order of the diary's columns."""
    return dict(User.objects.acupuncturists().values_list("pk", "name"))


def active_beds() -> QuerySet[Bed]:
    return Bed.objects.filter(is_active=True)


def visit_lengths() -> dict[str, Length]:
    """By kind of visit, the clinic's own where it has set one."""
    rows = VisitLength.objects.values_list("kind", "needling_min", "stay_min")
    own = {kind: Length(needling, stay) for kind, needling, stay in rows}
    return {**POLICY.lengths, **own}


def outside_hours(
    practitioner_id: int, day: date, periods: Sequence[tuple[time, time]], now: datetime
) -> int:
    """How many appointments of a day are needled at other times than these."""
    begins, ends = day_bounds(day)
    zone = clinic_zone()
    rows = Appointment.objects.filter(
        practitioner=practitioner_id,
        starts_at__range=(max(begins, now), ends),
        status__in=AHEAD,
    )
    needled = (
        (wall(start, zone).time(), wall(end, zone).time())
        for start, end in rows.values_list("starts_at", "needling_ends_at")
    )
    return sum(
        not any(opens <= start and end <= closes for opens, closes in periods)
        for start, end in needled
    )


def upcoming_within(
    first: date, last: date, now: datetime, practitioner: User | None = None
) -> int:
    """How many booked appointments stand on days that are about to close."""
    begins, ends = bounds(first, last, clinic_zone())
    rows = Appointment.objects.filter(
        starts_at__gte=max(begins, now), starts_at__lt=ends, status__in=AHEAD
    )
    if practitioner is not None:
        rows = rows.filter(practitioner=practitioner)
    return rows.count()
