"""Who has every file of one choice, and knows what each column means, can't work out a
small count that was left out: not by solving, and not by what is at least and at most.

What such a reader knows is written down here anew, not taken from the product.
"""

from itertools import pairwise
from math import inf
from random import Random

import numpy as np
import pytest

from plans.adverse.rules import KINDS
from plans.outcomes.caseload import Events
from plans.outcomes.presenters.compared import COMPLETE
from plans.outcomes.presenters.leaving import WITHHELD, counts_of, left_out, lines
from plans.outcomes.presenters.page import tables
from plans.outcomes.withhold import is_small
from tests.plans.test_outcomes_leaving import NAMES, caseload, one_missing

COUNTS = {
    *("episodes", "none_before", "none_at_week_4", "both", "due", "count", "of"),
    *("held", "planned", "n", "responded", "known", "all", "answered", "events"),
}
# Which counts of its row a value could be worked out from, or would tell.
BEARING = {
    "change": {"mean_change": "n", "low": "n", "high": "n", "median_change": "n"},
    "response": {
        **{"low": ("responded", "known"), "high": ("responded", "known")},
        **{"worst": ("responded", "all"), "best": ("responded", "known", "all")},
    },
    "response_rate": {"low": ("both", "due"), "high": ("both", "due")},
    "practitioners": dict.fromkeys(("change", "beyond", "chance_low", "lies"), "n"),
    "adverse_events": {"rate": "events", "low": "events", "high": "events"},
}


def files_of(every, hidden):
    """By table, the rows of its file, each by column."""
    files = {table.key: list(lines(table, hidden)) for table in every}
    return {
        key: [dict(zip(head, row, strict=False)) for row in rows]
        for key, (head, *rows) in files.items()
    }


def shown_in(files):
    return {
        (key, row["block"], row["row"], name): value
        for key, rows in files.items()
        for row in rows
        for name, value in row.items()
        if name in COUNTS and value is not None
    }


class Reader:
    """What is shown, and `equals`, `at_most`: sums of counts that stand to another."""

    def __init__(self, shown):
        self.shown, self.rules = shown, []

    def has(self, *names):
        return all(name in self.shown for name in names)

    def same(self, whole, *parts):
        if self.has(whole, *parts):
            self.rules.append((whole, parts, 0))

    def within(self, *falling):
        for more, less in pairwise(falling):
            if self.has(more, less):
                self.rules.append((more, (less,), inf))


def knowing(shown):
    reader = Reader(shown)
    same, within = reader.same, reader.within
    came = {
        step: ("flow", "came", step, "episodes")
        for step in ("intakes", "planned", "booked", "treated", "due", "complete")
    }
    aside = {
        step: ("flow", "aside", step, "episodes")
        for step in ("stopped", "open", "clear", "seen_again")
    }
    last = "change", "", "leg_last", "n"
    within(*came.values())
    within(came["treated"], aside["seen_again"], last, came["complete"])
    within(came["due"], last)
    same(
        came["intakes"],
        *(came["planned"], aside["stopped"], aside["open"], aside["clear"]),
    )
    for scale in ("leg_nrs", "back_nrs", "odi", "rmdq"):
        _scale(reader, scale, came["due"])
    same(came["complete"], ("response_rate", "", "leg_nrs", "both"))
    _people(reader, came)
    _visits(reader, came)
    _events(reader)
    _quality(reader, came)
    return reader.rules


def _scale(reader, scale, due):
    rate = {
        name: ("response_rate", "", scale, name)
        for name in ("due", "none_before", "none_at_week_4", "both")
    }
    reader.same(*rate.values())
    reader.same(rate["both"], ("change", "", scale, "n"))
    if scale in ("leg_nrs", "back_nrs"):
        reader.same(due, rate["due"])
    reader.within(due, rate["due"])
    for kind in ("share", "half", "points", "both", "target"):
        counts = [("response", scale, kind, n) for n in ("all", "known", "responded")]
        reader.within(rate["due"], *counts)
        reader.within(rate["both"], counts[1])
        for first, count in zip(("all", "known"), counts, strict=False):
            begun = "response", scale, "share", first
            (reader.within if kind == "target" else reader.same)(begun, count)
    for less in ("half", "both"):
        more = "response", scale, "share", "responded"
        reader.within(more, ("response", scale, less, "responded"))


def _people(reader, came):
    people = sorted({name[2] for name in reader.shown if name[0] == "practitioners"})
    for whole, part in (("due", "due"), ("complete", "n")):
        own = [("practitioners", "", who, part) for who in people]
        reader.same(came[whole], *own)
    for who in people:
        own = [("practitioners", "", who, part) for part in ("due", "n", "answered")]
        reader.within(*own)
        reader.same(*own[1:])


def _visits(reader, came):
    def count(row, name="count"):
        return "attendance", "", row, name

    visits = sorted(
        {name[2] for name in reader.shown if name[0] == "drop_off"}, key=int
    )
    columns = {
        name: [("drop_off", "", each, name) for each in visits]
        for name in ("held", "planned")
    }
    reader.within(came["planned"], count("courses"), count("ended"), count("complete"))
    reader.same(count("courses"), count("ended", "of"))
    reader.same(count("ended"), count("complete", "of"))
    for name, of in (("held", "count"), ("planned", "of")):
        reader.within(*columns[name])
        reader.same(count("held", of), *columns[name])
    if visits:
        reader.same(count("ended"), columns["planned"][0])
        reader.within(*columns["planned"][:1], columns["held"][0], count("complete"))
        reader.within(count("complete"), columns["held"][-1])
    missed = [count("no_shows"), count("late_cancels")]
    reader.same(count("no_shows", "of"), count("sessions"), *missed)
    reader.same(count("no_shows", "of"), count("late_cancels", "of"))
    reader.same(count("sessions"), count("scored", "of"))
    reader.within(count("sessions"), count("scored"))


def _events(reader):
    def every(block):
        return [name for name in reader.shown if name[:2] == ("adverse_events", block)]

    (total,) = every("")
    reader.same(total, *every("category"))
    reader.same(total, *every("grade"))
    for category in every("category"):
        own = [kind for kind in every("kind") if KINDS[kind[2]] == category[2]]
        # Kinds without a row: how many they are, nobody knows.
        rest = "adverse_events", "unseen", category[2], "events"
        reader.shown[rest] = WITHHELD
        reader.same(category, rest, *own)


def _quality(reader, came):
    def of(block, row, name="of"):
        return "data_quality", block, row, name

    for row in ("no_leg_base", "no_disability", "no_onset"):
        reader.same(came["treated"], of("missing", row))
    reader.same(came["treated"], of("implausible", "painless"))
    reader.same(came["due"], of("missing", "no_week_4"))
    for row, name in (
        ("no_week_4", "none_at_week_4"),
        ("no_leg_base", "none_before"),
    ):
        leg = "response_rate", "", "leg_nrs", name
        reader.within(of("missing", row, "count"), leg)
    reader.same(
        of("missing", "no_week_4", "count"),
        ("response_rate", "", "leg_nrs", "none_at_week_4"),
    )
    for row in (("implausible", "odd_times"), ("late", "signed_late")):
        reader.same(of("missing", "unscored"), of(*row))


def solved(shown, rules):
    """The counts left out that all equations together leave one value."""
    unknown = [name for name, value in shown.items() if value == WITHHELD]
    place = {name: number for number, name in enumerate(unknown)}
    rows = []
    for whole, parts, more in rules:
        row = np.zeros(len(unknown))
        for name, sign in ((whole, 1), *((part, -1) for part in parts)):
            if name in place:
                row[place[name]] += sign
        if not more and row.any():
            rows.append(row)
    if not rows:
        return set()
    _left, sizes, axes = np.linalg.svd(np.array(rows))
    free = axes[(sizes > 1e-9).sum() :]
    return {
        name for name in unknown if np.abs(free[:, place[name]]).max(initial=0) < 1e-9
    }


def squeezed(shown, rules):
    """The counts left out that can be but one number: none is below nought, and what
    has a row is not nought, or it would be shown.
    """
    least, most = {}, {}
    for name, value in shown.items():
        is_out = value == WITHHELD
        least[name] = int("unseen" not in name) if is_out else value
        most[name] = inf if is_out else value
    for _round in range(25):
        for whole, parts, more in rules:
            least[whole] = max(least[whole], sum(least[part] for part in parts))
            if not more:
                most[whole] = min(most[whole], sum(most[part] for part in parts))
            for part in parts:
                others = [other for other in parts if other != part]
                above = most[whole] - sum(least[other] for other in others)
                most[part] = min(most[part], above)
                if not more:
                    below = least[whole] - sum(most[other] for other in others)
                    least[part] = max(least[part], below)
    return {
        name
        for name, value in shown.items()
        if value == WITHHELD and least[name] == most[name]
    }


def given_away(found, hide=left_out):
    """Small counts that were left out and can be worked out, with what they are."""
    every = tables(found, NAMES)
    shown = shown_in(files_of(every, hide(every)))
    truth = shown_in(files_of(every, ()))
    rules = knowing(shown)
    for category in {name[2] for name in shown if "unseen" in name}:
        truth["adverse_events", "unseen", category, "events"] = sum(
            value
            for name, value in truth.items()
            if name[1] == "kind" and KINDS[name[2]] == category and name not in shown
        )
    for whole, parts, more in rules:
        assert 0 <= truth[whole] - sum(truth[part] for part in parts) <= more
    return {
        name: truth[name]
        for name in solved(shown, rules) | squeezed(shown, rules)
        if is_small(truth[name])
    }


@pytest.mark.parametrize("seed", range(100, 140))
def test_no_small_count_can_be_worked_out(seed):
    assert given_away(caseload(seed)) == {}


@pytest.mark.parametrize("seed", range(40))
def test_nor_one_of_a_kind_of_event(seed):
    rng = Random(seed)
    kinds = rng.sample(list(KINDS), rng.randint(2, 7))
    events = [
        Events(kind, grade, False, False, rng.choice((1, 1, 2, 3, 8, 12)))
        for kind in kinds
        for grade in (1, 2)
    ]

    assert given_away(one_missing(events)) == {}


def test_small_counts_alone_left_out_can_be_worked_out():
    def small(every):
        return {
            named
            for table in every
            for named, count in counts_of([table]).items()
            if is_small(count)
        }

    assert given_away(caseload(100), small)


@pytest.mark.parametrize("seed", range(100, 120))
def test_nothing_that_bears_on_a_count_stands_without_it(seed):
    every = tables(caseload(seed), NAMES)
    files = files_of(every, left_out(every))

    for key, bearing in BEARING.items():
        for row in files[key]:
            for value, counts in bearing.items():
                names = (counts,) if isinstance(counts, str) else counts
                if any(row[name] == WITHHELD for name in names):
                    assert row[value] in (None, "")


def test_where_all_are_left_out_no_limit_of_chance_tells_how_many():
    """Of two people’s limits and numbers, that of all could be worked out."""
    found = next(found for found in map(caseload, range(100, 200)) if found.mix)
    (people,) = (t for t in tables(found, NAMES) if t.key == "practitioners")

    def told(hidden):
        rows = files_of([people], hidden)["practitioners"]
        return [row["chance_low"] for row in rows if row["chance_low"] is not None]

    assert told(())
    assert not told({COMPLETE})
