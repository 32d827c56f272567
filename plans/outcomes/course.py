"""What is counted of one course, from its records; plain values in, plain values out.

Baseline, week 4 and the last score are those of the progress page: a score after
needling never counts, nor at an intake during treatment, and of week 4 the one on
arrival nearest to day 28 does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from clinic.core.dates import full_years
from patients.intake.questionnaire import NONE
from plans.engine.advice import phase_of
from plans.progress.marks import ScoreMark, disability, readings
from plans.progress.reviews import WEEK_4, nearest
from plans.progress.trend import (
    BACK,
    LEG,
    ProgressSeries,
    baseline,
    by_day,
    under_treatment,
)

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LATE = DAY  # from the beginning of a session to its signature, or its typing in
RAISED, CLEAR = "raised", "clear"  # of a screen


class Stage(StrEnum):
    """How far an episode came. The first three have no approved plan."""

    STOPPED = "stopped"  # a red flag
    OPEN = "open"  # questions of the screen
    CLEAR = "clear"
    PLANNED = "planned"
    BOOKED = "booked"
    TREATED = "treated"


class AgeBand(StrEnum):
    """Full years at the first intake."""

    UNDER_40 = "under_40"
    TO_54 = "40_54"
    TO_69 = "55_69"
    FROM_70 = "70_up"


class DurationBand(StrEnum):
    """From the onset to the first session, or to the first intake where none was."""

    UNDER_6_WEEKS = "under_6w"
    TO_12_WEEKS = "6_12w"
    TO_A_YEAR = "3_12m"
    LONGER = "over_1y"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SessionHeld:
    """Signed. Moments are the wall clock's; `booked` is its appointment's start, and
    `typed` when it was typed in, of one that was written on paper.
    """

    at: datetime
    booked: datetime
    signed: datetime
    typed: datetime | None


@dataclass(frozen=True)
class Records:
    """All of one episode that the outcomes read."""

    by: int
    intake_at: datetime
    intake_on: date
    answers: Mapping[str, Any]
    screen: str  # of the latest intake
    born: date
    sex: str
    onset: date | None
    again: bool
    is_planned: bool
    is_booked: bool
    dose: tuple[int, int] | None  # sessions and weeks of the version in force
    no_shows: int
    late_cancels: int
    sessions: Sequence[SessionHeld]
    needled: Sequence[tuple[str, str]]  # points and techniques of the first session
    scores: Sequence[ScoreMark]
    corrected: int


@dataclass(frozen=True)
class Counted:
    """The columns of `CourseOutcome`."""

    by_id: int
    intake_at: datetime
    stage: str
    phase: str
    patterns: str
    points: str
    techniques: str
    age: str
    sex: str
    duration: str
    again: bool
    begun_on: date | None
    ends_on: date | None
    planned: int | None
    held: int
    scored: int
    no_shows: int
    late_cancels: int
    leg_base: float | None
    leg_week_4: float | None
    leg_last: float | None
    back_base: float | None
    back_week_4: float | None
    disability: str
    disability_base: float | None
    disability_week_4: float | None
    signed_late: int
    typed_late: int
    odd_times: int
    corrected: int


COLUMNS = tuple(field.name for field in fields(Counted))


def counted(records: Records) -> Counted:
    sessions = sorted(records.sessions, key=lambda each: each.at)
    begun = sessions[0].at.date() if sessions else None
    facts = {"onset_weeks": _weeks(records.onset, records.intake_on)}
    facts["leg_nrs"] = records.answers.get("leg_nrs")
    series = ProgressSeries(
        readings(sessions=[each.at for each in sessions], scores=records.scores)
    )
    leg, back, disabled = _scores(records, series)
    code, degree = disabled
    sessions_due, weeks = records.dose or (None, None)
    return Counted(
        by_id=records.by,
        intake_at=records.intake_at,
        stage=_stage(records, bool(sessions)),
        phase=phase_of(
            {name: fact for name, fact in facts.items() if fact is not None}
        ),
        patterns=words(records.answers.get("patterns") or ()),
        points=words(code for code, _technique in records.needled),
        techniques=words(technique for _code, technique in records.needled),
        age=_age_band(full_years(records.born, records.intake_on)),
        sex=records.sex,
        duration=_duration_band(_weeks(records.onset, begun or records.intake_on)),
        again=records.again,
        begun_on=begun,
        ends_on=begun + weeks * WEEK if begun and weeks else None,
        planned=sessions_due,
        held=len(sessions),
        scored=sum(each.before.on(LEG) is not None for each in series.sessions),
        no_shows=records.no_shows,
        late_cancels=records.late_cancels,
        leg_base=leg.base,
        leg_week_4=leg.week_4,
        leg_last=leg.last,
        back_base=back.base,
        back_week_4=back.week_4,
        disability=code,
        disability_base=degree.base,
        disability_week_4=degree.week_4,
        signed_late=sum(each.signed - each.at > LATE for each in sessions),
        typed_late=sum(
            each.typed is not None and min(each.typed, each.signed) - each.at > LATE
            for each in sessions
        ),
        odd_times=_odd(sessions),
        corrected=records.corrected,
    )


def words(found: Iterable[str]) -> str:
    """|cold_damp|damp_heat|"""
    kept = sorted({each for each in found if each != NONE})
    return f"|{'|'.join(kept)}|" if kept else ""


def _stage(records: Records, is_treated: bool) -> Stage:
    if is_treated:
        return Stage.TREATED
    if records.is_planned:
        return Stage.BOOKED if records.is_booked else Stage.PLANNED
    return {RAISED: Stage.STOPPED, CLEAR: Stage.CLEAR}.get(records.screen, Stage.OPEN)


def _weeks(since: date | None, on: date) -> int | None:
    return None if since is None or since > on else (on - since).days // 7


def _age_band(years: int) -> AgeBand:
    edges = (40, AgeBand.UNDER_40), (55, AgeBand.TO_54), (70, AgeBand.TO_69)
    return next((band for edge, band in edges if years < edge), AgeBand.FROM_70)


def _duration_band(weeks: int | None) -> DurationBand:
    if weeks is None:
        return DurationBand.UNKNOWN
    edges = (
        (6, DurationBand.UNDER_6_WEEKS),
        (12, DurationBand.TO_12_WEEKS),
        (52, DurationBand.TO_A_YEAR),
    )
    return next((band for edge, band in edges if weeks < edge), DurationBand.LONGER)


def _odd(sessions: Sequence[SessionHeld]) -> int:
    """Sessions whose times contradict each other: signed before they began, begun on
    another day than booked, or the second of one day.
    """
    days: set[date] = set()
    found = 0
    for each in sessions:
        day = each.at.date()
        found += each.signed < each.at or day != each.booked.date() or day in days
        days.add(day)
    return found


@dataclass(frozen=True, slots=True)
class Course:
    """Scores of one scale; None was not scored, or not yet."""

    base: float | None = None
    week_4: float | None = None
    last: float | None = None


def _scores(
    records: Records, series: ProgressSeries
) -> tuple[Course, Course, tuple[str, Course]]:
    found = disability(records.scores)
    code = found.scale.code if found else ""
    if not series.sessions:
        return Course(), Course(), (code, Course())
    begun = series.sessions[0].on
    leg, back = (
        _course(
            baseline(series, scale),
            under_treatment(series, scale, intakes=False),
            begun,
        )
        for scale in (LEG, BACK)
    )
    degrees = [
        mark
        for mark in sorted(records.scores, key=lambda mark: mark.at)
        if found and mark.scale is found.scale and mark.moment != "after"
    ]
    return leg, back, (code, _disability(degrees, begun))


def _disability(known: Sequence[ScoreMark], begun: date) -> Course:
    """As of pain: one at a review of the first day may be from after the needling."""
    before = [
        (mark.at.date(), mark.value)
        for mark in known
        if mark.at.date() < begun
        or (mark.at.date() == begun and mark.moment != "review")
    ]
    later = by_day(
        (mark.at.date(), mark.value)
        for mark in known
        if mark.at.date() > begun and mark.moment != "intake"
    )
    return _course(before[-1] if before else None, later, begun)


def _course(
    base: tuple[date, float] | None, later: Sequence[tuple[date, float]], begun: date
) -> Course:
    week_4 = nearest(later, begun + timedelta(days=WEEK_4))
    return Course(
        base=base[1] if base else None,
        week_4=week_4[1] if week_4 else None,
        last=later[-1][1] if later else None,
    )
