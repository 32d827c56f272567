"""When a course is to be looked back on, and whether that was done.

A review answers every point whose day lies before it, or at most WINDOW days after;
the early point, at session 4 or in week 2, also from the session before the fourth on.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from plans.progress.reviews import SESSION, WEEK_2, WEEKS, WINDOW
from plans.reviews.decisions import Decision

AGAIN = 4  # sessions after the points were changed (D09)


class Why(StrEnum):
    """The most pressing first."""

    PAUSED = "paused"
    WORSE = "worse"
    WEEK_8 = "week_8"
    WEEK_4 = "week_4"
    SESSION_4 = "session_4"  # or week 2
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Held:
    """The last review of a course; `attended` are the sessions had by then."""

    on: date
    attended: int
    decision: str


@dataclass(frozen=True, slots=True)
class Course:
    """`worse_on` is the day of a latest score that is worse by what matters (D07)."""

    began: date | None
    attended: int
    paused: bool = False
    worse_on: date | None = None
    last: Held | None = None


def reasons(course: Course, today: date) -> tuple[Why, ...]:
    """Return why a review is due; empty where none is."""
    last = course.last
    found = []
    if course.paused:
        found.append(Why.PAUSED)
    if course.worse_on and not (last and last.on >= course.worse_on):
        found.append(Why.WORSE)
    point = _point(course, today)
    if point:
        found.append(point)
    elif (
        last
        and last.decision == Decision.CHANGE
        and course.attended >= last.attended + AGAIN
    ):
        found.append(Why.AGAIN)
    return tuple(found)


def _point(course: Course, today: date) -> Why | None:
    """Return the latest point that has come, if no review has answered it."""
    last = course.last
    if course.began is None:
        return None
    for weeks in reversed(WEEKS):
        day = course.began + timedelta(weeks=weeks)
        if day <= today:
            return None if last and answers(last.on, day) else Why(f"week_{weeks}")
    early = course.began + timedelta(days=WEEK_2)
    if last and (last.attended >= SESSION - 1 or answers(last.on, early)):
        return None
    return Why.SESSION_4 if course.attended >= SESSION or early <= today else None


def answers(held: date, day: date) -> bool:
    return held >= day - timedelta(days=WINDOW)
