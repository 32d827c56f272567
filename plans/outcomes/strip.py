"""A dot on its interval, for one row of a table; all rows of a table share one axis."""

from collections.abc import Iterable
from dataclasses import dataclass

from plans.outcomes.statistics import Interval

WIDTH, HEIGHT, PAD = 204.0, 24.0, 18.0


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    value: float

    @property
    def points(self) -> str:
        """−2, 0, +2"""
        return f"{self.value:+.0f}".replace("-", "−") if self.value else "0"


@dataclass(frozen=True, slots=True)
class Strip:
    """`bounds` is a wider, thinner line: what the value could be at the most."""

    ticks: tuple[Tick, ...]
    dot: float | None = None
    interval: tuple[float, float] | None = None
    bounds: tuple[float, float] | None = None
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True, slots=True)
class Axis:
    low: float
    high: float
    step: float

    def x(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return round(PAD + share * (WIDTH - 2 * PAD), 1)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        number = round((self.high - self.low) / self.step)
        values = (self.low + index * self.step for index in range(number + 1))
        return tuple(Tick(self.x(value), value) for value in values)

    def strip(
        self,
        value: float | None = None,
        interval: Interval | None = None,
        bounds: Interval | None = None,
    ) -> Strip:
        def ends(span: Interval | None) -> tuple[float, float] | None:
            return (self.x(span.low), self.x(span.high)) if span else None

        dot = None if value is None else self.x(value)
        return Strip(self.ticks, dot, ends(interval), ends(bounds))


SHARES = Axis(0.0, 1.0, 0.25)


def change_axis(intervals: Iterable[Interval]) -> Axis:
    """Return an axis with room for every interval, in steps of two points."""
    found = list(intervals)
    low = min([-6.0, *(span.low for span in found)])
    high = max([2.0, *(span.high for span in found)])
    return Axis(2 * (low // 2), -2 * (-high // 2), 2.0)
