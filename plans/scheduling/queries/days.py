from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    DateTimeField,
    QuerySet,
    Sum,
    Value,
)

from clinic.core.prepared import Given, prepared
from plans.scheduling.clock import bounds
from plans.scheduling.models import Appointment
from plans.scheduling.queries.hours import (
    active_beds,
    clinic_zone,
    closures_between,
    hours_between,
)


@dataclass(frozen=True, slots=True)
class DayRow:
    """All that a diary shows of one appointment, or of a place that is kept."""

    pk: int
    patient_id: int
    family_name: str
    given_name: str
    practitioner_id: int
    practitioner: str
    bed_id: int
    bed: str
    kind: str
    starts_at: datetime
    needling_ends_at: datetime
    ends_at: datetime
    status: str
    status_since: datetime
    held_until: datetime | None  # of a place that is only kept
    revision: int


def day(
    on: date,
    *,
    until: date | None = None,
    practitioner_id: int | None = None,
    kept_at: datetime | None = None,
) -> list[DayRow]:
    """Every appointment of a day, or of several, cancelled ones too, and the places
    that are kept for somebody at that moment. One query.
    """
    rows = (
        _within(on, until or on, practitioner_id, kept_at)
        .order_by("starts_at", "pk")
        .values_list(
            "pk",
            "patient_id",
            "patient__family_name",
            "patient__given_name",
            "practitioner_id",
            "practitioner__name",
            "bed_id",
            "bed__name",
            "kind",
            "starts_at",
            "needling_ends_at",
            "ends_at",
            "status",
            "status_since",
            "held_until",
            "revision",
        )
    )
    return [DayRow(*row) for row in rows]


def _within(
    first: date, last: date, practitioner_id: int | None, kept_at: datetime | None
) -> QuerySet[Appointment]:
    begins, ends = bounds(first, last, clinic_zone())
    visits = Appointment.objects
    rows = visits.and_kept(kept_at) if kept_at else visits.all()
    rows = rows.filter(starts_at__gte=begins, starts_at__lt=ends)
    return (
        rows if practitioner_id is None else rows.filter(practitioner=practitioner_id)
    )


def stamp(
    on: date,
    *,
    until: date | None = None,
    practitioner_id: int | None = None,
    now: datetime,
) -> str:
    """Says another thing as soon as the diary of these days does: an appointment, a
    place kept or no longer kept, hours, a closure, a bed. One query.

    Hours and closures are replaced, never changed: a new row has a new number.
    """
    last = until or on
    begins, ends = bounds(on, last, clinic_zone())
    values = {"now": now, "begins": begins, "ends": ends, "first": on, "last": last}
    found = (
        _counts_of_all(**values)
        if practitioner_id is None
        else _counts_of_one(**values, who=practitioner_id)
    )
    return "-".join(str(int(number)) for _, *row in found for number in row)


@prepared
def _counts_of_all() -> QuerySet:
    return _counts()


@prepared
def _counts_of_one() -> QuerySet:
    return _counts(practitioner=Given("who", BigIntegerField()))


def _counts(**whose: Given) -> QuerySet:
    """How many rows of each kind, and the sums that any change of them changes."""
    now: Any = Given("now", DateTimeField())
    begins, ends = (Given(name, DateTimeField()) for name in ("begins", "ends"))
    first: Any = Given("first", DateField())
    last: Any = Given("last", DateField())
    visits = Appointment.objects.and_kept(now)
    visits, *others = (
        _counted(rows, name, changes)
        for name, rows, changes in (
            (
                "a",
                visits.filter(starts_at__gte=begins, starts_at__lt=ends, **whose),
                Sum("revision", default=0),
            ),
            ("b", hours_between(first, last).filter(**whose), Value(0)),
            ("c", closures_between(first, last), Value(0)),
            ("d", active_beds(), Value(0)),
        )
    )
    return visits.union(*others, all=True).order_by("which")


def _counted(rows: QuerySet, which: str, changes: Sum | Value) -> QuerySet:
    return (
        rows.order_by()
        .values(which=Value(which))
        .annotate(number=Count("pk"), keys=Sum("pk", default=0), changes=changes)
        .values_list("which", "number", "keys", "changes")
    )
