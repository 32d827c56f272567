"""Which starts are free, from hours, closures and what is already held.

A day is an integer of 96 bits, one for each quarter hour of the clinic's wall clock.
All times are naive local datetimes; turning them into moments, and closing an hour
that a clock change skips, is the caller's work.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

GRID = 15  # minutes
SLOTS = 24 * 60 // GRID
ALL_DAY = (1 << SLOTS) - 1

Key = Hashable


class Obstacle(StrEnum):
    """Why a start is not free; where several hold, the first of these is named."""

    CLOSED = "closed"  # the clinic is shut
    PATIENT = "patient"  # the patient is already booked then
    AWAY = "away"  # the practitioner is on leave
    NOT_WORKING = "not_working"  # outside the practitioner's hours
    KEPT = "kept"  # the practitioner's time is kept for somebody who is being asked
    PRACTITIONER = "practitioner"  # the practitioner is needling someone else
    BED = "bed"  # no bed is free for the whole stay


class Start(NamedTuple):
    at: datetime
    practitioner: Key
    bed: Key


class Hours(NamedTuple):
    """Weekly hours, Monday 0. `first` and `last` limit the days on which they hold.

    Hours of one single day stand instead of the weekly ones.
    """

    practitioner: Key
    weekday: int
    opens: time
    closes: time
    first: date = date.min
    last: date = date.max


class Held(NamedTuple):
    """Time that cannot be used, from `start` until before `end`.

    `what` is any but NOT_WORKING; `who` is the practitioner or the bed, and None for
    CLOSED and PATIENT.
    """

    what: Obstacle
    start: datetime
    end: datetime
    who: Key = None


class Length(NamedTuple):
    """Minutes: the practitioner for `needling`, bed and patient for all of `stay`."""

    needling: int
    stay: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """Taken quarter hours by day, and the hours worked by practitioner and weekday.

    `run_out` are offers that nobody keeps any more; they stand in nobody's way.
    """

    hours: Mapping[tuple[Key, int], Sequence[Hours]]
    practitioners: tuple[Key, ...]
    beds: tuple[Key, ...]
    taken: Mapping[tuple[Obstacle, Key, int], int]
    run_out: tuple[int, ...] = ()

    def taken_on(self, what: Obstacle, day: int, who: Key = None) -> int:
        return self.taken.get((what, who, day), 0)

    def worked(self, practitioner: Key, day: date) -> int:
        weekly, single = 0, 0
        for hours in self.hours.get((practitioner, day.weekday()), ()):
            if hours.first <= day <= hours.last:
                bits = _bits(_slot(hours.opens, up=True), _slot(hours.closes))
                if hours.first == hours.last:
                    single |= bits
                else:
                    weekly |= bits
        return single or weekly


def read_calendar(
    *,
    hours: Iterable[Hours],
    beds: Iterable[Key],
    held: Iterable[Held],
    run_out: Iterable[int] = (),
) -> Calendar:
    """Practitioners stand in the order of their hours, beds in the order given."""
    by_weekday: dict[tuple[Key, int], list[Hours]] = {}
    for row in hours:
        by_weekday.setdefault((row.practitioner, row.weekday), []).append(row)
    taken: dict[tuple[Obstacle, Key, int], int] = {}
    for what, start, end, who in held:
        for day, bits in _spread(start, end):
            key = (what, who, day)
            taken[key] = taken.get(key, 0) | bits
    practitioners = tuple(dict.fromkeys(who for who, _ in by_weekday))
    return Calendar(by_weekday, practitioners, tuple(beds), taken, tuple(run_out))


def free_starts(
    calendar: Calendar,
    length: Length,
    *,
    first: date,
    last: date,
    after: datetime = datetime.min,
    practitioners: Iterable[Key] | None = None,
) -> list[Start]:
    """Return each free start from `first` to `last`, both included, and past `after`.

    The practitioner must be free and at work for the needling. The whole stay must end
    before the practitioner's day does (a break may fall into it), so that nobody is
    left with needles in. Of several free beds the first is taken.
    """
    starts = []
    for number in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(number)
        beds = _free_beds(calendar, number, length)
        anyone = _for_anyone(calendar, number, length) & _union(beds.values())
        if not anyone:
            continue
        places = _places(beds, anyone, day, after)
        usable = sum(1 << slot for slot in places)
        for who in practitioners or calendar.practitioners:
            bits = usable & _for_practitioner(calendar, day, who, length)
            for slot in _slots(bits):
                at, bed = places[slot]
                starts.append(Start(at, who, bed))
    return starts


def _places(
    beds: Mapping[Key, int], anyone: int, day: date, after: datetime
) -> dict[int, tuple[datetime, Key]]:
    """The moment and the first free bed of each slot past `after`, for everybody."""
    midnight = datetime.combine(day, time.min)
    places = {}
    for bed, free in beds.items():
        for slot in _slots(anyone & free):
            at = midnight + _OFFSETS[slot]
            if at > after:
                places[slot] = at, bed
        anyone &= ~free
        if not anyone:
            break
    return places


def obstacle(
    calendar: Calendar, length: Length, at: datetime, practitioner: Key
) -> Obstacle | None:
    """Say why this start is not free, or None if it is."""
    number, day = at.toordinal(), at.date()
    asked = 1 << _slot(at.time())
    stay, needling = _quarters(length.stay), _quarters(length.needling)
    worked = calendar.worked(practitioner, day)
    away = calendar.taken_on(Obstacle.AWAY, number, practitioner)
    out_in_time = _runs(_span(worked), stay)
    out_before_leave = _runs(_span(worked & ~away), stay)
    kept = calendar.taken_on(Obstacle.KEPT, number, practitioner)
    busy = calendar.taken_on(Obstacle.PRACTITIONER, number, practitioner)
    free = {
        Obstacle.CLOSED: _runs(_open(calendar, number, Obstacle.CLOSED), stay),
        Obstacle.PATIENT: _runs(_open(calendar, number, Obstacle.PATIENT), stay),
        Obstacle.AWAY: _runs(ALL_DAY & ~away, needling)
        & (out_before_leave | ~out_in_time),
        Obstacle.NOT_WORKING: _runs(worked, needling) & out_in_time,
        Obstacle.KEPT: _runs(ALL_DAY & ~kept, needling),
        Obstacle.PRACTITIONER: _runs(ALL_DAY & ~busy, needling),
        Obstacle.BED: _union(_free_beds(calendar, number, length).values()),
    }
    return next((what for what in Obstacle if not free[what] & asked), None)


def _for_anyone(calendar: Calendar, day: int, length: Length) -> int:
    both = _open(calendar, day, Obstacle.CLOSED) & _open(
        calendar, day, Obstacle.PATIENT
    )
    return _runs(both, _quarters(length.stay))


def _for_practitioner(calendar: Calendar, day: date, who: Key, length: Length) -> int:
    worked = calendar.worked(who, day)
    if not worked:
        return 0
    number = day.toordinal()
    away = calendar.taken_on(Obstacle.AWAY, number, who)
    busy = away | calendar.taken_on(Obstacle.PRACTITIONER, number, who)
    busy |= calendar.taken_on(Obstacle.KEPT, number, who)
    # Leave at the end of a day shortens the day; leave within it does not.
    until_gone = _runs(_span(worked & ~away), _quarters(length.stay))
    return _runs(worked & ~busy, _quarters(length.needling)) & until_gone


def _free_beds(calendar: Calendar, day: int, length: Length) -> dict[Key, int]:
    stay = _quarters(length.stay)
    return {
        bed: _runs(_open(calendar, day, Obstacle.BED, bed), stay)
        for bed in calendar.beds
    }


def _open(calendar: Calendar, day: int, what: Obstacle, who: Key = None) -> int:
    return ALL_DAY & ~calendar.taken_on(what, day, who)


def _spread(start: datetime, end: datetime) -> Iterator[tuple[int, int]]:
    """Yield each day of the interval with its quarter hours, rounded outward."""
    first, last = start.toordinal(), end.toordinal()
    for day in range(first, last + 1):
        low = _slot(start.time()) if day == first else 0
        high = _slot(end.time(), up=True) if day == last else SLOTS
        if low < high:
            yield day, _bits(low, high)


def _slot(at: time, *, up: bool = False) -> int:
    minutes = at.hour * 60 + at.minute
    if not up:
        return minutes // GRID
    return _quarters(minutes + bool(at.second or at.microsecond))


def _quarters(minutes: int) -> int:
    return -(-minutes // GRID)


@lru_cache(maxsize=SLOTS * SLOTS)
def _bits(low: int, high: int) -> int:
    return (1 << high) - (1 << low)


def _runs(free: int, length: int) -> int:
    """Keep the bits at which a run of `length` free quarter hours begins."""
    for _ in range(length - 1):
        free &= free >> 1
    return free


def _span(worked: int) -> int:
    """Fill the breaks between the first and the last quarter hour worked."""
    if not worked:
        return 0
    return _bits((worked & -worked).bit_length() - 1, worked.bit_length())


def _union(masks: Iterable[int]) -> int:
    bits = 0
    for mask in masks:
        bits |= mask
    return bits


def _slots(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


_OFFSETS = tuple(timedelta(minutes=GRID * slot) for slot in range(SLOTS))
