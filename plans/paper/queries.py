from datetime import date, timedelta

from django.db.models import Q, QuerySet

from clinic.accounts.models import User
from plans.scheduling.models import Appointment
from plans.scheduling.queries import day_bounds
from plans.sessions.models import Session

# Clinic policy: later than this nobody remembers what the paper leaves out.
LIMIT = timedelta(days=14)


def visits_to_type(day: date, by: User) -> QuerySet[Appointment]:
    """The day's visits without a session, and those that `by` has begun to type in."""
    start, end = day_bounds(day)
    begun = Q(session__paper__typed_by=by, session__status=Session.Status.DRAFT)
    return (
        Appointment.objects.held()
        .filter(starts_at__gte=start, starts_at__lt=end)
        .filter(Q(session=None) | begun)
        .exclude(status=Appointment.Status.NO_SHOW)
        .select_related("patient", "practitioner")
        .order_by("starts_at", "pk")
    )
