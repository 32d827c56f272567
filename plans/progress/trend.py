"""Scores of one course over time, and what they say. Lower is better on every scale.

Missing is unknown: nothing is carried forward, filled in or counted as no change.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from clinic.rules.machine import Verdict
from patients.measures.scales import SCALES, Scale

LEG, BACK = SCALES["leg_nrs"], SCALES["back_nrs"]


class Occasion(StrEnum):
    """When a score was taken, or was to be taken."""

    INTAKE = "intake"
    SESSION = "session"
    REVIEW = "review"  # between sessions, a follow-up too
    MISSED = "missed"  # an appointment that the patient did not come to
    AHEAD = "ahead"  # an appointment still to come


@dataclass(frozen=True, slots=True)
class Pain:
    """Leg and back pain, 0 to 10; None was not asked or not answered."""

    leg: float | None = None
    back: float | None = None

    def on(self, scale: Scale) -> float | None:
        return self.leg if scale is LEG else self.back


NO_SCORE = Pain()


@dataclass(frozen=True, slots=True)
class Reading:
    """One appointment or occasion. `before` is how the patient came; a session also has
    `after`. `number` counts the sessions of the course.
    """

    on: date
    occasion: Occasion
    before: Pain = NO_SCORE
    after: Pain = NO_SCORE
    number: int | None = None

    @property
    def was_due(self) -> bool:
        """Tell whether a score was to be taken here."""
        return self.occasion in (Occasion.SESSION, Occasion.MISSED)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that may have moved the scores: a new version, a flare-up, harm."""

    on: date
    text: str


@dataclass(frozen=True, slots=True)
class Dose:
    sessions: int
    weeks: int


@dataclass(frozen=True, slots=True)
class Disability:
    scale: Scale
    scores: tuple[tuple[date, float], ...]


@dataclass(frozen=True, slots=True)
class ProgressSeries:
    """All that the chart and the table show. Readings and events are in date order.

    `onset_weeks` is the age of the complaint when the course began, in weeks.
    """

    readings: tuple[Reading, ...]
    events: tuple[Event, ...] = ()
    disability: Disability | None = None
    dose: Dose | None = None
    onset_weeks: int | None = None

    @property
    def sessions(self) -> tuple[Reading, ...]:
        return tuple(r for r in self.readings if r.occasion is Occasion.SESSION)

    @property
    def begins(self) -> date | None:
        return begins(self.readings)

    def missed(self) -> int:
        return sum(r.occasion is Occasion.MISSED for r in self.readings)


def begins(readings: Iterable[Reading]) -> date | None:
    """Return week 0: the day of the first session, or of the first one booked."""
    first = {reading.occasion: reading.on for reading in reversed([*readings])}
    return first.get(Occasion.SESSION, first.get(Occasion.AHEAD))


def scores(series: ProgressSeries, scale: Scale) -> Iterator[tuple[date, float]]:
    """Yield what was scored on arrival; a score after needling is a passing effect."""
    for reading in series.readings:
        value = reading.before.on(scale)
        if value is not None:
            yield reading.on, value


def baseline(series: ProgressSeries, scale: Scale) -> tuple[date, float] | None:
    """Return the last score before the first needling, or None if there is none.

    Of the day of that needling only an intake's, and the one on arrival: whatever else
    was scored that day may be from after it.
    """
    first = series.sessions[0] if series.sessions else None
    found = None
    for reading in series.readings:
        value = reading.before.on(scale)
        is_before = (
            first is None
            or reading is first
            or reading.on < first.on
            or (reading.on == first.on and reading.occasion is Occasion.INTAKE)
        )
        if value is not None and is_before:
            found = reading.on, value
    return found


def under_treatment(
    series: ProgressSeries, scale: Scale, *, intakes: bool = True
) -> list[tuple[date, float]]:
    """Return what was scored on arrival after the day of the first needling.

    Without `intakes` only at sessions and reviews.
    """
    first = series.sessions[0].on if series.sessions else date.max
    return by_day(
        (reading.on, value)
        for reading in series.readings
        if (value := reading.before.on(scale)) is not None
        and reading.on > first
        and (intakes or reading.occasion is not Occasion.INTAKE)
    )


def by_day(known: Iterable[tuple[date, float]]) -> list[tuple[date, float]]:
    """Return one score a day: of several the highest, as the others may be from after
    a needling, when that wasn't said.
    """
    found: dict[date, float] = {}
    for on, value in known:
        found[on] = max(value, found.get(on, value))
    return sorted(found.items())


def important_fall(base: float, scale: Scale) -> float:
    """Return the fall that is both the points and the share that matter, in points."""
    return max(float(scale.important_change), base * scale.important_share / 100)


def responded(base: float | None, now: float | None, scale: Scale) -> Verdict:
    """Judge a response: a fall by the points that matter, or by the share (D06)."""
    if base is None or now is None:
        return Verdict.UNKNOWN
    fall = _fall(base, now)
    by_share = fall > 0 and fall * 100 >= base * scale.important_share
    return Verdict.YES if fall >= scale.important_change or by_share else Verdict.NO


def _fall(base: float, now: float) -> float:
    """Subtract as scores are kept, with two decimals: 6 - 4.2 is 1.8."""
    return round(base - now, 2)


class Trend(StrEnum):
    NO_BASELINE = "no_baseline"
    BASELINE_ONLY = "baseline_only"
    RESPONSE = "response"
    BETTER = "better"  # less than matters
    SAME = "same"
    WORSE = "worse"  # less than matters
    MUCH_WORSE = "much_worse"  # by the points that matter, or more


@dataclass(frozen=True, slots=True)
class Finding:
    """What one line says, in numbers. `fall` is negative where pain has grown.

    `unscored` counts the sessions of the course without a score on arrival, and
    `days` the time from baseline to the latest score.
    """

    scale: Scale
    trend: Trend
    base: float | None = None
    now: float | None = None
    fall: float | None = None
    per_cent: int | None = None
    at_target: bool | None = None
    since: date | None = None
    on: date | None = None
    days: int | None = None
    sessions: int = 0
    missed: int = 0
    unscored: int = 0


def finding(series: ProgressSeries, scale: Scale = LEG) -> Finding:
    found = Finding(
        scale,
        Trend.NO_BASELINE,
        sessions=len(series.sessions),
        missed=series.missed(),
        unscored=sum(r.before.on(scale) is None for r in series.sessions),
    )
    first = baseline(series, scale)
    if first is None:
        return found
    since, base = first
    found = replace(found, trend=Trend.BASELINE_ONLY, base=base, since=since)
    later = under_treatment(series, scale)
    if not later:
        return found
    on, now = later[-1]
    fall = _fall(base, now)
    return replace(
        found,
        trend=_trend(base, now, scale),
        now=now,
        fall=fall,
        per_cent=round(100 * fall / base) if base else None,
        at_target=None if scale.target is None else now <= scale.target,
        on=on,
        days=(on - since).days,
    )


def _trend(base: float, now: float, scale: Scale) -> Trend:
    if responded(base, now, scale) is Verdict.YES:
        return Trend.RESPONSE
    if now - base >= scale.important_change:
        return Trend.MUCH_WORSE
    if now == base:
        return Trend.SAME
    return Trend.BETTER if now < base else Trend.WORSE
