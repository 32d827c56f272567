"""What is counted of a caseload, and how; plain numbers in, plain numbers out.

A course is counted by its episode, on the day of the episode's first intake. Until
day 35 after the first session is over, no score of week 4 is missing yet.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.rules.machine import Verdict
from patients.measures.scales import Scale
from plans.outcomes.course import Stage
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
    """Episodes by their first intake: the day, who took it, what it found. `technique`
    is of the first session. None or empty: any.
    """

    first: date | None = None
    last: date | None = None
    by: int | None = None
    pattern: str = ""
    phase: str = ""
    technique: str = ""


@dataclass(frozen=True)
class Flow:
    """Each of `planned`, `booked`, `treated`, `due` and `complete` is part of the one
    before it; `seen_again` is of those treated.
    """

    intakes: int
    stopped: int
    open: int
    clear: int
    planned: int
    booked: int
    treated: int
    seen_again: int  # with any leg score after the day of the first session
    due: int  # week 4 is over
    complete: int  # with leg scores before treatment and at week 4


@dataclass(frozen=True)
class Attendance:
    """Of the courses with a plan in force. `ended` are those whose planned weeks are
    over; only of them is it told how much of the plan was held. Sessions without a
    score on arrival are held all the same.
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


@dataclass(frozen=True)
class Quality:
    """What is missing, cannot be, or came late; `sessions` are all that were held."""

    treated: int
    sessions: int
    unscored: int
    no_onset: int
    no_leg_base: int
    no_disability: int
    painless: int  # began with a leg score of 0
    odd_times: int
    signed_late: int
    typed_late: int  # of those, from paper
    corrected: int


@dataclass(frozen=True, slots=True)
class Pair:
    """So many courses with these scores before and after; None was not scored."""

    base: float | None
    later: float | None
    count: int

    @property
    def is_complete(self) -> bool:
        return self.base is not None and self.later is not None


@dataclass(frozen=True)
class Pairs:
    """Of courses whose week 4 is over. `last` is the leg's last score in place of week
    4's; `disability` is by scale.
    """

    back: tuple[Pair, ...]
    last: tuple[Pair, ...]
    disability: Mapping[str, tuple[Pair, ...]]


@dataclass(frozen=True, slots=True)
class Events:
    """So many adverse events alike.

    `is_late`: written down, as they stand, more than a week after. `is_in_error`: of a
    session entered in error, so not counted as harm.
    """

    kind: str
    grade: int
    is_late: bool
    is_in_error: bool
    count: int


@dataclass(frozen=True, slots=True)
class Reached:
    """So many courses that came equally far, and what they have together.

    Of scores, how many courses have them. A course is `complete` with leg scores before
    treatment and at week 4.
    """

    stage: str
    planned: int | None
    held: int
    is_ended: bool | None
    is_due: bool | None
    count: int
    leg_base: int
    leg_last: int
    disability_base: int
    scored: int
    no_shows: int
    late_cancels: int
    odd_times: int
    signed_late: int
    typed_late: int
    corrected: int
    complete: int
    painless: int
    no_onset: int


@dataclass(frozen=True)
class Totals:
    """`visits`: sessions planned and held of courses that ended, and how many such."""

    flow: Flow
    attendance: Attendance
    quality: Quality
    visits: tuple[tuple[int, int, int], ...]


def totals(every: Sequence[Reached]) -> Totals:
    treated = [each for each in every if each.stage == Stage.TREATED]
    booked = [*treated, *(each for each in every if each.stage == Stage.BOOKED)]
    due = [each for each in treated if each.is_due]
    in_force = [each for each in every if each.planned is not None]
    visits = tuple(
        (each.planned, each.held, each.count)
        for each in in_force
        if each.planned is not None and each.is_ended
    )
    stages = Counter[str]()
    for each in every:
        stages[each.stage] += each.count
    return Totals(
        Flow(
            intakes=_sum(every),
            stopped=stages[Stage.STOPPED],
            open=stages[Stage.OPEN],
            clear=stages[Stage.CLEAR],
            planned=_sum(booked) + stages[Stage.PLANNED],
            booked=_sum(booked),
            treated=_sum(treated),
            seen_again=_sum(treated, "leg_last"),
            due=_sum(due),
            complete=_sum(due, "complete"),
        ),
        Attendance(
            courses=_sum(in_force),
            sessions_held=_held(in_force),
            scored=_sum(in_force, "scored"),
            no_shows=_sum(in_force, "no_shows"),
            late_cancels=_sum(in_force, "late_cancels"),
            ended=sum(number for _planned, _held, number in visits),
            prescribed=sum(planned * number for planned, _held, number in visits),
            held=sum(min(planned, held) * number for planned, held, number in visits),
            complete=sum(number for planned, held, number in visits if held >= planned),
        ),
        Quality(
            treated=_sum(treated),
            sessions=_held(every),
            unscored=_held(every) - _sum(every, "scored"),
            no_onset=_sum(treated, "no_onset"),
            no_leg_base=_sum(treated) - _sum(treated, "leg_base"),
            no_disability=_sum(treated) - _sum(treated, "disability_base"),
            painless=_sum(treated, "painless"),
            odd_times=_sum(every, "odd_times"),
            signed_late=_sum(every, "signed_late"),
            typed_late=_sum(every, "typed_late"),
            corrected=_sum(every, "corrected"),
        ),
        visits,
    )


def _sum(found: Iterable[Reached], name: str = "count") -> int:
    return sum(getattr(each, name) for each in found)


def _held(found: Iterable[Reached]) -> int:
    return sum(each.held * each.count for each in found)


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
            [_moved(pair) for pair in complete], [pair.count for pair in complete]
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
    """A response is a fall of so many points and of so many per cent of baseline, or a
    score at or below the target. `key` names it.
    """

    key: str
    points: float = 0.0
    per_cent: float = 0.0
    target: float | None = None

    def counts(self, base: float | None) -> bool:
        """Whether one who began like this can respond at all."""
        return base is None or base > (self.target or 0.0)

    def judge(self, base: float | None, later: float | None) -> Verdict:
        if base is None or later is None:
            return Verdict.UNKNOWN
        if self.target is not None:
            return Verdict.YES if later <= self.target else Verdict.NO
        fall = round(base - later, 2)
        met = fall >= self.points and fall * 100 >= self.per_cent * base
        return Verdict.YES if met else Verdict.NO


SHARE, HALF, POINTS, BOTH, TARGET = "share", "half", "points", "both", "target"


def definitions(scale: Scale) -> tuple[Definition, ...]:
    """The change that matters by share, by points and by whichever is more for the
    baseline; half of it gone; and well by the scale's target, where one is known.
    """
    points, part = float(scale.important_change), float(scale.important_share)
    found = (
        Definition(SHARE, per_cent=part),
        Definition(HALF, per_cent=50),
        Definition(POINTS, points=points),
        Definition(BOTH, points=points, per_cent=part),
    )
    if scale.target is None:
        return found
    return (*found, Definition(TARGET, target=scale.target))


@dataclass(frozen=True)
class Response:
    """`too_well` began so well that nothing could be reached: they aren't counted."""

    definition: Definition
    found: Responders
    too_well: int


def response(pairs: Sequence[Pair], definition: Definition) -> Response:
    counted = [pair for pair in pairs if definition.counts(pair.base)]
    found = responders(
        (definition.judge(pair.base, pair.later), pair.count) for pair in counted
    )
    too_well = sum(pair.count for pair in pairs) - sum(pair.count for pair in counted)
    return Response(definition, found, too_well)


@dataclass(frozen=True, slots=True)
class Visit:
    """How many courses were to have this visit by their plan, and how many had it."""

    number: int
    prescribed: int
    held: int


def drop_off(courses: Iterable[tuple[int, int, int]]) -> tuple[Visit, ...]:
    """By number of the visit, of courses given as planned, held and how many such."""
    prescribed, held = Counter[int](), Counter[int]()
    for planned, had, number in courses:
        for visit in range(1, planned + 1):
            prescribed[visit] += number
            held[visit] += number if had >= visit else 0
    return tuple(
        Visit(visit, prescribed[visit], held[visit]) for visit in sorted(prescribed)
    )
