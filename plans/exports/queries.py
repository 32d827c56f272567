from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, Max, Min, Q

from plans.planning.models import Plan
from plans.scheduling.models import Appointment
from plans.scheduling.queries import standing
from plans.scheduling.statuses import AHEAD
from plans.sessions.models import Needling, Session


@dataclass(frozen=True)
class Visit:
    """`number` counts the sessions of the course, those had too."""

    number: int
    appointment: Appointment


def course_ahead(plan: Plan, now: datetime) -> list[Visit]:
    """The appointments to come, numbered in the course.

    One of the past that nobody marked is neither had nor to come.
    """
    rows = (
        row for row in standing(plan) if row.status not in AHEAD or row.starts_at >= now
    )
    counted = [Visit(number, row) for number, row in enumerate(rows, 1)]
    return [visit for visit in counted if visit.appointment.status in AHEAD]


@dataclass(frozen=True)
class Done:
    """What the signed sessions of a plan add up to. `de_qi` of `asked` needlings."""

    sessions: int
    needles: tuple[float, int, int] | None
    de_qi: int
    asked: int


def done_of(plan: Plan) -> Done:
    """Mean, least and most needles of a session among them. Two queries."""
    signed = Session.objects.filter(
        appointment__plan=plan, status=Session.Status.SIGNED
    )
    found = signed.aggregate(
        sessions=Count("pk"),
        mean=Avg("needles_in"),
        least=Min("needles_in"),
        most=Max("needles_in"),
    )
    felt = Needling.objects.filter(session__in=signed).aggregate(
        felt=Count("pk", filter=Q(de_qi=True)),
        asked=Count("pk", filter=Q(de_qi__isnull=False)),
    )
    needles = (found["mean"], found["least"], found["most"])
    return Done(
        sessions=found["sessions"],
        needles=needles if found["sessions"] else None,
        de_qi=felt["felt"],
        asked=felt["asked"],
    )
