"""A funnel plot: how far each mean lies from the expected, by how many it is a mean of.

The fewer the courses, the wider chance alone scatters their mean; so nobody is ranked.
Both limits meet where somebody has all: then there is nobody to differ from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from plans.outcomes.casemix import LEVELS, CaseMix, Standing, limits
from plans.outcomes.statistics import SMALLEST_GROUP

WIDTH, HEIGHT = 720.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 92.0, 16.0, 44.0
STEPS = 60  # of a curve


Tick = tuple[float, float]  # where, and of which value


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class Curve:
    """Both limits of one level; `ends` is where its name stands."""

    level: float
    paths: tuple[str, str]
    ends: tuple[float, float]


@dataclass(frozen=True)
class Funnel:
    curves: tuple[Curve, ...]
    dots: tuple[Dot, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    zero: float
    left: float = LEFT
    right: float = WIDTH - RIGHT
    bottom: float = HEIGHT - BOTTOM
    width: float = WIDTH
    height: float = HEIGHT


def funnel(mix: CaseMix, standings: Sequence[Standing]) -> Funnel:
    most = max(each.group.complete for each in standings)
    largest = min(max(most * 1.08, SMALLEST_GROUP + 5.0), mix.courses)
    reach = max(
        limits(mix, min(each.group.complete for each in standings), LEVELS[-1]).high,
        *(abs(each.beyond) for each in standings),
        1.0,
    )
    step = next(each for each in (0.5, 1.0, 2.0, 5.0) if reach / each <= 5)
    high = step * -(-reach // step)

    def x(courses: float) -> float:
        share = (courses - SMALLEST_GROUP) / (largest - SMALLEST_GROUP)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(points: float) -> float:
        """Less pain is lower."""
        inside = min(max(points, -high), high)
        return round(TOP + (high - inside) / (2 * high) * (HEIGHT - TOP - BOTTOM), 1)

    def curve(level: float) -> Curve:
        stops = [
            SMALLEST_GROUP + (largest - SMALLEST_GROUP) * (number / STEPS) ** 2
            for number in range(STEPS + 1)
        ]
        spans = [limits(mix, courses, level) for courses in stops]

        def path(values: Sequence[float]) -> str:
            # A limit further out than the picture begins where it enters it.
            steps = zip(stops, values, strict=True)
            inside = [each for each in steps if abs(each[1]) <= high]
            return "M" + "L".join(f"{x(at)} {y(value)}" for at, value in inside)

        ends = y(spans[-1].low), y(spans[-1].high)
        paths = path([each.low for each in spans]), path([each.high for each in spans])
        return Curve(level, paths, ends)

    number = round(high / step)
    return Funnel(
        curves=tuple(curve(level) for level in LEVELS),
        dots=tuple(
            Dot(x(each.group.complete), y(each.beyond), each) for each in standings
        ),
        across=tuple((x(value), value) for value in _round_numbers(largest)),
        up=tuple((y(each * step), each * step) for each in range(-number, number + 1)),
        zero=y(0),
    )


def _round_numbers(largest: float) -> list[int]:
    sizes = (5 * 10**power * times for power in range(6) for times in (1, 2, 4, 10))
    step = next(size for size in sizes if largest / size <= 6)
    found = range(step, int(largest) + 1, step)
    return [value for value in found if value >= SMALLEST_GROUP]
