"""When no course can be made: how far one gets, and which single wish would make room.

Dates are bits of one integer here, so that all dates take a step at once and a whole
course is tried in a fraction of a millisecond.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from plans.scheduling.free import Start
from plans.scheduling.wishes import SOFT, Weekly, Wish, Wishes, each_week, week_of

HIGHEST_PER_WEEK = 3  # the most that any trial gave


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A wish that alone makes room, and the smallest change of it that does.

    `was` and `enough` are of the wish's own kind: days, sessions, a date, a taper. For
    hour, weekdays and practitioner `enough` is None: no longer a must.
    """

    wish: Wish
    was: object
    enough: object = None


def days_that_suit(wishes: Wishes, starts: Iterable[Start]) -> frozenset[int]:
    return frozenset(start.at.toordinal() for start in starts if wishes.suits(start))


def most_sessions(
    wishes: Wishes, days: Iterable[int], kept: Sequence[date] = ()
) -> int:
    """Return the length of the longest course up to the wished, `kept` included."""
    after = kept[-1].toordinal() if kept else 0
    usable = [day for day in days if day > after]
    had = len(kept)
    if had >= wishes.sessions or not usable:
        return had
    # Bit 0 is a Monday, so that a bit's weekday can be masked.
    monday = week_of(after or min(usable)) * 7 + 1
    free = sum(1 << (day - monday) for day in usable)
    weeks = (max(usable) - monday) // 7 + 1
    mondays = sum(1 << (7 * week) for week in range(weeks + 1))
    if kept:
        in_week = sum(week_of(day.toordinal()) == week_of(after) for day in kept)
        reached = {in_week: 1 << (after - monday)}
    else:
        reached, had = {1: free}, 1
    while had < wishes.sessions:
        reached = _reached_next(wishes, reached, had, free, mondays)
        if not reached:
            break
        had += 1
    return had


def _reached_next(
    wishes: Wishes, reached: dict[int, int], had: int, free: int, mondays: int
) -> dict[int, int]:
    """Step from each date reached, by sessions in its week, to all that may follow."""
    following: dict[int, int] = {}
    for in_week, dates in reached.items():
        full = in_week >= wishes.week_limit(had - in_week)
        smallest, largest = wishes.gaps(had - in_week)
        for gap in range(smallest, largest + 1):
            # A step stays in its week from the weekdays 0 to 6 - gap.
            stays = dates & (mondays * ((1 << max(7 - gap, 0)) - 1))
            found = {1: (dates & ~stays) << gap & free}
            if not full:
                found[in_week + 1] = stays << gap & free
            for count, on in found.items():
                if on:
                    following[count] = following.get(count, 0) | on
    return following


def relaxations(
    wishes: Wishes, starts: Sequence[Start], *, kept: Sequence[date], placed: int
) -> tuple[Relaxed, ...]:
    """Relax each wish alone; keep those that make room, each by as little as will do.

    The order is that of `Wish`: what a desk gives up first stands first. Fewer sessions
    stand last, and always help once a single session can be had.
    """
    days = days_that_suit(wishes, starts)

    def fits(changed: Wishes, usable: Iterable[int] = days) -> bool:
        return most_sessions(changed, usable, kept) == changed.sessions

    found = []
    for wish in Wish:
        if wish in SOFT & wishes.must:
            freed = replace(wishes, must=wishes.must - {wish})
            if fits(freed, days_that_suit(freed, starts)):
                found.append(Relaxed(wish, _wished(wishes, wish)))
    found += _earlier(wishes, starts, fits)
    found += _looser(wishes, days, fits)
    if placed > len(kept):
        found.append(Relaxed(Wish.SESSIONS, wishes.sessions, placed))
    return tuple(found)


def _wished(wishes: Wishes, wish: Wish) -> object:
    return {
        Wish.HOUR: wishes.between,
        Wish.WEEKDAYS: wishes.weekdays,
        Wish.PRACTITIONER: wishes.practitioner,
    }[wish]


Fits = Callable[..., bool]


def _earlier(wishes: Wishes, starts: Sequence[Start], fits: Fits) -> list[Relaxed]:
    """Try the dates before the earliest one wished, as far as `starts` go back."""
    if not starts:
        return []
    first = min(starts).at.date()
    days_earlier = range(1, (wishes.earliest - first).days + 1)

    def changed(days: int) -> Wishes:
        return replace(wishes, earliest=wishes.earliest - timedelta(days=days))

    def helps(days: int) -> bool:
        earlier = changed(days)
        return fits(earlier, days_that_suit(earlier, starts))

    days = _least(days_earlier, helps)
    if days is None:
        return []
    return [Relaxed(Wish.EARLIEST, wishes.earliest, changed(days).earliest)]


def _looser(wishes: Wishes, days: frozenset[int], fits: Fits) -> list[Relaxed]:
    """Try wider gaps, one for every week, and fuller weeks."""
    found = []
    reach = max(days) - min(days) if days else 0
    smallest, largest = each_week(wishes.smallest_gap), each_week(wishes.largest_gap)
    longer = _least(
        range(max(largest) + (len(set(largest)) == 1), reach + 1),
        lambda gap: fits(replace(wishes, largest_gap=gap)),
    )
    if longer is not None:
        found.append(Relaxed(Wish.LARGEST_GAP, wishes.largest_gap, longer))
    shorter = _least(
        range(min(smallest) - (len(set(smallest)) == 1), 0, -1),
        lambda gap: fits(replace(wishes, smallest_gap=gap)),
    )
    if shorter is not None:
        found.append(Relaxed(Wish.SMALLEST_GAP, wishes.smallest_gap, shorter))
    more = _least(
        range(1, HIGHEST_PER_WEEK - min(wishes.taper) + 1),
        lambda add: fits(replace(wishes, per_week=_fuller(wishes, add))),
    )
    if more is not None:
        found.append(Relaxed(Wish.PER_WEEK, wishes.per_week, _fuller(wishes, more)))
    return found


def _fuller(wishes: Wishes, more: int) -> Weekly:
    """Add to each week, up to the highest number that a course may have."""
    taper = tuple(
        max(week, min(week + more, HIGHEST_PER_WEEK)) for week in wishes.taper
    )
    return taper[0] if isinstance(wishes.per_week, int) else taper


def _least(values: range, helps: Callable[[int], bool]) -> int | None:
    """Return the first value that helps, where every later one then helps too."""
    if not values or not helps(values[-1]):
        return None
    return values[bisect_left(values, True, key=helps)]
