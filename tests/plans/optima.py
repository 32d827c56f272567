"""Courses whose least cost a constraint solver has found: OR-Tools' CP-SAT.

The solver takes 240 MB, so what it found is kept in `optima.json` and the tests compare
with that. To find it again, as after a change of the rules or of what they cost:

    pip install ortools && python -m tests.plans.optima
"""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from plans.scheduling.free import (
    Held,
    Hours,
    Length,
    Obstacle,
    free_starts,
    read_calendar,
)
from plans.scheduling.search import start_costs
from plans.scheduling.wishes import WEIGHTS, Wish, Wishes, week_of

FILE = Path(__file__).with_name("optima.json")
NUMBER = 60
MONDAY = date(2026, 3, 2)
LAST = MONDAY + timedelta(weeks=9)
RHYTHMS = (
    (1, 5, 10),
    (2, 2, 7),
    (3, 2, 5),
    ((3, 3, 2, 2), (2, 2, 2, 2), (5, 5, 7, 7)),
    ((3, 2, 1), (2, 2, 5), (5, 7, 10)),
    ((1, 2, 3), (5, 2, 2), (10, 7, 5)),
)


def instance(seed):
    """Wishes, free starts and dates that stand; 3 practitioners, 60 to 95 % full."""
    rng = Random(seed)
    per_week, smallest, largest = RHYTHMS[seed % len(RHYTHMS)]
    full = rng.choice([0.6, 0.8, 0.9, 0.95])
    held = [
        Held(what, at, at + timedelta(minutes=minutes), who)
        for number in range((LAST - MONDAY).days)
        for quarter in range(36, 72, 2)
        for who in range(3)
        if rng.random() < full
        for at in [datetime.combine(MONDAY, time()) + timedelta(number, quarter * 900)]
        for what, minutes in ((Obstacle.PRACTITIONER, 30), (Obstacle.BED, 60))
    ]
    hours = [Hours(who, day, time(9), time(18)) for who in range(3) for day in range(6)]
    known = read_calendar(hours=hours, beds=range(4), held=held)
    kept = [MONDAY + timedelta(days=day) for day in rng.choice([(), (0,), (0, 5)])]
    asked = Wishes(
        sessions=rng.randint(4, 12),
        earliest=MONDAY + timedelta(days=rng.choice([0, 1, 3])),
        per_week=per_week,
        smallest_gap=smallest,
        largest_gap=largest,
        weekdays=frozenset(rng.sample(range(6), rng.choice([0, 2, 3]))),
        between=rng.choice([None, (time(9), time(9)), (time(14), time(16))]),
        practitioner=rng.choice([None, 0, 2]),
        must=frozenset(rng.choice([[], [], [], [Wish.PRACTITIONER]])),
    )
    starts = free_starts(known, Length(30, 60), first=MONDAY, last=LAST)
    return asked, starts, kept


def solve(asked, starts, kept):
    """The least cost of a course, by CP-SAT; None where there is no course."""
    from ortools.sat.python import cp_model

    days = {}
    for start in starts:
        if asked.suits(start) and (not kept or start.at.date() > kept[-1]):
            days.setdefault(start.at.toordinal(), []).append(start)
    priced = start_costs(asked, days, WEIGHTS)
    least = {day: min(costs) for day, costs in priced.items()}
    new = asked.sessions - len(kept)
    if len(least) < new:
        return None
    model = cp_model.CpModel()
    lowest, highest = MONDAY.toordinal(), LAST.toordinal()
    most = max(asked.taper)
    limits = [asked.week_limit(had) for had in range(asked.sessions + 1)]
    gaps = [asked.gaps(had) for had in range(asked.sessions + 1)]
    even = [asked.even_gaps(limit) for limit in limits]

    def number(low, high):
        return model.new_int_var(low, high, "")

    def looked_up(table, at):
        found = number(min(table), max(table))
        model.add_element(at, table, found)
        return found

    costs, dates, weeks, counts = [], [], [], []
    for index in range(asked.sessions):
        if index < len(kept):
            day = model.new_constant(kept[index].toordinal())
        else:
            allowed = cp_model.Domain.from_values(list(least))
            day = model.new_int_var_from_domain(allowed, "")
            table = [least.get(on, 0) for on in range(lowest, highest + 1)]
            costs.append(looked_up(table, day - lowest))
        week = number(week_of(lowest), week_of(highest))
        model.add_division_equality(week, day - 1, 7)
        count = number(1, most + len(kept))
        if not index:
            model.add(count == 1)
        else:
            later = model.new_bool_var("")
            model.add(week > weeks[-1]).only_enforce_if(later)
            model.add(week == weeks[-1]).only_enforce_if(~later)
            model.add(count == 1).only_enforce_if(later)
            model.add(count == counts[-1] + 1).only_enforce_if(~later)
        if index >= max(len(kept), 1):
            before = index - counts[-1]  # had before the week of the last one
            gap = day - dates[-1]
            model.add(gap >= looked_up([low for low, _ in gaps], before))
            model.add(gap <= looked_up([high for _, high in gaps], before))
            shortest = looked_up([low for low, _ in even], before)
            longest = looked_up([high for _, high in even], before)
            uneven = number(0, 100)
            model.add_max_equality(uneven, [0, shortest - gap, gap - longest])
            costs.append(WEIGHTS.uneven * uneven)
            lacking = number(0, 100)
            first = model.new_bool_var("")
            model.add(before == 0).only_enforce_if(first)
            model.add(before >= 1).only_enforce_if(~first)
            between = (week - weeks[-1] - 1) * limits[index]
            short = looked_up(limits, before) - counts[-1]
            model.add(lacking == between).only_enforce_if(later, first)
            model.add(lacking == between + short).only_enforce_if(later, ~first)
            model.add(lacking == 0).only_enforce_if(~later)
            costs.append(WEIGHTS.lacking * lacking)
        if index >= len(kept):
            model.add(count <= looked_up(limits, index + 1 - count))
        dates.append(day)
        weeks.append(week)
        counts.append(count)
    if not kept:
        late = number(0, highest - lowest)
        model.add_max_equality(late, [0, dates[0] - asked.first_wished])
        costs.append(WEIGHTS.late * late)
    model.minimize(sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    assert status == cp_model.OPTIMAL, solver.status_name(status)
    return round(solver.objective_value)


def main():
    import ortools

    optima = [solve(*instance(seed)) for seed in range(NUMBER)]
    found = {"solver": f"CP-SAT of OR-Tools {ortools.__version__}", "optima": optima}
    FILE.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
