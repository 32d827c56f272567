from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, tzinfo
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import (
    DateField,
    F,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    TimeField,
    Value,
)
from django.db.models.functions import Cast
from django.utils import timezone

from clinic.accounts.models import User
from clinic.core.prepared import Given, prepared
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

FIRST: Any = Given("first", DateField())
LAST: Any = Given("last", DateField())


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
    return that_hold(_hours_on(day=day, weekday=day.weekday()))


@prepared
def _hours_on() -> QuerySet:
    day: Any = Given("day", DateField())
    weekday = Given("weekday", PositiveSmallIntegerField())
    rows = hours_between(day, day).filter(weekday=weekday)
    return rows.select_related("practitioner")


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


def closures_touching(first: date, last: date) -> QuerySet[Closure]:
    return Closure.objects.filter(first_day__lte=last, last_day__gte=first)


@prepared
def closures_between() -> QuerySet:
    """Of `first` to `last`, with the names of those who are away."""
    return closures_touching(FIRST, LAST).select_related("practitioner")


@prepared
def worked_and_shut() -> QuerySet:
    """Hours and closures of `first` to `last` in rows of one shape: whether it is a
    closure, a name to order by, whose it is, weekday, from and to, first and last day.

    Hours stand in the order of the diary's columns. Those of every week have no days.
    """
    no_time = Cast(Value(None), TimeField())
    shape = ("shut", "name", "practitioner_id", "weekday", "starts", "ends")
    hours = (
        hours_between(FIRST, LAST)
        .order_by()
        .annotate(shut=Value(0), name=F("practitioner__name"), last=F("day"))
        .values_list(*shape, "day", "last")
    )
    shut = (
        closures_touching(FIRST, LAST)
        .order_by()
        .annotate(shut=Value(1), name=Value(""), weekday=Value(0))
        .annotate(starts=no_time, ends=no_time)
        .values_list(*shape, "first_day", "last_day")
    )
    return hours.union(shut, all=True).order_by(*shape)


def practitioner_names() -> dict[int, str]:
    """Those who can be booked, in the order of the diary's columns."""
    return dict(User.objects.acupuncturists().values_list("pk", "name"))


def active_beds() -> QuerySet[Bed]:
    return Bed.objects.filter(is_active=True)


def visit_lengths() -> dict[str, Length]:
    """By kind of visit, the clinic's own where it has set one."""
    own = {kind: Length(needling, stay) for kind, needling, stay in _own_lengths()}
    return {**POLICY.lengths, **own}


@prepared
def _own_lengths() -> QuerySet:
    return VisitLength.objects.values_list("kind", "needling_min", "stay_min")


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
