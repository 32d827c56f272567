"""A caseload, counted in the database: three queries whatever its size.

Scores come back as counted pairs, at most eleven by eleven for each practitioner, so
what is left for Python does not grow with the clinic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Abs, Coalesce, Least

from clinic.accounts.models import User
from patients.intake.models import Intake
from patients.measures.models import Score
from plans.outcomes.caseload import (
    Attendance,
    Flow,
    Pair,
    Selection,
    Stage,
    flow,
    last_begun,
)
from plans.planning.models import Plan, PlanVersion
from plans.progress.reviews import WEEK_4, WINDOW
from plans.progress.trend import BACK, LEG
from plans.scheduling.clock import bounds
from plans.scheduling.models import Appointment
from plans.scheduling.queries import clinic_zone
from plans.sessions.models import Session

DAY = timedelta(days=1)
SIGNED = Session.Status.SIGNED


def intake_takers() -> QuerySet[User]:
    """Whoever took an intake, those who have left too."""
    taken = Intake.objects.filter(taken_by=OuterRef("pk"))
    return User.objects.filter(Exists(taken)).order_by("name", "pk")


def first_intakes(chosen: Selection) -> QuerySet[Intake]:
    """The first intake of each episode that is counted."""
    same = Intake.objects.filter(episode=OuterRef("episode"))
    earlier = same.filter(
        Q(taken_at__lt=OuterRef("taken_at"))
        | Q(taken_at=OuterRef("taken_at"), pk__lt=OuterRef("pk"))
    )
    found = Intake.objects.filter(~Exists(earlier)).order_by()
    zone = clinic_zone()
    if chosen.first:
        found = found.filter(taken_at__gte=bounds(chosen.first, chosen.first, zone)[0])
    if chosen.last:
        found = found.filter(taken_at__lt=bounds(chosen.last, chosen.last, zone)[1])
    return found.filter(taken_by=chosen.by) if chosen.by else found


def flow_of(chosen: Selection) -> Flow:
    """How far the episodes came that are counted. One query."""
    latest = Intake.objects.filter(episode=OuterRef("episode")).order_by(
        "-taken_at", "-pk"
    )
    sessions = Session.objects.filter(
        plan_version__plan__episode=OuterRef("episode"), status=SIGNED
    )
    rows = (
        first_intakes(chosen)
        .annotate(
            last_screen=Subquery(latest.values("screen")[:1]),
            planned=Exists(
                PlanVersion.objects.filter(
                    plan__episode=OuterRef("episode"), approved_at__isnull=False
                )
            ),
            booked=Exists(
                Appointment.objects.filter(plan__episode=OuterRef("episode"))
            ),
            treated=Exists(sessions),
        )
        .values_list("last_screen", "planned", "booked", "treated")
        .annotate(Count("pk"))
    )
    return flow((_stage(*row[:-1]), row[-1]) for row in rows)


def _stage(screen: str, planned: bool, booked: bool, treated: bool) -> Stage:
    if treated:
        return Stage.TREATED
    if planned:
        return Stage.BOOKED if booked else Stage.PLANNED
    screens = {Intake.Screen.RAISED: Stage.STOPPED, Intake.Screen.CLEAR: Stage.CLEAR}
    return screens.get(Intake.Screen(screen), Stage.OPEN)


@dataclass(frozen=True)
class Pairs:
    leg: tuple[Pair, ...]
    back: tuple[Pair, ...]


def pairs_of(chosen: Selection, today: date) -> Pairs:
    """Scores before treatment and at week 4, of courses whose week 4 is over.

    One query.
    """
    last = last_begun(today)
    begun = _begun(chosen).filter(begun_at__lt=bounds(last, last, clinic_zone())[1])
    rows = _counted(begun, LEG.code).union(_counted(begun, BACK.code), all=True)
    found: Mapping[str, list[Pair]] = {LEG.code: [], BACK.code: []}
    for scale, by, base, later, count in rows:
        found[scale].append(Pair(by, _number(base), _number(later), count))
    return Pairs(tuple(found[LEG.code]), tuple(found[BACK.code]))


PLAN = "plan_version__plan"


def _begun(chosen: Selection) -> QuerySet:
    """Plans with `by`, `first_session` and `begun_at`, its moment; None before it."""
    signed = Session.objects.filter(**{PLAN: OuterRef("pk")}, status=SIGNED)
    first = signed.order_by("started_at", "pk")
    return (
        Plan.objects.filter(episode__intakes__in=first_intakes(chosen))
        .annotate(
            by=F("episode__intakes__taken_by"),
            first_session=Subquery(first.values("pk")[:1]),
            begun_at=Subquery(first.values("started_at")[:1]),
        )
        .order_by()
    )


class Days(Func):
    """Whole days from a moment to an earlier one, the nearest number of them.

    Between two hours of a working day these are the days of the calendar.
    """

    arity = 2
    arg_joiner = " - "
    template = "CAST(ROUND(EXTRACT(EPOCH FROM %(expressions)s) / 86400) AS integer)"
    output_field = IntegerField()

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(
            compiler,
            connection,
            template="CAST(ROUND(JULIANDAY(%(expressions)s)) AS integer)",
            arg_joiner=") - JULIANDAY(",
            **context,
        )


TREATED = "episode__plan__versions__treated"
HALF_A_DAY = DAY / 2


def _counted(begun: QuerySet[Plan], scale: str) -> QuerySet:
    """Courses by who took the intake, score before treatment and score at week 4."""
    arrivals = (
        Score.objects.current()
        # One join leads back to the session: SQLite sorts by no column from outside.
        .filter(scale=scale, **{TREATED: OuterRef("first_session")})
        .annotate(first_at=F(f"{TREATED}__started_at"))
    )
    base = (
        arrivals.exclude(moment=Score.Moment.AFTER)
        .filter(taken_at__lt=_moment(F("first_at") + HALF_A_DAY))
        .order_by("-taken_at", "-pk")
    )
    opens, closes = (WEEK_4 - WINDOW) * DAY, (WEEK_4 + WINDOW) * DAY
    week_4 = (
        arrivals.filter(
            moment__in=(Score.Moment.BEFORE, Score.Moment.REVIEW),
            taken_at__gte=_moment(F("first_at") + (opens - HALF_A_DAY)),
            taken_at__lt=_moment(F("first_at") + (closes + HALF_A_DAY)),
        )
        .annotate(on=Days("taken_at", "first_at"))
        .order_by(Abs(F("on") - WEEK_4), "on", "-taken_at", "-pk")
    )
    return (
        begun.annotate(
            scale=Value(scale, TextField()),
            base=Subquery(base.values("value")[:1]),
            later=Subquery(week_4.values("value")[:1]),
        )
        .values_list("scale", "by", "base", "later")
        .annotate(Count("pk"))
    )


def _moment(expression: CombinedExpression) -> ExpressionWrapper:
    return ExpressionWrapper(expression, DateTimeField())


def _span(expression: CombinedExpression) -> ExpressionWrapper:
    return ExpressionWrapper(expression, DurationField())


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def attendance_of(chosen: Selection, today: date) -> Attendance:
    """Sessions held and appointments missed on plans in force, before today.

    One query.
    """
    midnight = bounds(today, today, clinic_zone())[0]
    signed = Session.objects.filter(**{PLAN: OuterRef("plan")}, status=SIGNED)
    past = Appointment.objects.filter(plan=OuterRef("plan"), starts_at__lt=midnight)
    weeks = (F("sessions") + F("per_week") - 1) / F("per_week")
    ended = Q(ends_at__lte=midnight)
    found = (
        PlanVersion.objects.in_force()
        .filter(plan__episode__intakes__in=first_intakes(chosen))
        .order_by()
        .annotate(
            had=_count(signed, PLAN),
            had_scored=_count(signed.filter(no_score_reason=""), PLAN),
            not_come=_count(past.filter(status=Appointment.Status.NO_SHOW), "plan"),
            cancelled=_count(
                past.filter(status=Appointment.Status.LATE_CANCEL), "plan"
            ),
            begun_at=Subquery(signed.order_by("started_at").values("started_at")[:1]),
            takes=_span(weeks * Value(7 * DAY)),
            ends_at=_moment(F("begun_at") + F("takes")),
        )
        .aggregate(
            courses=Count("pk"),
            sessions_held=Sum("had"),
            scored=Sum("had_scored"),
            no_shows=Sum("not_come"),
            late_cancels=Sum("cancelled"),
            ended=Count("pk", filter=ended),
            prescribed=Sum("sessions", filter=ended),
            held=Sum(
                Least("had", "sessions", output_field=IntegerField()), filter=ended
            ),
            complete=Count("pk", filter=ended & Q(had__gte=F("sessions"))),
        )
    )
    return Attendance(**{name: number or 0 for name, number in found.items()})


def _count(rows: QuerySet, by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)
