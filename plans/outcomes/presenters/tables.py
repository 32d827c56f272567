"""A table of the outcomes: the same rows on the page, on paper and in a file.

A cell has its words for the page, and its plain values for the file under the names
that its column gives them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from plans.outcomes.statistics import Interval, Share
from plans.outcomes.strip import Strip
from plans.outcomes.withhold import is_small, of_line, of_sum, of_whole

Value = str | int | float | None


class Kind(StrEnum):
    COUNT = "count"
    WHOLE = "whole"  # what the count before it is part of
    VALUE = "value"
    WORD = "word"


@dataclass(frozen=True)
class Part:
    """One column of the file. `means` is its line in the data dictionary."""

    name: str
    means: str
    kind: Kind = Kind.VALUE


@dataclass(frozen=True)
class Column:
    """`axis` heads a column of drawings, which no file has."""

    label: str
    parts: tuple[Part, ...] = ()
    is_number: bool = True
    axis: Strip | None = None
    of_shares: bool = False
    wide_only: bool = False


@dataclass(frozen=True)
class Cell:
    words: str = ""
    values: tuple[Value, ...] = ()
    strip: Strip | None = None
    bar: float | None = None  # of its whole width, 0 to 100
    is_words: bool = False


@dataclass(frozen=True)
class Row:
    """`code` names it in the file, in any language. `is_end`: it left the line."""

    code: str
    label: str
    cells: tuple[Cell, ...]
    is_end: bool = False
    note: str = ""  # in place of the last cells


@dataclass(frozen=True)
class Block:
    """Rows under a heading of their own, and how small counts in them give each other
    away: `sums` where the first count of all rows has a known sum, `falls` where it
    only falls.
    """

    rows: tuple[Row, ...]
    title: str = ""
    code: str = ""
    sums: bool = False
    falls: bool = False


@dataclass(frozen=True)
class Table:
    """`head` is the label of the first column, `how` says how it is counted."""

    key: str
    title: str
    head: str
    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]
    how: tuple[str, ...]
    lead: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for column in self.columns for part in column.parts)


WITHHELD = "*"


def share_values(found: Share) -> tuple[Value, ...]:
    return found.part, found.whole


def span_values(found: Interval | None) -> tuple[Value, Value]:
    return (None, None) if found is None else (tidy(found.low), tidy(found.high))


def tidy(value: float | None) -> float | None:
    """More digits would claim more than is known."""
    return None if value is None else round(value, 4)


def lines(table: Table) -> Iterator[list[Value]]:
    """Yield the head and the rows of the table's file, small counts left out."""
    yield ["block", "row", "label", *(part.name for part in table.parts)]
    for block in table.blocks:
        values = [
            [value for cell in row.cells for value in cell.values] for row in block.rows
        ]
        hidden = _given_away(block, [_first_count(table, row) for row in values])
        for row, found, hides in zip(block.rows, values, hidden, strict=True):
            left = _left(table.parts, found, hides)
            yield [block.code, row.code, row.label, *left]


def _first_count(table: Table, values: Sequence[Value]) -> int:
    for part, value in zip(table.parts, values, strict=False):
        if part.kind is Kind.COUNT and isinstance(value, int):
            return value
    return 0


def _given_away(block: Block, counts: Sequence[int]) -> list[bool]:
    if block.sums:
        return of_sum(counts)
    return of_line(counts) if block.falls else [False] * len(counts)


def _left(
    parts: Sequence[Part], values: Sequence[Value], hides: bool
) -> Iterator[Value]:
    """Of a row in which a count is too small, no value is left that it bears."""
    kinds = [part.kind for part in parts]
    small = hides or any(_is_small(kinds, values, at) for at in range(len(values)))
    for at, kind in enumerate(kinds):
        value = values[at] if at < len(values) else None
        if (kind is Kind.COUNT and (hides or _is_small(kinds, values, at))) or (
            kind is Kind.WHOLE and isinstance(value, int) and is_small(value)
        ):
            yield WITHHELD
        elif kind is Kind.VALUE and small:
            yield None
        else:
            yield value


def _is_small(kinds: Sequence[Kind], values: Sequence[Value], at: int) -> bool:
    value = values[at]
    if kinds[at] is not Kind.COUNT or not isinstance(value, int):
        return False
    if at + 1 < len(values) and kinds[at + 1] is Kind.WHOLE:
        of = values[at + 1]
        return of_whole(value, of) if isinstance(of, int) else is_small(value)
    return is_small(value)
