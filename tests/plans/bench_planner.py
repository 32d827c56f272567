"""Time the planner on made-up calendars: `python -m tests.plans.bench_planner`.

20 practitioners, 40 beds, 8 weeks of 8-hour days; a course of 12 wished on Tuesdays and
Fridays at nine with one practitioner, three courses that differ in four dates. Prints
medians of processor time; asserts nothing.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from statistics import median
from time import process_time

from plans.scheduling.free import (
    Held,
    Hours,
    Length,
    Obstacle,
    free_starts,
    obstacle,
    read_calendar,
)
from plans.scheduling.planner import plan_course
from plans.scheduling.wishes import Wish, Wishes

PRACTITIONERS, BEDS, WEEKS, CALENDARS = 20, 40, 8, 15
FIRST = date(2026, 3, 2)
LAST = FIRST + timedelta(weeks=WEEKS, days=-3)
LENGTH = Length(needling=30, stay=60)
ASKED = Wishes(
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


def held(full: float, seed: int) -> list[Held]:
    """Fill half hours by chance; beds are drawn freely, so they are the scarcer."""
    rng = Random(seed)
    rows = []
    for number in range(FIRST.toordinal(), LAST.toordinal() + 1):
        day = date.fromordinal(number)
        for half in (*range(18, 26), *range(28, 36)):
            at = datetime.combine(day, time(half // 2, half % 2 * 30))
            for who in range(PRACTITIONERS):
                if rng.random() < full:
                    ends, leaves = at + timedelta(minutes=30), at + timedelta(hours=1)
                    bed = rng.randrange(BEDS)
                    rows.append(Held(Obstacle.PRACTITIONER, at, ends, who))
                    rows.append(Held(Obstacle.BED, at, leaves, bed))
    return rows


def timed(work: Callable[[], object], times: list[float]) -> object:
    begun = process_time()
    result = work()
    times.append((process_time() - begun) * 1000)
    return result


def main() -> None:
    hours = [
        Hours(who, weekday, opens, closes)
        for who in range(PRACTITIONERS)
        for weekday in range(5)
        for opens, closes in ((time(9), time(13)), (time(14), time(18)))
    ]
    print("full   wishes    starts  read  free  plan (ms)  solved")
    for full in (0.60, 0.95):
        for name, asked in (("soft", ASKED), ("must", INSISTING)):
            read, free, plan = [], [], []
            found = solved = 0
            for seed in range(CALENDARS):
                rows = held(full, seed)
                calendar = timed(
                    lambda rows=rows: read_calendar(
                        hours=hours, beds=range(BEDS), held=rows
                    ),
                    read,
                )
                starts = timed(
                    lambda c=calendar: free_starts(c, LENGTH, first=FIRST, last=LAST),
                    free,
                )
                answer = timed(
                    lambda c=calendar, s=starts, asked=asked: plan_course(
                        asked,
                        s,
                        why_not=lambda at, who: obstacle(c, LENGTH, at, who),
                        apart=4,
                    ),
                    plan,
                )
                found += len(starts)
                solved += bool(answer.courses)
            print(
                f"{full:.0%}    {name:8}{found // CALENDARS:8}{median(read):6.1f}"
                f"{median(free):6.1f}{median(plan):6.1f}{solved:14} of {CALENDARS}"
            )


if __name__ == "__main__":
    main()
