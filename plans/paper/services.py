from datetime import datetime

from django.db import transaction
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from plans.scheduling.models import Appointment
from plans.sessions.models import PaperRecord, Session
from plans.sessions.services import open_session


class WrittenUp(Exception):
    """The visit has a session by now."""


class OtherDay(Exception):
    """A visit is done on the day it was booked for, and typed in afterwards."""


@transaction.atomic
def begin_paper(
    *,
    by: User,
    appointment: Appointment,
    done_at: datetime,
    done_by: User,
    now: datetime,
) -> PaperRecord:
    """A draft for what was written on paper, which `by` types in and signs.

    Asked for twice by the same person it is one. Raises WrittenUp, OtherDay, NoPlan or
    PlanPaused.
    """
    day = timezone.localdate(appointment.starts_at)
    if timezone.localdate(done_at) != day or done_at > now:
        raise OtherDay
    appointment = Appointment.objects.select_for_update().get(pk=appointment.pk)
    begun = Session.objects.filter(appointment=appointment).first()
    if begun:
        paper = PaperRecord.objects.filter(session=begun, typed_by=by).first()
        if paper is None or begun.status != Session.Status.DRAFT:
            raise WrittenUp
        return paper
    session = open_session(by=by, appointment=appointment)
    Session.objects.filter(pk=session.pk).update(started_at=done_at)
    paper = PaperRecord.objects.create(
        session=session, done_at=done_at, done_by=done_by, typed_at=now, typed_by=by
    )
    record(
        "open_paper",
        by=by,
        subject=session,
        patient_id=appointment.patient_id,
        done_at=done_at.isoformat(),
        done_by=done_by.pk,
    )
    return paper
