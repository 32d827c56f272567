"""Calendars of a large house, filled by chance, for the planner alone.

20 practitioners, 40 beds, 8 weeks of 8-hour days; a course of 12 wished on Tuesdays and
Fridays at nine with one practitioner, three courses that differ in four dates.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from plans.scheduling.free import (
    Calendar,
    Held,
    Hours,
    Length,
    Obstacle,
    free_starts,
    obstacle,
    read_calendar,
)
from plans.scheduling.planner import Answer, plan_course
from plans.scheduling.wishes import Wish, Wishes

PRACTITIONERS, BEDS, WEEKS = 20, 40, 8
FIRST = date(2026, 3, 2)
LAST = FIRST + timedelta(weeks=WEEKS, days=-3)
LENGTH = Length(needling=30, stay=60)
SOFT = Wishes(
    sessions=12,
    earliest=FIRST,
    weekdays=frozenset({1, 4}),
    between=(time(9), time(9)),
    practitioner=3,
)
INSISTING = Wishes(
    sessions=12,
    earliest=FIRST,
    weekdays=frozenset({1, 4}),
    practitioner=3,
    must=frozenset({Wish.WEEKDAYS, Wish.PRACTITIONER}),
)
ASKED = {"wishes": SOFT, "no exceptions": INSISTING}
FULL = (0.60, 0.95)


def filled(full: float, seed: int) -> Calendar:
    """Half hours by chance; beds are drawn freely, so they are the scarcer."""
    rng = Random(seed)  # nosec B311
    held = []
    for number in range(FIRST.toordinal(), LAST.toordinal() + 1):
        day = date.fromordinal(number)
        for half in (*range(18, 26), *range(28, 36)):
            at = datetime.combine(day, time(half // 2, half % 2 * 30))
            for who in range(PRACTITIONERS):
                if rng.random() < full:
                    ends, leaves = at + timedelta(minutes=30), at + timedelta(hours=1)
                    bed = rng.randrange(BEDS)
                    held.append(Held(Obstacle.PRACTITIONER, at, ends, who))
                    held.append(Held(Obstacle.BED, at, leaves, bed))
    hours = [
        Hours(who, weekday, opens, closes)
        for who in range(PRACTITIONERS)
        for weekday in range(5)
        for opens, closes in ((time(9), time(13)), (time(14), time(18)))
    ]
    return read_calendar(hours=hours, beds=range(BEDS), held=held)


def plan(calendar: Calendar, asked: Wishes) -> Answer:
    return plan_course(
        asked,
        free_starts(calendar, LENGTH, first=FIRST, last=LAST),
        why_not=lambda at, who: obstacle(calendar, LENGTH, at, who),
        apart=4,
    )


def planner_cases(calendars: int) -> Iterator[tuple[str, list[Callable[[], Answer]]]]:
    """Name and work of each case; every calendar is planned on once."""
    for full in FULL:
        known = [filled(full, seed) for seed in range(calendars)]
        for name, asked in ASKED.items():
            yield (
                f"planner, {full:.0%} full, {name}",
                [partial(plan, calendar, asked) for calendar in known],
            )
