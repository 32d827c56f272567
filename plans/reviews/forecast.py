"""Leg pain at week 8, as earlier courses of this clinic let one expect it.

The change from the latest score to week 8 is taken as a line on how high that score is
and how far it has fallen since before treatment, with normal scatter: a Bayesian
regression with a conjugate prior, so that everything is closed form and the forecast a
Student t. Before any course is known it says: as now, give or take a few points.

It is shown only for a course like earlier ones, and while its own past forecasts hold:
each course that is over is forecast as it would have been on that day of it, from those
alone whose week 8 was over by then, and the intervals are counted that its score fell
into.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import comb, sqrt
from statistics import fmean

import numpy as np

from plans.outcomes.statistics import t_quantile
from plans.progress.reviews import WEEKS, WINDOW

LEVEL = 0.8
DAY = 7 * WEEKS[-1]
OVER = timedelta(days=DAY + WINDOW)  # after a first session; then week 8 is known
LATEST = DAY - WINDOW  # days into a course; then the score of week 8 itself is due
RECENT = 14  # days: an older score doesn't say how the patient is now
BEFORE = 10  # courses known before a past forecast is counted
ENOUGH = 30  # past forecasts
TOLERANCE = 0.1  # of the share that fell within, beside a test
SIGNIFICANT = 0.05
LIKE, NEAR = 5, 1.0  # so many earlier courses within so many points, before and now

# The prior weighs as one course at the intercept and four at each slope, in units of
# the scatter; the scatter itself is taken to be about two points.
PRIOR_WEIGHT = np.diag([1.0, 4.0, 4.0])
SHAPE, SPREAD = 2.0, 4.5
MIDDLE, HIGHEST = 5.0, 10.0


@dataclass(frozen=True, slots=True)
class PastCourse:
    """`base` is the leg score before treatment, `scores` are those since, by the day of
    the course; day 0 is its first session.
    """

    begun: date
    base: float | None
    scores: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A course that is over, as it was on some day of it, and how it came out."""

    begun: date
    base: float
    now: float
    later: float


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of the line after some courses: normal, inverse gamma."""

    mean: np.ndarray
    weight: np.ndarray
    shape: float
    spread: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """`low` to `high` should hold eight of ten."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Record:
    """How past forecasts did: `width` is the mean of their intervals, in points."""

    n: int
    held: int
    width: float

    @property
    def share(self) -> float:
        return self.held / self.n if self.n else 0.0

    @property
    def is_enough(self) -> bool:
        return self.n >= ENOUGH

    @property
    def is_calibrated(self) -> bool:
        near = round(abs(self.share - LEVEL), 9) <= TOLERANCE
        return near and binomial_p(self.held, self.n, LEVEL) >= SIGNIFICANT


class Hidden(StrEnum):
    """Why there is no forecast."""

    NO_SCORE = "no_score"
    LATE = "late"
    TOO_FEW = "too_few"
    MISSES = "misses"
    UNLIKE = "unlike"


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast, or why there is none; the record is shown with either."""

    forecast: Forecast | None
    hidden: Hidden | None
    record: Record | None


def outlook(
    past: Sequence[PastCourse],
    *,
    base: float | None,
    now: float | None,
    day: int,
) -> Outlook:
    """Look ahead from a day of a course. `past` stands in the order they began in."""
    if base is None or now is None:
        return Outlook(None, Hidden.NO_SCORE, None)
    if day >= LATEST:
        return Outlook(None, Hidden.LATE, None)
    known = seen_at(past, day)
    found = record(known, day)
    if not found.is_enough:
        return Outlook(None, Hidden.TOO_FEW, found)
    if not found.is_calibrated:
        return Outlook(None, Hidden.MISSES, found)
    # The record speaks of courses as they mostly go; beyond those the line is a guess.
    like = sum(abs(s.base - base) <= NEAR and abs(s.now - now) <= NEAR for s in known)
    if like < LIKE:
        return Outlook(None, Hidden.UNLIKE, found)
    return Outlook(predict(believe(known), base, now), None, found)


def seen_at(past: Iterable[PastCourse], day: int) -> list[Seen]:
    """Return the courses that had a score before treatment, one of late, and one at
    week 8.
    """
    found = []
    for course in past:
        since = max(0, day - RECENT)
        late = [value for on, value in course.scores if since < on <= day]
        near = [(abs(on - DAY), on, value) for on, value in course.scores]
        distance, _on, last = min(near, default=(WINDOW + 1, 0, 0.0))
        if course.base is not None and late and distance <= WINDOW:
            found.append(Seen(course.begun, course.base, late[-1], last))
    return found


def believe(seen: Iterable[Seen]) -> Belief:
    weight, pull = PRIOR_WEIGHT.copy(), np.zeros(3)
    squares, n = 0.0, 0
    for each in seen:
        x, y = _line(each.base, each.now), each.later - each.now
        weight += np.outer(x, x)
        pull += x * y
        squares, n = squares + y * y, n + 1
    mean = np.linalg.solve(weight, pull)
    spread = SPREAD + (squares - mean @ pull) / 2
    return Belief(mean, weight, SHAPE + n / 2, float(spread))


def predict(belief: Belief, base: float, now: float) -> Forecast:
    x = _line(base, now)
    middle = now + float(x @ belief.mean)
    scale = belief.spread / belief.shape
    error = sqrt(scale * (1 + float(x @ np.linalg.solve(belief.weight, x))))
    half = t_quantile((1 + LEVEL) / 2, round(2 * belief.shape)) * error
    return Forecast(*(_within(v) for v in (middle, middle - half, middle + half)))


def record(seen: Sequence[Seen], day: int) -> Record:
    """Forecast each course from what was known on that day of it, and count what held.

    `seen` stands in the order they began in.
    """
    widths, held = [], 0
    ends = [course.begun + OVER for course in seen]
    for course in seen:
        known = bisect_right(ends, course.begun + timedelta(days=day))
        if known < BEFORE:
            continue
        found = predict(believe(seen[:known]), course.base, course.now)
        widths.append(found.high - found.low)
        held += found.low <= course.later <= found.high
    return Record(len(widths), held, fmean(widths) if widths else 0.0)


def binomial_p(held: int, n: int, share: float) -> float:
    """Return the exact two-sided p: of all counts no likelier than the one found."""
    chances = [comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
    # Chances that are equal but for rounding count as equal.
    return min(sum(c for c in chances if c <= chances[held] * (1 + 1e-9)), 1.0)


def _line(base: float, now: float) -> np.ndarray:
    return np.array([1.0, now - MIDDLE, base - now])


def _within(value: float) -> float:
    return min(max(value, 0.0), HIGHEST)
