from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from plans.scheduling.models import Appointment
from plans.sessions.drafts import MOST_CHARACTERS, Hand, Sent, TooLong, length
from plans.sessions.entry import Entry
from plans.sessions.models import (
    Needling,
    Session,
)
from plans.sessions.queries import (
    lines_of,
    pause_in_the_way,
    start_of,
    version_to_treat_by,
)

NOBODYS = Hand()


class NoPlan(Exception):
    """There is no approved plan to treat by."""


class PlanPaused(Exception):
    """The plan waits for a review, and nobody is needled by it."""


@transaction.atomic
def open_session(*, by: User, appointment: Appointment) -> Session:
    """The draft of an appointment, made from the last session or else the plan.

    Asked for twice it is the same. Raises NoPlan, or PlanPaused.
    """
    version = version_to_treat_by(appointment)
    if version is None:
        raise NoPlan
    begun = Session.objects.filter(appointment=appointment).exists()
    if not begun and pause_in_the_way(appointment, version):
        raise PlanPaused
    start = start_of(version, before=appointment.starts_at)
    session, made = Session.objects.get_or_create(
        appointment=appointment,
        defaults={
            "plan_version": version,
            "started_at": appointment.starts_at,
            "prescription": start.prescription,
            "retention_min": start.entry.retention_min,
            "typed": typed_of(start.entry),
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
    held = hold(session, revision, hand)
    last = held.typed.get("hand", {})
    if hand.is_overtaken(last):
        session.refresh_from_db()
        return session
    typed = typed_of(entry) if entry else _read_before(held)
    if hand.page:
        typed["hand"] = {"page": hand.page, "turn": hand.turn}
    if sent is not None:
        typed["sent"] = sent
    write(session, entry, by=by, typed=typed)
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


def typed_of(entry: Entry) -> dict[str, object]:
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
    return {name: held.typed[name] for name in typed_of(Entry()) if name in held.typed}


def hold(session: Session, revision: int, hand: Hand) -> Session:
    """The draft as it stands, nobody else's until we are done. Raises Stale."""
    held = Session.objects.select_for_update().get(pk=session.pk)
    if held.status != Session.Status.DRAFT:
        raise Stale
    if held.revision != revision and not hand.wrote(held.typed.get("hand", {})):
        raise Stale
    return held


def write(
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
