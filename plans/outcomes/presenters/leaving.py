"""What leaves the clinic, as a file or on paper: small counts are left out of it.

A number is left out in every table that tells it, or from which it could be worked out
by subtracting. Who may see the screen sees all of it there.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from django.utils.translation import pgettext

from plans.outcomes.findings import LAST
from plans.outcomes.presenters.compared import COMPLETE
from plans.outcomes.presenters.tables import (
    Block,
    Cell,
    Column,
    Kind,
    Part,
    Row,
    Said,
    Table,
    Value,
    every_row,
)
from plans.outcomes.presenters.words import whole
from plans.outcomes.withhold import Whole, line, withheld

WITHHELD = "*"
GROUND = {
    "response_rate": ("both",),
    "change": ("n",),
    "response": ("responded", "known"),
    "practitioners": ("n", "answered"),
}
TREATED, ENDED = "flow.came.treated.episodes", "attendance.ended.count"
# Rows that count sessions and visits, not courses.
SESSIONS = (
    *("held", "sessions", "no_shows", "late_cancels", "scored"),
    *("unscored", "odd_times", "signed_late", "typed_late"),
)
FLOW = ("intakes", "planned", "booked", "treated", "due", "complete")


def left_out(tables: Sequence[Table]) -> frozenset[str]:
    """The names of the counts that may not leave, as `Table.names` has them."""
    counts = counts_of(tables)
    keep = {name for name in counts if _is_ground(name)}
    of_whom = {name: whose for name in counts if (whose := _of_whom(name))}
    return withheld(counts, wholes_of(tables), keep, of_whom)


def _of_whom(name: str) -> str:
    """Whose sessions are counted: those of three patients tell of these three."""
    table, *rows, _count = name.split(".")
    if table not in ("attendance", "data_quality") or rows[-1] not in SESSIONS:
        return ""
    return ENDED if rows[-1] == "held" else TREATED


def counts_of(tables: Sequence[Table]) -> dict[str, int]:
    return {
        name: value
        for table in tables
        for _row, names, values in every_row(table)
        for part, name in names.items()
        if isinstance(value := values.get(part), int)
    }


def wholes_of(tables: Sequence[Table]) -> list[Whole]:
    """All that somebody can subtract; what is told within a table first."""
    found: list[Whole] = []
    for table in tables:
        found += table.wholes
        for _row, names, values in every_row(table):
            found += _in_row(table, names, values)
    return [*found, *_between()]


def _is_ground(name: str) -> bool:
    """Results rest on it; without who is missing they still say something."""
    table, *_rows, count = name.split(".")
    return name == COMPLETE or (count in GROUND.get(table, ()) and LAST not in name)


def _in_row(
    table: Table, names: dict[str, str], values: dict[str, Value]
) -> Iterator[Whole]:
    """What stands before a whole is part of it."""
    before = ""
    for part in table.parts:
        if part.kind is Kind.WHOLE and before and values.get(part.name) is not None:
            yield Whole(names[part.name], (names[before],))
        before = part.name if part.kind is Kind.COUNT else ""


def _between() -> Iterator[Whole]:
    """Numbers that several tables tell, or that make up a number of another."""
    flow = {step: f"flow.came.{step}.episodes" for step in FLOW}
    aside = {
        step: f"flow.aside.{step}.episodes"
        for step in ("stopped", "open", "clear", "seen_again")
    }
    yield Whole(
        flow["intakes"],
        (flow["planned"], aside["stopped"], aside["open"], aside["clear"]),
    )
    yield Whole(flow["treated"], (aside["seen_again"],))
    yield from line((aside["seen_again"], "change.leg_last.n", flow["complete"]))
    yield Whole(flow["due"], ("change.leg_last.n",))
    yield Whole(flow["due"], ("response_rate.odi.due", "response_rate.rmdq.due"))
    for scale in ("leg_nrs", "back_nrs"):
        yield Whole(flow["due"], (f"response_rate.{scale}.due",))
    yield Whole(flow["complete"], ("response_rate.leg_nrs.both",))

    held = {
        row: f"attendance.{row}.count"
        for row in ("courses", "ended", "complete", "sessions", "no_shows")
    }
    yield from line((flow["planned"], held["courses"], held["ended"], held["complete"]))
    yield Whole(flow["treated"], (held["ended"],))
    yield Whole(held["courses"], ("attendance.ended.of",))
    yield Whole(held["ended"], ("attendance.complete.of",))
    yield Whole(held["ended"], ("drop_off.1.planned",))
    yield Whole(held["sessions"], ("attendance.scored.of",))
    yield Whole("attendance.no_shows.of", ("attendance.late_cancels.of",))
    yield Whole(
        "attendance.no_shows.of",
        (held["sessions"], held["no_shows"], "attendance.late_cancels.count"),
    )

    late, missing = "data_quality.late", "data_quality.missing"
    sessions = f"{missing}.unscored.of"
    yield Whole(sessions, (held["sessions"],))
    yield Whole(sessions, (f"{missing}.unscored.count", "attendance.scored.count"))
    yield Whole(sessions, ("data_quality.implausible.odd_times.of",))
    yield Whole(sessions, (f"{late}.signed_late.of",))
    yield Whole(f"{late}.signed_late.count", (f"{late}.typed_late.of",))
    yield Whole("adverse_events.all.events", (f"{late}.late_events.of",))
    for row in ("no_leg_base", "no_disability", "no_onset"):
        yield Whole(flow["treated"], (f"{missing}.{row}.of",))
    yield Whole(flow["treated"], ("data_quality.implausible.painless.of",))
    yield Whole(flow["due"], (f"{missing}.no_week_4.of",))
    yield Whole(f"{missing}.no_week_4.count", ("response_rate.leg_nrs.none_at_week_4",))
    yield Whole(f"{missing}.no_leg_base.count", ("response_rate.leg_nrs.none_before",))


def for_paper(table: Table, hidden: Collection[str]) -> Table:
    """The same table, with what is left out marked."""
    blocks = tuple(
        replace(
            block,
            rows=tuple(
                _row(table, block, row, hidden) for row in _told(table, block, hidden)
            ),
        )
        for block in table.blocks
    )
    leads = (_said(said, hidden) for said in table.lead)
    return replace(
        table,
        caption=_said(table.caption, hidden),
        lead=tuple(said for said in leads if said.words),
        blocks=tuple(block for block in blocks if block.rows),
    )


def _told(table: Table, block: Block, hidden: Collection[str]) -> Iterator[Row]:
    """Of what happened at all, a row without its number would still tell that."""
    for row in block.rows:
        names = table.names(block, row).values()
        if block.is_listed or not any(name in hidden for name in names):
            yield row


def _said(said: Said, hidden: Collection[str]) -> Said:
    return Said(said.bare) if any(name in hidden for name in said.rests_on) else said


def _row(table: Table, block: Block, row: Row, hidden: Collection[str]) -> Row:
    names = table.names(block, row)
    cells = tuple(
        _cell(table, column, cell, names, hidden)
        for column, cell in zip(table.columns, row.cells, strict=False)
    )
    return replace(row, cells=cells)


def _cell(
    table: Table,
    column: Column,
    cell: Cell,
    names: dict[str, str],
    hidden: Collection[str],
) -> Cell:
    counts = [part for part in column.parts if part.is_count]
    if counts:
        told = dict(zip((part.name for part in column.parts), cell.values, strict=True))
        shown = [
            WITHHELD if names[part.name] in hidden else whole(value)
            for part in counts
            if isinstance(value := told[part.name], int)
        ]
        return cell if WITHHELD not in shown else Cell(_of(shown))
    bearing = column.parts[0].rests_on if column.parts else column.rests_on
    return Cell() if _has_no_ground(table, bearing, names, hidden) else cell


def _of(shown: Sequence[str]) -> str:
    if len(shown) == 1:
        return shown[0]
    said = pgettext("one of the two is left out", "%(part)s of %(whole)s")
    return said % {"part": shown[0], "whole": shown[1]}


def _has_no_ground(
    table: Table,
    rests_on: Sequence[str],
    names: dict[str, str],
    hidden: Collection[str],
) -> bool:
    """Whether a count was left out that this value rests on."""
    own = [names[each] for each in rests_on] or list(names.values())
    return any(name in hidden for name in (*own, *table.rests_on))


def lines(table: Table, hidden: Collection[str]) -> Iterator[list[Value]]:
    """Yield the head and the rows of the table's file."""
    yield ["block", "row", "label", *(part.name for part in table.parts)]
    for block in table.blocks:
        for row in _told(table, block, hidden):
            names = table.names(block, row)
            values = [value for cell in row.cells for value in cell.values]
            yield [
                block.code,
                row.code,
                row.label,
                *(
                    _value(table, part, value, names, hidden)
                    for part, value in zip(table.parts, values, strict=False)
                ),
            ]


def _value(
    table: Table,
    part: Part,
    value: Value,
    names: dict[str, str],
    hidden: Collection[str],
) -> Value:
    if part.is_count:
        return WITHHELD if names[part.name] in hidden else value
    return None if _has_no_ground(table, part.rests_on, names, hidden) else value
