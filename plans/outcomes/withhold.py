"""Small counts are left out of what leaves the clinic, and what would give them away.

A number below five may point at a patient. So may a number next to it: the rest of a
whole, the only gap in a column whose sum is known, two steps of a line that lie close.
"""

from collections import Counter
from collections.abc import Hashable, Sequence

FEWEST = 5


def is_small(count: int | None) -> bool:
    return count is not None and 0 < count < FEWEST


def of_whole(part: int, whole: int) -> bool:
    """Whether this part of a whole, or what is left of it, is small."""
    return is_small(part) or is_small(whole) or is_small(whole - part)


def of_sum(counts: Sequence[int]) -> list[bool]:
    """Which parts of a known sum are left out: never just one, else it is the rest."""
    hidden = [is_small(count) for count in counts]
    if hidden.count(True) == 1:
        others = [
            (count, number)
            for number, count in enumerate(counts)
            if count and not hidden[number]
        ]
        if others:
            hidden[min(others)[1]] = True
    return hidden


def of_line(counts: Sequence[int]) -> list[bool]:
    """Which counts of a line that only falls are left out, so that no step is small."""
    hidden: list[bool] = []
    shown: int | None = None
    for count in counts:
        hides = is_small(count) or (shown is not None and is_small(shown - count))
        hidden.append(hides)
        if not hides:
            shown = count
    return hidden


def rare(kinds: Sequence[Hashable]) -> set[Hashable]:
    """Which kinds of rows are too few to be told apart, so many that none is alone.

    Together they are none or at least five: the next larger kind makes up for it.
    """
    count = Counter(kinds)
    found: set[Hashable] = set()
    hidden = 0
    for kind, number in sorted(count.items(), key=lambda item: (item[1], str(item[0]))):
        if not is_small(number) and not is_small(hidden):
            break
        found.add(kind)
        hidden += number
    return found
