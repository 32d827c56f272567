from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.measures.models import Score, ScoreNote, Withdrawal
from patients.measures.scales import SCALES
from patients.records.models import Episode


class PatientsOwn(Exception):
    """What patients entered themselves is annotated, never corrected."""


class Withdrawn(Exception):
    """The score is not this patient's; the right one is the other patient's."""


@transaction.atomic
def record_score(
    *,
    by: User | None,
    episode: Episode,
    scale: str,
    value: int | Decimal,
    moment: str,
    taken_at: datetime,
    ticked: Iterable[int] | None = None,
) -> Score:
    """Write one score for good.

    Args:
        by: None when the patient typed it in.
        scale: A code of `SCALES`; `value` is in the scale's own points.
        ticked: Of a questionnaire the numbers of its statements, from 1.

    Raises:
        ScoreOutOfRange: The value lies outside the scale.
        IntegrityError: The episode has a score on this scale from that very moment.
    """
    SCALES[scale].check(float(value))
    place = {"episode": episode, "scale": scale, "moment": moment, "taken_at": taken_at}
    withdrawn = Score.objects.filter(**place, corrects=None).exclude(withdrawal=None)
    score = Score.objects.create(
        **place,
        value=value,
        entered_by=by,
        ticked=None if ticked is None else sorted(ticked),
        again=withdrawn.count(),
    )
    return audit("record_score", by, score)


class AlreadyScored(Exception):
    """Another value stands for that day; it is corrected, not joined by a second."""


@transaction.atomic
def record_review(
    *,
    by: User,
    episode: Episode,
    scale: str,
    value: int | Decimal,
    on: date,
    ticked: Iterable[int] | None = None,
) -> Score:
    """Write a score of a review, one a day on each scale; the same sent twice is one.

    Raises AlreadyScored and ScoreOutOfRange.
    """
    Episode.objects.select_for_update().get(pk=episode.pk)
    taken_at = timezone.make_aware(datetime.combine(on, time.min))
    moment = Score.Moment.REVIEW
    of_that_day = Score.objects.current().filter(
        episode=episode, scale=scale, moment=moment, taken_at=taken_at
    )
    standing = of_that_day.first()
    if standing is None:
        return record_score(
            by=by,
            episode=episode,
            scale=scale,
            value=value,
            moment=moment,
            taken_at=taken_at,
            ticked=ticked,
        )
    if standing.value != value:
        raise AlreadyScored
    return standing


@transaction.atomic
def correct_score(*, by: User, score: Score, value: int | Decimal) -> Score:
    """Write a new score that stands for `score`, which itself is kept as it was.

    Raises PatientsOwn, ScoreOutOfRange, Withdrawn, and Stale when somebody has
    corrected it already.
    """
    if score.is_the_patients:
        raise PatientsOwn
    _lock(score)
    if Withdrawal.objects.filter(score=score).exists():
        raise Withdrawn
    SCALES[score.scale].check(float(value))
    correction, is_new = Score.objects.get_or_create(
        corrects=score,
        defaults={
            "episode_id": score.episode_id,
            "scale": score.scale,
            "value": value,
            "moment": score.moment,
            "taken_at": score.taken_at,
            "entered_by": by,
        },
    )
    if not is_new:
        raise Stale
    return audit("correct_score", by, correction)


@transaction.atomic
def annotate_score(
    *, by: User, score: Score, text: str, submission: UUID, now: datetime
) -> ScoreNote:
    """Write a word beside a score; the same submission sent twice is one."""
    note, is_new = ScoreNote.objects.get_or_create(
        submission=submission,
        defaults={
            "score": score,
            "text": text,
            "written_at": now,
            "written_by": by,
        },
    )
    if is_new:
        audit("annotate_score", by, score)
    return note


@transaction.atomic
def withdraw_score(*, by: User, score: Score, reason: str, now: datetime) -> None:
    """It was never this patient's: it counts no more, nor does any correction of it."""
    found: Score | None = score
    while found is not None:
        _lock(found)
        Withdrawal.objects.create(score=found, reason=reason, at=now, by=by)
        audit("withdraw_score", by, found)
        found = Score.objects.filter(corrects=found).first()


def _lock(score: Score) -> None:
    """Nobody corrects what somebody else is withdrawing."""
    Score.objects.select_for_update().get(pk=score.pk)


def audit(action: str, by: User | None, score: Score) -> Score:
    record(
        action,
        by=by,
        subject=score,
        patient_id=score.episode.patient_id,
        scale=score.scale,
        value=str(score.value),
        moment=score.moment,
    )
    return score
