"""A review in words: how the course stands, by what rule, and what could be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clinic.core.texts import Text
from clinic.core.words import number, short_day
from clinic.rules.machine import Rule, Verdict
from plans.planning.models import PlanVersion
from plans.progress import reviews as points
from plans.progress.reviews import WINDOW, State, shelf
from plans.progress.trend import ProgressSeries
from plans.reviews.decisions import ENDS, FRESH, Decision, Judgement, Standing
from plans.reviews.due import Why, answers
from plans.reviews.forecast import ENOUGH, LEVEL, LIKE, NEAR, Hidden, Outlook, Record
from plans.reviews.models import Review
from plans.reviews.queries import Due
from plans.reviews.services import next_dose
from plans.scheduling.standing import CourseState

POINTS = {
    "session_4": _("Session 4 or week 2"),
    "week_4": _("Week 4"),
    "week_8": _("Week 8"),
}
WHY = {
    Why.PAUSED: _("The plan is paused"),
    Why.WORSE: _("Worse by 2 points or more"),
    Why.SESSION_4: _("Session 4 or week 2"),
    Why.WEEK_4: _("Week 4"),
    Why.WEEK_8: _("Week 8"),
    Why.AGAIN: _("Four sessions since the points were changed"),
}
RESPONSES = {
    Verdict.YES: _("a response"),
    Verdict.NO: _("no response"),
    Verdict.UNKNOWN: _("response unknown, for want of a score before treatment"),
}
# A tone and a shape: never a colour alone.
LOOKS = {
    Standing.ON_TRACK: ("success", "check"),
    Standing.WATCH: ("warning", "half"),
    Standing.OFF_TRACK: ("danger", "octagon"),
}


@dataclass(frozen=True)
class Advice:
    """What one rule makes of a score."""

    text: Text
    is_stop: bool
    rule: str
    tag: str
    sources: str


@dataclass(frozen=True)
class Shown:
    """How the course stands. `gaps` are sentences on what isn't known."""

    words: str
    tone: str
    shape: str
    numbers: str
    advice: tuple[Advice, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """`by` are the ids of the rules that ask for it, or allow it. `ends` says that
    nobody is to come after it for what is booked.
    """

    value: str
    words: str
    does: str
    by: str
    ends: bool


def shown(judgement: Judgement) -> Shown:
    tone, shape = LOOKS[judgement.standing]
    return Shown(
        words=str(Review.Standing(judgement.standing).label),
        tone=tone,
        shape=shape,
        numbers=_numbers(judgement),
        advice=tuple(advice(rule) for rule in judgement.said),
        gaps=tuple(_gaps(judgement)),
    )


def _numbers(judgement: Judgement) -> str:
    leg = judgement.leg
    if leg.base is None or leg.now is None or leg.on is None:
        return ""
    return gettext(
        "Leg pain %(base)s before treatment, %(now)s on %(day)s: %(response)s (D06)."
    ) % {
        "base": number(leg.base),
        "now": number(leg.now),
        "day": short_day(leg.on),
        "response": RESPONSES[judgement.response],
    }


def _gaps(judgement: Judgement) -> Iterable[str]:
    if judgement.leg.base is None:
        yield gettext("No leg score from before treatment: a response cannot be told.")
    elif judgement.leg.now is None:
        yield gettext("No leg score since treatment began: ask for one first.")
    elif not judgement.is_fresh:
        yield gettext(
            "The latest leg score is more than %(days)s days old: ask for a new one."
        ) % {"days": FRESH.days}
    if judgement.response is Verdict.NO and not judgement.said:
        yield gettext("No response yet: from week 4 on the rules ask for a change.")


def options(
    version: PlanVersion, course: CourseState, judgement: Judgement, *, paused: bool
) -> list[Option]:
    """What could be done, and what each would do at once."""
    said: dict[Decision, list[str]] = {decision: [] for decision in Decision}
    for rule in judgement.said:
        for decision in judgement.asked_by(rule):
            said[decision].append(rule.id)
    return [
        Option(
            value=decision,
            words=str(Review.Decision(decision).label).capitalize(),
            does=_does(decision, version, course, paused=paused),
            by=", ".join(said[decision]),
            ends=decision in ENDS,
        )
        for decision in Decision
    ]


def _does(
    decision: Decision, version: PlanVersion, course: CourseState, *, paused: bool
) -> str:
    dose = next_dose(version, course, decision)
    left = course.prescribed - course.attended
    match decision:
        case Decision.CONTINUE if dose:
            does = ngettext(
                "A draft of the next version: %(more)d session more, as often as now.",
                "A draft of the next version: %(more)d sessions more, as often as now.",
                dose.more,
            ) % {"more": dose.more}
        case Decision.CONTINUE if left > 0:
            does = ngettext(
                "The plan stays as it is: %(left)d session is left.",
                "The plan stays as it is: %(left)d sessions are left.",
                left,
            ) % {"left": left}
        case Decision.TAPER if dose:
            does = ngettext(
                "A draft of the next version: once a week, %(more)d session more.",
                "A draft of the next version: once a week, %(more)d sessions more.",
                dose.more,
            ) % {"more": dose.more}
        case Decision.CONTINUE | Decision.TAPER:
            does = gettext("A plan has no room for more sessions than it had.")
        case Decision.CHANGE:
            does = gettext(
                "A draft of the next version, to check the pattern and change points."
            )
            if paused:
                does += " " + gettext("The plan stays paused until a review after it.")
            return does
        case Decision.REFER:
            return gettext("The plan waits for the answer; chart and review to print.")
        case Decision.FINISH:
            return gettext("Closes the episode, with a summary to print.")
    if paused:
        does += " " + gettext("The plan is no longer paused.")
    return does


def advice(rule: Rule) -> Advice:
    return Advice(
        text=rule.because,
        is_stop=rule.then["says"] == "stop",
        rule=rule.id,
        tag=rule.tag,
        sources="; ".join(shelf()[source].citation for source in rule.sources),
    )


def why_words(why: Iterable[Why]) -> str:
    return " · ".join(str(WHY[each]) for each in why)


HIDDEN = {
    Hidden.NO_SCORE: _(
        "No forecast for week 8: it needs a leg score from before treatment and one "
        "since."
    ),
    Hidden.LATE: _("No forecast: the score of week 8 itself is due."),
    Hidden.TOO_FEW: _(
        "No forecast for week 8: too few courses of this clinic are over and scored "
        "(%(n)s past forecasts could be checked, %(enough)s are needed)."
    ),
    Hidden.MISSES: _(
        "No forecast for week 8: of %(n)s past ones %(share)s %% held where %(level)s "
        "%% were meant to. The intervals miss too often, or are too wide to be of use."
    ),
    Hidden.UNLIKE: _(
        "No forecast for week 8: fewer than %(like)s earlier courses of this clinic "
        "had leg pain within %(near)s points of this one, before treatment and now."
    ),
}


@dataclass(frozen=True)
class Ahead:
    """The forecast in words, or why there is none; with it, how past ones did."""

    forecast: str
    record: str


def ahead(found: Outlook) -> Ahead:
    past = found.record or Record(0, 0, 0.0)
    numbers = {
        "n": past.n,
        "enough": ENOUGH,
        "like": LIKE,
        "near": number(NEAR),
        "held": past.held,
        "share": round(100 * past.share),
        "level": round(100 * LEVEL),
        "width": number(round(past.width, 1)),
    }
    if found.hidden:
        return Ahead(str(HIDDEN[found.hidden]) % numbers, "")
    shown = found.forecast
    if shown is None:
        raise ValueError("An outlook has a forecast, or says why not.")
    forecast = gettext(
        "Leg pain at week 8: about %(middle)s; of ten such courses eight end from "
        "%(low)s to %(high)s."
    ) % {
        "middle": number(round(shown.middle, 1)),
        "low": number(round(shown.low, 1)),
        "high": number(round(shown.high, 1)),
    }
    record = gettext(
        "Its record: of %(n)s courses of this clinic, each forecast at this day from "
        "those before it, %(held)s (%(share)s %%) ended within their interval; "
        "%(level)s %% were meant to. On average it was %(width)s points wide. Only "
        "courses scored at week 8 count; it speaks of groups, not of one patient."
    )
    return Ahead(forecast, record % numbers)


@dataclass(frozen=True)
class HeldRow:
    review: Review
    standing: str
    tone: str
    shape: str
    numbers: str
    why: str


def held_row(review: Review) -> HeldRow:
    tone, shape = LOOKS[Standing(review.standing)]
    numbers = ""
    if review.leg_before is not None and review.leg_now is not None:
        numbers = gettext("Leg pain %(base)s → %(now)s") % {
            "base": number(float(review.leg_before)),
            "now": number(float(review.leg_now)),
        }
    return HeldRow(
        review=review,
        standing=str(review.get_standing_display()),
        tone=tone,
        shape=shape,
        numbers=numbers,
        why=why_words(Why(each) for each in review.due_for),
    )


def rules_of(review: Review) -> list[Advice]:
    """What the rules said then, as they read today."""
    known = {rule.id: rule for rule in points.rules().rules}
    return [advice(known[name]) for name in review.rules if name in known]


@dataclass(frozen=True)
class PointRow:
    """One of the three points of a course; `held` is the review that answered it."""

    name: str
    on: date | None
    state: str
    state_words: str
    purpose: tuple[Text, ...]
    score: str
    advice: tuple[Advice, ...]
    held: HeldRow | None


HELD = "held"
STATES = {
    State.AHEAD: _("To come"),
    State.DUE: _("Due now"),
    State.PAST: _("Day has passed"),
    HELD: _("Held"),
}


def point_rows(
    series: ProgressSeries, held: Sequence[Review], today: date
) -> list[PointRow]:
    """The three points of a course in the order of their days; `held` newest first."""
    rows = []
    for point in points.reviews(series, today):
        review = _answer(point, held)
        state = HELD if review else point.state
        rows.append(
            PointRow(
                name=str(POINTS[point.key]),
                on=point.on,
                state=state,
                state_words=str(STATES[state]),
                score=_score(point),
                purpose=tuple(r.because for r in point.said if _is_purpose(r)),
                advice=tuple(advice(r) for r in point.said if not _is_purpose(r)),
                held=held_row(review) if review else None,
            )
        )
    return rows


def _answer(point: points.Review, held: Sequence[Review]) -> Review | None:
    """The first review from a week before the point on."""
    found = [
        review
        for review in held
        if point.on and answers(review.held_at.date(), point.on)
    ]
    return found[-1] if found else None


def _score(point: points.Review) -> str:
    if point.state is State.AHEAD:
        return ""
    if point.score is None:
        return gettext("No score from %(days)s days before to %(days)s days after.") % {
            "days": WINDOW
        }
    on, value = point.score
    return gettext("Leg pain %(value)s on %(day)s: %(response)s.") % {
        "value": number(value),
        "day": short_day(on),
        "response": RESPONSES[point.response],
    }


def _is_purpose(rule: Rule) -> bool:
    return rule.then["says"] == "purpose"


@dataclass(frozen=True)
class DueRow:
    plan_id: int
    episode_id: int
    patient: str
    patient_url: str
    why: str
    attended: int
    prescribed: int
    is_off: bool


def due_row(due: Due) -> DueRow:
    return DueRow(
        plan_id=due.plan.pk,
        episode_id=due.plan.episode_id,
        patient=due.patient.name,
        patient_url=due.patient.get_absolute_url(),
        why=why_words(due.why),
        attended=due.course.attended,
        prescribed=due.course.prescribed,
        is_off=due.why[0] in {Why.PAUSED, Why.WORSE},
    )
