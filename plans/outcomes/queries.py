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
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
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
from django.db.models.functions import Cast, Coalesce, Greatest, Least, TruncDate

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
from plans.planning.models import PlanVersion
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
    begun = _first_sessions(chosen).filter(
        started_at__lt=bounds(last_begun(today), last_begun(today), clinic_zone())[1]
    )
    rows = _counted(begun, LEG.code).union(_counted(begun, BACK.code), all=True)
    found: Mapping[str, list[Pair]] = {LEG.code: [], BACK.code: []}
    for scale, by, base, later, count in rows:
        found[scale].append(Pair(by, _number(base), _number(later), count))
    return Pairs(tuple(found[LEG.code]), tuple(found[BACK.code]))


PLAN, EPISODE = "plan_version__plan", "plan_version__plan__episode"


def _first_sessions(chosen: Selection) -> QuerySet[Session]:
    """The first signed session of each course counted, with `by`."""
    same = Session.objects.filter(**{PLAN: OuterRef(PLAN)}, status=SIGNED)
    earlier = same.filter(
        Q(started_at__lt=OuterRef("started_at"))
        | Q(started_at=OuterRef("started_at"), pk__lt=OuterRef("pk"))
    )
    return (
        Session.objects.filter(
            ~Exists(earlier),
            status=SIGNED,
            **{f"{EPISODE}__intakes__in": first_intakes(chosen)},
        )
        .annotate(by=F(f"{EPISODE}__intakes__taken_by"))
        .order_by()
    )


TREATED = "episode__plan__versions__treated"


def _counted(begun: QuerySet[Session], scale: str) -> QuerySet:
    """Courses by who took the intake, score before treatment and score at week 4."""
    arrivals = (
        Score.objects.current()
        # One join leads back to the session: SQLite sorts by no column from outside.
        .filter(scale=scale, **{TREATED: OuterRef("pk")})
        .annotate(begun_at=F(f"{TREATED}__started_at"))
        .annotate(on=_day("taken_at"), day_0=_day("begun_at"))
        .annotate(day_28=Cast(_moment(F("day_0") + WEEK_4 * DAY), DateField()))
    )
    # The moments narrow the rows by index; the days, of the clinic's clock, decide.
    base = (
        arrivals.exclude(moment=Score.Moment.AFTER)
        .filter(taken_at__lt=_moment(F("begun_at") + DAY), on__lte=F("day_0"))
        .order_by("-taken_at", "-pk")
    )
    before, after = F("day_28") - F("on"), F("on") - F("day_28")
    week_4 = (
        arrivals.filter(
            moment__in=(Score.Moment.BEFORE, Score.Moment.REVIEW),
            taken_at__gt=_moment(F("begun_at") + (WEEK_4 - WINDOW - 1) * DAY),
            taken_at__lt=_moment(F("begun_at") + (WEEK_4 + WINDOW + 1) * DAY),
        )
        .annotate(away=Greatest(_span(before), _span(after)))
        .filter(away__lte=WINDOW * DAY)
        .order_by("away", "on", "-taken_at", "-pk")
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


def _day(moment: str) -> TruncDate:
    return TruncDate(moment, tzinfo=clinic_zone())


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
