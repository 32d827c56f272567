"""How the sessions of a course spread over its weeks."""

from collections.abc import Sequence
from typing import Protocol

LEAST_A_WEEK, MOST_A_WEEK = 1, 3


class CourseDoesNotAddUp(ValueError):
    """Week by week is said otherwise than in all."""


class HasDose(Protocol):
    sessions: int
    per_week: int
    weekly: Sequence[int]


def weeks_of(dose: HasDose) -> int:
    """As written week by week; else as many a week as said until all are held."""
    return len(dose.weekly) or weeks_needed(dose.sessions, dose.per_week)


def weeks_needed(sessions: int, per_week: int) -> int:
    return -(-sessions // per_week)


def check_weekly(weekly: Sequence[int], *, sessions: int, per_week: int) -> None:
    """Raises CourseDoesNotAddUp; nothing written means as many in every week."""
    if not weekly:
        return
    if not all(LEAST_A_WEEK <= number <= MOST_A_WEEK for number in weekly):
        raise CourseDoesNotAddUp(f"{weekly}: one to three in each week")
    if sum(weekly) != sessions:
        raise CourseDoesNotAddUp(f"{weekly}: {sum(weekly)} sessions, not {sessions}")
    if max(weekly) != per_week:
        raise CourseDoesNotAddUp(f"{weekly}: {max(weekly)} a week, not {per_week}")
