"""Tables as files that a spreadsheet opens without doing what a cell says."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

# What a spreadsheet takes for the beginning of a formula.
LEADS = ("=", "+", "-", "@", "\t", "\r")
# Tells the spreadsheets of Windows that it is UTF-8.
MARK = "\ufeff"


def harmless(cell: object) -> object:
    """A text that would be run is put behind an apostrophe; a number is none."""
    if isinstance(cell, str) and cell.lstrip(" \n\ufeff").startswith(LEADS):
        return f"'{cell}"
    return cell


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Empty where a cell is None."""
    file = StringIO()
    csv.writer(file).writerows([harmless(cell) for cell in row] for row in rows)
    return MARK + file.getvalue()
