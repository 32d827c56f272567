"""Invented courses of pain, as the trials' averages make them plausible.

Leg pain falls by two and a half to three points over a course on average, most of it
in the first weeks, and not in everybody.
"""

from collections.abc import Iterator, Mapping
from itertools import count
from math import exp
from random import Random
from typing import NamedTuple


class Change(NamedTuple):
    """Points on 0-10 by which pain falls over a whole course."""

    mean: float
    spread: float


class State(NamedTuple):
    """How a patient comes to a session and leaves; `scores` as a session names them.

    `disability` is on its own scale.
    """

    scores: Mapping[str, int]
    disability: int


CHANGES: Mapping[str, Change] = {
    "usual": Change(3.0, 1.1),
    "strong": Change(4.8, 0.6),
    "none": Change(0.0, 0.3),
    "worse": Change(-2.8, 0.3),
}
LATER = Change(-0.1, 0.9)  # in the weeks after a course: hardly, and not in everybody
STEEPNESS = 2.2  # how much of the change comes early


class Hindrance(NamedTuple):
    """A scale of disability: its steps, its end, where patients begin."""

    scale: str
    step: int
    most: int
    first: tuple[int, int]
    of_pain: float  # points that go with one point of pain


RMDQ = Hindrance("rmdq", step=1, most=24, first=(8, 17), of_pain=1.6)
ODI = Hindrance("odi", step=2, most=100, first=(28, 56), of_pain=5)


def course_of_pain(
    rng: Random,
    kind: str,
    *,
    leg: int,
    back: int,
    sessions: int,
    hindrance: Hindrance = RMDQ,
) -> Iterator[State]:
    """Yield one session after the other; after the last, it stays as it is."""
    mean, spread = CHANGES[kind]
    step, most = hindrance.step, hindrance.most
    hindered = rng.randrange(*hindrance.first)
    fall = rng.gauss(mean, spread)
    ease = (0, 1, 1, 1, 2) if fall > 0 else (0, 0, 1)
    for index in count(1):
        done = min(index / sessions, 1)
        fallen = fall * (1 - exp(-STEEPNESS * done)) / (1 - exp(-STEEPNESS))
        leg_now = leg - fallen + rng.gauss(0, 0.45)
        back_now = back - 0.6 * fallen + rng.gauss(0, 0.45)
        eased = rng.choice(ease)
        scores = {
            "leg_before": leg_now,
            "back_before": back_now,
            "leg_after": leg_now - eased,
            "back_after": back_now - eased / 2,
        }
        yield State(
            {name: _within(value, 10) for name, value in scores.items()},
            disability=step
            * _within((hindered - hindrance.of_pain * fallen) / step, most // step),
        )


def later(rng: Random, state: State) -> State:
    """The same patient some weeks after the course."""
    moved = rng.gauss(*LATER)
    return state._replace(
        scores={name: _within(was - moved, 10) for name, was in state.scores.items()}
    )


def _within(value: float, most: int) -> int:
    return min(max(round(value), 0), most)
