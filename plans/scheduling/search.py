"""The cheapest course over dates, and the next cheapest that is different enough.

A course is a walk over states: sessions had, sessions in this week, date (an ordinal).
The cost of the rest is found for every state, backward; the walk then goes forward,
best first, and never has to guess. Costs are whole numbers, so equal is equal, and of
equal courses the one with the earliest dates comes first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import heappop, heappush

from plans.scheduling.free import Key, Start
from plans.scheduling.wishes import (
    Compromise,
    Weights,
    Wishes,
    first_compromises,
    hour_compromises,
    practitioner_compromises,
    standing_compromises,
    step_compromises,
    week_of,
    weekday_compromises,
)

Path = tuple[int, ...]
Costs = dict[int, int]  # of the rest of the course, by date
Layers = list[dict[int, Costs]]  # by sessions had, then by sessions in this week
Step = tuple[int, bool, int]  # days on, into a new week, cost


def start_costs(
    wishes: Wishes, days: Mapping[int, Sequence[Start]], weights: Weights
) -> dict[int, list[int]]:
    """Return, in order of dates, what each start costs by itself."""

    @cache
    def of_hour(minute: int) -> int:
        return total(hour_compromises(wishes, minute, weights))

    @cache
    def of_practitioner(practitioner: Key) -> int:
        return total(practitioner_compromises(wishes, practitioner, weights))

    costs = {}
    for day, starts in sorted(days.items()):
        off = total(weekday_compromises(wishes, (day - 1) % 7, weights))
        costs[day] = [
            off + of_hour(at.hour * 60 + at.minute) + of_practitioner(who)
            for at, who, _ in starts
        ]
        if wishes.standing:
            costs[day] = [
                cost + total(standing_compromises(wishes, start.at, start[1], weights))
                for cost, start in zip(costs[day], starts, strict=True)
            ]
    return costs


@dataclass(frozen=True)
class Problem:
    """`day_costs` holds the dates that may be used; `kept` are dates already had."""

    wishes: Wishes
    weights: Weights
    day_costs: Costs
    kept: Path = ()


@lru_cache(maxsize=512)
def allowed_steps(
    wishes: Wishes, weights: Weights, had: int, in_week: int
) -> tuple[tuple[Step, ...], ...]:
    """Return, by weekday of the date before, the steps that the rules allow."""
    full = in_week >= wishes.week_limit(had - in_week)
    smallest, largest = wishes.gaps(had - in_week)
    table = []
    for day in range(1, 8):  # the ordinal 1 is a Monday
        steps = []
        for gap in range(smallest, largest + 1):
            new_week = week_of(day + gap) > week_of(day)
            if full and not new_week:
                continue
            found = step_compromises(
                wishes, day, day + gap, had=had, in_week=in_week, weights=weights
            )
            steps.append((gap, new_week, total(found)))
        table.append(tuple(steps))
    return tuple(table)


def costs_to_go(problem: Problem) -> Layers:
    """Return the least cost of the rest of the course from every state that has one."""
    sessions, day_costs = problem.wishes.sessions, problem.day_costs
    limit = max(problem.wishes.taper)
    last = dict.fromkeys(day_costs, 0)
    layers: Layers = [{} for _ in range(sessions)]
    layers.append(dict.fromkeys(range(1, limit + 1), last))
    for had in range(sessions - 1, len(problem.kept), -1):
        for in_week in range(1, min(had, limit) + 1):
            steps = allowed_steps(problem.wishes, problem.weights, had, in_week)
            same, new = layers[had + 1].get(in_week + 1, {}), layers[had + 1][1]
            layers[had][in_week] = costs = {}
            for day in day_costs:
                least = None
                for gap, new_week, cost in steps[(day - 1) % 7]:
                    rest = (new if new_week else same).get(day + gap)
                    if rest is not None:
                        rest += cost + day_costs[day + gap]
                        if least is None or rest < least:
                            least = rest
                if least is not None:
                    costs[day] = least
    return layers


def cheapest_path(
    problem: Problem, layers: Layers, *, found: Sequence[Path] = (), apart: int = 1
) -> Path | None:
    """Return the cheapest dates that differ from each path found in `apart` or more."""
    sessions, kept = problem.wishes.sessions, len(problem.kept)
    others = [frozenset(path) for path in found]
    queue: list[tuple[int, Path, int, int, tuple[int, ...]]] = []
    seen = set()

    def push(path: Path, in_week: int, spent: int, new: tuple[int, ...]) -> None:
        had = kept + len(path)
        rest = layers[had].get(in_week, {}).get(path[-1])
        if rest is not None and all(
            had_new + sessions - had >= apart for had_new in new
        ):
            heappush(queue, (spent + rest, path, in_week, spent, new))

    def counted(new: tuple[int, ...], day: int) -> tuple[int, ...]:
        """Count dates that the other paths lack, no further than is asked."""
        return tuple(
            min(apart, number + (day not in other))
            for number, other in zip(new, others, strict=True)
        )

    none = (0,) * len(others)
    if kept == sessions:
        return None if found else ()
    for day, in_week, cost in _first_steps(problem):
        push((day,), in_week, cost, counted(none, day))
    while queue:
        _, path, in_week, spent, new = heappop(queue)
        had, day = kept + len(path), path[-1]
        if had == sessions:
            return path
        if (state := (had, in_week, day, new)) in seen:
            continue
        seen.add(state)
        for on, in_its_week, cost in _next_steps(problem, had, in_week, day):
            push((*path, on), in_its_week, spent + cost, counted(new, on))
    return None


def _first_steps(problem: Problem) -> Iterator[tuple[int, int, int]]:
    """Yield date, sessions in its week and cost of each first step."""
    kept = problem.kept
    if kept:
        in_week = sum(week_of(day) == week_of(kept[-1]) for day in kept)
        yield from _next_steps(problem, len(kept), in_week, kept[-1])
        return
    for day, cost in problem.day_costs.items():
        late = first_compromises(problem.wishes, day, problem.weights)
        yield day, 1, cost + total(late)


def _next_steps(
    problem: Problem, had: int, in_week: int, day: int
) -> Iterator[tuple[int, int, int]]:
    steps = allowed_steps(problem.wishes, problem.weights, had, in_week)
    for gap, new_week, cost in steps[(day - 1) % 7]:
        on = day + gap
        if on in problem.day_costs:
            in_its_week = 1 if new_week else in_week + 1
            yield on, in_its_week, cost + problem.day_costs[on]


def total(found: Iterable[Compromise]) -> int:
    return sum(compromise.cost for compromise in found)
