"""Statistics of a caseload, with how sure one may be.

Everything speaks of groups. Missing is counted, never filled in: where it could turn a
share, the share is given as the least and the most it can be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

import numpy as np

from clinic.rules.machine import Verdict

LEVEL = 0.95
SMALLEST_GROUP = 10  # patients; below it groups are not compared


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mean:
    """`interval` is None where the values show no spread: one alone, or all equal."""

    n: int
    mean: float
    median: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, 0 to 1, with its Wilson interval; None of a whole of none."""

    part: int
    whole: int
    share: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Responders:
    """`known` is among those whose response is known. `worst` counts every unknown as
    no response and `best` as a response, both among all.
    """

    known: Share
    worst: Share
    best: Share


def wilson(part: int, whole: int, level: float = LEVEL) -> Interval:
    """Return Wilson's score interval of a share; it stays within 0 to 1.

    Raises ValueError for an empty whole. Source: Wilson 1927, J Am Stat Assoc 22:209.
    """
    if not 0 <= part <= whole or not whole:
        raise ValueError(f"{part} of {whole} is no share.")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, spread = part / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / whole + spread / (4 * whole))
    # At the ends the formula is exact, and rounding must not step over them.
    low = 0.0 if part == 0 else middle - half
    high = 1.0 if part == whole else middle + half
    return Interval(low, high)


def share(part: int, whole: int, level: float = LEVEL) -> Share:
    if not whole:
        return Share(part, whole, None, None)
    return Share(part, whole, part / whole, wilson(part, whole, level))


def mean_change(
    changes: Sequence[float], counts: Sequence[int], level: float = LEVEL
) -> Mean | None:
    """Return mean, median and Student's interval of the mean; None without a value.

    Each change stands for as many courses as its count says.
    """
    n = sum(counts)
    if not n:
        return None
    values, times = np.array(changes, dtype=float), np.array(counts, dtype=float)
    mean = float(values @ times) / n
    middle = _median(changes, counts)
    # Where all are equal, rounding must not make an interval of it.
    if min(changes) == max(changes):
        return Mean(n, mean, middle, None)
    error = sqrt(float(times @ (values - mean) ** 2) / (n - 1) / n)
    half = t_quantile((1 + level) / 2, n - 1) * error
    return Mean(n, mean, middle, Interval(mean - half, mean + half))


def _median(values: Sequence[float], counts: Sequence[int]) -> float:
    ordered = sorted(zip(values, counts, strict=True))
    n, passed = sum(counts), 0
    middle: list[float] = []
    for value, count in ordered:
        for place in ((n - 1) // 2, n // 2):
            if passed <= place < passed + count:
                middle.append(value)
        passed += count
    return sum(middle) / len(middle)


def responders(
    verdicts: Iterable[tuple[Verdict, int]], level: float = LEVEL
) -> Responders:
    """Count responses among those known, and bound them for those unknown."""
    count = dict.fromkeys(Verdict, 0)
    for verdict, number in verdicts:
        count[verdict] += number
    yes, unknown = count[Verdict.YES], count[Verdict.UNKNOWN]
    known = yes + count[Verdict.NO]
    return Responders(
        known=share(yes, known, level),
        worst=share(yes, known + unknown, level),
        best=share(yes + unknown, known + unknown, level),
    )


def may_compare(*sizes: int) -> bool:
    """Tell whether every group is large enough to stand beside another."""
    return bool(sizes) and min(sizes) >= SMALLEST_GROUP


@lru_cache(maxsize=1024)
def t_quantile(probability: float, freedom: int) -> float:
    """Return the value that Student's t stays below with this probability."""
    if not 0 < probability < 1 or freedom < 1:
        raise ValueError("A quantile needs a probability within 0 and 1, and freedom.")
    if probability < 0.5:
        return -t_quantile(1 - probability, freedom)
    low, high = 0.0, 1.0
    while t_below(high, freedom) < probability:
        low, high = high, 2 * high
    # Halving an interval 60 times leaves nothing of it in double precision.
    for _ in range(60):
        middle = (low + high) / 2
        if t_below(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def t_below(value: float, freedom: int) -> float:
    """Return the probability that Student's t is at most `value`."""
    tail = _beta_share(freedom / 2, 0.5, freedom / (freedom + value * value)) / 2
    return 1 - tail if value > 0 else tail


def _beta_share(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(b, a, 1 - x)
    front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    return exp(front) / a * _beta_fraction(a, b, x)


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Sum the continued fraction of I_x(a, b) by Lentz's method (DLMF 8.17.22)."""
    tiny = 1e-300
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1), tiny)
    result = d
    for m in range(1, 1000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + term * d, tiny)
            c = _away_from_zero(1 + term / c, tiny)
            result *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return result


def _away_from_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
