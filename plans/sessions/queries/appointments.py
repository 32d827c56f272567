"""Appointments to write up: whose, which day, and what comes next with each."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import (
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
)
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from patients.intake.models import Intake
from patients.records.models import Episode, Patient
from plans.patient_mode.models import SelfReport
from plans.planning.models import PlanVersion
from plans.scheduling.models import Appointment
from plans.scheduling.queries import day_bounds
from plans.sessions.models import Session

# So that the first page of the day does not read every year of the practitioner.
LOOK_BACK = timedelta(weeks=26)


def appointments_to_log(practitioner: User, today: date) -> QuerySet[Appointment]:
    """Their own, those taken over and those they type in from paper; today's or
    earlier, to which the patient came.
    """
    _, tomorrow = day_bounds(today)
    from_paper = Q(session__paper__typed_by=practitioner)
    return (
        Appointment.objects.held()
        .in_care_of(practitioner, also=from_paper)
        .filter(starts_at__lt=tomorrow)
        .exclude(status=Appointment.Status.NO_SHOW)
        .select_related("patient", "bed", "practitioner", "session")
    )


def appointments_to_write(practitioner: User, today: date) -> QuerySet[Appointment]:
    """Those to log, and what they began before it was cancelled or moved: that is kept,
    but not signed. Each says so with `may_sign`.
    """
    to_log = appointments_to_log(practitioner, today).filter(pk=OuterRef("pk"))
    begun = Q(practitioner=practitioner, session__status=Session.Status.DRAFT)
    return (
        Appointment.objects.annotate(may_sign=Exists(to_log))
        .filter(Q(may_sign=True) | begun)
        .select_related(
            "patient",
            "bed",
            "practitioner",
            "session__saved_by",
            "session__paper__done_by",
        )
    )


class Step(TextChoices):
    """What an acupuncturist does next with an appointment of the day."""

    EPISODE = "episode", _("Open an episode")
    INTAKE = "intake", _("Take the intake")
    SCREEN = "screen", _("See the screen")
    PLAN = "plan", _("Make the plan")
    LOG = "log", _("Log session")
    FINISH = "finish", _("Finish and sign")
    SIGNED = "signed", _("Read session")
    NONE = "none", ""


@dataclass(frozen=True)
class TodayRow:
    """`url` is where the step is done; empty when nothing is left to do."""

    appointment: Appointment
    patient: Patient
    session: Session | None
    step: Step
    url: str

    @property
    def report(self) -> SelfReport | None:
        """What the patient has told a tablet, if they have."""
        return getattr(self.appointment, "self_report", None)

    @property
    def is_open(self) -> bool:
        return self.step not in {Step.SIGNED, Step.NONE}


def todays_appointments(practitioner: User, day: date) -> list[TodayRow]:
    """The practitioner's day with the next step of each appointment. One query."""
    start, end = day_bounds(day)
    appointments = _with_course(
        Appointment.objects.held()
        .in_care_of(practitioner)
        .filter(starts_at__gte=start, starts_at__lt=end)
    )
    return [_today_row(appointment) for appointment in appointments]


def missed_logs(
    today: date, *, practitioner: User | None = None
) -> QuerySet[Appointment]:
    """Visits of the last half year that took place, as far as is known, and have no
    signed session; of today those who are through. The newest first.

    Without a `practitioner` the whole clinic's.
    """
    since, _ = day_bounds(today - LOOK_BACK)
    midnight, tomorrow = day_bounds(today)
    visits = Appointment.objects.held()
    if practitioner is not None:
        visits = visits.in_care_of(practitioner)
    through = [Appointment.Status.NEEDLES_OUT, Appointment.Status.DONE]
    return (
        visits.filter(starts_at__gte=since, starts_at__lt=tomorrow)
        .filter(Q(starts_at__lt=midnight) | Q(status__in=through))
        .filter(Q(plan__isnull=False) | Q(session__isnull=False))
        .exclude(status=Appointment.Status.NO_SHOW)
        .exclude(session__status__in=Session.WRITTEN)
        .select_related("patient", "practitioner", "session")
        .order_by("-starts_at", "-pk")
    )


def unsigned_before(practitioner: User, day: date, limit: int = 20) -> list[TodayRow]:
    """Appointments of a plan in the last half year whose session was not signed, the
    newest first. One query.
    """
    since, _ = day_bounds(day - LOOK_BACK)
    appointments = _with_course(
        appointments_to_log(practitioner, day - timedelta(days=1))
        .filter(starts_at__gte=since)
        .exclude(plan=None)
        .exclude(session__status__in=Session.WRITTEN)
    ).order_by("-starts_at", "-pk")
    return [_today_row(appointment) for appointment in appointments[:limit]]


def _with_course(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    episodes = Episode.objects.open().filter(patient=OuterRef("patient"))
    intakes = Intake.objects.filter(
        episode__patient=OuterRef("patient"), episode__closed_on=None
    ).order_by("-taken_at", "-pk")
    in_force = PlanVersion.objects.in_force()
    return (
        appointments.select_related("patient", "bed", "session", "self_report")
        .annotate(
            open_episode=Subquery(episodes.values("pk")[:1]),
            intake=Subquery(intakes.values("pk")[:1]),
            intake_screen=Subquery(intakes.values("screen")[:1]),
            intake_episode=Subquery(intakes.values("episode")[:1]),
            has_plan=Exists(in_force.filter(plan=OuterRef("plan")))
            | Exists(
                in_force.filter(
                    plan__episode__patient=OuterRef("patient"),
                    plan__episode__closed_on=None,
                )
            ),
        )
        .order_by("starts_at", "pk")
    )


def _today_row(appointment: Appointment) -> TodayRow:
    session = getattr(appointment, "session", None)
    step, place = _next_step(appointment, session)
    return TodayRow(
        appointment=appointment,
        patient=appointment.patient,
        session=session,
        step=step,
        url=reverse(place[0], args=[place[1]]) if place else "",
    )


def _next_step(appointment, session) -> tuple[Step, tuple[str, int] | None]:
    if session and session.is_written:
        return Step.SIGNED, ("plans:session", session.pk)
    if appointment.status == Appointment.Status.NO_SHOW:
        return Step.NONE, None
    if session:
        return Step.FINISH, ("plans:log", appointment.pk)
    if appointment.has_plan:
        return Step.LOG, ("plans:log", appointment.pk)
    if not appointment.open_episode:
        return Step.EPISODE, ("patients:open_episode", appointment.patient_id)
    if not appointment.intake:
        return Step.INTAKE, ("patients:intake", appointment.open_episode)
    if appointment.intake_screen != Intake.Screen.CLEAR:
        return Step.SCREEN, ("patients:screen", appointment.intake)
    return Step.PLAN, ("plans:propose", appointment.intake_episode)
