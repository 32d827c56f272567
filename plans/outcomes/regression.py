"""Least squares with errors that hold where the spread is not the same for all.

Rows may stand for several courses that are alike: `counts` says for how many.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
SAME = 1e-9  # of a column's length: less than this is nothing of its own


@dataclass(frozen=True)
class Fit:
    """`errors` are robust (HC3: MacKinnon and White 1985, J Econometrics 29:305);
    `spread` is the standard deviation of what is left over. `freedom` is what is left
    of the courses after one for each column.
    """

    values: Numbers
    errors: Numbers
    spread: float
    freedom: int


def fit(columns: Numbers, changes: Numbers, counts: Numbers) -> Fit | None:
    """Return None where there are no more courses than columns, or no spread at all.

    Columns must be independent: see `independent`.
    """
    total, width = int(counts.sum()), columns.shape[1]
    freedom = total - width
    if freedom < 1:
        return None
    inverse = np.linalg.inv((columns * counts[:, None]).T @ columns)
    values = inverse @ (columns.T @ (counts * changes))
    left = changes - columns @ values
    spread = float(np.sqrt((counts * left**2).sum() / freedom))
    if spread <= SAME:
        return None
    weight = np.einsum("ij,jk,ik->i", columns, inverse, columns)
    scaled = counts * over(left, weight) ** 2
    robust = inverse @ ((columns * scaled[:, None]).T @ columns) @ inverse
    return Fit(values, np.sqrt(np.diag(robust)), spread, freedom)


def over(left: Numbers, weight: Numbers) -> Numbers:
    """What is left over, enlarged by how far each course pulled the line to itself.

    One that pulls it all the way has nothing left, and stays so.
    """
    own = 1 - weight
    return np.divide(left, own, out=np.zeros_like(left), where=own > SAME)


def independent(columns: Numbers, counts: Numbers) -> list[int]:
    """Return the columns that those before them do not already amount to."""
    scaled = columns * np.sqrt(counts)[:, None]
    kept: list[int] = []
    basis = np.empty((len(columns), 0))
    for number in range(columns.shape[1]):
        column = scaled[:, number]
        rest = column - basis @ (basis.T @ column)
        length = np.linalg.norm(rest)
        if length > SAME * max(float(np.linalg.norm(column)), 1.0):
            basis = np.column_stack([basis, rest / length])
            kept.append(number)
    return kept
