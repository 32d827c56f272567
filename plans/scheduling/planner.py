"""Book a whole course: the best that keep every rule, or what stands in the way.

Exact: the cheapest start of a date stands for that date, because what a course costs is
the cost of each start, of the first date and of each step between neighbouring dates.
No clock, no chance: the same wishes and starts give the same courses.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import nsmallest

from plans.scheduling.free import Key, Obstacle, Start
from plans.scheduling.relax import Relaxed, most_sessions, relaxations
from plans.scheduling.search import (
    Path,
    Problem,
    cheapest_path,
    costs_to_go,
    start_costs,
    total,
)
from plans.scheduling.wishes import (
    WEIGHTS,
    Compromise,
    Weights,
    Wish,
    Wishes,
    first_compromises,
    lacking_weeks,
    start_compromises,
    step_compromises,
    week_of,
)

OTHERS = 4  # alternatives shown with a row

Priced = dict[int, list[tuple[int, Start]]]  # cost and start, by date
WhyNot = Callable[[datetime, Key], Obstacle | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The start that a row stands in for.

    `why` it is not to be had; None where it is free and the rules for gaps and weeks
    are what stands against it.
    """

    at: datetime
    practitioner: Key
    why: Obstacle | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a week (its Monday) has fewer, and the wished starts not had for it."""

    week: date
    sessions: int
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One appointment of a course; `others` are the next best starts of that date.

    `left_out` is what stands before it in a course whose weeks are full.
    """

    start: Start
    compromises: tuple[Compromise, ...]
    instead_of: Wanted | None
    others: tuple[Start, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """One kind of compromise over the course: on how many rows, how much in all."""

    wish: Wish
    rows: int
    amount: int
    cost: int


@dataclass(frozen=True, slots=True)
class Course:
    rows: tuple[Row, ...]
    cost: int

    @property
    def totals(self) -> tuple[Total, ...]:
        """The cost by kind of compromise, dearest first; empty if all is as wished."""
        by_wish: dict[Wish, list[Compromise]] = {}
        for row in self.rows:
            for found in row.compromises:
                by_wish.setdefault(found.wish, []).append(found)
        totals = (
            Total(
                wish, len(all_), sum(c.amount for c in all_), sum(c.cost for c in all_)
            )
            for wish, all_ in by_wish.items()
        )
        return tuple(sorted(totals, key=lambda total: (-total.cost, total.wish)))

    @property
    def rhythm(self) -> tuple[tuple[int, time, int], ...]:
        """Weekday, hour and number of rows, the most frequent first."""
        starts = (row.start.at for row in self.rows)
        counted = Counter((at.weekday(), at.time()) for at in starts)
        return tuple(
            (weekday, hour, rows)
            for (weekday, hour), rows in sorted(
                counted.items(), key=lambda item: (-item[1], item[0])
            )
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """Courses, best first; without one, each wish that would alone make room.

    `placed` is the longest course that the rules allow, sessions kept included.
    """

    courses: tuple[Course, ...]
    placed: int
    relaxed: tuple[Relaxed, ...] = ()


def plan_course(
    wishes: Wishes,
    starts: Sequence[Start],
    *,
    kept: Sequence[date] = (),
    why_not: WhyNot | None = None,
    best: int = 3,
    apart: int = 1,
    weights: Weights = WEIGHTS,
) -> Answer:
    """Return the `best` cheapest courses that can be made of free `starts`.

    Each differs from every better one in at least `apart` dates. Dates `kept`, in
    order, are sessions of the course that stand; the rest is planned after them.
    `why_not` says what keeps a wished start from being free.
    """
    days = _by_day(wishes, starts)
    placed = most_sessions(wishes, days, kept)
    if placed < wishes.sessions:
        relaxed = relaxations(wishes, starts, kept=kept, placed=placed)
        return Answer((), placed, relaxed)
    had = tuple(day.toordinal() for day in kept)
    costs = start_costs(wishes, days, weights)
    least = {day: min(found) for day, found in costs.items() if day > (*had, 0)[-1]}
    problem = Problem(wishes, weights, least, had)
    layers = costs_to_go(problem)
    paths: list[Path] = []
    while len(paths) < best:
        path = cheapest_path(problem, layers, found=paths, apart=apart)
        if path is None:
            break
        paths.append(path)
    priced = {
        day: list(zip(costs[day], days[day], strict=True))
        for day in {day for path in paths for day in path}
    }
    courses = tuple(_course(problem, path, priced, why_not) for path in paths)
    return Answer(courses, placed)


Place = tuple[Key, datetime]


def who_moves(
    standing: Sequence[Place], places: Sequence[Place]
) -> list[tuple[int, int]]:
    """Return which of what stands goes to which of the places, in order; the others
    stay. Both are as many, and none twice.
    """
    leaving = [i for i, place in enumerate(standing) if place not in places]
    taking = [i for i, place in enumerate(places) if place not in standing]
    return list(zip(leaving, taking, strict=True))


def _by_day(wishes: Wishes, starts: Sequence[Start]) -> dict[int, list[Start]]:
    """Gather by date the starts that keep the earliest date and every must."""
    days: dict[int, list[Start]] = {}
    earliest = datetime.combine(wishes.earliest, time.min)
    for start in starts:
        if start.at >= earliest and (not wishes.must or wishes.suits(start)):
            days.setdefault(start.at.toordinal(), []).append(start)
    return days


def _course(
    problem: Problem, path: Path, priced: Priced, why_not: WhyNot | None
) -> Course:
    equal = [
        [start for cost, start in priced[day] if cost == problem.day_costs[day]]
        for day in path
    ]
    rows = _rows(problem, _settle(equal), priced, why_not)
    return Course(rows, sum(total(row.compromises) for row in rows))


def _settle(choices: Sequence[Sequence[Start]]) -> list[Start]:
    """Of starts that cost the same, choose one practitioner first, then one hour."""
    by_day = [dict.fromkeys(s.practitioner for s in starts) for starts in choices]
    seen = Counter(who for day in by_day for who in day)
    order = {who: rank for rank, (who, _) in enumerate(seen.most_common())}
    steady = []
    for starts in choices:
        first = min(order[start.practitioner] for start in starts)
        steady.append([s for s in starts if order[s.practitioner] == first])

    def apart(start: Start, minute: int) -> int:
        return abs(start.at.hour * 60 + start.at.minute - minute)

    def moved(minute: int) -> int:
        return sum(min(apart(start, minute) for start in starts) for starts in steady)

    minutes = {s.at.hour * 60 + s.at.minute for starts in steady for s in starts}
    usual = min(sorted(minutes), key=moved, default=0)
    return [min(starts, key=lambda s: (apart(s, usual), s.at)) for starts in steady]


def _rows(
    problem: Problem,
    chosen: Sequence[Start],
    priced: Priced,
    why_not: WhyNot | None,
) -> tuple[Row, ...]:
    wishes, weights = problem.wishes, problem.weights
    dates = {start.at.date() for start in chosen}  # and those stood in for
    had = list(problem.kept)
    rows = []
    for start in chosen:
        day = start.at.toordinal()
        found = start_compromises(wishes, start, weights)
        instead_of = _wanted(wishes, start, dates, why_not) if found else None
        if instead_of is not None:
            dates.add(instead_of.at.date())
        left_out = []
        if had:
            in_week = sum(week_of(before) == week_of(had[-1]) for before in had)
            found += step_compromises(
                wishes, had[-1], day, had=len(had), in_week=in_week, weights=weights
            )
            for week, lacking in lacking_weeks(
                wishes, had[-1], day, had=len(had), in_week=in_week
            ):
                between = range(max(week, had[-1] + 1), min(week + 7, day))
                days = [on for on in between if date.fromordinal(on) not in dates]
                wanted = _passed(problem, start, days, why_not)[:lacking]
                monday = date.fromordinal(week)
                left_out.append(LeftOut(monday, lacking, tuple(wanted)))
        else:
            found += first_compromises(wishes, day, weights)
        had.append(day)
        others = _others(start, priced[day])
        rows.append(Row(start, tuple(found), instead_of, others, tuple(left_out)))
    return tuple(rows)


def _passed(
    problem: Problem,
    start: Start,
    days: Iterable[int],
    why_not: WhyNot | None,
) -> list[Wanted]:
    """Starts of these days as far as they are wished, those not to be had first."""
    wishes, found = problem.wishes, []
    who = start.practitioner if wishes.practitioner is None else wishes.practitioner
    for number in days:
        day = date.fromordinal(number)
        if day.weekday() not in wishes.weekdays:
            continue
        is_free = number in problem.day_costs
        at = start.at.time() if is_free or not wishes.between else wishes.between[0]
        moment = datetime.combine(day, at)
        why = why_not(moment, who) if why_not and not is_free else None
        found.append(Wanted(moment, who, why))
    return sorted(found, key=lambda wanted: wanted.why is None)


def _wanted(
    wishes: Wishes, start: Start, dates: set[date], why_not: WhyNot | None
) -> Wanted | None:
    """Find the wished start nearest to this one in its week that no row stands for."""
    day, at = start.at.date(), start.at.time()
    if wishes.off_weekday(day.weekday()):
        monday = day - timedelta(days=day.weekday())
        wished = [monday + timedelta(days=weekday) for weekday in wishes.weekdays]
        wished = [on for on in wished if on >= wishes.earliest and on not in dates]
        if not wished:
            return None
        day = min(wished, key=lambda on: (abs(on - start.at.date()), on))
    if wishes.between and wishes.minutes_outside(at.hour * 60 + at.minute):
        at = wishes.between[0]
    who = start.practitioner if wishes.practitioner is None else wishes.practitioner
    moment = datetime.combine(day, at)
    return Wanted(moment, who, why_not(moment, who) if why_not else None)


def _others(start: Start, priced: Sequence[tuple[int, Start]]) -> tuple[Start, ...]:
    """Return the next best starts of the date, among equals the nearest in time."""

    def rank(item: tuple[int, Start]) -> tuple[int, timedelta, datetime]:
        cost, other = item
        return cost, abs(other.at - start.at), other.at

    rest = (item for item in priced if item[1] != start)
    return tuple(other for _, other in nsmallest(OTHERS, rest, key=rank))
