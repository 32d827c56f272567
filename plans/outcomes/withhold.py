"""Small counts are left out of what leaves the clinic, and what would give them away.

A number below five may point at a patient. So may what is left where numbers are
subtracted: the rest of a whole, or the only gap in a sum that is known. What is nought
is shown.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

FEWEST = 5


def is_small(count: int | None) -> bool:
    return count is not None and 0 < count < FEWEST


@dataclass(frozen=True)
class Whole:
    """A count by its name, and counts that are parts of it and have nothing in common.

    With one part that is as large it says that two tables tell the same number. Where
    it is not `is_listed`, nobody knows of a part that is left out, nor how many are.
    """

    name: str
    parts: tuple[str, ...]
    is_listed: bool = True


def line(names: Sequence[str]) -> tuple[Whole, ...]:
    """Each count is part of every one before it: no step between any two is small."""
    return tuple(Whole(name, (part,)) for name, part in combinations(names, 2))


def withheld(
    counts: Mapping[str, int],
    wholes: Collection[Whole],
    keep: Collection[str] = (),
    of_whom: Mapping[str, str] = MappingProxyType({}),
) -> frozenset[str]:
    """Return the names of the counts that are left out.

    Small ones are, and those of so few; then, for each whole, enough others that nobody
    can subtract what is left out. Where there is a choice, what is in `keep` stays.
    Wholes and parts that are not among the counts are passed over.

    Args:
        of_whom: by a count of other things, such as sessions, the count of whose.
    """
    known = [whole for whole in wholes if whole.name in counts]
    hidden = {
        name
        for name, count in counts.items()
        if is_small(count) or (count and is_small(counts.get(of_whom.get(name, ""))))
    }
    before = None
    while before != len(hidden):
        before = len(hidden)
        for whole in known:
            hidden |= _told(counts, whole, hidden, keep)
    return frozenset(hidden)


def _told(
    counts: Mapping[str, int],
    whole: Whole,
    hidden: Collection[str],
    keep: Collection[str],
) -> set[str]:
    """What else has to be left out, so that this whole gives nothing away."""
    parts = [part for part in whole.parts if part in counts]
    rest = counts[whole.name] - sum(counts[part] for part in parts)
    covered = [part for part in parts if part in hidden]
    shown = [part for part in parts if part not in hidden and counts[part]]
    if whole.name in hidden:
        # The sum of parts that are all there is the whole.
        is_told = not covered and not rest
    else:
        left = rest + sum(counts[part] for part in covered)
        # One alone is what is left; and so many are one each, for none is nought.
        are_told = whole.is_listed and not rest and len(covered) in (1, left)
        is_told = is_small(left) or (bool(covered) and are_told)
        shown.append(whole.name)
    if not is_told or not shown:
        return set()
    return {
        min(shown, key=lambda each: (each in keep, each == whole.name, counts[each]))
    }


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
