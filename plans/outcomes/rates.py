"""How often something happens, with its exact interval. Standard library only."""

from dataclasses import dataclass
from math import exp, lgamma, log

from plans.outcomes.statistics import LEVEL, Interval

PER = 1000  # sessions


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per 1,000; None where there was nothing in which they could happen."""

    events: int
    among: int
    rate: float | None
    interval: Interval | None


def rate(events: int, among: int, level: float = LEVEL) -> Rate:
    if not among:
        return Rate(events, among, None, None)
    span = poisson(events, level)
    scale = PER / among
    return Rate(
        events, among, events * scale, Interval(span.low * scale, span.high * scale)
    )


def poisson(events: int, level: float = LEVEL) -> Interval:
    """Return the exact interval of a Poisson mean, given the events seen.

    Source: Garwood 1936, Biometrika 28:437. Raises ValueError for less than none.
    """
    if events < 0:
        raise ValueError(f"{events} events are no number of events.")
    tail = (1 - level) / 2
    low = _mean_at(events, tail) if events else 0.0
    return Interval(low, _mean_at(events + 1, 1 - tail))


def _mean_at(shape: int, probability: float) -> float:
    """Return the value that a gamma variable of this shape stays below."""
    low, high = 0.0, 2.0 * shape + 10
    while gamma_below(shape, high) < probability:
        low, high = high, 2 * high
    # Halving an interval 100 times leaves nothing of it in double precision.
    for _ in range(100):
        middle = (low + high) / 2
        if gamma_below(shape, middle) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def gamma_below(shape: float, value: float) -> float:
    """Return the regularised lower incomplete gamma function P(shape, value)."""
    if value <= 0:
        return 0.0
    front = exp(shape * log(value) - value - lgamma(shape))
    if value < shape + 1:
        return front * _series(shape, value)
    return 1 - front * _fraction(shape, value)


def _series(shape: float, value: float) -> float:
    """DLMF 8.11.4"""
    term = total = 1 / shape
    step = shape
    while term > total * 1e-17:
        step += 1
        term *= value / step
        total += term
    return total


def _fraction(shape: float, value: float) -> float:
    """DLMF 8.9.2, by Lentz's method."""
    tiny = 1e-300
    b = value + 1 - shape
    c, d = 1 / tiny, 1 / b
    result = d
    for i in range(1, 100_000):
        a = -i * (i - shape)
        b += 2
        d = 1 / (a * d + b or tiny)
        c = b + a / c or tiny
        result *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return result
