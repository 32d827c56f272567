"""A table of the outcomes: the same rows on the page, on paper and in a file.

A cell has its words for the page, and its plain values for the file under the names
that its column gives them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from plans.outcomes.presenters.words import part as part_words
from plans.outcomes.presenters.words import whole
from plans.outcomes.statistics import Interval, Share, share
from plans.outcomes.strip import Strip
from plans.outcomes.withhold import Whole

Value = str | int | float | None


class Kind(StrEnum):
    COUNT = "count"
    WHOLE = "whole"  # what the count before it is part of
    VALUE = "value"
    WORD = "word"


@dataclass(frozen=True)
class Part:
    """One column of the file. `means` is its line in the data dictionary.

    `rests_on` names the counts of the row without which it says nothing; none: all.
    """

    name: str
    means: str
    kind: Kind = Kind.VALUE
    rests_on: tuple[str, ...] = ()

    @property
    def is_count(self) -> bool:
        return self.kind in (Kind.COUNT, Kind.WHOLE)


@dataclass(frozen=True)
class Column:
    """`axis` heads a column of drawings, which no file has.

    `rests_on` is that of a column without parts.
    """

    label: str
    parts: tuple[Part, ...] = ()
    is_number: bool = True
    axis: Strip | None = None
    of_shares: bool = False
    wide_only: bool = False
    rests_on: tuple[str, ...] = ()


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
    """Rows under a heading of their own; where the block is not `is_listed`, only of
    what was found at all.
    """

    rows: tuple[Row, ...]
    title: str = ""
    code: str = ""
    is_listed: bool = True


@dataclass(frozen=True)
class Said:
    """A sentence with counts in it; `bare` is said where one of them is left out.

    `rests_on` names them, by the names that `Table.names` gives.
    """

    words: str
    rests_on: tuple[str, ...] = ()
    bare: str = ""


@dataclass(frozen=True)
class Table:
    """`head` is the label of the first column, `how` says how it is counted, `drawn`
    how to read what is drawn. `wholes` are the sums within it, and `rests_on` what its
    values rest on elsewhere, by name.
    """

    key: str
    title: str
    caption: Said
    head: str
    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]
    how: tuple[str, ...]
    lead: tuple[Said, ...] = ()
    drawn: str = ""
    wholes: tuple[Whole, ...] = ()
    rests_on: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for column in self.columns for part in column.parts)

    def names(self, block: Block, row: Row) -> dict[str, str]:
        """The full name of each count of a row, by the name of its column."""
        return {
            part.name: named(self.key, block.code, row.code, part.name)
            for part in self.parts
            if part.is_count
        }


def named(*steps: str) -> str:
    """flow.came.treated.episodes"""
    return ".".join(step for step in steps if step)


def share_values(found: Share) -> tuple[Value, ...]:
    return found.part, found.whole


def span_values(found: Interval | None) -> tuple[Value, Value]:
    return (None, None) if found is None else (tidy(found.low), tidy(found.high))


def tidy(value: float | None) -> float | None:
    """More digits would claim more than is known."""
    return None if value is None else round(value, 4)


def interval_parts(of: str, *rests_on: str) -> tuple[Part, Part]:
    ends = (
        ("low", _("Lower end of the 95 %% interval of %(what)s")),
        ("high", _("Upper end of the 95 %% interval of %(what)s")),
    )
    low, high = (
        Part(name, words % {"what": of}, rests_on=rests_on) for name, words in ends
    )
    return low, high


def number_parts() -> tuple[Part, Part]:
    """Of a table whose rows each count something else."""
    return (
        Part("count", _("How many"), Kind.COUNT),
        Part("of", _("Of how many; empty where it is no part"), Kind.WHOLE),
    )


def number_row(code: str, label: str, count: int, of: int | None) -> Row:
    words = whole(count) if of is None else part_words(share(count, of))
    return Row(code, label, (Cell(words, (count, of)),))


def every_row(table: Table) -> Iterator[tuple[Row, dict[str, str], dict[str, Value]]]:
    """Each row, the names of its counts and all its values, by the name of a column."""
    for block in table.blocks:
        for row in block.rows:
            values = [value for cell in row.cells for value in cell.values]
            named_values = dict(
                zip((part.name for part in table.parts), values, strict=False)
            )
            yield row, table.names(block, row), named_values
