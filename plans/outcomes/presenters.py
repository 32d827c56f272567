"""The caseload in words and rows. No patient is named, and nobody is ranked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from plans.outcomes.caseload import (
    Attendance,
    Change,
    Definition,
    Flow,
    Pair,
    change,
    definitions,
    response,
)
from plans.outcomes.queries import Pairs
from plans.outcomes.statistics import (
    SMALLEST_GROUP,
    Interval,
    Mean,
    Share,
    may_compare,
    share,
)
from plans.outcomes.strip import SHARES, Axis, Strip, change_axis
from plans.progress.trend import LEG

NONE = "–"
SCALES = {"leg": gettext_lazy("Leg pain"), "back": gettext_lazy("Back pain")}


@dataclass(frozen=True)
class FlowRow:
    label: str
    count: int
    share: str
    bar: float  # of the bar's whole width, 0 to 100
    is_end: bool  # left the line here


@dataclass(frozen=True)
class AnswerRow:
    label: str
    missing: str
    no_base: int
    no_later: int
    answered: str
    strip: Strip


@dataclass(frozen=True)
class ChangeRow:
    label: str
    count: int
    base: str
    later: str
    change: str
    interval: str
    median: str
    strip: Strip


@dataclass(frozen=True)
class ResponseRow:
    label: str
    known: str
    interval: str
    worst: str
    best: str
    strip: Strip


@dataclass(frozen=True)
class PractitionerRow:
    """Empty texts where there are too few courses to stand beside others."""

    name: str
    due: int
    answered: str
    change: str
    interval: str
    strip: Strip | None


@dataclass(frozen=True)
class Outcomes:
    flow: tuple[FlowRow, ...]
    due: int
    treated: int
    answers: tuple[AnswerRow, ...]
    missing_words: str
    attrition: str
    attendance: tuple[tuple[str, str], ...]
    changes: tuple[ChangeRow, ...]
    change_axis: Strip
    responses: tuple[ResponseRow, ...]
    response_words: str
    share_axis: Strip
    practitioners: tuple[PractitionerRow, ...]
    compares: bool  # at least one practitioner has courses enough
    few: bool


def present(
    flow: Flow, pairs: Pairs, attendance: Attendance, names: Mapping[int, str]
) -> Outcomes:
    leg, back = change(pairs.leg), change(pairs.back)
    due = leg.answered.whole
    groups = {by: [pair for pair in pairs.leg if pair.by == by] for by in names}
    by_name = {by: change(group) for by, group in groups.items() if group}
    axis = change_axis(
        found.fall.interval
        for found in (leg, back, *by_name.values())
        if found.fall and found.fall.interval and may_compare(found.fall.n)
    )
    practitioners = tuple(
        _practitioner_row(names[by], found, axis) for by, found in by_name.items()
    )
    return Outcomes(
        flow=_flow_rows(flow, due, leg.answered.part),
        due=due,
        treated=flow.treated,
        answers=(_answers("leg", leg), _answers("back", back)),
        missing_words=_missing_words(leg),
        attrition=_attrition(leg),
        attendance=_attendance_rows(attendance),
        changes=(_change_row("leg", leg, axis), _change_row("back", back, axis)),
        change_axis=axis.strip(),
        responses=tuple(
            _response_row(pairs.leg, definition) for definition in definitions(LEG)
        ),
        response_words=_painless(pairs.leg),
        share_axis=SHARES.strip(),
        practitioners=practitioners,
        compares=any(row.strip for row in practitioners),
        few=due < SMALLEST_GROUP,
    )


def _flow_rows(flow: Flow, due: int, scored: int) -> tuple[FlowRow, ...]:
    rows = (
        (_("First intake taken"), flow.intakes, False),
        (_("Stopped by a red flag, no plan"), flow.stopped, True),
        (_("Questions of the screen still open, no plan"), flow.open, True),
        (_("Screen clear, no plan approved yet"), flow.clear, True),
        (_("Plan approved"), flow.planned, False),
        (_("Appointment made"), flow.booked, False),
        (_("Treated at least once"), flow.treated, False),
        (_("Week 4 is over"), due, False),
        (_("With leg scores before treatment and at week 4"), scored, False),
    )
    return tuple(
        FlowRow(
            label,
            count,
            per_cent(count / flow.intakes) if flow.intakes else NONE,
            round(100 * count / flow.intakes, 1) if flow.intakes else 0.0,
            is_end,
        )
        for label, count, is_end in rows
    )


def _answers(key: str, found: Change) -> AnswerRow:
    missing = share(found.answered.whole - found.answered.part, found.answered.whole)
    return AnswerRow(
        label=str(SCALES[key]),
        missing=_part(missing),
        no_base=found.no_base,
        no_later=found.no_later,
        answered=_with_interval(found.answered),
        strip=SHARES.strip(found.answered.share, found.answered.interval),
    )


def _missing_words(leg: Change) -> str:
    whole, part = leg.answered.whole, leg.answered.part
    return _(
        "Leg scores are missing for %(missing)s of %(due)s courses: %(no_base)s have "
        "none from before treatment, %(no_later)s none at week 4."
    ) % {
        "missing": whole - part,
        "due": whole,
        "no_base": leg.no_base,
        "no_later": leg.no_later,
    }


def _attrition(leg: Change) -> str:
    """Whether those without a score had begun like those with one."""
    if leg.base is None or leg.base_of_missing is None:
        return ""
    return _(
        "Leg pain before treatment: %(known)s on average in those with a week-4 score, "
        "%(missing)s in those without (n = %(number)s)."
    ) % {
        "known": decimal(leg.base),
        "missing": decimal(leg.base_of_missing),
        "number": leg.no_later,
    }


def _attendance_rows(found: Attendance) -> tuple[tuple[str, str], ...]:
    due = found.sessions_held + found.no_shows + found.late_cancels
    return (
        (_("Courses with a plan in force"), str(found.courses)),
        (_("Of these, planned weeks are over"), str(found.ended)),
        (
            _("Planned sessions held in those courses"),
            _part(share(found.held, found.prescribed)),
        ),
        (
            _("Courses with every planned session held"),
            _part(share(found.complete, found.ended)),
        ),
        (_("Sessions held, all courses"), str(found.sessions_held)),
        (_("No-shows, of all due"), _part(share(found.no_shows, due))),
        (_("Late cancels, of all due"), _part(share(found.late_cancels, due))),
        (
            _("Sessions with a leg score on arrival"),
            _part(share(found.scored, found.sessions_held)),
        ),
    )


def _change_row(key: str, found: Change, axis: Axis) -> ChangeRow:
    fall = found.fall
    return ChangeRow(
        label=str(SCALES[key]),
        count=found.answered.part,
        base=NONE if found.base is None else decimal(found.base),
        later=NONE if found.later is None else decimal(found.later),
        change=signed(fall.mean) if fall else NONE,
        interval=_interval(fall),
        median=signed(fall.median) if fall else NONE,
        strip=axis.strip(fall and fall.mean, fall and fall.interval),
    )


def _response_row(pairs: Sequence[Pair], definition: Definition) -> ResponseRow:
    found = response(pairs, definition).found
    whole = found.worst.whole
    bounds = Interval(found.worst.share, found.best.share) if whole else None
    return ResponseRow(
        label=_defined(definition),
        known=_part(found.known),
        interval=_shares(found.known.interval),
        worst=_part(found.worst),
        best=_part(found.best),
        strip=SHARES.strip(found.known.share, found.known.interval, bounds),
    )


def _defined(definition: Definition) -> str:
    if definition.points:
        return _("Fall by %(points)s points or more") % {
            "points": number_format(definition.points, 0)
        }
    return _("Fall by %(share)s %% or more") % {
        "share": number_format(definition.per_cent, 0)
    }


def _painless(pairs: Sequence[Pair]) -> str:
    painless = sum(pair.count for pair in pairs if pair.base == 0)
    if not painless:
        return ""
    return _("Not counted here, having begun without leg pain: %(number)s.") % {
        "number": painless
    }


def _practitioner_row(name: str, found: Change, axis: Axis) -> PractitionerRow:
    due, fall = found.answered.whole, found.fall
    if fall is None or not may_compare(fall.n):
        return PractitionerRow(name, due, _part(found.answered), "", "", None)
    return PractitionerRow(
        name,
        due,
        _part(found.answered),
        signed(fall.mean),
        _interval(fall),
        axis.strip(fall.mean, fall.interval),
    )


def _part(found: Share) -> str:
    """12 of 40 (30 %)"""
    if found.share is None:
        return NONE
    return pgettext("part of a whole", "%(part)s of %(whole)s (%(share)s)") % {
        "part": found.part,
        "whole": found.whole,
        "share": per_cent(found.share),
    }


def _with_interval(found: Share) -> str:
    return f"{_part(found)}{', ' if found.interval else ''}{_shares(found.interval)}"


def _shares(interval: Interval | None) -> str:
    if interval is None:
        return NONE
    low, high = per_cent(interval.low), per_cent(interval.high)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def _interval(found: Mean | None) -> str:
    if found is None or found.interval is None:
        return NONE
    low, high = signed(found.interval.low), signed(found.interval.high)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def per_cent(part: float) -> str:
    return f"{number_format(round(100 * part), 0)} %"


def decimal(value: float) -> str:
    return number_format(round(value, 1), 1)


def signed(value: float) -> str:
    """With a sign that is as wide as a plus; lower is better on every scale."""
    near = round(value, 1)
    sign = "−" if near < 0 else "+" if near > 0 else ""
    return f"{sign}{number_format(abs(near), 1)}"
