from datetime import datetime

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from clinic.core.texts import Text
from patients.records.models import Episode
from plans.pauses.models import Pause
from plans.planning.models import Plan


@transaction.atomic
def pause_plan(*, by: User, plan: Plan, reason: Text, now: datetime) -> Pause:
    """Let the plan wait for a review; where it waits already, that pause stands.

    Waits for a review that is being written: that one doesn't know of it.
    """
    Episode.objects.select_for_update().get(pk=plan.episode_id)
    pause, made = Pause.objects.get_or_create(
        plan=plan,
        ended_at=None,
        defaults={"reason": reason, "begun_at": now, "begun_by": by},
    )
    if made:
        _record("pause_plan", by=by, pause=pause)
    return pause


@transaction.atomic
def resume_plan(*, by: User, pause: Pause, finding: str, now: datetime) -> None:
    """Let the plan go on, by what the review found. Raises Stale if it does already."""
    resumed = Pause.objects.filter(pk=pause.pk, ended_at=None).update(
        ended_at=now, ended_by=by, finding=finding
    )
    if not resumed:
        raise Stale
    _record("resume_plan", by=by, pause=pause)


def _record(action: str, *, by: User, pause: Pause) -> None:
    record(action, by=by, subject=pause, patient_id=pause.plan.episode.patient_id)
