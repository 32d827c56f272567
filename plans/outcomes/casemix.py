"""What change was to be expected of the patients somebody treats, and what came.

The expected change is a line through all courses counted: baseline, how long the pain
had lasted, age, sex, and whether it is the patient's first episode here. Nobody's own
skill is in it; what is seen beyond it may still be whom they treat, or chance.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from plans.outcomes.course import AgeBand, DurationBand
from plans.outcomes.regression import Numbers, fit, independent
from plans.outcomes.statistics import (
    SMALLEST_GROUP,
    Interval,
    may_compare,
    t_quantile,
)

FEWEST = 30  # courses with both scores, below which nothing is adjusted
LEVELS = (0.95, 0.998)
BASE = "base"
# Where as many courses are of two kinds, the first is the one compared with.
KINDS: Mapping[str, tuple[str, ...]] = {
    "duration": (
        DurationBand.TO_A_YEAR,
        DurationBand.UNDER_6_WEEKS,
        DurationBand.TO_12_WEEKS,
        DurationBand.LONGER,
        DurationBand.UNKNOWN,
    ),
    "age": (AgeBand.TO_54, AgeBand.UNDER_40, AgeBand.TO_69, AgeBand.FROM_70),
    "sex": ("female", "male", "other", "unknown"),
    "again": ("False", "True"),
}
Column = tuple[str, str]  # what it tells of, and which kind
COLUMNS: tuple[Column, ...] = (
    (BASE, ""),
    *((name, kind) for name, kinds in KINDS.items() for kind in kinds),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """So many courses with the same scores and the same case; None was not scored."""

    base: float | None
    later: float | None
    duration: str
    age: str
    sex: str
    again: bool
    count: int

    @property
    def is_complete(self) -> bool:
        return self.base is not None and self.later is not None


@dataclass(frozen=True)
class Term:
    """`value` is points of change more (or, below 0, less) than of those compared."""

    column: Column
    value: float
    interval: Interval


@dataclass(frozen=True)
class CaseMix:
    """`terms` are without the constant; `compared` are the kinds without a term."""

    courses: int
    constant: float
    terms: tuple[Term, ...]
    compared: tuple[Column, ...]
    spread: float

    def expected(self, means: Mapping[Column, float]) -> float:
        """The mean change of courses with these means of the columns."""
        return self.constant + sum(
            term.value * means[term.column] for term in self.terms
        )


@dataclass(frozen=True)
class Design:
    """The columns that can be told apart, and their values with a constant before.

    `compared` are the kinds of ten or more courses, or else the commonest one, that
    have no column: the others are compared with them.
    """

    columns: tuple[Column, ...]
    compared: tuple[Column, ...]
    table: Numbers


@dataclass(frozen=True, slots=True)
class Taken:
    """Courses of one case whose first intake one person took: how many are due, how
    many `complete` with both leg scores, and the sums of those.
    """

    by: int
    duration: str
    age: str
    sex: str
    again: bool
    due: int
    complete: int
    base: float | None
    later: float | None


@dataclass(frozen=True)
class Group:
    """Courses whose first intake one person took. `means` are of the complete ones."""

    by: int
    due: int
    complete: int
    change: float | None
    means: Mapping[Column, float]


@dataclass(frozen=True)
class Standing:
    """`beyond` is how far the change was from the expected; below 0 is less pain.

    `outside` is the widest level of chance whose limits it passes, or None.
    """

    group: Group
    expected: float
    beyond: float
    limits: tuple[Interval, ...]
    outside: float | None


def groups(found: Iterable[Taken]) -> list[Group]:
    """By person, in the order of their numbers."""
    own = defaultdict[int, list[Taken]](list)
    for each in found:
        own[each.by].append(each)
    return [_group(by, own[by]) for by in sorted(own)]


def _group(by: int, taken: Sequence[Taken]) -> Group:
    due, complete = (
        sum(getattr(each, name) for each in taken) for name in ("due", "complete")
    )
    if not complete:
        return Group(by, due, 0, None, {})
    base, later = (
        sum(getattr(each, name) or 0.0 for each in taken) for name in ("base", "later")
    )
    sums = defaultdict[Column, float](float, {(BASE, ""): base})
    for each in taken:
        for name in KINDS:
            sums[name, str(getattr(each, name))] += each.complete
    means = {column: sums[column] / complete for column in COLUMNS}
    return Group(by, due, complete, (later - base) / complete, means)


def case_mix(cells: Sequence[Cell]) -> CaseMix | None:
    """Return None where there are too few courses, or all changed alike."""
    known = [cell for cell in cells if cell.is_complete]
    counts = np.array([cell.count for cell in known], dtype=float)
    if counts.sum() < FEWEST:
        return None
    laid = design(known, counts)
    changes = np.array([change_of(cell) for cell in known])
    found = fit(laid.table, changes, counts)
    if found is None:
        return None
    reach = t_quantile(0.975, found.freedom)
    return CaseMix(
        courses=int(counts.sum()),
        constant=float(found.values[0]),
        terms=tuple(
            Term(column, value, Interval(value - reach * error, value + reach * error))
            for column, value, error in zip(
                laid.columns,
                found.values[1:].tolist(),
                found.errors[1:].tolist(),
                strict=True,
            )
        ),
        compared=laid.compared,
        spread=found.spread,
    )


def change_of(cell: Cell) -> float:
    """As scores are kept, with two decimals."""
    return round((cell.later or 0.0) - (cell.base or 0.0), 2)


def design(known: Sequence[Cell], counts: Numbers) -> Design:
    """The commonest kind of each is the one compared with; a kind of fewer than ten
    courses is not told from it.
    """
    sizes = Counter[Column]()
    for cell in known:
        for name in KINDS:
            sizes[name, _kind(cell, name)] += cell.count
    commonest = {
        (name, max(kinds, key=lambda kind: sizes[name, kind]))
        for name, kinds in KINDS.items()
    }
    told = [
        column
        for column in COLUMNS[1:]
        if column in commonest or sizes[column] >= SMALLEST_GROUP
    ]
    wanted = [COLUMNS[0], *(column for column in told if column not in commonest)]
    rows = [
        (
            1.0,
            cell.base or 0.0,
            *(_kind(cell, name) == kind for name, kind in wanted[1:]),
        )
        for cell in known
    ]
    table = np.array(rows, dtype=float)
    kept = independent(table, counts)
    columns = tuple(wanted[number - 1] for number in kept[1:])
    compared = tuple(column for column in told if column not in columns)
    return Design(columns, compared, table[:, kept])


def _kind(cell: Cell, name: str) -> str:
    return str(getattr(cell, name))


def standing(mix: CaseMix, group: Group) -> Standing | None:
    """Return None where their own or all others' complete courses are under ten."""
    others = mix.courses - group.complete
    if group.change is None or not may_compare(group.complete, others):
        return None
    expected = mix.expected(group.means)
    beyond = group.change - expected
    spans = tuple(limits(mix, group.complete, level) for level in LEVELS)
    passed = [
        level
        for level, span in zip(LEVELS, spans, strict=True)
        if not span.low <= beyond <= span.high
    ]
    return Standing(group, expected, beyond, spans, max(passed, default=None))


def limits(mix: CaseMix, courses: float, level: float) -> Interval:
    """Within these lies the mean of so many of the courses by chance alone.

    The line runs through these too, and follows them the more of all they are. So at
    most as many lie outside as `level` says; fewer where their case is not that of the
    others, since the line follows that as well.
    """
    # The spread has these courses in it too, which keeps their mean over it below
    # Student's t: the normal distribution is wide enough.
    reach = NormalDist().inv_cdf((1 + level) / 2)
    half = reach * mix.spread * sqrt(max(1 / courses - 1 / mix.courses, 0))
    return Interval(-half, half)
