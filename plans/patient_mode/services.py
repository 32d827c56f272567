from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from patients.measures.models import Score
from patients.measures.services import record_score
from patients.records.models import Episode
from plans.patient_mode.answers import NUMBERS
from plans.patient_mode.limits import MOST_WRONG
from plans.patient_mode.models import SelfReport, Tablet
from plans.patient_mode.queries import MAY_TELL, episode_of
from plans.scheduling.models import Appointment


class TooLate(Exception):
    """The visit is not of today, was called off, or the needles have been in."""


class AlreadyTold(Exception):
    """One visit is told of once."""


@transaction.atomic
def start_patient_mode(*, by: User, address: str, now: datetime) -> Tablet:
    """Hand a device over. Whatever was locked at its address is free again by this."""
    locked = Tablet.objects.filter(
        address=address, ended_at=None, locked_at__isnull=False
    ).update(ended_at=now, ended_by=by)
    tablet = Tablet.objects.create(started_at=now, started_by=by, address=address)
    record("start_patient_mode", by=by, subject=tablet, unlocked=locked)
    return tablet


@transaction.atomic
def end_patient_mode(*, by: User, number: int, now: datetime) -> None:
    """Somebody of the staff has signed in on the device. Asked for twice it is once."""
    if Tablet.objects.filter(pk=number, ended_at=None).update(
        ended_at=now, ended_by=by
    ):
        tablet = Tablet.objects.get(pk=number)
        record("end_patient_mode", by=by, subject=tablet, wrong=tablet.wrong)


@transaction.atomic
def count_wrong(*, tablet: Tablet, now: datetime) -> bool:
    """Count a try that fitted nobody; True when it was the last one allowed."""
    standing = Tablet.objects.select_for_update().get(pk=tablet.pk)
    standing.wrong = min(standing.wrong + 1, MOST_WRONG)
    locks = standing.wrong == MOST_WRONG and standing.locked_at is None
    if locks:
        standing.locked_at = now
        record("lock_patient_mode", by=None, subject=standing, wrong=standing.wrong)
    standing.save(update_fields=["wrong", "locked_at"])
    return standing.locked_at is not None


@transaction.atomic
def tell(
    *,
    tablet: Tablet,
    visit: int,
    numbers: Mapping[str, int | None],
    ticked: Sequence[int] | None,
    safety: Mapping[str, bool],
    now: datetime,
) -> SelfReport:
    """Write what the patient says before today's visit, scores and all, for good.

    Args:
        numbers: by the names of `NUMBERS`; None was not given.
        ticked: of the disability questionnaire; None was not answered.
        safety: of the short screen; absent is not known.

    Raises AlreadyTold, or TooLate when the visit isn't, or is no longer, to come.
    """
    # The session is signed under the same lock, so that it has these scores or is done.
    appointment = Appointment.objects.select_for_update().get(pk=visit)
    if SelfReport.objects.filter(appointment=appointment).exists():
        raise AlreadyTold
    today = timezone.localdate(now) == timezone.localdate(appointment.starts_at)
    episode = episode_of(appointment)
    if not today or appointment.status not in MAY_TELL or episode is None:
        raise TooLate

    def score(scale: str, value: int, ticked: Sequence[int] | None = None) -> Score:
        return _score(episode, scale, value, now, ticked)

    given = {
        name: score(NUMBERS[name], value)
        for name, value in numbers.items()
        if value is not None
    }
    if ticked is not None:
        given["disability"] = score("rmdq", len(ticked), ticked)
    report = SelfReport.objects.create(
        appointment=appointment,
        tablet=tablet,
        sent_at=now,
        safety=dict(safety),
        flagged=any(safety.values()),
        **given,
    )
    # Whoever has come as far as this may mistype again.
    Tablet.objects.filter(pk=tablet.pk, locked_at=None).update(wrong=0)
    record(
        "tell_before_visit",
        by=None,
        subject=report,
        patient_id=appointment.patient_id,
        appointment=appointment.pk,
        flagged=report.flagged,
    )
    return report


def _score(
    episode: Episode,
    scale: str,
    value: int,
    now: datetime,
    ticked: Sequence[int] | None,
) -> Score:
    return record_score(
        by=None,
        episode=episode,
        scale=scale,
        value=value,
        moment=Score.Moment.BEFORE,
        taken_at=now,
        ticked=ticked,
    )
