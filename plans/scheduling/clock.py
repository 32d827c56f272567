"""Between moments and the clinic's wall clock.

The planner works on naive wall-clock times, so a course keeps its hour when the clocks
change. A stay is real minutes: its end is a moment, not a wall-clock sum.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)


def wall(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def moment_of(at: datetime, zone: tzinfo) -> datetime:
    """An hour that comes twice means its first time."""
    return at.replace(tzinfo=zone).astimezone(UTC)


def bounds(first: date, last: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The moments at which `first` begins and `last` has ended."""
    begins = datetime.combine(first, time.min)
    ends = datetime.combine(last + DAY, time.min)
    return moment_of(begins, zone), moment_of(ends, zone)


def skipped(first: date, last: date, zone: tzinfo) -> Iterator[tuple[datetime, ...]]:
    """Yield the wall-clock stretches that a change of the clocks leaves out."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        midnight = datetime.combine(date.fromordinal(number), time.min)
        before, after = (
            at.replace(tzinfo=zone).utcoffset() for at in (midnight, midnight + DAY)
        )
        if before == after:
            continue
        for quarter in range(24 * 4):
            at = midnight + timedelta(minutes=15 * quarter)
            if wall(moment_of(at, zone), zone) != at:
                yield at, at + timedelta(minutes=15)
