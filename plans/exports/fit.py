"""How large the type of the patient's page can be and the page still be one.

A reckoning, not a layout: it errs on the side of smaller type.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from unicodedata import east_asian_width

SIZES = (16, 15, 14, 13, 12, 11, 10, 9)  # points; each has a class in sheets.css

# Millimetres, as in sheets.css.
MM_PER_POINT = 0.3528
PAGE = (184.0, 272.0)  # of A4 within its margins, with a little to spare
COLUMN_GAP = 7.0
BOX_PADDING = 7.0
# Ems.
LINE = 1.25
LATIN_LETTER = 0.47  # on the average, with what the end of a line wastes
BULLET = 1.3
WEEK, VISIT = 5.0, 11.5


@dataclass(frozen=True)
class Page:
    """What stands on it: `flow` in two columns, then the two boxes side by side.

    `weeks` are the numbers of visits in each week of the calendar.
    """

    head: Sequence[str]
    weeks: Sequence[int]
    flow: Sequence[Sequence[str]]
    boxes: Sequence[Sequence[str]]


def type_size(page: Page) -> int:
    """In points; the smallest where nothing fits."""
    fitting = (size for size in SIZES if height(page, size) <= PAGE[1])
    return next(fitting, SIZES[-1])


def height(page: Page, size: int) -> float:
    """In millimetres, of the page set in type of that size."""
    em = size * MM_PER_POINT
    whole = PAGE[0] / em
    column = (PAGE[0] - COLUMN_GAP) / 2 / em
    boxed = column - BOX_PADDING / em
    visits_a_row = max(1, int((whole - WEEK) / VISIT))
    rows = sum(ceil(visits / visits_a_row) for visits in page.weeks)
    if max(page.weeks, default=0) == 1:  # then the weeks stand in two columns
        rows = ceil(rows / 2)
    headings = 2 + len(page.flow) / 2
    flow = sum(_lines(block, column - BULLET) for block in page.flow)
    lines = (
        2.6  # the clinic's line and the title
        + sum(ceil(_width(words) / whole) for words in page.head)
        + rows
        + ceil(flow / 2)
        + 2  # columns are never quite even
        + max(_lines(block, boxed - BULLET) for block in page.boxes)
    )
    edges = 18 + 0.9 * rows
    return lines * LINE * em + headings * (1.12 * LINE * em + 3) + edges


def _lines(block: Sequence[str], width: float) -> int:
    return sum(ceil(_width(words) / width) for words in block)


def _width(words: str) -> float:
    """In ems; a Chinese character is as wide as high."""
    return sum(
        1 if east_asian_width(letter) in "WFA" else LATIN_LETTER for letter in words
    )
