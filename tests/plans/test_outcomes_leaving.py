"""What leaves the clinic gives no small count away, not even to who can subtract."""

import re
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime
from math import inf
from random import Random

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from plans.adverse.rules import GRADES, KINDS
from plans.outcomes.caseload import Events, Pair, Pairs, Reached, totals
from plans.outcomes.casemix import COLUMNS, Cell, Group
from plans.outcomes.findings import findings
from plans.outcomes.presenters.leaving import (
    WITHHELD,
    counts_of,
    for_paper,
    left_out,
    lines,
    wholes_of,
)
from plans.outcomes.presenters.page import present_on_paper, tables
from plans.outcomes.withhold import Whole, is_small, line, withheld
from tests.clinic.test_translation import words_on
from tests.factories import make_intake, make_plan, make_user, sign_in
from tests.plans.caseload import DAY, MONDAY_NINE, make_session

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
NAMES = {1: "Mei Example", 2: "Jonas Example", 3: "Priya Example"}


@pytest.mark.parametrize(
    ("part", "whole", "hidden"),
    [
        (0, 40, ""),
        (4, 40, "p"),
        (5, 40, ""),
        (36, 40, "p"),  # the other four
        (40, 40, ""),
        (3, 3, "pw"),
        (0, 0, ""),
    ],
)
def test_a_small_part_and_a_small_rest_are_left_out(part, whole, hidden):
    found = withheld({"w": whole, "p": part}, [Whole("w", ("p",))])

    assert found == set(hidden)


@pytest.mark.parametrize(
    ("parts", "hidden"),
    [
        ([20, 30, 0], ""),
        ([20, 3, 30], "ab"),  # alone it would be the rest of the sum
        ([2, 3, 30], "ab"),
        ([1, 1, 30], "abc"),  # together two, and none is nought
        ([4], "aw"),
        ([1] * 6, "abcdefw"),  # six that are not nought, and together six
        ([0, 4, 0], "bw"),
    ],
)
def test_the_gap_of_a_sum_gets_company(parts, hidden):
    counts = dict(zip("abcdef", parts, strict=False))

    found = withheld(counts | {"w": sum(parts)}, [Whole("w", tuple(counts))])

    assert found == set(hidden)


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([40, 40, 35], ""),
        ([40, 38, 30], "b"),
        ([40, 38, 36, 34], "bc"),
        ([6, 3, 0], "b"),
    ],
)
def test_no_step_of_a_line_is_small(counts, hidden):
    named = dict(zip("abcd", counts, strict=False))

    assert withheld(named, line(list(named))) == set(hidden)


def test_of_kinds_that_nobody_knows_to_be_there_the_sum_may_stay():
    counts = {"w": 6} | dict.fromkeys("abcdef", 1)

    found = withheld(counts, [Whole("w", tuple("abcdef"), is_listed=False)])

    assert found == set("abcdef")


def test_what_two_tables_tell_is_left_out_of_both():
    counts = {"w": 40, "p": 3, "q": 37, "again": 37}

    found = withheld(counts, [Whole("w", ("p", "q")), Whole("q", ("again",))])

    assert found == {"p", "q", "again"}


def test_the_sessions_of_few_are_left_out_with_them():
    counts = {"patients": 3, "sessions": 24, "missed": 0}

    found = withheld(counts, (), of_whom=dict.fromkeys(counts, "patients"))

    assert found == {"patients", "sessions"}


def test_of_what_may_go_the_grounds_stay():
    assert withheld({"w": 40, "p": 38}, [Whole("w", ("p",))], keep={"p"}) == {"w"}


def caseload(seed):
    """A clinic by chance, from some ten episodes to some hundred, as findings."""
    rng = Random(seed)
    size = rng.choice((12, 30, 60, 150))
    ill = rng.choice((0.05, 0.2, 0.5))  # how often something is missing or goes wrong
    reached, cells, pairs = [], [], {"back": [], "last": [], "odi": [], "rmdq": []}
    groups: dict[int, list[Cell]] = {by: [] for by in NAMES}
    for _each in range(size):
        stage = rng.choice(("stopped", "open", "clear", "planned", "booked"))
        if rng.random() > ill:
            stage = "treated"
        is_treated = stage == "treated"
        in_force = stage in ("planned", "booked") or (
            is_treated and rng.random() > 0.05
        )
        is_due = is_treated and rng.random() > 0.3
        held = rng.choice((1, 4, 7, 8, 8, 8, 9)) if is_treated else 0
        base = None if not is_treated or rng.random() < ill / 2 else rng.choice((1, 8))
        later = None if rng.random() < ill else rng.choice((0, 2, 3, 7))
        last = later if later is not None else rng.choice((None, 5))
        scale = rng.choice(("odi", "rmdq", "")) if is_treated else ""
        row = dict.fromkeys((each.name for each in fields(Reached)), 0) | {
            "stage": stage,
            "planned": rng.choice((6, 8)) if in_force else None,
            "held": held,
            "is_ended": (is_treated and rng.random() > 0.4) or None,
            "is_due": is_due or None,
            "count": 1,
            "leg_base": int(base is not None),
            "leg_last": int(is_treated and last is not None),
            "disability_base": int(bool(scale)),
            "scored": held - (rng.random() < ill if held else 0),
            "no_shows": int(rng.random() < ill / 2),
            "late_cancels": int(rng.random() < ill / 4),
            "signed_late": int(is_treated and rng.random() < ill),
            "complete": int(base is not None and later is not None),
        }
        reached.append(Reached(**row))
        if is_due:
            cell = Cell(base, later, "3_12m", "40_54", "female", False, 1)
            cells.append(cell)
            groups[rng.choice(list(NAMES))].append(cell)
            pairs["back"].append(Pair(base, rng.choice((None, 2)), 1))
            pairs["last"].append(Pair(base, last, 1))
            if scale:
                pairs[scale].append(Pair(base, later, 1))
    back, last = (tuple(pairs.pop(name)) for name in ("back", "last"))
    happened = Counter(
        (rng.choice(list(KINDS)), rng.choice(GRADES)) for _each in range(size // 8)
    )
    return findings(
        totals(reached),
        cells,
        [_group(by, found) for by, found in groups.items() if found],
        Pairs(back, last, {code: tuple(found) for code, found in pairs.items()}),
        [Events(*kind, False, False, count) for kind, count in happened.items()],
    )


def _group(by, cells):
    known = [cell for cell in cells if cell.is_complete]
    change = sum(cell.later - cell.base for cell in known) / max(len(known), 1)
    means = dict.fromkeys(COLUMNS, 0.5)
    return Group(by, len(cells), len(known), change if known else None, means)


def worked_out(counts, wholes, hidden):
    """The least and the most that each count can be, for who has what is shown.

    Whoever subtracts does no more: each whole bounds its parts and its rest, over and
    over. The rest of a whole is named after it.
    """
    unlisted = {part for each in wholes if not each.is_listed for part in each.parts}
    at_least = {
        name: int(name not in unlisted) if name in hidden else each
        for name, each in counts.items()
    }
    at_most = {name: inf if name in hidden else each for name, each in counts.items()}
    sums, truth = [], dict(counts)
    for number, each in enumerate(wholes):
        if each.name in counts:
            parts = [part for part in each.parts if part in counts]
            rest = f"{number}: rest of {each.name}"
            truth[rest] = counts[each.name] - sum(counts[part] for part in parts)
            at_least[rest], at_most[rest] = 0, inf
            sums.append((each.name, [*parts, rest]))
    for _round in range(30):
        for whole, parts in sums:
            low, high = (sum(ends[p] for p in parts) for ends in (at_least, at_most))
            at_least[whole] = max(at_least[whole], low)
            at_most[whole] = min(at_most[whole], high)
            for part in parts:
                others = [other for other in parts if other != part]
                most = at_most[whole] - sum(at_least[other] for other in others)
                least = at_least[whole] - sum(at_most[other] for other in others)
                at_most[part] = min(at_most[part], most)
                at_least[part] = max(at_least[part], least)
    return {name: (at_least[name], at_most[name], truth[name]) for name in truth}


@pytest.mark.parametrize("seed", range(60))
def test_nobody_works_out_a_small_count_by_subtracting(seed):
    every = tables(caseload(seed), NAMES)
    counts, wholes, hidden = counts_of(every), wholes_of(every), left_out(every)

    found = worked_out(counts, wholes, hidden)

    assert all(0 <= least <= truth <= most for least, most, truth in found.values())
    assert told(found) == {}


def test_who_leaves_out_small_counts_alone_gives_them_away():
    every = tables(caseload(1), NAMES)
    counts, wholes = counts_of(every), wholes_of(every)
    small = {name for name, count in counts.items() if is_small(count)}

    assert set(told(worked_out(counts, wholes, small))) & small


def told(found):
    return {
        name: truth
        for name, (least, most, truth) in found.items()
        if is_small(truth) and least == most
    }


@pytest.mark.parametrize("seed", range(20))
def test_paper_and_files_leave_out_the_same(seed):
    every = tables(caseload(seed), NAMES)
    counts, hidden = counts_of(every), left_out(every)

    for table in every:
        head, *rows = lines(table, hidden)
        on_paper = for_paper(table, hidden)
        drawn = [row for block in on_paper.blocks for row in block.rows]
        for row, shown in zip(rows, drawn, strict=True):
            marks = sum(cell.words.count(WITHHELD) for cell in shown.cells)
            assert marks == row.count(WITHHELD)
            names = [
                f"{table.key}.{row[0]}.{row[1]}.{n}".replace("..", ".") for n in head
            ]
            for name, value in zip(names, row, strict=False):
                if name in counts:
                    assert (value == WITHHELD) is (name in hidden)


def test_a_kind_of_event_that_is_left_out_has_no_row():
    """Six events of six kinds: with a row for each it would be one of each."""
    harm = {table.key: table for table in tables(six_events(), NAMES)}["adverse_events"]
    hidden = left_out(tables(six_events(), NAMES))

    kinds = [row for row in lines(harm, hidden) if row[0] == "kind"]
    assert kinds == []
    assert next(row for row in lines(harm, hidden) if row[1] == "all")[3] == 6
    assert "kind" not in {block.code for block in for_paper(harm, hidden).blocks}


def six_events():
    events = [Events(kind, 1, False, False, 1) for kind in list(KINDS)[:6]]
    return one_missing(events)


def test_a_clinic_where_one_is_missing_may_still_say_what_came_of_the_rest():
    """Sixteen of seventeen are known: who was due is left out, and not the result."""
    every = tables(one_missing(), NAMES)
    by_key = {table.key: list(lines(table, left_out(every))) for table in every}

    head, leg, *_rest = by_key["change"]
    assert dict(zip(head, leg, strict=True))["n"] == 16
    assert dict(zip(head, leg, strict=True))["mean_change"] == -4
    head, share, *_rest = by_key["response"]
    told = dict(zip(head, share, strict=True))
    assert (told["responded"], told["known"], told["all"]) == (16, 16, WITHHELD)
    assert (told["worst"], told["best"]) == (None, None)
    assert told["low"] is not None
    due = next(row for row in by_key["flow"] if row[1] == "due")
    assert due[3] == WITHHELD


def one_missing(events=()):
    known = Cell(8.0, 4.0, "3_12m", "40_54", "female", False, 16)
    missing = Cell(8.0, None, "3_12m", "40_54", "female", False, 1)
    row = dict.fromkeys((each.name for each in fields(Reached)), 0) | {
        "stage": "treated",
        "planned": 8,
        "held": 8,
        "is_ended": True,
        "is_due": True,
        "scored": 8,
        "leg_base": 1,
        "leg_last": 1,
        "count": 1,
    }
    reached = [Reached(**row | {"complete": int(n > 0)}) for n in range(17)]
    legs = tuple(Pair(cell.base, cell.later, cell.count) for cell in (known, missing))
    groups = [Group(1, 17, 16, -4.0, dict.fromkeys(COLUMNS, 0.5))]
    return findings(
        totals(reached), [known, missing], groups, Pairs(legs, legs, {}), events
    )


def test_no_sentence_on_paper_tells_what_its_tables_leave_out():
    shown = present_on_paper(one_missing(), NAMES)

    said = [
        each.words for table in shown.tables for each in (table.caption, *table.lead)
    ]
    assert "Of the courses whose week 4 is over" in said
    assert not any(re.search(r"\b(1|17)\b (course|of)", words) for words in said)


@pytest.mark.django_db
class TestPaper:
    @pytest.fixture(autouse=True)
    def first_of_june(self, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: NOW)

    def treated(self, by, later):
        intake = make_intake(taken_by=by, taken_at=MONDAY_NINE - DAY)
        version = make_plan(intake=intake)
        make_session(version, MONDAY_NINE, leg=8)
        make_session(version, MONDAY_NINE + 28 * DAY, leg=later)

    def test_the_screen_tells_and_the_paper_does_not(self, client):
        mei = make_user(Role.ACUPUNCTURIST, name="Mei Example")
        for later in (*[4] * 9, None):
            self.treated(mei, later)
        sign_in(client, Role.ADMIN)

        screen = client.get("/outcomes/").content.decode()
        paper = client.get("/outcomes/paper/").content.decode()

        assert "9 of 10 (90 %)" in screen
        assert "for 1 of 10 courses" in screen
        assert "9 of *" in paper
        assert "(90 %)" not in paper
        assert "for 1 of 10 courses" not in paper
        assert "−4.0" in screen
        assert "−4.0" in paper
        # Whoever prints the screen is told where the paper is.
        assert "This page tells small counts" in screen

    @pytest.mark.parametrize("path", ["", "paper/", "explorer/", "take-away/"])
    def test_it_is_chinese_throughout(self, client, settings, path):
        settings.CLINIC_NAME = "示例诊所"
        authors = {"Garwood", "Wilson", "Haugen", "HC", "Ostelo", "Tu", "Holm"}
        mei = sign_in(
            client, Role.ADMIN, language="zh-hans", name="示例美玲", username="mei"
        )
        for number in range(32):
            self.treated(mei, 4 + number % 3)

        shown = words_on(client.get(f"/outcomes/{path}"))

        assert shown <= {"mei", *authors}

    def test_an_empty_choice_and_a_wrong_one(self, client):
        sign_in(client, Role.ADMIN)

        assert "Nothing to count" in client.get("/outcomes/paper/").content.decode()
        wrong = client.get("/outcomes/paper/?first=tomorrow")
        assert wrong.status_code == 422

    @pytest.mark.parametrize("role", [Role.ACUPUNCTURIST, Role.FRONT_DESK])
    def test_only_the_admin_may(self, client, role):
        sign_in(client, role)

        assert client.get("/outcomes/paper/").status_code == 403
