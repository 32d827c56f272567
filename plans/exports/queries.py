from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Avg, Count, Max, Min, Q, QuerySet
from django.utils import timezone

from plans.planning.models import Plan, PlanVersion
from plans.planning.queries import with_points
from plans.scheduling.models import Appointment
from plans.scheduling.queries import day_bounds, standing
from plans.scheduling.statuses import AHEAD
from plans.sessions.entry import SCORES, Stimulus, next_prescription
from plans.sessions.models import Needling, PointChange, Session, Stimulation
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
    """What the signed sessions of a plan add up to. `de_qi` of `asked` needlings.

    `changes` counts points that were other than the time before, by kind; `settings`
    say how electro, moxa and cupping were set, each with the number of its sessions.
    """

    sessions: int
    needles: tuple[float, int, int] | None
    de_qi: int
    asked: int
    changes: Mapping[str, int]
    settings: Sequence[tuple[str, Stimulus, int]]


def done_of(plan: Plan) -> Done:
    """Mean, least and most needles of a session among them. Four queries."""
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
    changed = PointChange.objects.filter(session__in=signed).order_by()
    by_kind = changed.values_list("kind").annotate(Count("pk"))
    named = ("form", "minutes", "hz", "hz_high", "cones")
    used = Stimulation.objects.filter(session__in=signed).order_by("kind", *named)
    settings = used.values_list("kind", *named).annotate(Count("pk"))
    needles = (found["mean"], found["least"], found["most"])
    return Done(
        sessions=found["sessions"],
        needles=needles if found["sessions"] else None,
        de_qi=felt["felt"],
        asked=felt["asked"],
        changes=dict(by_kind),
        settings=[
            (kind, Stimulus(**dict(zip(named, told, strict=True))), times)
            for kind, *told, times in settings
        ],
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


@dataclass(frozen=True)
class Copied:
    """The session that the next one starts from, as `plans.sessions` has it."""

    at: datetime
    retention_min: int
    needlings: tuple[Needling, ...]


def last_times(
    versions: Iterable[PlanVersion], before: datetime
) -> tuple[Mapping[int, LastTime], Mapping[int, Copied]]:
    """Both by plan. Nobody was treated yet where there is no entry; today's session
    starts from the plan where nothing is copied. Two queries.
    """
    of = {version.plan_id: version for version in versions}
    rows = (
        with_scores()
        .filter(
            status=Session.Status.SIGNED,
            plan_version__plan__in=of,
            started_at__lt=before,
        )
        .order_by("started_at", "pk")
        .values(
            "pk",
            "plan_version",
            "plan_version__plan",
            "started_at",
            "prescription",
            "retention_min",
            "note",
            *SCORES,
        )
    )
    of_plan: dict[int, list[Mapping]] = {}
    for row in rows:
        of_plan.setdefault(row["plan_version__plan"], []).append(row)
    copied = {
        plan: row for plan, had in of_plan.items() if (row := _alike(of[plan], had))
    }
    shown = [*(had[-1] for had in of_plan.values()), *copied.values()]
    needlings: dict[int, list[Needling]] = {row["pk"]: [] for row in shown}
    for needling in (
        Needling.objects.filter(session__in=needlings)
        .select_related("acupoint")
        .order_by("order", "pk")
    ):
        needlings[needling.session_id].append(needling)
    last = {
        plan: _last_time(had, needlings[had[-1]["pk"]]) for plan, had in of_plan.items()
    }
    return last, {
        plan: Copied(
            row["started_at"], row["retention_min"], tuple(needlings[row["pk"]])
        )
        for plan, row in copied.items()
    }


def _alike(version: PlanVersion, had: Sequence[Mapping]) -> Mapping | None:
    """The latest by this version, and by the prescription whose turn it is."""
    letters = (point.prescription for point in version.points.all())
    turn = next_prescription(letters, had[-1]["prescription"])
    wanted = version.pk, turn
    alike = (r for r in had if (r["plan_version"], r["prescription"]) == wanted)
    return max(alike, key=lambda row: (row["started_at"], row["pk"]), default=None)


def _last_time(had: Sequence[Mapping], needlings: Sequence[Needling]) -> LastTime:
    row = had[-1]
    asked = [needling.de_qi for needling in needlings if needling.de_qi is not None]
    return LastTime(
        number=len(had),
        at=row["started_at"],
        prescription=row["prescription"],
        scores={name: row[name] for name in SCORES},
        felt=sum(asked),
        asked=len(asked),
        note=row["note"],
    )
