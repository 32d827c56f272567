"""What is wished of a course, what may not be broken, and what a compromise costs.

A course is a list of dates in the clinic's calendar; a week is an ISO week of those
dates. Gaps are days between two neighbouring dates: 1 is the next day.

The weights are our own proposal of how much a desk minds each compromise; they rank
courses that all keep the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from plans.scheduling.free import Key, Start

Weekly = int | tuple[int, ...]  # the same every week, or week by week


def each_week(each: Weekly) -> tuple[int, ...]:
    return (each,) if isinstance(each, int) else each


def week_of_taper(taper: Sequence[int], had: int) -> int:
    """Return the place in the taper of a week before which `had` sessions were had.

    A taper counts sessions, not weeks: a week lost to a holiday or begun on a Friday
    delays the taper and takes nothing from it.
    """
    for week, limit in enumerate(taper):
        if had < limit:
            return week
        had -= limit
    return len(taper) - 1


class Wish(StrEnum):
    """From what a desk gives up first to what changes the treatment."""

    HOUR = "hour"  # amount: minutes outside the wished time of day
    WEEKDAYS = "weekdays"  # amount: 1
    PRACTITIONER = "practitioner"  # amount: 1
    EARLIEST = "earliest"  # amount: days that the course begins later
    EVEN_GAPS = "even_gaps"  # amount: days off an even rhythm
    FULL_WEEKS = "full_weeks"  # amount: sessions that a week in between lacks
    STANDING = "standing"  # amount: 1, a session at another time than one that stands
    LARGEST_GAP = "largest_gap"
    SMALLEST_GAP = "smallest_gap"
    PER_WEEK = "per_week"
    SESSIONS = "sessions"


SOFT = frozenset({Wish.HOUR, Wish.WEEKDAYS, Wish.PRACTITIONER})


@dataclass(frozen=True, slots=True)
class Weights:
    """Cost of one unit of each amount; an hour outside the wished time is 4.

    A session that could stay where it stands outweighs all else of a course.
    """

    hour: int = 1  # a quarter of an hour, begun
    weekday: int = 12
    practitioner: int = 24
    late: int = 5
    uneven: int = 2
    lacking: int = 16
    moved: int = 10_000


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Wishes:
    """Rules (`sessions`, `per_week`, the gaps, `earliest`) are never broken.

    `per_week` is a number, or a taper such as (3, 3, 2, 2) whose last number goes on.
    A gap is one number, or one for each week of the taper; it counts by the week that
    the step leads out of. Empty `weekdays` (Monday 0), `between` or `practitioner`
    mean any. `between` includes both ends; one hour is that hour twice. `must` names
    those of the three that admit no exception; the others are preferences. `standing`
    are times and practitioners of a course that is booked already.
    """

    sessions: int
    earliest: date
    per_week: Weekly = 2
    smallest_gap: Weekly = 2
    largest_gap: Weekly = 7
    weekdays: frozenset[int] = frozenset()
    between: tuple[time, time] | None = None
    practitioner: Key = None
    must: frozenset[Wish] = frozenset()
    standing: frozenset[tuple[datetime, Key]] = frozenset()

    def __post_init__(self) -> None:
        if self.sessions < 1:
            raise ValueError("A course has at least one session.")
        if not self.taper or min(self.taper) < 1:
            raise ValueError("A week has at least one session.")
        for each in (self.smallest_gap, self.largest_gap):
            if isinstance(each, tuple) and len(each) != len(self.taper):
                raise ValueError("Give one gap, or one for each week of the taper.")
        for smallest, largest in map(self._gaps_of, range(len(self.taper))):
            if not 1 <= smallest <= largest:
                raise ValueError(
                    "The gaps must be at least a day, the largest not smaller."
                )
        if self.between and self.between[0] > self.between[1]:
            raise ValueError("The wished time of day ends before it begins.")
        if not self.weekdays <= frozenset(range(7)):
            raise ValueError("A weekday is a number from 0 to 6.")
        if not self.must <= SOFT:
            raise ValueError("Only hour, weekdays and practitioner can be a must.")

    @property
    def taper(self) -> tuple[int, ...]:
        return each_week(self.per_week)

    @property
    def first_wished(self) -> int:
        """Return the earliest date (ordinal) on a wished weekday."""
        days = (self.earliest + timedelta(days=on) for on in range(7))
        return next(d.toordinal() for d in days if not self.off_weekday(d.weekday()))

    def week_limit(self, had: int) -> int:
        """Return the most sessions of a week before which `had` were had."""
        return self.taper[week_of_taper(self.taper, had)]

    def gaps(self, had: int) -> tuple[int, int]:
        """Return the smallest and largest gap after a date in such a week."""
        return self._gaps_of(week_of_taper(self.taper, had))

    def _gaps_of(self, week: int) -> tuple[int, int]:
        smallest, largest = (
            each if isinstance(each, int) else each[week]
            for each in (self.smallest_gap, self.largest_gap)
        )
        return smallest, largest

    def minutes_outside(self, minute: int) -> int:
        """Return how far a minute of the day lies outside the wished time."""
        if self.between is None:
            return 0
        opens, closes = (at.hour * 60 + at.minute for at in self.between)
        return max(opens - minute, minute - closes, 0)

    def suits(self, start: Start) -> bool:
        """Tell whether a start keeps the earliest date and every must."""
        at, must = start.at, self.must
        return not (
            at.date() < self.earliest
            or (Wish.WEEKDAYS in must and self.off_weekday(at.weekday()))
            or (Wish.PRACTITIONER in must and self.is_other(start.practitioner))
            or (Wish.HOUR in must and self.minutes_outside(at.hour * 60 + at.minute))
        )

    def off_weekday(self, weekday: int) -> bool:
        return bool(self.weekdays) and weekday not in self.weekdays

    def is_other(self, practitioner: Key) -> bool:
        return self.practitioner is not None and practitioner != self.practitioner

    def even_gaps(self, limit: int) -> tuple[int, int]:
        """Return the shortest and longest gap of an even week of `limit` sessions.

        Wished weekdays of that number set the rhythm themselves.
        """
        days = sorted(self.weekdays)
        if len(days) == limit:
            following = [*days[1:], days[0] + 7]
            gaps = [after - day for day, after in zip(days, following, strict=True)]
            return min(gaps), max(gaps)
        return 7 // limit, -(-7 // limit)


@dataclass(frozen=True, slots=True)
class Compromise:
    """`amount` is in the unit that the wish names."""

    wish: Wish
    amount: int
    cost: int


def weekday_compromises(
    wishes: Wishes, weekday: int, weights: Weights = WEIGHTS
) -> list[Compromise]:
    if not wishes.off_weekday(weekday):
        return []
    return [Compromise(Wish.WEEKDAYS, 1, weights.weekday)]


def hour_compromises(
    wishes: Wishes, minute: int, weights: Weights = WEIGHTS
) -> list[Compromise]:
    outside = wishes.minutes_outside(minute)
    if not outside:
        return []
    return [Compromise(Wish.HOUR, outside, weights.hour * -(-outside // 15))]


def practitioner_compromises(
    wishes: Wishes, practitioner: Key, weights: Weights = WEIGHTS
) -> list[Compromise]:
    if not wishes.is_other(practitioner):
        return []
    return [Compromise(Wish.PRACTITIONER, 1, weights.practitioner)]


def standing_compromises(
    wishes: Wishes, at: datetime, practitioner: Key, weights: Weights = WEIGHTS
) -> list[Compromise]:
    if not wishes.standing or (at, practitioner) in wishes.standing:
        return []
    return [Compromise(Wish.STANDING, 1, weights.moved)]


def start_compromises(
    wishes: Wishes, start: Start, weights: Weights = WEIGHTS
) -> list[Compromise]:
    """Return what this start falls short of, whatever else the course holds."""
    at = start.at
    return [
        *weekday_compromises(wishes, at.weekday(), weights),
        *hour_compromises(wishes, at.hour * 60 + at.minute, weights),
        *practitioner_compromises(wishes, start.practitioner, weights),
        *standing_compromises(wishes, at, start.practitioner, weights),
    ]


def first_compromises(
    wishes: Wishes, day: int, weights: Weights = WEIGHTS
) -> list[Compromise]:
    late = day - wishes.first_wished
    return [Compromise(Wish.EARLIEST, late, weights.late * late)] if late > 0 else []


def step_compromises(
    wishes: Wishes,
    before: int,
    after: int,
    *,
    had: int,
    in_week: int,
    weights: Weights = WEIGHTS,
) -> list[Compromise]:
    """Return what the step between two dates (ordinals) falls short of.

    `had` sessions were had up to `before`, `in_week` of them in its week. A course may
    begin and end within a week; the weeks in between should be full.
    """
    found = []
    limit = wishes.week_limit(had - in_week)
    shortest, longest = wishes.even_gaps(limit)
    gap = after - before
    uneven = max(shortest - gap, gap - longest, 0)
    if uneven:
        found.append(Compromise(Wish.EVEN_GAPS, uneven, weights.uneven * uneven))
    lacking = sum(
        fewer
        for _, fewer in lacking_weeks(wishes, before, after, had=had, in_week=in_week)
    )
    if lacking:
        cost = weights.lacking * lacking
        found.append(Compromise(Wish.FULL_WEEKS, lacking, cost))
    return found


def lacking_weeks(
    wishes: Wishes, before: int, after: int, *, had: int, in_week: int
) -> list[tuple[int, int]]:
    """Return, by their Monday (ordinal), the weeks of a step and what they have fewer.

    The first week of a course lacks nothing, whatever day it begins on.
    """
    first, last = week_of(before), week_of(after)
    of_first = 0 if had == in_week else wishes.week_limit(had - in_week) - in_week
    found = [(first, of_first)] if last > first else []
    found += [(week, wishes.week_limit(had)) for week in range(first + 1, last)]
    return [(week * 7 + 1, fewer) for week, fewer in found if fewer]


@dataclass(frozen=True, slots=True)
class Habit:
    """The weekdays and hours of sessions that stand."""

    weekdays: tuple[int, ...]
    between: tuple[time, time]


def habit_of(starts: Sequence[datetime], per_week: int) -> Habit | None:
    """Weekdays are a habit where there are as many as sessions a week."""
    if not starts:
        return None
    hours = [at.time() for at in starts]
    weekdays = tuple(sorted({at.weekday() for at in starts}))
    return Habit(
        weekdays if len(weekdays) == per_week else (), (min(hours), max(hours))
    )


def after_a_break(wishes: Wishes, had: int) -> Wishes:
    """The rest of a course as one of its own, which goes on where the taper was."""
    week = week_of_taper(wishes.taper, had)

    def rest(each: Weekly) -> Weekly:
        return each if isinstance(each, int) else each[week:]

    return replace(
        wishes,
        sessions=wishes.sessions - had,
        per_week=rest(wishes.per_week),
        smallest_gap=rest(wishes.smallest_gap),
        largest_gap=rest(wishes.largest_gap),
    )


def longest_wait(wishes: Wishes, dates: Sequence[date]) -> int:
    """Return the days that may pass after the last of these dates, in order."""
    last = week_of(dates[-1].toordinal())
    in_week = sum(week_of(day.toordinal()) == last for day in dates)
    return wishes.gaps(len(dates) - in_week)[1]


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule broken at `index` of the dates: there is `amount`, allowed is `limit`."""

    index: int
    wish: Wish
    amount: int
    limit: int


def breaches(wishes: Wishes, dates: Sequence[date]) -> list[Breach]:
    """Check dates, in order, against the gaps and the week rule: after a move, say."""
    found = []
    in_week = 0
    for index, day in enumerate(dates):
        number = day.toordinal()
        before = dates[index - 1].toordinal() if index else None
        if before is not None:
            gap = number - before
            smallest, largest = wishes.gaps(index - in_week)
            if gap < smallest:
                found.append(Breach(index, Wish.SMALLEST_GAP, gap, smallest))
            if gap > largest:
                found.append(Breach(index, Wish.LARGEST_GAP, gap, largest))
        same_week = before is not None and week_of(before) == week_of(number)
        in_week = in_week + 1 if same_week else 1
        limit = wishes.week_limit(index + 1 - in_week)
        if in_week > limit:
            found.append(Breach(index, Wish.PER_WEEK, in_week, limit))
    return found


def week_of(day: int) -> int:
    """Number ISO weeks through the years; the ordinal 1 is a Monday."""
    return (day - 1) // 7
