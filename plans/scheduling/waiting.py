"""Who takes a freed place, and who first. No clock: the day is an argument."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from plans.scheduling.standing import CourseState

ALL_WEEK = 0b111_1111


def bits_of(weekdays: Iterable[int]) -> int:
    """All seven are no wish at all."""
    bits = sum(1 << weekday for weekday in set(weekdays))
    return 0 if bits == ALL_WEEK else bits


def weekdays_of(bits: int) -> list[int]:
    return [weekday for weekday in range(7) if bits >> weekday & 1]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody on the list would take; both days and both hours included."""

    first_day: date
    last_day: date
    weekdays: int = 0
    time_from: time | None = None
    time_to: time | None = None
    practitioner: int | None = None

    def suits(self, at: datetime, practitioner: int) -> bool:
        return (
            self.first_day <= at.date() <= self.last_day
            and (not self.weekdays or bool(self.weekdays >> at.weekday() & 1))
            and (self.time_from or time.min) <= at.time() <= (self.time_to or time.max)
            and self.practitioner in {None, practitioner}
        )


class Why(StrEnum):
    """Why somebody should have a place, the most pressing first."""

    GAP = "gap"  # more days since the last session than the plan allows
    WAITS = "waits"  # asked for an earlier place
    NO_NEXT = "no_next"  # sessions are left and no date is
    NOT_BOOKED = "not_booked"  # some sessions have no date yet


@dataclass(frozen=True, slots=True)
class Claim:
    """`over`: days beyond the gap of the plan; `since`: on the list."""

    patient: int
    why: tuple[Why, ...]
    over: int = 0
    since: datetime | None = None

    @property
    def rank(self) -> tuple:
        """Lowest first: the longest over the gap, then who has waited longest."""
        order = list(Why)
        first = min(order.index(why) for why in self.why)
        waited = self.since.timestamp() if self.since else float("inf")
        return first, -self.over, waited, self.patient


def claim_of(patient: int, course: CourseState | None, since: datetime | None) -> Claim:
    why = {Why(behind.value) for behind in course.behind} if course else set()
    if since is not None:
        why.add(Why.WAITS)
    over = course.gap - course.largest_gap if course and Why.GAP in why else 0
    return Claim(patient, tuple(each for each in Why if each in why), over, since)
