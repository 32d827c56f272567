"""Which courses are to be looked back on, and what earlier reviews decided."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    Min,
    OuterRef,
    PositiveSmallIntegerField,
    QuerySet,
    Subquery,
    Value,
)

from clinic.core.prepared import Given, prepared
from patients.measures.models import Score
from patients.records.models import Patient
from plans.adverse.models import AdverseEvent
from plans.pauses.models import Pause
from plans.planning.models import Plan, PlanVersion
from plans.progress.marks import ScoreMark, readings
from plans.progress.queries import series_of_many
from plans.progress.trend import (
    LEG,
    Finding,
    ProgressSeries,
    Trend,
    baseline,
    finding,
    under_treatment,
)
from plans.reviews.due import Course, Held, Why, reasons
from plans.reviews.forecast import OVER, PastCourse
from plans.reviews.models import Review
from plans.scheduling.clock import wall
from plans.scheduling.models import Appointment
from plans.scheduling.queries import clinic_zone, standing, with_patients
from plans.scheduling.standing import CourseState
from plans.scheduling.statuses import AHEAD
from plans.sessions.models import Needling, Session, Stimulation

A_LONG_DAY = timedelta(hours=25)
PAST = 300  # plans
PAUSED = "paused"  # stands where a review says its decision
MANY = 100  # plans named one by one in a query


@dataclass(frozen=True)
class Due:
    plan: Plan
    patient: Patient
    course: CourseState
    why: tuple[Why, ...]


class Newest(NamedTuple):
    """Numbers of what a review answers: another one is yet to be read."""

    version: int | None  # in force
    review: int | None
    pause: int | None  # standing
    event: int | None  # an adverse one; a paused plan keeps its pause


def newest_of(plan: Plan) -> Newest:
    def one(rows: QuerySet) -> Subquery:
        return Subquery(rows.order_by("-pk").values("pk")[:1])

    of_plan = {"plan": OuterRef("pk")}
    approved = PlanVersion.objects.filter(status=PlanVersion.Status.APPROVED)
    found = Plan.objects.filter(pk=plan.pk).values_list(
        one(approved.filter(**of_plan)),
        one(Review.objects.filter(**of_plan)),
        one(Pause.objects.filter(**of_plan, ended_at=None)),
        one(AdverseEvent.objects.filter(episode=OuterRef("episode"))),
    )
    return Newest(*found.get())


def booked_ahead(plan: Plan, now: datetime) -> list[Appointment]:
    """What the plan's patient is still to come for."""
    rows = standing(plan).filter(status__in=AHEAD, starts_at__gt=now)
    return list(rows.order_by("starts_at", "pk"))


@dataclass(frozen=True)
class Treatment:
    """What the signed sessions of a course add up to. Beside a point, and a kind of
    stimulation, stands in how many of them it was given.
    """

    sessions: int
    first: date | None
    last: date | None
    points: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]


def treatment_of(plan: Plan) -> Treatment:
    """Three queries."""
    signed = Session.objects.filter(
        plan_version__plan=plan, status=Session.Status.SIGNED
    )
    zone = clinic_zone()
    days = sorted(
        wall(at, zone).date() for at in signed.values_list("started_at", flat=True)
    )
    times = Count("session", distinct=True)
    points = Needling.objects.filter(session__in=signed).order_by()
    kinds = Stimulation.objects.filter(session__in=signed).order_by()
    return Treatment(
        sessions=len(days),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        points=tuple(
            points.values_list("acupoint")
            .annotate(times=times)
            .order_by("-times", "acupoint")
        ),
        kinds=tuple(kinds.values_list("kind").annotate(times=times).order_by("kind")),
    )


def reviews_of(plan: Plan | Given) -> QuerySet[Review]:
    return Review.objects.filter(plan=plan).select_related("held_by")


@prepared
def held_of_plan() -> QuerySet:
    """All reviews of a plan, for the page of its progress."""
    return reviews_of(Given("plan", BigIntegerField()))


def for_reading() -> QuerySet[Review]:
    return Review.objects.select_related("plan__episode__patient", "version", "held_by")


def why_due(
    series: ProgressSeries, today: date, *, last: Held | None, paused: bool
) -> tuple[Why, ...]:
    """Of a course whose scores were read already. No query."""
    worse = _worse_on(finding(series, LEG))
    began = series.begins if series.sessions else None
    return reasons(Course(began, len(series.sessions), paused, worse, last), today)


def why_due_of(
    of_plans: Mapping[int, ProgressSeries], now: datetime
) -> dict[int, tuple[Why, ...]]:
    """The same for the courses of a list, by plan. One query."""
    last, paused = held_and_paused([*of_plans])
    today = wall(now, clinic_zone()).date()
    return {
        plan: why_due(series, today, last=last.get(plan), paused=plan in paused)
        for plan, series in of_plans.items()
    }


def reviews_due(
    courses: Sequence[tuple[int, CourseState]], now: datetime
) -> list[tuple[int, CourseState, tuple[Why, ...]]]:
    """Of these courses those to look back on, the worst first. Two queries, and a third
    where somebody may be worse.
    """
    plans = [plan for plan, _state in courses]
    (last, paused), worse = held_and_paused(plans), _worse(plans, now)
    found = []
    for plan, state in courses:
        seen = Course(
            state.began, state.attended, plan in paused, worse.get(plan), last.get(plan)
        )
        if why := reasons(seen, state.today):
            found.append((plan, state, why))
    order = list(Why)
    return sorted(found, key=lambda row: (order.index(row[2][0]), row[0]))


def with_whom(
    rows: Iterable[tuple[int, CourseState, tuple[Why, ...]]],
) -> list[Due]:
    rows = list(rows)
    known = with_patients((plan, state) for plan, state, _why in rows)
    return [
        Due(plan, patient, state, why)
        for (plan, patient, state), (_plan, _state, why) in zip(
            known, rows, strict=True
        )
    ]


def held_of(review: Review) -> Held:
    on = wall(review.held_at, clinic_zone()).date()
    return Held(on, review.attended, review.decision)


def held_and_paused(plans: Collection[int]) -> tuple[dict[int, Held], set[int]]:
    """The last review of each plan, and which of them are paused. One query."""
    if not plans:
        return {}, set()
    rows: Iterable[tuple] = (
        _held_or_paused_of_plan(plan=next(iter(plans)))
        if len(plans) == 1
        else _held_or_paused(partial(_among, plans=plans))
    )
    zone = clinic_zone()
    last, waiting = dict[int, Held](), set[int]()
    for plan, at, attended, said in sorted(rows):
        if said == PAUSED:
            waiting.add(plan)
        else:
            last[plan] = Held(wall(at, zone).date(), attended, said)
    return last, waiting


@prepared
def _held_or_paused_of_plan() -> QuerySet:
    plan = Given("plan", BigIntegerField())
    return _held_or_paused(lambda rows: rows.filter(plan=plan))


def _held_or_paused(among: Callable[[QuerySet], QuerySet]) -> QuerySet:
    held = among(Review.objects.order_by()).values_list(
        "plan", "held_at", "attended", "decision"
    )
    paused = among(Pause.objects.filter(ended_at=None).order_by()).values_list(
        "plan",
        "begun_at",
        Value(0, PositiveSmallIntegerField()),
        Value(PAUSED, CharField()),
    )
    return held.union(paused, all=True)


def past_courses(now: datetime, *, but: Plan) -> list[PastCourse]:
    """The newest courses whose week 8 is over, the oldest of them first.

    Three queries. What is older than the newest PAST plans says little of today's work.
    """
    plans = Plan.objects.filter(opened_at__lt=now - OVER).exclude(pk=but.pk)
    episodes = list(plans.order_by("-pk").values_list("episode", flat=True)[:PAST])
    signed = Session.objects.filter(
        plan_version__plan__episode__in=episodes, status=Session.Status.SIGNED
    )
    begun = signed.order_by().values_list("plan_version__plan__episode")
    zone = clinic_zone()
    first = {
        episode: wall(at, zone)
        for episode, at in begun.annotate(first=Min("started_at"))
        if at < now - OVER
    }
    marks = defaultdict[int, list[ScoreMark]](list)
    for episode, at, moment, value in (
        _arrivals()
        .filter(episode__in=[*first])
        .values_list("episode", "taken_at", "moment", "value")
    ):
        marks[episode].append(ScoreMark(wall(at, zone), LEG, moment, float(value)))
    order = sorted(marks, key=lambda episode: (first[episode].date(), episode))
    return [_past_course(first[episode], marks[episode]) for episode in order]


def _past_course(first: datetime, marks: Iterable[ScoreMark]) -> PastCourse:
    """Which score is the one before treatment is said by `plans.progress.trend`."""
    series = ProgressSeries(readings(sessions=[first], scores=marks))
    base, begun = baseline(series, LEG), first.date()
    since = under_treatment(series, LEG)
    return PastCourse(
        begun,
        base[1] if base else None,
        tuple(((on - begun).days, value) for on, value in since),
    )


def _arrivals() -> QuerySet[Score]:
    """Leg scores but for those after needling, which are a passing effect."""
    return (
        Score.objects.current()
        .filter(scale=LEG.code)
        .exclude(moment=Score.Moment.AFTER)
        .order_by()
    )


def _among(
    rows: QuerySet, plans: Collection[int], path: str = "plan__episode__"
) -> QuerySet:
    """A long list of plans is that of all open ones, which the database knows.

    `path` leads from the row to its episode.
    """
    if len(plans) > MANY:
        return rows.filter(**{f"{path}closed_on": None})
    return rows.filter(**{f"{path}plan__in": plans})


def _worse(plans: Collection[int], now: datetime) -> Mapping[int, date]:
    """Plans whose latest leg score is worse than before treatment by what matters, and
    the day of that score. One query, and another where there may be some.

    The database finds those of which any score of the last day lies so much above any
    earlier one. Which is the one before treatment, and which that of the day, is said
    by `plans.progress.trend` alone.
    """
    same = _arrivals().filter(episode=OuterRef("episode"))
    later = same.filter(taken_at__gt=OuterRef("taken_at") + A_LONG_DAY)
    lower = same.filter(
        taken_at__lt=OuterRef("taken_at"),
        value__lte=OuterRef("value") - LEG.important_change,
    )
    may_be = (
        _among(_arrivals(), plans, path="episode__")
        .exclude(episode__plan=None)
        .filter(Exists(lower), ~Exists(later))
        .values_list("episode", "episode__plan")
        .distinct()
    )
    of_episodes = dict(may_be)
    found = {
        of_episodes[episode]: finding(series, LEG)
        for episode, series in series_of_many([*of_episodes], now).items()
    }
    return {plan: day for plan, leg in found.items() if (day := _worse_on(leg))}


def _worse_on(leg: Finding) -> date | None:
    return leg.on if leg.trend is Trend.MUCH_WORSE else None
