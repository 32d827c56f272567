from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from clinic.accounts.models import User
from patients.measures.models import Score
from patients.measures.rmdq import is_due
from patients.records.models import Episode
from plans.patient_mode.identity import is_called
from plans.patient_mode.limits import LONGEST, LOOK_BACK, MOST_LOCKED
from plans.patient_mode.models import SelfReport, Tablet
from plans.planning.models import PlanVersion
from plans.scheduling.models import Appointment
from plans.scheduling.queries import course_state, day_bounds
from plans.scheduling.statuses import AHEAD, HERE, OVER

Status = Appointment.Status
# While a patient may still say how it was before the needles.
MAY_TELL = (*AHEAD, Status.ARRIVED, Status.IN_BED)
IN_SIGHT = (*AHEAD, *HERE, *OVER, Status.NO_SHOW)


def running_tablet(number: int, now: datetime) -> Tablet | None:
    """The device, while nobody has taken it back and the day has not passed."""
    running = Tablet.objects.filter(ended_at=None, started_at__gt=now - LONGEST)
    return running.filter(pk=number).first()


def is_locked(tablet: Tablet, now: datetime) -> bool:
    """Too much was tried on it, or on several of its address within the last hour."""
    if tablet.locked_at:
        return True
    locked = Tablet.objects.filter(
        address=tablet.address, ended_at=None, locked_at__gt=now - LOOK_BACK
    )
    return locked.count() >= MOST_LOCKED


def visits_of_today(born: date, initials: str, today: date) -> list[Appointment]:
    """Of those born that day and called so; nearly always one person's."""
    start, end = day_bounds(today)
    visits = Appointment.objects.filter(
        patient__birth_date=born,
        starts_at__gte=start,
        starts_at__lt=end,
        status__in=IN_SIGHT,
    ).select_related("patient", "self_report")
    return [
        visit
        for visit in visits.order_by("starts_at", "pk")
        if is_called(
            initials,
            family_name=visit.patient.family_name,
            given_name=visit.patient.given_name,
            preferred_name=visit.patient.preferred_name,
        )
    ]


def visit_to_tell_of(visits: Sequence[Appointment]) -> Appointment | None:
    """Of one patient's visits of the day the next to be answered, else the last."""
    waiting = (v for v in visits if v.status in MAY_TELL and not report_in(v))
    return next(waiting, visits[-1] if visits else None)


def report_in(visit: Appointment) -> SelfReport | None:
    """Of a visit that was read with its report."""
    return getattr(visit, "self_report", None)


def episode_of(visit: Appointment) -> Episode | None:
    """The complaint that a visit is for: its plan's, else that of the plan it would be
    treated by, else the newest open one.
    """
    if visit.plan_id:
        return Episode.objects.filter(plan=visit.plan_id).first()
    in_force = PlanVersion.objects.in_force().select_related("plan__episode")
    if version := in_force.of_open_episodes(visit.patient_id).first():
        return version.plan.episode
    return Episode.objects.open().filter(patient=visit.patient_id).first()


def asks_statements(visit: Appointment, now: datetime) -> bool:
    """Whether the disability questionnaire is due by how the course stands."""
    episode = episode_of(visit)
    if episode is None or visit.plan is None:
        return False
    course = course_state(visit.plan, now)
    last = (
        Score.objects.current()
        .filter(episode=episode, scale="rmdq")
        .order_by("-taken_at")
        .first()
    )
    return is_due(
        began=course.began if course else None,
        last=timezone.localdate(last.taken_at) if last else None,
        today=timezone.localdate(now),
    )


def report_of(visit: Appointment) -> SelfReport | None:
    """With its scores, in one query."""
    return (
        SelfReport.objects.filter(appointment=visit)
        .select_related("leg", "back", "function", "disability")
        .first()
    )


def flagged_today(now: datetime, practitioner: User | None = None) -> QuerySet:
    """Reports with a yes to a safety question, while the patient waits or lies."""
    start, end = day_bounds(timezone.localdate(now))
    found = SelfReport.objects.filter(
        flagged=True,
        appointment__starts_at__gte=start,
        appointment__starts_at__lt=end,
        appointment__status__in=(*AHEAD, *HERE),
    )
    if practitioner is not None:
        theirs = Appointment.objects.in_care_of(practitioner)
        found = found.filter(appointment__in=theirs)
    return found.select_related(
        "appointment__patient", "appointment__practitioner", "appointment__bed"
    ).prefetch_related("appointment__handovers__taken_by")
