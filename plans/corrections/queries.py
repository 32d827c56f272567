from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from plans.scheduling.models import Appointment
from plans.scheduling.queries import day_bounds
from plans.sessions.models import Session
from plans.sessions.queries import version_to_treat_by, visits_of


def places_for(session: Session, day: date) -> QuerySet[Appointment]:
    """The day's appointments that nobody has written up: it may belong to one."""
    start, end = day_bounds(day)
    return (
        Appointment.objects.held()
        .exclude(status=Appointment.Status.NO_SHOW)
        .filter(starts_at__gte=start, starts_at__lt=end, session=None)
        .exclude(pk=session.appointment_id)
        .select_related("patient", "practitioner", "bed")
        .order_by("starts_at", "pk")
    )


@dataclass(frozen=True)
class Side:
    """One of the two records that are compared before a session is moved."""

    appointment: Appointment
    complaint: str
    plan_number: int | None
    visits: int
    last_at: datetime | None


def side_of(appointment: Appointment) -> Side:
    version = version_to_treat_by(appointment)
    if version is None:
        return Side(appointment, "", None, 0, None)
    visits = visits_of(version.plan.episode_id)
    return Side(
        appointment,
        version.plan.episode.complaint,
        version.number,
        len(visits),
        visits[-1].at if visits else None,
    )
