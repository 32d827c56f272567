"""Points, techniques and change: a search for questions, with guard rails.

Whoever compares sixty points finds three that "help" by chance. So a comparison needs
30 courses on either side, is adjusted for the case, and all of them together may name
anything by chance in one clinic of a hundred (Holm 1979, Scand J Stat 6:65).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plans.outcomes.casemix import Cell, change_of, design
from plans.outcomes.regression import SAME, Numbers, over
from plans.outcomes.statistics import Interval, t_below, t_quantile

FEWEST = 30  # courses with, and as many without
CHANCE = 0.01  # of naming anything where there is nothing


@dataclass(frozen=True, slots=True)
class Treated:
    """Courses that are alike, and what was done in their first session."""

    cell: Cell
    features: frozenset[str]


@dataclass(frozen=True, slots=True)
class Compared:
    """`difference` in points of change: below 0, less pain was left with than without.

    `chance` is Holm's: of so large a difference somewhere among all comparisons, where
    there is nothing. `is_named` says that it is small enough to be worth a question.
    """

    feature: str
    with_it: int
    without: int
    difference: float
    interval: Interval
    chance: float
    is_named: bool


@dataclass(frozen=True)
class Explored:
    """`too_few` are features with fewer than 30 courses on either side."""

    courses: int
    compared: tuple[Compared, ...]
    too_few: int


def explore(courses: Sequence[Treated]) -> Explored:
    # As many as are compared elsewhere: a few less would tell of those few.
    known = [each for each in courses if each.cell.is_complete]
    counts = np.array([each.cell.count for each in known], dtype=float)
    total = int(counts.sum())
    features = sorted({name for each in known for name in each.features})
    number_of = {name: number for number, name in enumerate(features)}
    has = np.zeros((len(known), len(features)))
    for row, each in enumerate(known):
        has[row, [number_of[name] for name in each.features]] = 1.0
    size = counts @ has
    enough = np.flatnonzero((size >= FEWEST) & (total - size >= FEWEST))
    too_few = len(features) - len(enough)
    if not len(enough):
        return Explored(total, (), too_few)
    table = design([each.cell for each in known], counts).table
    changes = np.array([change_of(each.cell) for each in known])
    found = _differences(table, changes, has[:, enough], counts)
    told = ~np.isnan(found[0])
    differences, errors, freedom = found[0][told], found[1][told], found[2]
    names = [features[number] for number in enough[told]]
    chances = holm(
        [
            2 * t_below(-abs(difference / error), freedom)
            for difference, error in zip(differences, errors, strict=True)
        ]
    )
    reach = t_quantile(0.975, freedom)
    rows = [
        Compared(
            feature=name,
            with_it=int(size[number_of[name]]),
            without=total - int(size[number_of[name]]),
            difference=float(difference),
            interval=Interval(
                float(difference - reach * error), float(difference + reach * error)
            ),
            chance=chance,
            is_named=chance < CHANCE,
        )
        for name, difference, error, chance in zip(
            names, differences, errors, chances, strict=True
        )
    ]
    return Explored(total, tuple(rows), too_few + int((~told).sum()))


def _differences(
    table: Numbers, changes: Numbers, has: Numbers, counts: Numbers
) -> tuple[Numbers, Numbers, int]:
    """Each feature's own difference with the case held equal, and its robust error.

    As one regression for each feature, by what is left of change and feature after the
    case (Frisch and Waugh 1933). Not a number where nothing is left of a feature.
    """
    root = np.sqrt(counts)[:, None]
    basis = np.linalg.qr(table * root)[0]
    scaled = has * root
    own = scaled - basis @ (basis.T @ scaled)
    change = (changes[:, None] * root)[:, 0]
    left = change - basis @ (basis.T @ change)
    lengths = (own**2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        lengths = np.where(lengths > SAME * counts.sum(), lengths, np.nan)
        values = (own.T @ left) / lengths
        # Of single courses again: the roots of the counts are taken out.
        single = (left[:, None] - own * values) / root
        weight = ((basis**2).sum(axis=1)[:, None] + own**2 / lengths) / counts[:, None]
        errors = np.sqrt(((own * over(single, weight)) ** 2).sum(axis=0)) / lengths
        errors = np.where(errors > SAME, errors, np.nan)
    values = np.where(np.isnan(errors), np.nan, values)
    return values, errors, int(counts.sum()) - table.shape[1] - 1


def holm(chances: Sequence[float]) -> list[float]:
    """Adjust for the number of comparisons; the order is kept."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    adjusted = [0.0] * len(chances)
    highest = 0.0
    for rank, number in enumerate(order):
        highest = max(highest, min(1.0, (len(chances) - rank) * chances[number]))
        adjusted[number] = highest
    return adjusted
