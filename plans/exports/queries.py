from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Avg, Count, Max, Min, Q, QuerySet
from django.utils import timezone

from plans.planning.models import Plan, PlanVersion
from plans.planning.queries import with_points
from plans.scheduling.models import Appointment
from plans.scheduling.queries import day_bounds, standing
from plans.scheduling.statuses import AHEAD
from plans.sessions.entry import SCORES
from plans.sessions.models import Needling, Session
from plans.sessions.queries import with_scores


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


# ---------------------------------------------------------------- the day sheets


def visits_on(day: date) -> QuerySet[Appointment]:
    """Those that hold their time, with all that a sheet shows of them. One query."""
    begins, ends = day_bounds(day)
    return (
        Appointment.objects.held()
        .filter(starts_at__gte=begins, starts_at__lt=ends)
        .for_diary()
    )


def versions_in_force(visits: Iterable[Appointment]) -> Mapping[int, PlanVersion]:
    """What each visit is treated by: its own plan, else that of an open episode.

    By the visit's id; without an entry there is no plan yet. Two queries.
    """
    found = (
        with_points()
        .in_force()
        .filter(
            Q(plan__in={visit.plan_id for visit in visits if visit.plan_id})
            | Q(
                plan__episode__patient__in={
                    visit.patient_id for visit in visits if not visit.plan_id
                },
                plan__episode__closed_on=None,
            )
        )
        .order_by("approved_at", "pk")
    )
    of_plan: dict[int, PlanVersion] = {}
    of_patient: dict[int, PlanVersion] = {}
    for version in found:
        of_plan[version.plan_id] = version
        if version.plan.episode.closed_on is None:
            of_patient[version.plan.episode.patient_id] = version
    by_visit = {
        visit.pk: of_plan.get(visit.plan_id)
        if visit.plan_id
        else of_patient.get(visit.patient_id)
        for visit in visits
    }
    return {visit: version for visit, version in by_visit.items() if version}


@dataclass(frozen=True)
class LastTime:
    """How it went at the last signed session; `number` counts those had.

    A score that was not taken is None. De qi was `felt` at so many of `asked`.
    """

    number: int
    at: datetime
    prescription: str
    scores: Mapping[str, float | None]
    felt: int
    asked: int
    note: str


def last_times(plans: Collection[int], before: datetime) -> Mapping[int, LastTime]:
    """By plan; without an entry nobody was treated yet. Two queries."""
    rows = (
        with_scores()
        .filter(
            status=Session.Status.SIGNED,
            plan_version__plan__in=plans,
            started_at__lt=before,
        )
        .order_by("started_at", "pk")
        .values(
            "pk",
            "plan_version__plan",
            "started_at",
            "prescription",
            "note",
            *SCORES,
        )
    )
    of_plan: dict[int, list[Mapping]] = {}
    for row in rows:
        of_plan.setdefault(row["plan_version__plan"], []).append(row)
    felt: Mapping[int, Mapping] = {
        row["session"]: row
        for row in Needling.objects.filter(
            session__in=[had[-1]["pk"] for had in of_plan.values()]
        )
        .order_by()
        .values("session")
        .annotate(
            felt=Count("pk", filter=Q(de_qi=True)),
            asked=Count("pk", filter=Q(de_qi__isnull=False)),
        )
    }
    return {
        plan: LastTime(
            number=len(had),
            at=had[-1]["started_at"],
            prescription=had[-1]["prescription"],
            scores={name: had[-1][name] for name in SCORES},
            felt=felt.get(had[-1]["pk"], {}).get("felt", 0),
            asked=felt.get(had[-1]["pk"], {}).get("asked", 0),
            note=had[-1]["note"],
        )
        for plan, had in of_plan.items()
    }
