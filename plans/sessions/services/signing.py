from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.intake.screen import SHORT_SCREEN
from patients.measures.services import record_score
from plans.patient_mode.queries import report_of
from plans.scheduling.models import Appointment
from plans.scheduling.services import set_status
from plans.sessions.asepsis import CHECKLIST
from plans.sessions.changes import Change, changes
from plans.sessions.drafts import Hand
from plans.sessions.entry import SCORES, Entry, Line, Why, as_told
from plans.sessions.models import (
    PaperRecord,
    PointChange,
    Session,
    Stimulation,
)
from plans.sessions.queries import (
    ground_of,
    scores_told,
    start_of,
)
from plans.sessions.rules import Problem, problems
from plans.sessions.services.drafts import NOBODYS, hold, write


class NotReady(Exception):
    """The session may not be signed; `problems` says all of why."""

    def __init__(self, found: tuple[Problem, ...]):
        super().__init__([problem.kind for problem in found])
        self.problems = found


@transaction.atomic
def sign(
    *,
    by: User,
    session: Session,
    revision: int,
    entry: Entry,
    now: datetime,
    hand: Hand = NOBODYS,
    seen_report: int | None = None,
) -> Session:
    """Fix the session for good, record its scores, set its appointment done.

    What the patient entered stays theirs. `seen_report` is what they told a tablet as
    far as `by` has seen it: told since, it is to be read first.

    Raises NotReady with every problem at once, Stale, or StatusRefused when the
    appointment was cancelled meanwhile; nothing is written then.
    """
    # The desk and the patient's tablet write on the same appointment: held until done.
    appointment = Appointment.objects.select_for_update(of=("self",)).get(
        session=session
    )
    report = report_of(appointment)
    told = scores_told(report)
    version = session.plan_version
    day = timezone.localdate(appointment.starts_at)
    paper = (
        PaperRecord.objects.select_related("done_by").filter(session=session).first()
    )
    ground = ground_of(version, practitioner=paper.done_by if paper else by, day=day)
    values = {name: int(score.value) for name, score in told.items()}
    found = problems(as_told(entry, values), ground)
    if report and report.pk != seen_report:
        found = (Problem("told", f"safety-{SHORT_SCREEN[0]}"), *found)
    if appointment.status == Appointment.Status.NEEDLES_IN:
        found = (*found, Problem("clock_runs", "needles_out"))
    if found:
        raise NotReady(found)
    held = hold(session, revision, hand)
    if hand.is_overtaken(held.typed.get("hand", {})):
        raise Stale
    start = start_of(
        version,
        before=appointment.starts_at,
        prescription=session.prescription,
    )
    write(session, entry, by=by, typed={})
    found_changes = changes(start.entry.lines, entry.lines)
    _write_changes(session, found_changes, entry)
    Stimulation.objects.bulk_create(
        Stimulation(session=session, kind=kind, **vars(stimulus))
        for kind, stimulus in entry.stimulation.items()
    )
    typed = {name: v for name, v in entry.scores.items() if name not in told}
    # Not when the draft was opened: the visit may have been moved since.
    begun = paper.done_at if paper else appointment.starts_at
    _record_scores(by, session, typed, begun)
    session.scores.add(*told.values())
    Session.objects.filter(pk=session.pk).update(
        status=Session.Status.SIGNED,
        started_at=begun,
        signed_at=now,
        signed_by=by,
        checklist=CHECKLIST.version,
        compared_with=start.copied_from,
    )
    session.refresh_from_db()
    set_status(
        by=by,
        appointment=appointment,
        status=Appointment.Status.DONE,
        revision=appointment.revision,
    )
    record(
        "sign_session",
        by=by,
        subject=session,
        patient_id=session.written_for.patient_id,
        needles=entry.needles_in,
        needles_out=entry.needles_out,
        exceptions=sorted(entry.exceptions),
        changes=[
            " ".join(filter(None, (c.kind, c.code, _why(c, entry).reason)))
            for c in found_changes
        ],
        scores=sorted({*entry.scores, *told}),
    )
    return session


@transaction.atomic
def follow_needles(*, by: User, appointment: Appointment, status: str) -> None:
    """The needles are in, or out: a step of the visit, and its time is the clock's.

    Raises StatusRefused.
    """
    held = Appointment.objects.select_for_update().get(pk=appointment.pk)
    set_status(by=by, appointment=held, status=status, revision=held.revision)


def _write_changes(session: Session, found: Sequence[Change], entry: Entry) -> None:
    PointChange.objects.bulk_create(
        PointChange(
            session=session,
            acupoint_id=change.code,
            kind=change.kind,
            **_as_it_was(change.before),
            order=order,
            reason=_why(change, entry).reason,
            words=_why(change, entry).words,
        )
        for order, change in enumerate(found)
    )


def _as_it_was(line: Line | None) -> dict[str, object]:
    names = ("side", "depth_mm", "technique")
    return {name: getattr(line, name) for name in names} if line else {}


def _why(change: Change, entry: Entry) -> Why:
    return entry.why.get(change.code, Why(""))


def _record_scores(
    by: User, session: Session, typed: Mapping[str, int], begun: datetime
) -> None:
    """Before at the beginning, after at the end of a stay as it was booked."""
    appointment = session.written_for
    stay = appointment.ends_at - appointment.starts_at
    moments = {"before": begun, "after": begun + stay}
    scores = [
        record_score(
            by=by,
            episode=session.plan_version.plan.episode,
            scale=scale,
            value=typed[name],
            moment=moment,
            taken_at=moments[moment],
        )
        for name, (scale, moment) in SCORES.items()
        if name in typed
    ]
    session.scores.add(*scores)
