from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic.accounts.models import User
from plans.planning.models import PlanVersion
from plans.scheduling.models import Appointment, Handover
from plans.scheduling.queries import day_bounds, stamp
from plans.scheduling.statuses import AHEAD, HERE
from plans.sessions.models import Session
from plans.sessions.queries import Running, added_minutes, running_on
from plans.sessions.timer import Timer

NEEDLES_IN = Appointment.Status.NEEDLES_IN
# A clock that nobody stopped is still shown some days later.
FORGOTTEN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody in the house, and who answers for them."""

    pk: int
    patient_id: int
    family_name: str
    given_name: str
    practitioner_id: int
    practitioner: str
    in_charge_id: int
    in_charge: str
    bed_id: int
    bed: str
    room: str
    starts_at: datetime
    status: str
    status_since: datetime
    revision: int
    needles: int | None
    retention_min: int | None
    more: int
    draft_revision: int | None

    @property
    def timer(self) -> Timer | None:
        if self.status != NEEDLES_IN:
            return None
        minutes = self.retention_min
        return Timer(self.status_since, minutes and minutes + self.more)


def stays(now: datetime) -> list[Stay]:
    """Whoever is in the house, by bed and hour. One query."""
    midnight, tomorrow = day_bounds(timezone.localdate(now))
    rows = (
        Appointment.objects.filter(
            Q(starts_at__gte=midnight, status__in=HERE) | Q(status=NEEDLES_IN),
            starts_at__gte=midnight - FORGOTTEN,
            starts_at__lt=tomorrow,
        )
        .annotate(
            **_charge(),
            retention=_retention(),
            added=Coalesce(Subquery(added_minutes()), 0),
        )
        .order_by("bed__order", "bed__name", "starts_at", "pk")
        .values_list(
            "pk",
            "patient_id",
            "patient__family_name",
            "patient__given_name",
            "practitioner_id",
            "practitioner__name",
            "charge",
            "charge_name",
            "bed_id",
            "bed__name",
            "bed__room",
            "starts_at",
            "status",
            "status_since",
            "revision",
            "session__needles_in",
            "retention",
            "added",
            "session__revision",
        )
    )
    return [Stay(*row) for row in rows]


def _charge() -> dict[str, Coalesce]:
    latest = Handover.objects.filter(appointment=OuterRef("pk")).order_by("-revision")
    return {
        "charge": Coalesce(
            Subquery(latest.values("taken_by")[:1]),
            F("practitioner_id"),
            output_field=BigIntegerField(),
        ),
        "charge_name": Coalesce(
            Subquery(latest.values("taken_by__name")[:1]), F("practitioner__name")
        ),
    }


def _retention() -> Coalesce:
    """As the draft says; else what a draft would begin with."""
    last = Session.objects.filter(
        plan_version__plan=OuterRef("plan"),
        plan_version__status=PlanVersion.Status.APPROVED,
        status=Session.Status.SIGNED,
        started_at__lt=OuterRef("starts_at"),
    ).order_by("-started_at", "-pk")
    in_force = PlanVersion.objects.in_force().filter(plan=OuterRef("plan"))
    return Coalesce(
        "session__retention_min",
        Subquery(last.values("retention_min")[:1]),
        Subquery(in_force.values("retention_min")[:1]),
    )


def needles_in_of(practitioner: User, now: datetime) -> list[Stay]:
    """Those the practitioner answers for who still have needles in."""
    return [
        stay
        for stay in stays(now)
        if stay.timer and stay.in_charge_id == practitioner.pk
    ]


def coming(now: datetime) -> QuerySet[Appointment]:
    """The rest of the day's visits, the next first."""
    midnight, tomorrow = day_bounds(timezone.localdate(now))
    return (
        Appointment.objects.filter(
            status__in=AHEAD, starts_at__gte=midnight, starts_at__lt=tomorrow
        )
        .select_related("patient")
        .order_by("starts_at", "pk")
    )


def clocks_beside(found: list[Stay]) -> Mapping[int, list[Running]]:
    """What runs beside the needles, by the appointment. One query."""
    return running_on([stay.pk for stay in found if stay.timer])


def stamp_of(
    found: list[Stay], beside: Mapping[int, list[Running]], now: datetime
) -> str:
    """Says another thing as soon as the board would."""
    told = [
        (s.pk, s.revision, s.draft_revision, s.more, beside.get(s.pk, []))
        for s in found
    ]
    return f"{stamp(timezone.localdate(now), now=now)}-{crc32(repr(told).encode())}"
