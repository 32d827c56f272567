"""Pages of a long list that is never counted: one row more is asked for than shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LAST = 10_000  # pages; nobody turns so many, and no offset grows past a number


@dataclass(frozen=True)
class Page:
    rows: Sequence[Any]
    number: int
    has_next: bool


def page_of(rows: Any, number: str | None, *, size: int) -> Page:
    """Cut a page out of a query set or list; what is no number means the first."""
    wanted = int(number) if number and number.isdecimal() and len(number) < 6 else 1
    wanted = min(max(wanted, 1), LAST)
    first = (wanted - 1) * size
    found = list(rows[first : first + size + 1])
    return Page(found[:size], wanted, len(found) > size)
