"""A day as rows of a quarter of an hour. All times are the wall clock's.

Rows are counted from 1, as style sheets count them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import NamedTuple

from plans.scheduling.free import GRID

MINUTES = 24 * 60
HOUR = 60
USUAL = (9 * HOUR, 17 * HOUR)  # what an empty day shows


class Band(NamedTuple):
    """`at` is the first row, `rows` how many."""

    at: int
    rows: int


def minute_of(at: time | datetime) -> int:
    return at.hour * HOUR + at.minute


@dataclass(frozen=True, slots=True)
class Scale:
    """The part of the day that is drawn, in minutes; whole hours."""

    first: int
    last: int

    @property
    def rows(self) -> int:
        return (self.last - self.first) // GRID

    def band(self, start: int, end: int) -> Band:
        """Return the rows that a stretch touches; at least one, none off the scale."""
        start = min(max(start, self.first), self.last - GRID)
        end = min(max(end, start + GRID), self.last)
        at = (start - self.first) // GRID
        return Band(at + 1, -(-(end - self.first) // GRID) - at)

    def hours(self) -> list[tuple[int, str]]:
        """Row and words of each full hour."""
        return [
            (self.band(minute, minute + GRID).at, f"{minute // HOUR:02}:00")
            for minute in range(self.first, self.last, HOUR)
        ]

    def outside(self, stretches: Iterable[tuple[int, int]]) -> list[Band]:
        """The bands that no stretch covers."""
        bands, free_from = [], self.first
        for start, end in sorted(stretches):
            if start > free_from:
                bands.append(self.band(free_from, start))
            free_from = max(free_from, end)
        if free_from < self.last:
            bands.append(self.band(free_from, self.last))
        return bands


def scale_of(stretches: Iterable[tuple[int, int]]) -> Scale:
    """Show every stretch (minutes of the day), from a full hour to a full hour."""
    known = list(stretches) or [USUAL]
    first = min(start for start, _ in known) // HOUR * HOUR
    last = -(-max(end for _, end in known) // HOUR) * HOUR
    return Scale(first, min(max(last, first + HOUR), MINUTES))


def lanes(stretches: Sequence[tuple[int, int]]) -> list[int]:
    """Give each stretch, in order of its start, the first lane free of others."""
    free_from: list[int] = []
    given = []
    for start, end in stretches:
        lane = next((i for i, free in enumerate(free_from) if free <= start), None)
        if lane is None:
            lane = len(free_from)
            free_from.append(end)
        else:
            free_from[lane] = end
        given.append(lane)
    return given
