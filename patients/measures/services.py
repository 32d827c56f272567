from datetime import datetime
from decimal import Decimal

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.measures.models import Score
from patients.measures.scales import SCALES
from patients.records.models import Episode


@transaction.atomic
def record_score(
    *,
    by: User | None,
    episode: Episode,
    scale: str,
    value: int | Decimal,
    moment: str,
    taken_at: datetime,
) -> Score:
    """Write one score for good.

    Args:
        by: None when the patient typed it in.
        scale: A code of `SCALES`; `value` is in the scale's own points.

    Raises:
        ScoreOutOfRange: The value lies outside the scale.
        IntegrityError: The episode has a score on this scale from that very moment.
    """
    SCALES[scale].check(float(value))
    score = Score.objects.create(
        episode=episode,
        scale=scale,
        value=value,
        moment=moment,
        taken_at=taken_at,
        entered_by=by,
    )
    return audit("record_score", by, score)


@transaction.atomic
def correct_score(*, by: User, score: Score, value: int | Decimal) -> Score:
    """Write a new score that stands for `score`, which itself is kept as it was.

    Raises Stale when somebody has corrected it already, and ScoreOutOfRange.
    """
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
