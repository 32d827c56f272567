from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Avg, Count, Max, Min, Q
from django.utils import timezone

from plans.planning.models import Plan
from plans.scheduling.models import Appointment
from plans.scheduling.queries import standing
from plans.scheduling.statuses import AHEAD
from plans.sessions.models import Needling, Session


@dataclass(frozen=True)
class Visit:
    """`number` and `week` count from the first session of the course."""

    number: int
    week: int
    on: date
    appointment: Appointment


@dataclass(frozen=True)
class CourseAhead:
    """`had` sessions; `begins` is the Monday of the first week, if any is booked."""

    had: int
    begins: date | None
    visits: tuple[Visit, ...]


def course_ahead(plan: Plan, now: datetime) -> CourseAhead:
    """The appointments to come, numbered in the course. One query.

    One of the past that nobody marked is neither had nor to come.
    """
    rows = [
        row for row in standing(plan) if row.status not in AHEAD or row.starts_at >= now
    ]
    days = [timezone.localdate(row.starts_at) for row in rows]
    begins = days[0] - timedelta(days=days[0].weekday()) if days else None
    visits = tuple(
        Visit(number, (on - begins).days // 7 + 1, on, row)
        for number, (on, row) in enumerate(zip(days, rows, strict=True), 1)
        if begins and row.status in AHEAD
    )
    return CourseAhead(len(rows) - len(visits), begins, visits)


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
