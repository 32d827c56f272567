"""Invented courses of pain, as the trials' averages make them plausible.

Leg pain falls by two and a half to three points over a course on average, most of it
in the first weeks, and not in everybody.
"""

from collections.abc import Iterator, Mapping
from math import exp
from random import Random
from typing import NamedTuple


class Change(NamedTuple):
    """Points on 0-10 by which pain falls over a whole course."""

    mean: float
    spread: float


CHANGES: Mapping[str, Change] = {
    "usual": Change(3.0, 1.1),
    "strong": Change(4.8, 0.6),
    "none": Change(0.0, 0.3),
    "worse": Change(-2.4, 0.3),
}
STEEPNESS = 2.2  # how much of the change comes early


def course_of_pain(
    rng: Random, kind: str, *, leg: int, back: int, sessions: int
) -> Iterator[dict[str, int]]:
    """Yield the scores of one session after the other, as a session names them."""
    mean, spread = CHANGES[kind]
    fall = rng.gauss(mean, spread)
    ease = (0, 1, 1, 1, 2) if fall > 0 else (0, 0, 1)
    for index in range(1, sessions + 1):
        share = (1 - exp(-STEEPNESS * index / sessions)) / (1 - exp(-STEEPNESS))
        leg_now = leg - fall * share + rng.gauss(0, 0.45)
        back_now = back - 0.6 * fall * share + rng.gauss(0, 0.45)
        eased = rng.choice(ease)
        yield {
            "leg_before": _point(leg_now),
            "back_before": _point(back_now),
            "leg_after": _point(leg_now - eased),
            "back_after": _point(back_now - eased / 2),
        }


def _point(value: float) -> int:
    return min(max(round(value), 0), 10)
