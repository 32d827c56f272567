"""How pain and disability moved in two trials, as a band from a patient's baseline.

expected(t) = max(0, baseline + change * min(t, 4) / 4), t in weeks, flat after week 4;
the shade is one standard deviation of the change, grown by the root of min(t, 4) / 4.
The means are the papers' own; the deviations are derived from their intervals, and for
models adjusted for baseline they would be larger.

Population of both: chronic sciatica from a herniated disc (P02: mean age 51, 10
sessions in 4 weeks against sham). Acute cases and other doses were not measured.
"""

from dataclasses import dataclass
from enum import StrEnum

from plans.progress.trend import Dose

LOWEST_BASELINE = 4  # the usual entry level of the trials
CHRONIC = 12  # weeks
MEASURED = Dose(sessions=10, weeks=4)
# Doses per four weeks near enough to show the band, with a word on the difference.
NEAR_DOSES = range(8, 13)
WEEKS = 4


@dataclass(frozen=True, slots=True)
class Trial:
    """Mean change by week 4 in points of the scale; `source` is its id on the shelf."""

    source: str
    change: float
    deviation: float
    high: float = 10.0  # of the scale

    def expected(self, base: float, weeks: float) -> float:
        return max(0.0, base + self.change * _grown(weeks))

    def spread(self, base: float, weeks: float) -> tuple[float, float]:
        """Return the low and high edge of the shade, within the scale."""
        middle = base + self.change * _grown(weeks)
        half = self.deviation * _grown(weeks) ** 0.5
        return max(0.0, middle - half), min(self.high, max(0.0, middle + half))


ACUPUNCTURE = Trial("P02", -3.1, 2.0)
ELECTRO = Trial("P21", -2.3, 1.6)
SHAM = Trial("P02", -1.5, 0.0)  # the arm without specific needling; drawn as a line
ODI_CHANGE = Trial("P02", -13.0, 11.0, high=100.0)


class Caveat(StrEnum):
    """Why the band is not drawn, or what must be said beside it."""

    NO_BASELINE = "no_baseline"
    LOW_BASELINE = "low_baseline"
    UNKNOWN_DOSE = "unknown_dose"
    FAR_DOSE = "far_dose"
    NEAR_DOSE = "near_dose"
    UNKNOWN_DURATION = "unknown_duration"
    NOT_CHRONIC = "not_chronic"


HIDING = frozenset(
    {Caveat.NO_BASELINE, Caveat.LOW_BASELINE, Caveat.UNKNOWN_DOSE, Caveat.FAR_DOSE}
)


def caveats(
    base: float | None, dose: Dose | None, onset_weeks: int | None
) -> tuple[Caveat, ...]:
    """Return what keeps the band from fitting this course; empty where it fits.

    A caveat of `HIDING` means that the band is not drawn at all.
    """
    found = []
    if base is None:
        found.append(Caveat.NO_BASELINE)
    elif base < LOWEST_BASELINE:
        found.append(Caveat.LOW_BASELINE)
    if dose is None:
        found.append(Caveat.UNKNOWN_DOSE)
    elif dose != MEASURED:
        near = round(sessions_in_four_weeks(dose)) in NEAR_DOSES
        found.append(Caveat.NEAR_DOSE if near else Caveat.FAR_DOSE)
    if onset_weeks is None:
        found.append(Caveat.UNKNOWN_DURATION)
    elif onset_weeks < CHRONIC:
        found.append(Caveat.NOT_CHRONIC)
    return tuple(found)


def sessions_in_four_weeks(dose: Dose) -> float:
    return dose.sessions * WEEKS / max(dose.weeks, WEEKS)


def _grown(weeks: float) -> float:
    return min(max(weeks, 0.0), WEEKS) / WEEKS
