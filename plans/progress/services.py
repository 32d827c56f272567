from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from patients.records.models import Episode
from plans.progress.models import FlareUp


@transaction.atomic
def note_flare_up(
    *,
    by: User,
    episode: Episode,
    began_on: date,
    text: str,
    submission: UUID,
    now: datetime,
) -> FlareUp:
    """Sent twice it is one."""
    flare_up, made = FlareUp.objects.get_or_create(
        submission=submission,
        defaults={
            "episode": episode,
            "began_on": began_on,
            "text": text,
            "noted_at": now,
            "noted_by": by,
        },
    )
    if made:
        _record("note_flare_up", by=by, flare_up=flare_up)
    return flare_up


@transaction.atomic
def withdraw_flare_up(*, by: User, flare_up: FlareUp, now: datetime) -> None:
    """Noted in error: it is kept and no longer shown as having been."""
    standing = FlareUp.objects.filter(pk=flare_up.pk, withdrawn_at=None)
    if standing.update(withdrawn_at=now, withdrawn_by=by):
        _record("withdraw_flare_up", by=by, flare_up=flare_up)


def _record(action: str, *, by: User, flare_up: FlareUp) -> None:
    record(action, by=by, subject=flare_up, patient_id=flare_up.episode.patient_id)
