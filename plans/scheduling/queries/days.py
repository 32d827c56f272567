from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet, Sum

from plans.scheduling.clock import bounds
from plans.scheduling.models import Appointment
from plans.scheduling.queries.hours import clinic_zone


@dataclass(frozen=True, slots=True)
class DayRow:
    """All that a diary shows of one appointment."""

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
    revision: int


def _within(
    first: date, last: date, practitioner_id: int | None
) -> QuerySet[Appointment]:
    begins, ends = bounds(first, last, clinic_zone())
    rows = Appointment.objects.filter(starts_at__gte=begins, starts_at__lt=ends)
    return (
        rows if practitioner_id is None else rows.filter(practitioner=practitioner_id)
    )


def day(
    on: date, *, until: date | None = None, practitioner_id: int | None = None
) -> list[DayRow]:
    """Every appointment of a day, or of several, cancelled ones too, in one query."""
    rows = (
        _within(on, until or on, practitioner_id)
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
            "revision",
        )
    )
    return [DayRow(*row) for row in rows]


def stamp_of(rows: Sequence[DayRow]) -> str:
    """Says another thing as soon as one of these appointments does."""
    keys, revisions = sum(row.pk for row in rows), sum(row.revision for row in rows)
    return _stamp(len(rows), keys, revisions)


def stamp_now(
    on: date, *, until: date | None = None, practitioner_id: int | None = None
) -> str:
    """What `stamp_of` says of the same rows as they are by now. One query."""
    found = _within(on, until or on, practitioner_id).aggregate(
        number=Count("pk"), keys=Sum("pk"), revisions=Sum("revision")
    )
    return _stamp(*(number or 0 for number in found.values()))


def _stamp(*numbers: int) -> str:
    return "-".join(map(str, numbers))
