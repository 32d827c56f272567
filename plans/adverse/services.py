from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.records.models import Episode
from plans.adverse.models import AdverseEvent
from plans.adverse.rules import pausing
from plans.pauses.services import pause_plan
from plans.planning.models import Plan
from plans.sessions.models import Session


@transaction.atomic
def record_event(
    *,
    by: User,
    episode: Episode,
    session: Session | None,
    submission: UUID,
    now: datetime,
    **told: object,
) -> AdverseEvent:
    """Write an event for good; sent twice it is one. The rules may pause the plan."""
    _lock(episode.pk)
    event, made = AdverseEvent.objects.get_or_create(
        submission=submission,
        defaults={
            "episode": episode,
            "session": session,
            "recorded_at": now,
            "recorded_by": by,
            **told,
        },
    )
    if made:
        _record("record_adverse_event", event, by=by)
        _pause_if_grave(event, by=by, now=now)
    return event


@transaction.atomic
def correct_event(
    *,
    by: User,
    event: AdverseEvent,
    submission: UUID,
    now: datetime,
    **told: object,
) -> AdverseEvent:
    """Write a new event that stands for `event`, which itself is kept as it was.

    Sent twice it is one. Raises Stale when somebody else has corrected it already. The
    plan is paused where the harm is another or graver than a review may have looked at.
    """
    _lock(event.episode_id)
    correction, made = AdverseEvent.objects.get_or_create(
        corrects=event,
        defaults={
            "submission": submission,
            "episode_id": event.episode_id,
            "session_id": event.session_id,
            "recorded_at": now,
            "recorded_by": by,
            **told,
        },
    )
    if made:
        _record("correct_adverse_event", correction, by=by)
        if correction.kind != event.kind or correction.grade > event.grade:
            _pause_if_grave(correction, by=by, now=now)
    elif correction.submission != submission:
        raise Stale
    return correction


def _lock(episode: int) -> None:
    """Before anything of it is written: two who write first and lock then would wait
    for each other.
    """
    Episode.objects.select_for_update().get(pk=episode)


def told_of(event: AdverseEvent) -> Mapping[str, object]:
    """What the one who records it says, as `record_event` takes it."""
    names = (
        *("kind", "grade", "happened_on", "timing", "acupoint_id", "relation"),
        *("description", "action", "outcome", "reported_to"),
    )
    return {name: getattr(event, name) for name in names}


def _record(action: str, event: AdverseEvent, *, by: User) -> None:
    record(
        action,
        by=by,
        subject=event,
        patient_id=event.episode.patient_id,
        kind=event.kind,
        grade=event.grade,
    )


def _pause_if_grave(event: AdverseEvent, *, by: User, now: datetime) -> None:
    plan = Plan.objects.filter(episode=event.episode_id).first()
    if plan and (rules := pausing(event.kind, event.grade)):
        pause_plan(by=by, plan=plan, reason=rules[0].because, now=now)
