"""The demo clinic's hours, and places in its diary, all on the clinic's wall clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, cast

from plans.scheduling.free import (
    Held,
    Hours,
    Length,
    Obstacle,
    Start,
    free_starts,
    read_calendar,
)

# Begun between these hours, everybody has treated somebody, and will again.
EARLIEST, LATEST = time(10, 45), time(15)
DAY = timedelta(days=1)

MORNINGS_AND_AFTERNOONS = (
    ((time(9), time(13)), (time(14), time(18))),
    ((time(8, 30), time(12, 30)), (time(13, 15), time(17, 15))),
    ((time(9, 30), time(13, 30)), (time(14, 30), time(18, 30))),
)
HALF = 30  # minutes; by so many the house opens earlier, or later
OPENS, CLOSES = time(8, 30), time(18, 30)


def minutes_of(at: time) -> int:
    return at.hour * 60 + at.minute


def minutes_later(hour: time) -> int:
    """By how much the house keeps other hours, so that it is busy when the demo begins.

    It opens and closes on one day, so late at night it has shut.
    """
    early = minutes_of(EARLIEST) - minutes_of(hour)
    late = minutes_of(hour) - minutes_of(LATEST)
    if early > 0:
        return -min(-(-early // HALF) * HALF, minutes_of(OPENS))
    room = 24 * 60 - HALF - minutes_of(CLOSES)
    return min(max(-(-late // HALF) * HALF, 0), room)


@dataclass(frozen=True)
class Week:
    """Six days are worked. Everybody is there today and on the working day before."""

    rest: int  # the weekday on which the clinic is shut
    free: tuple[int, ...]  # one more weekday off for each acupuncturist
    closed: date  # a day on which the whole clinic is away
    later: int = 0  # minutes by which all hours are

    def shifted(self, at: time) -> time:
        minutes = minutes_of(at) + self.later
        return time(*divmod(minutes, 60))

    def is_open(self, day: date) -> bool:
        return day.weekday() != self.rest and day != self.closed

    def open_days(self, first: date, step: int) -> Iterator[date]:
        day = first
        while True:
            if self.is_open(day):
                yield day
            day += step * DAY

    def working_day_before(self, day: date) -> date:
        return next(self.open_days(day - DAY, -1))

    def hours(self, practitioners: Sequence[int]) -> Iterator[Hours]:
        for index, who in enumerate(practitioners):
            for weekday in range(7):
                if weekday in {self.rest, self.free[index]}:
                    continue
                for opens, closes in MORNINGS_AND_AFTERNOONS[index]:
                    yield Hours(who, weekday, self.shifted(opens), self.shifted(closes))


def week_around(today: date, later: int = 0) -> Week:
    """Shut on Sundays, or on Mondays where today is a Sunday."""
    rest = 0 if today.weekday() == 6 else 6
    shut = {rest, today.weekday(), (today - DAY).weekday(), (today - 2 * DAY).weekday()}
    free = [day % 7 for day in range(rest, rest + 7) if day % 7 not in shut]
    closed = today + 10 * DAY
    while closed.weekday() == rest:
        closed += DAY
    return Week(rest, tuple(free[:3]), closed, later)


def rhythm(week: Week, day: date, turn: int) -> frozenset[int]:
    """The two weekdays of a course that has `day` as one of its days.

    `turn` spreads courses that begin on one day over the others.
    """
    first = day.weekday()
    seconds = [(first + gap) % 7 for gap in (3, 4, 2)]
    usable = [second for second in seconds if second != week.rest]
    return frozenset({first, usable[turn % 2]})


def days_of_course(week: Week, weekdays: frozenset[int], first: date) -> Iterator[date]:
    """The days of the rhythm from `first`. Where the clinic is away, the day after, if
    that leaves a day to the next.
    """
    for day in week.open_days(first, 1):
        lost, after = day - DAY, day + DAY
        instead = (
            lost == week.closed
            and lost >= first
            and lost.weekday() in weekdays
            and after.weekday() not in weekdays
        )
        if instead or day.weekday() in weekdays:
            yield day


def days_before(week: Week, weekdays: frozenset[int], day: date) -> Iterator[date]:
    """The days of the rhythm before `day`, the latest first."""
    return (
        found for found in week.open_days(day - DAY, -1) if found.weekday() in weekdays
    )


class Place(NamedTuple):
    at: datetime
    practitioner_id: int
    bed_id: int


@dataclass
class Diary:
    """Finds a free place and holds it; nobody is ever in two."""

    week: Week
    practitioners: Sequence[int]
    beds: Sequence[int]
    _held: dict[date, list[Held]] = field(default_factory=dict)

    def place(
        self, day: date, wished: time, who: int, length: Length, *, sharp: bool = False
    ) -> Place:
        """The free start nearest to the wished hour, with `who` if at work that day.

        Where the hour must be `sharp`, a colleague may take over.
        """
        held = self._held.setdefault(day, [])
        calendar = read_calendar(
            hours=self.week.hours(self.practitioners), beds=self.beds, held=held
        )
        starts = free_starts(calendar, length, first=day, last=day)
        at = datetime.combine(day, wished)

        def compromise(start: Start) -> tuple:
            other, apart = start.practitioner != who, abs(start.at - at)
            return (apart, other) if sharp else (other, apart)

        start = min(starts, key=lambda start: (*compromise(start), start))
        needled, left = (start.at + timedelta(minutes=minutes) for minutes in length)
        held.append(Held(Obstacle.PRACTITIONER, start.at, needled, start.practitioner))
        held.append(Held(Obstacle.BED, start.at, left, start.bed))
        return Place(start.at, cast(int, start.practitioner), cast(int, start.bed))
