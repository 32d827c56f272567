"""How far a course has come, and whether it keeps to its plan."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from plans.scheduling.policy import POLICY
from plans.scheduling.wishes import Weekly, each_week, week_of_taper


class Behind(StrEnum):
    GAP = "gap"  # longer between two sessions than the plan allows
    NO_NEXT = "no_next"  # sessions are left and no date is
    NOT_BOOKED = "not_booked"  # some sessions have no date yet


@dataclass(frozen=True, slots=True)
class CourseState:
    """Sessions by what became of them; dates are of the clinic's calendar.

    `since` is the last session attended, or the approval of the plan before the first.
    """

    prescribed: int
    per_week: Weekly
    attended: int
    booked: int
    missed: int
    since: date
    next_on: date | None
    today: date
    began: date | None = None

    @property
    def to_book(self) -> int:
        return max(self.prescribed - self.attended - self.booked, 0)

    @property
    def finished(self) -> bool:
        return self.attended >= self.prescribed

    @property
    def gap(self) -> int:
        """Days from the last session to the next, or to today where none is booked."""
        return max(((self.next_on or self.today) - self.since).days, 0)

    @property
    def largest_gap(self) -> int:
        """Days that the plan leaves at most after the last session attended."""
        taper = each_week(self.per_week)
        week = week_of_taper(taper, max(self.attended - 1, 0))
        return POLICY.gaps[taper[week]].largest

    @property
    def behind(self) -> tuple[Behind, ...]:
        """What puts the course behind its plan, the worst first."""
        if self.finished:
            return ()
        found = []
        if self.gap > self.largest_gap:
            found.append(Behind.GAP)
        if self.next_on is None and not self.booked:
            found.append(Behind.NO_NEXT)
        elif self.to_book:
            found.append(Behind.NOT_BOOKED)
        return tuple(found)
