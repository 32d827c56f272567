from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from patients.measures.services import withdraw_score
from plans.scheduling.models import Appointment
from plans.scheduling.services import set_status
from plans.scheduling.statuses import FREED, MOVES
from plans.sessions.entry import SCORES, Entry
from plans.sessions.models import Correction, PaperRecord, Session
from plans.sessions.queries import entry_of
from plans.sessions.services import open_session, save_draft

Status = Appointment.Status


class CorrectedAlready(Exception):
    """Somebody else said so first."""


class ClockRuns(Exception):
    """Needles are in by this session, and its clock would be lost."""


class WrittenUp(Exception):
    """The appointment that was chosen has a session of its own by now."""


@transaction.atomic
def correct_session(
    *,
    by: User,
    session: Session,
    to: Appointment | None,
    came: bool,
    reason: str,
    submission: UUID,
    now: datetime,
) -> Correction:
    """Say that a session was entered in error; with `to`, copy it to that appointment.

    The session and its signature stay as they were, and neither it nor its scores
    count any more. The copy is a draft: it is checked and signed for its own patient.

    Args:
        came: the patient it was logged for was treated too, so a log is still to be
            written; else they did not come.

    Raises CorrectedAlready, ClockRuns, WrittenUp, NoPlan or PlanPaused. Sent twice it
    is once.
    """
    if before := Correction.objects.filter(submission=submission).first():
        return before
    # In the order of signing: the appointment, then the session.
    held = Appointment.objects.select_for_update(of=("self",))
    appointment = held.filter(session=session).first()
    session = Session.objects.select_for_update().get(pk=session.pk)
    if appointment is None or session.status == Session.Status.ERROR:
        raise CorrectedAlready
    if appointment.status == Status.NEEDLES_IN:
        raise ClockRuns
    copy = _copy(by, session, to, now) if to else None
    correction = Correction.objects.create(
        session=session,
        appointment=appointment,
        copy=copy,
        reason=reason,
        made_at=now,
        made_by=by,
        submission=submission,
    )
    # What patients told a tablet they told of themselves: that stays theirs.
    typed = session.scores.filter(entered_by__isnull=False, corrects=None)
    for score in typed.filter(withdrawal=None):
        withdraw_score(by=by, score=score, reason=reason, now=now)
    Session.objects.filter(pk=session.pk).update(
        status=Session.Status.ERROR, appointment=None
    )
    if not came:
        _did_not_come(by, appointment, now)
    elif appointment.status == Status.UNTREATED:  # that was said of somebody else
        set_status(
            by=by,
            appointment=appointment,
            status=Status.ARRIVED,
            revision=appointment.revision,
        )
    record(
        "correct_session",
        by=by,
        subject=session,
        patient_id=appointment.patient_id,
        appointment=appointment.pk,
        was=session.status,
        moved_to=copy.pk if copy else None,
    )
    return correction


def _copy(by: User, session: Session, to: Appointment, now: datetime) -> Session:
    if Session.objects.filter(appointment=to).exists():
        raise WrittenUp
    copy = open_session(by=by, appointment=to)
    save_draft(by=by, session=copy, revision=copy.revision, entry=_entry(session))
    if paper := PaperRecord.objects.filter(session=session).first():
        PaperRecord.objects.create(
            session=copy,
            done_at=paper.done_at,
            done_by=paper.done_by,
            typed_at=now,
            typed_by=by,
        )
    record(
        "receive_session",
        by=by,
        subject=copy,
        patient_id=to.patient_id,
        moved_from=session.pk,
    )
    return copy


def _entry(session: Session) -> Entry:
    """All that was typed, without what the other patient told a tablet."""
    entry = entry_of(session)
    told = set(session.scores.filter(entered_by=None).values_list("scale", "moment"))
    typed = {n: v for n, v in entry.scores.items() if SCORES[n] not in told}
    return replace(entry, scores=typed)


def _did_not_come(by: User, appointment: Appointment, now: datetime) -> None:
    """Back to booked, and from there to what became of it, unless that is known."""
    if appointment.status in {*FREED, Status.NO_SHOW}:
        return
    wished = [Status.BOOKED]
    if now >= appointment.starts_at:
        wished.append(Status.NO_SHOW)
    for status in wished:
        if status in MOVES[appointment.status]:
            set_status(
                by=by,
                appointment=appointment,
                status=status,
                revision=appointment.revision,
            )
