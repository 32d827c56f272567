from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    QuerySet,
    Sum,
    Value,
)

from clinic.core.prepared import Given, prepared
from plans.scheduling.clock import bounds
from plans.scheduling.models import Appointment
from plans.scheduling.queries.hours import (
    FIRST,
    LAST,
    active_beds,
    clinic_zone,
    closures_touching,
    hours_between,
)

WHO = Given("who", BigIntegerField())
KEPT_NO_MORE = datetime.max.replace(tzinfo=UTC)  # by then every place has run out


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
    begins, ends = bounds(on, until or on, clinic_zone())
    values = {"now": kept_at or KEPT_NO_MORE, "begins": begins, "ends": ends}
    rows = (
        _rows_of_all(**values)
        if practitioner_id is None
        else _rows_of_one(**values, who=practitioner_id)
    )
    return [DayRow(*row) for row in rows]


@prepared
def _rows_of_all() -> QuerySet:
    return _rows()


@prepared
def _rows_of_one() -> QuerySet:
    return _rows(practitioner=WHO)


def _rows(**whose: Given) -> QuerySet:
    return (
        _visits(**whose)
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


def _visits(**whose: Given) -> QuerySet:
    """Appointments that begin on the days given, and places kept by then."""
    now: Any = Given("now", DateTimeField())
    begins, ends = (Given(name, DateTimeField()) for name in ("begins", "ends"))
    rows = Appointment.objects.and_kept(now)
    return rows.filter(starts_at__gte=begins, starts_at__lt=ends, **whose)


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
    return _counts(practitioner=WHO)


def _counts(**whose: Given) -> QuerySet:
    """How many rows of each kind, and the sums that any change of them changes."""
    visits, *others = (
        _counted(rows, name, changes)
        for name, rows, changes in (
            ("a", _visits(**whose), Sum("revision", default=0)),
            ("b", hours_between(FIRST, LAST).filter(**whose), Value(0)),
            ("c", closures_touching(FIRST, LAST), Value(0)),
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
