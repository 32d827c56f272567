from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.intake.screen import SHORT_SCREEN
from patients.measures.services import record_score
from plans.patient_mode.queries import report_of
from plans.pauses.queries import standing_pause
from plans.scheduling.models import Appointment
from plans.scheduling.services import set_status
from plans.sessions.asepsis import CHECKLIST
from plans.sessions.changes import Change, changes
from plans.sessions.drafts import MOST_CHARACTERS, Hand, Sent, TooLong, length
from plans.sessions.entry import SCORES, Entry, Line, Why, as_told
from plans.sessions.models import (
    Amendment,
    Needling,
    PaperRecord,
    PointChange,
    Session,
    Stimulation,
)
from plans.sessions.queries import (
    ground_of,
    lines_of,
    scores_told,
    start_of,
    version_to_treat_by,
)
from plans.sessions.rules import Problem, problems

NOBODYS = Hand()


class NoPlan(Exception):
    """There is no approved plan to treat by."""


class PlanPaused(Exception):
    """The plan waits for a review, and nobody is needled by it."""


class NotReady(Exception):
    """The session may not be signed; `problems` says all of why."""

    def __init__(self, found: tuple[Problem, ...]):
        super().__init__([problem.kind for problem in found])
        self.problems = found


class NotSigned(Exception):
    """Only a signed session is amended; a draft is changed."""


@transaction.atomic
def open_session(*, by: User, appointment: Appointment) -> Session:
    """The draft of an appointment, made from the last session or else the plan.

    Asked for twice it is the same. Raises NoPlan, or PlanPaused.
    """
    version = version_to_treat_by(appointment)
    if version is None:
        raise NoPlan
    begun = Session.objects.filter(appointment=appointment).exists()
    if not begun and standing_pause(version.plan_id):
        raise PlanPaused
    start = start_of(version, before=appointment.starts_at)
    session, made = Session.objects.get_or_create(
        appointment=appointment,
        defaults={
            "plan_version": version,
            "started_at": appointment.starts_at,
            "prescription": start.prescription,
            "retention_min": start.entry.retention_min,
            "typed": _typed(start.entry),
        },
    )
    if made:
        _write_lines(session, start.entry)
        record(
            "open_session",
            by=by,
            subject=session,
            patient_id=appointment.patient_id,
            copied_from=start.copied_from.pk if start.copied_from else None,
            prescription=start.prescription,
        )
    return session


@transaction.atomic
def save_draft(
    *,
    by: User,
    session: Session,
    revision: int,
    entry: Entry | None,
    sent: Sent | None = None,
    hand: Hand = NOBODYS,
    is_automatic: bool = False,
) -> Session:
    """Keep what was typed, complete or not.

    `sent` are the fields, where they are to come back as they stood; `entry` is what
    could be read of them. A save overtaken by a later one of the same page has nothing
    left to do. Raises Stale, also once it is signed, or TooLong.
    """
    if sent is not None and length(sent) > MOST_CHARACTERS:
        raise TooLong
    held = _hold(session, revision, hand)
    last = held.typed.get("hand", {})
    if hand.is_overtaken(last):
        session.refresh_from_db()
        return session
    typed = _typed(entry) if entry else _read_before(held)
    if hand.page:
        typed["hand"] = {"page": hand.page, "turn": hand.turn}
    if sent is not None:
        typed["sent"] = sent
    _write(session, entry, by=by, typed=typed)
    # What saves itself is one deed of one opened page, however long somebody types.
    if not (is_automatic and hand.wrote(last)):
        record(
            "save_session",
            by=by,
            subject=session,
            patient_id=session.written_for.patient_id,
            **({"automatic": True} if is_automatic else {}),
        )
    return session


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
    ground = ground_of(version, practitioner=by, day=day)
    values = {name: int(score.value) for name, score in told.items()}
    found = problems(as_told(entry, values), ground)
    if report and report.pk != seen_report:
        found = (Problem("told", f"safety-{SHORT_SCREEN[0]}"), *found)
    if appointment.status == Appointment.Status.NEEDLES_IN:
        found = (*found, Problem("clock_runs", "needles_out"))
    if found:
        raise NotReady(found)
    held = _hold(session, revision, hand)
    if hand.is_overtaken(held.typed.get("hand", {})):
        raise Stale
    start = start_of(
        version,
        before=appointment.starts_at,
        prescription=session.prescription,
    )
    _write(session, entry, by=by, typed={})
    found_changes = changes(start.entry.lines, entry.lines)
    _write_changes(session, found_changes, entry)
    Stimulation.objects.bulk_create(
        Stimulation(session=session, kind=kind, **vars(stimulus))
        for kind, stimulus in entry.stimulation.items()
    )
    typed = {name: v for name, v in entry.scores.items() if name not in told}
    _record_scores(by, session, typed)
    session.scores.add(*told.values())
    Session.objects.filter(pk=session.pk).update(
        status=Session.Status.SIGNED,
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


@transaction.atomic
def amend(
    *,
    by: User,
    session: Session,
    text: str,
    submission: UUID,
    corrects: str = "",
    before: str = "",
    after: str = "",
) -> Amendment:
    """Add a later word; the same submission sent twice is one. Raises NotSigned.

    `corrects` names the part that is wrong, which was signed as `before` and should
    read as `after`.
    """
    if session.status != Session.Status.SIGNED:
        raise NotSigned
    amendment, made = Amendment.objects.get_or_create(
        submission=submission,
        defaults={
            "session": session,
            "text": text,
            "corrects": corrects,
            "before": before,
            "after": after,
            "written_at": timezone.now(),
            "written_by": by,
        },
    )
    if made:
        record(
            "amend_session",
            by=by,
            subject=session,
            patient_id=session.written_for.patient_id,
            amendment=amendment.pk,
            **({"corrects": corrects} if corrects else {}),
        )
    return amendment


def _typed(entry: Entry) -> dict[str, object]:
    why = {code: [why.reason, why.words] for code, why in entry.why.items()}
    stimulation = {
        kind: {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in vars(stimulus).items()
            if value
        }
        for kind, stimulus in entry.stimulation.items()
    }
    return {
        "scores": dict(entry.scores),
        "words": entry.words,
        "why": why,
        "stimulation": stimulation,
    }


def _read_before(held: Session) -> dict[str, object]:
    return {name: held.typed[name] for name in _typed(Entry()) if name in held.typed}


def _hold(session: Session, revision: int, hand: Hand) -> Session:
    """The draft as it stands, nobody else's until we are done. Raises Stale."""
    held = Session.objects.select_for_update().get(pk=session.pk)
    if held.status != Session.Status.DRAFT:
        raise Stale
    if held.revision != revision and not hand.wrote(held.typed.get("hand", {})):
        raise Stale
    return held


def _write(
    session: Session, entry: Entry | None, *, by: User, typed: Mapping[str, object]
) -> None:
    read = {} if entry is None else _columns(entry)
    Session.objects.filter(pk=session.pk).update(
        **read,
        typed=typed,
        saved_at=timezone.now(),
        saved_by=by,
        revision=F("revision") + 1,
    )
    rows = Needling.objects.filter(session=session).order_by("order")
    if entry is not None and lines_of(rows) != entry.lines:
        rows.delete()
        _write_lines(session, entry)
    session.refresh_from_db()


def _columns(entry: Entry) -> dict[str, object]:
    return {
        "retention_min": entry.retention_min,
        "needles_in": entry.needles_in,
        "needles_out": entry.needles_out,
        "incident": entry.incident,
        "exceptions": dict(entry.exceptions),
        "safety": dict(entry.safety),
        "no_score_reason": entry.no_score_reason,
        "note": entry.note,
    }


def _write_lines(session: Session, entry: Entry) -> None:
    Needling.objects.bulk_create(
        Needling(
            session=session,
            acupoint_id=line.code,
            side=line.side,
            depth_mm=line.depth_mm,
            technique=line.technique,
            count=line.count,
            order=order,
            de_qi=line.de_qi,
            reason=line.reason,
            pair=line.pair,
        )
        for order, line in enumerate(entry.lines)
    )


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


def _record_scores(by: User, session: Session, typed: Mapping[str, int]) -> None:
    """Before at the appointment's start, after at its end; by paper, as that says."""
    appointment = session.written_for
    stay = appointment.ends_at - appointment.starts_at
    paper = PaperRecord.objects.filter(session=session).first()
    begun = paper.done_at if paper else appointment.starts_at
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
