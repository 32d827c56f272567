"""How far a course has come, and whether it keeps to its plan."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from plans.scheduling.policy import POLICY
from plans.scheduling.wishes import Weekly, Wishes, each_week, week_of, week_of_taper

FEW = 5  # sessions, of which nothing is usual yet
QUARTER = 0.25


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


class Pace(NamedTuple):
    """Weeks that the sessions of a course take, and that they would by its plan."""

    sessions: int
    weeks: int
    planned: int


def off_pace(per_week: Weekly, dates: Sequence[date]) -> Pace | None:
    """Where a course is faster or slower than its plan by a week and by a quarter.

    A week lost to a holiday, or one session put between two others, is neither.
    """
    taper = each_week(per_week)
    weeks = (week_of_taper(taper, had) for had in range(len(dates) - 1))
    planned = sum(7 / taper[week] for week in weeks)
    days = (dates[-1] - dates[0]).days if dates else 0
    if abs(days - planned) < max(7, QUARTER * planned):
        return None
    return Pace(len(dates), days // 7 + 1, int(planned) // 7 + 1)


def as_usual(rules: Wishes, dates: Sequence[date]) -> Wishes:
    """The rules of a course that was booked at a pace of its own, on purpose.

    What is usual among its dates, in order, breaks none of them: only what stands out.
    """
    if len(dates) < FEW:
        return rules
    gaps = sorted(max((after - before).days, 1) for before, after in pairwise(dates))
    weeks = sorted(Counter(week_of(day.toordinal()) for day in dates).values())
    return replace(
        rules,
        per_week=_each(max, rules.per_week, _usual(weeks)),
        smallest_gap=_each(min, rules.smallest_gap, _usual(gaps[::-1])),
        largest_gap=_each(max, rules.largest_gap, _usual(gaps)),
    )


def _usual(ordered: Sequence[int]) -> int:
    """What three quarters of them don't go beyond."""
    return ordered[(len(ordered) - 1) * 3 // 4]


def _each(pick: Callable[[int, int], int], rule: Weekly, usual: int) -> Weekly:
    if isinstance(rule, int):
        return pick(rule, usual)
    return tuple(pick(week, usual) for week in rule)
