"""The course that a review leads to, counted from its first session on."""

from collections.abc import Sequence
from dataclasses import dataclass

from plans.planning.course import HasDose

MOST = 24  # sessions of one plan
MORE_WEEKS = 4


@dataclass(frozen=True, slots=True)
class NextDose:
    """As a version says it: `weekly` is empty where every week is alike."""

    sessions: int
    per_week: int
    weekly: tuple[int, ...]
    more: int  # sessions to come


def longer(dose: HasDose, attended: int) -> NextDose | None:
    """Go on for four more weeks as often as in the last; None where there's no room."""
    return _followed_by(dose, attended, _weeks(dose)[-1])


def tapered(dose: HasDose, attended: int) -> NextDose | None:
    """Go on once a week for four more weeks (D08)."""
    return _followed_by(dose, attended, 1)


def _followed_by(dose: HasDose, attended: int, each: int) -> NextDose | None:
    more = [each] * MORE_WEEKS
    while attended + sum(more) > MOST and more:
        more.pop()
    if not more:
        return None
    weeks = [*_held(dose, attended), *more]
    alike = len(set(weeks)) == 1
    return NextDose(sum(weeks), max(weeks), () if alike else tuple(weeks), sum(more))


def _held(dose: HasDose, attended: int) -> list[int]:
    """Return the weeks that the sessions had fill; the last may not be full."""
    rhythm, weeks = _weeks(dose), list[int]()
    while attended:
        had = min(rhythm[min(len(weeks), len(rhythm) - 1)], attended)
        weeks.append(had)
        attended -= had
    return weeks


def _weeks(dose: HasDose) -> Sequence[int]:
    return dose.weekly or (dose.per_week,)
