from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from clinic.core.texts import Text
from patients.measures.models import Score
from patients.measures.scales import SCALES, Scale

# What is recorded outside a session, the most often asked first.
RECORDED = tuple(
    SCALES[code]
    for code in ("rmdq", "odi", "sbi", "pgic", "leg_nrs", "back_nrs", "function_nrs")
)


@dataclass(frozen=True)
class ScoreRow:
    score: Score
    name: Text
    value: str
    by: str


def row(score: Score) -> ScoreRow:
    return ScoreRow(
        score, SCALES[score.scale].name, shown(score.value), entered_by(score)
    )


def shown(value) -> str:
    """Without the noughts that a column of decimals adds."""
    return f"{Decimal(value).normalize():f}"


def entered_by(score: Score) -> str:
    if not score.is_the_patients:
        return score.entered_by.name
    time = time_format(timezone.localtime(score.taken_at), "H:i")
    return _("the patient, %(time)s") % {"time": time}


def scale_of(score: Score) -> Scale:
    return SCALES[score.scale]
