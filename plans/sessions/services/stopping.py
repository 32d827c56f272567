from datetime import datetime

from django.db import transaction
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from plans.patient_mode.queries import report_of
from plans.scheduling.models import Appointment
from plans.scheduling.services import set_status
from plans.sessions.drafts import Hand
from plans.sessions.entry import Entry
from plans.sessions.models import Session
from plans.sessions.queries import entry_as_told, ground_of
from plans.sessions.rules import screen_today
from plans.sessions.services.drafts import NOBODYS, hold, typed_of, write

Status = Appointment.Status


class NothingRaised(Exception):
    """Only a red flag ends a session before needling."""


class NeedlesGiven(Exception):
    """Needles were put in: the session is counted out and signed."""


@transaction.atomic
def stop(
    *,
    by: User,
    session: Session,
    revision: int,
    entry: Entry,
    now: datetime,
    hand: Hand = NOBODYS,
) -> Session:
    """End the session before needling, for the red flags of today, and fix it so.

    It counts as no session, and the visit as one without treatment.

    Raises NothingRaised, NeedlesGiven, Stale, or StatusRefused when the appointment was
    cancelled meanwhile; nothing is written then.
    """
    appointment = Appointment.objects.select_for_update(of=("self",)).get(
        session=session
    )
    ground = ground_of(
        session.plan_version,
        practitioner=by,
        day=timezone.localdate(appointment.starts_at),
    )
    told = entry_as_told(entry, report_of(appointment))
    flags = [finding.rule.id for finding in screen_today(told, ground).raised]
    if not flags:
        raise NothingRaised
    needled = appointment.status in {Status.NEEDLES_IN, Status.NEEDLES_OUT}
    if needled or entry.needles_in or entry.needles_out:
        raise NeedlesGiven
    held = hold(session, revision, hand)
    if hand.is_overtaken(held.typed.get("hand", {})):
        raise Stale
    write(session, told, by=by, typed=typed_of(told))
    Session.objects.filter(pk=session.pk).update(
        status=Session.Status.STOPPED,
        stopped_at=now,
        stopped_by=by,
        stopped_for=" ".join(flags),
    )
    session.refresh_from_db()
    set_status(
        by=by,
        appointment=appointment,
        status=Status.UNTREATED,
        revision=appointment.revision,
    )
    record(
        "stop_session",
        by=by,
        subject=session,
        patient_id=appointment.patient_id,
        flags=flags,
    )
    return session
