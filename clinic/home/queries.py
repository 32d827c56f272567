from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils import timezone

from clinic.accounts.models import User
from clinic.core.prepared import Given, prepared
from patients.intake.models import Intake
from patients.records.models import Episode, Patient
from plans.adverse.models import AdverseEvent
from plans.planning.models import Plan, PlanPoint, PlanVersion
from plans.progress.queries import series_of, series_of_many
from plans.progress.trend import ProgressSeries
from plans.reviews.queries import why_due_of
from plans.scheduling.models import Appointment
from plans.scheduling.queries import course_state, day_bounds
from plans.scheduling.standing import CourseState
from plans.scheduling.statuses import AHEAD, HERE
from plans.sessions.models import Session
from plans.sessions.queries import TodayRow, Visit, visits_of

MOST_EPISODES = 20
NEXT_APPOINTMENTS = 5
LOOK_BACK = timedelta(weeks=4)
SIGNED = Q(session__status=Session.Status.SIGNED)
Status = Appointment.Status


@dataclass(frozen=True)
class Chapter:
    """All that the patient's page shows of one episode. Clinical parts may be empty.

    `points` are those of the version in force.
    """

    episode: Episode | None
    episodes: Sequence[Episode]
    appointments: Sequence[Appointment]
    course: CourseState | None = None
    points: Sequence[PlanPoint] = ()
    visits: Sequence[Visit] = ()
    series: ProgressSeries | None = None
    review_due: bool = False

    @property
    def stopped_last(self) -> bool:
        """A red flag stopped a session before needling, and none was held since."""
        stopped_at = getattr(self.episode, "stopped_at", None)
        return stopped_at is not None and not (
            self.visits and self.visits[-1].at > stopped_at
        )

    @property
    def in_force(self) -> PlanVersion | None:
        return self.points[0].version if self.points else None


def chapter(
    patient: Patient, *, now: datetime, clinical: bool, episode_id: int | None = None
) -> Chapter:
    """Read the patient's newest open episode, or the one asked for.

    At most seven queries, whatever the number of sessions; three without `clinical`.
    """
    episodes = episodes_of(patient=patient.pk)
    episode = chosen(episodes, episode_id)
    midnight, _tomorrow = day_bounds(timezone.localdate(now))
    appointments = appointments_from(patient=patient.pk, midnight=midnight)
    plan: Plan | None = getattr(episode, "plan", None)
    course = course_state(plan, now) if plan else None
    if not clinical or episode is None or plan is None or course is None:
        return Chapter(episode, episodes, appointments, course)
    series = series_of(episode, now)
    return Chapter(
        episode,
        episodes,
        appointments,
        course,
        points=points_in_force(plan=plan.pk),
        visits=visits_of(episode),
        series=series,
        review_due=episode.closed_on is None
        and bool(why_due_of({plan.pk: series}, now)[plan.pk]),
    )


PATIENT = Given("patient", BigIntegerField())


@prepared
def points_in_force() -> QuerySet:
    """With the version they belong to, so that one query reads both."""
    return (
        PlanPoint.objects.filter(
            version__plan=Given("plan", BigIntegerField()),
            version__status=PlanVersion.Status.APPROVED,
        )
        .select_related("acupoint", "version")
        .defer("version__proposal")
        .order_by("order", "pk")
    )


def chosen(episodes: Sequence[Episode], wanted: int | None) -> Episode | None:
    """The one asked for, else the newest open one, else the newest."""
    for episode in episodes:
        if episode.pk == wanted:
            return episode
    is_open = (episode for episode in episodes if episode.closed_on is None)
    return next(is_open, episodes[0] if episodes else None)


@prepared
def episodes_of() -> QuerySet:
    """With `intake` and `screen` of the newest intake, the plan and `has_draft`, and
    the newest session that was stopped before needling: `stopped`, at `stopped_at`.
    """
    drafts = PlanVersion.objects.filter(
        plan__episode=OuterRef("pk"), status=PlanVersion.Status.DRAFT
    )
    newest = Intake.objects.filter(episode=OuterRef("pk")).order_by("-taken_at", "-pk")
    stopped = Session.objects.filter(
        plan_version__plan__episode=OuterRef("pk"), status=Session.Status.STOPPED
    ).order_by("-started_at", "-pk")
    return (
        Episode.objects.filter(patient=PATIENT)
        .select_related("plan")
        .annotate(
            intake=Subquery(newest.values("pk")[:1]),
            screen=Subquery(newest.values("screen")[:1]),
            has_draft=Exists(drafts),
            stopped=Subquery(stopped.values("pk")[:1]),
            stopped_at=Subquery(stopped.values("started_at")[:1]),
        )[:MOST_EPISODES]
    )


@prepared
def appointments_from() -> QuerySet:
    """The next ones that hold their time, those of the day itself included."""
    return (
        Appointment.objects.held()
        .filter(patient=PATIENT, starts_at__gte=Given("midnight", DateTimeField()))
        .select_related("practitioner", "bed", "session")
        .order_by("starts_at", "pk")[:NEXT_APPOINTMENTS]
    )


def with_progress(
    rows: Sequence[TodayRow], now: datetime
) -> list[tuple[TodayRow, ProgressSeries | None, bool]]:
    """A day's rows, each with how the patient does and whether a review is due.

    Two queries; none for nobody.
    """
    episodes = {row.appointment.pk: _open_episode(row) for row in rows}
    series = series_of_many({each for each in episodes.values() if each}, now)
    lines = {visit: series[episode] for visit, episode in episodes.items() if episode}
    of_plans = {
        row.appointment.plan_id: line
        for row in rows
        if row.appointment.plan_id and (line := lines.get(row.appointment.pk))
    }
    due = why_due_of(of_plans, now) if of_plans else {}
    return [
        (
            row,
            lines.get(row.appointment.pk),
            bool(due.get(row.appointment.plan_id or 0)),
        )
        for row in rows
    ]


def _open_episode(row: TodayRow) -> int | None:
    return getattr(row.appointment, "open_episode", None)


@dataclass(frozen=True)
class LastWeeks:
    """The four weeks before today: what took place, and what nobody wrote down."""

    patients: int
    attended: int
    missed: int
    cancelled_late: int
    unsigned: int
    unmarked: int
    without_score: int
    open_screens: int
    needles_differ: int

    @property
    def is_complete(self) -> bool:
        return not any(
            (
                self.unsigned,
                self.unmarked,
                self.without_score,
                self.open_screens,
                self.needles_differ,
            )
        )


def last_weeks(today: date) -> LastWeeks:
    """Two queries."""
    came = Q(status__in=[Status.DONE, *HERE])
    visits = _of_last_weeks(today).aggregate(
        patients=Count("patient", filter=came, distinct=True),
        attended=Count("pk", filter=came),
        missed=Count("pk", filter=Q(status=Status.NO_SHOW)),
        cancelled_late=Count("pk", filter=Q(status=Status.LATE_CANCEL)),
        unsigned=Count("pk", filter=came & Q(plan__isnull=False) & ~SIGNED),
        unmarked=Count("pk", filter=Q(status__in=AHEAD)),
        without_score=Count("pk", filter=SIGNED & ~Q(session__no_score_reason="")),
        needles_differ=Count("pk", filter=_needles_differ()),
    )
    open_screens = Intake.objects.filter(
        taken_at__gte=day_bounds(today)[0] - LOOK_BACK,
        screen=Intake.Screen.UNANSWERED,
        closed_at=None,
        episode__closed_on=None,
    ).count()
    return LastWeeks(open_screens=open_screens, **visits)


def needle_differences(today: date) -> QuerySet[Appointment]:
    """The visits behind the number of them, the newest first."""
    return (
        _of_last_weeks(today)
        .filter(_needles_differ())
        .select_related("patient", "practitioner", "session")
        .order_by("-starts_at", "-pk")
    )


def _of_last_weeks(today: date) -> QuerySet[Appointment]:
    midnight = day_bounds(today)[0]
    return Appointment.objects.filter(
        starts_at__gte=midnight - LOOK_BACK, starts_at__lt=midnight
    )


def _needles_differ() -> Q:
    """Not as many out as in, and no adverse event says what became of them."""
    told = AdverseEvent.objects.filter(session=OuterRef("session"))
    alike = Q(session__needles_out=F("session__needles_in"))
    return SIGNED & ~alike & ~Q(Exists(told))


def staff_numbers() -> dict[str, int]:
    return User.objects.filter(is_active=True).aggregate(
        people=Count("pk"),
        acupuncturists=Count("pk", filter=Q(is_acupuncturist=True)),
        desk=Count("pk", filter=Q(is_front_desk=True)),
        admins=Count("pk", filter=Q(is_admin=True)),
    )
