from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from clinic.accounts.models import User
from patients.intake.models import Intake
from patients.records.models import Episode, Patient
from plans.planning.models import PlanVersion
from plans.planning.queries import with_points
from plans.scheduling.models import Appointment
from plans.scheduling.queries import course_state
from plans.scheduling.standing import CourseState
from plans.scheduling.statuses import AHEAD, HERE
from plans.sessions.models import Session
from plans.sessions.queries import Visit, day_bounds, visits_of

MOST_EPISODES = 20
NEXT_APPOINTMENTS = 5
LOOK_BACK = timedelta(weeks=4)


@dataclass(frozen=True)
class Chapter:
    """All that the patient's page shows of one episode. Clinical parts may be empty."""

    episode: Episode | None
    episodes: Sequence[Episode]
    appointments: Sequence[Appointment]
    course: CourseState | None = None
    in_force: PlanVersion | None = None
    draft: PlanVersion | None = None
    visits: Sequence[Visit] = ()


def chapter(
    patient: Patient, *, now: datetime, clinical: bool, episode_id: int | None = None
) -> Chapter:
    """Read the patient's newest open episode, or the one asked for.

    At most six queries, whatever the number of sessions; three without `clinical`.
    """
    episodes = list(episodes_of(patient)[:MOST_EPISODES])
    episode = chosen(episodes, episode_id)
    appointments = list(appointments_from(patient, timezone.localdate(now)))
    plan = getattr(episode, "plan", None)
    if plan is None:
        return Chapter(episode, episodes, appointments)
    course = course_state(plan, now)
    if not clinical:
        return Chapter(episode, episodes, appointments, course)
    approved = PlanVersion.Status.APPROVED
    versions = {
        version.status == approved: version
        for version in with_points()
        .filter(plan=plan)
        .exclude(status=PlanVersion.Status.SUPERSEDED)
    }
    return Chapter(
        episode,
        episodes,
        appointments,
        course,
        in_force=versions.get(True),
        draft=versions.get(False),
        visits=visits_of(episode),
    )


def chosen(episodes: Sequence[Episode], wanted: int | None) -> Episode | None:
    """The one asked for, else the newest open one, else the newest."""
    for episode in episodes:
        if episode.pk == wanted:
            return episode
    is_open = (episode for episode in episodes if episode.closed_on is None)
    return next(is_open, episodes[0] if episodes else None)


def episodes_of(patient: Patient):
    """With `intake` and `screen` of the newest intake, and the plan."""
    newest = Intake.objects.filter(episode=OuterRef("pk")).order_by("-taken_at", "-pk")
    return (
        Episode.objects.filter(patient=patient)
        .select_related("plan")
        .annotate(
            intake=Subquery(newest.values("pk")[:1]),
            screen=Subquery(newest.values("screen")[:1]),
        )
    )


def appointments_from(patient: Patient, day: date):
    """The next ones that hold their time, those of the day itself included."""
    return (
        Appointment.objects.held()
        .filter(patient=patient, starts_at__gte=day_bounds(day)[0])
        .select_related("practitioner", "bed", "session")
        .order_by("starts_at", "pk")[:NEXT_APPOINTMENTS]
    )


@dataclass(frozen=True)
class Quality:
    """What is missing in the records of the last weeks, as numbers to look into."""

    unsigned: int
    unmarked: int
    without_score: int
    open_screens: int

    def __bool__(self) -> bool:
        return any(vars(self).values())


def data_quality(today: date) -> Quality:
    """Of the four weeks before `today`. Two queries."""
    midnight = day_bounds(today)[0]
    since = midnight - LOOK_BACK
    signed = Q(session__status=Session.Status.SIGNED)
    took_place = Q(plan__isnull=False, status__in=[Appointment.Status.DONE, *HERE])
    visits = Appointment.objects.filter(
        starts_at__gte=since, starts_at__lt=midnight
    ).aggregate(
        unsigned=Count("pk", filter=took_place & ~signed),
        unmarked=Count("pk", filter=Q(status__in=AHEAD)),
        without_score=Count("pk", filter=signed & ~Q(session__no_score_reason="")),
    )
    open_screens = Intake.objects.filter(
        taken_at__gte=since,
        screen=Intake.Screen.UNANSWERED,
        closed_at=None,
        episode__closed_on=None,
    ).count()
    return Quality(open_screens=open_screens, **visits)


def staff_numbers() -> dict[str, int]:
    return User.objects.filter(is_active=True).aggregate(
        people=Count("pk"),
        acupuncturists=Count("pk", filter=Q(is_acupuncturist=True)),
        desk=Count("pk", filter=Q(is_front_desk=True)),
        admins=Count("pk", filter=Q(is_admin=True)),
    )
