"""What is counted of a caseload, and how; plain numbers in, plain numbers out.

A course is counted by its episode, on the day of the episode's first intake. Week 4 and
its score are those of `plans.progress.reviews`: the arrival score nearest to day 28
after the first session, from day 21 to 35. Until day 35 is over nothing is missing yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clinic.rules.machine import Verdict
from patients.measures.scales import Scale
from plans.outcomes.statistics import (
    Mean,
    Responders,
    Share,
    mean_change,
    responders,
    share,
)
from plans.progress.reviews import WEEK_4, WINDOW


def last_begun(today: date) -> date:
    """Return the latest first session whose window for week 4 is over."""
    return today - timedelta(days=WEEK_4 + WINDOW + 1)


@dataclass(frozen=True)
class Selection:
    """Episodes by the day of their first intake and by who took it; None: any."""

    first: date | None = None
    last: date | None = None
    by: int | None = None


class Stage(StrEnum):
    """How far an episode came. The first three have no approved plan."""

    STOPPED = "stopped"  # a red flag
    OPEN = "open"  # questions of the screen
    CLEAR = "clear"
    PLANNED = "planned"
    BOOKED = "booked"
    TREATED = "treated"


@dataclass(frozen=True)
class Flow:
    """Each of `planned`, `booked` and `treated` is part of the one before it."""

    intakes: int
    stopped: int
    open: int
    clear: int
    planned: int
    booked: int
    treated: int


def flow(stages: Iterable[tuple[Stage, int]]) -> Flow:
    """Add up episodes, given how many came how far."""
    count = dict.fromkeys(Stage, 0)
    for stage, number in stages:
        count[stage] += number
    booked = count[Stage.BOOKED] + count[Stage.TREATED]
    return Flow(
        intakes=sum(count.values()),
        stopped=count[Stage.STOPPED],
        open=count[Stage.OPEN],
        clear=count[Stage.CLEAR],
        planned=count[Stage.PLANNED] + booked,
        booked=booked,
        treated=count[Stage.TREATED],
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """So many courses that began with one score and had another at week 4.

    None was not scored. `by` is who took the first intake.
    """

    by: int
    base: float | None
    later: float | None
    count: int

    @property
    def is_complete(self) -> bool:
        return self.base is not None and self.later is not None


@dataclass(frozen=True)
class Change:
    """From before treatment to week 4; negative is less pain.

    `answered` is the part of the courses due that has both scores. `base_of_missing` is
    how those without a week-4 score had begun: where it lies far from `base`, the
    missing are not like the rest.
    """

    answered: Share
    no_base: int
    no_later: int
    base: float | None
    later: float | None
    base_of_missing: float | None
    fall: Mean | None


def change(pairs: Sequence[Pair]) -> Change:
    complete = [pair for pair in pairs if pair.is_complete]
    due = sum(pair.count for pair in pairs)
    return Change(
        answered=share(sum(pair.count for pair in complete), due),
        no_base=sum(pair.count for pair in pairs if pair.base is None),
        no_later=sum(
            pair.count for pair in pairs if pair.base is not None and pair.later is None
        ),
        base=_mean((pair.base, pair.count) for pair in complete),
        later=_mean((pair.later, pair.count) for pair in complete),
        base_of_missing=_mean(
            (pair.base, pair.count) for pair in pairs if pair.later is None
        ),
        fall=mean_change(
            [_moved(pair) for pair in complete for _each in range(pair.count)]
        ),
    )


def _moved(pair: Pair) -> float:
    """As scores are kept, with two decimals."""
    return round((pair.later or 0.0) - (pair.base or 0.0), 2)


def _mean(values: Iterable[tuple[float | None, int]]) -> float | None:
    known = [(value, count) for value, count in values if value is not None]
    total = sum(count for _value, count in known)
    return sum(value * count for value, count in known) / total if total else None


@dataclass(frozen=True)
class Definition:
    """A response is a fall of so many points, or of so many per cent of baseline."""

    points: float = 0.0
    per_cent: float = 0.0

    def judge(self, base: float | None, later: float | None) -> Verdict:
        if base is None or later is None:
            return Verdict.UNKNOWN
        fall = round(base - later, 2)
        met = fall >= self.points and fall * 100 >= self.per_cent * base
        return Verdict.YES if met else Verdict.NO


def definitions(scale: Scale) -> tuple[Definition, ...]:
    """The change that matters by share and by points, and half of the pain gone."""
    return (
        Definition(per_cent=scale.important_share),
        Definition(per_cent=50),
        Definition(points=scale.important_change),
    )


@dataclass(frozen=True)
class Response:
    """`painless` began without pain, so nothing could fall: they aren't counted."""

    definition: Definition
    found: Responders
    painless: int


def response(pairs: Sequence[Pair], definition: Definition) -> Response:
    counted = [pair for pair in pairs if pair.base != 0]
    verdicts = [
        definition.judge(pair.base, pair.later)
        for pair in counted
        for _each in range(pair.count)
    ]
    painless = sum(pair.count for pair in pairs if pair.base == 0)
    return Response(definition, responders(verdicts), painless)


@dataclass(frozen=True)
class Attendance:
    """Of the courses counted. `ended` are those whose planned weeks are over; only of
    them is it told how much of the plan was held. Sessions without a score on arrival
    are held all the same.
    """

    courses: int
    sessions_held: int
    scored: int
    no_shows: int
    late_cancels: int
    ended: int
    prescribed: int
    held: int
    complete: int
