from datetime import datetime
from decimal import Decimal

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from patients.measures.models import Score
from patients.measures.scales import SCALES
from patients.records.models import Episode


@transaction.atomic
def record_score(
    *,
    by: User | None,
    episode: Episode,
    scale: str,
    value: Decimal | float,
    moment: Score.Moment,
    taken_at: datetime,
) -> Score:
    """Write one score; `by` is None when the patient entered it.

    Raises ScoreOutOfRange, or KeyError for a scale there is not.
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
    record(
        "record_score",
        by=by,
        subject=score,
        patient_id=episode.patient_id,
        scale=scale,
        moment=str(moment),
    )
    return score


@transaction.atomic
def correct_score(*, by: User, score: Score, value: Decimal | float) -> Score:
    """Write the right value as a new entry that points at the old one.

    Raises ScoreOutOfRange; IntegrityError when the score was corrected before.
    """
    SCALES[score.scale].check(float(value))
    correction = Score.objects.create(
        episode_id=score.episode_id,
        scale=score.scale,
        value=value,
        moment=score.moment,
        taken_at=score.taken_at,
        entered_by=by,
        corrects=score,
    )
    record(
        "correct_score",
        by=by,
        subject=correction,
        patient_id=score.episode.patient_id,
        corrects=score.pk,
    )
    return correction
