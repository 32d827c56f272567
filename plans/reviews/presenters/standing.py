"""How a course stands in words, by what rule, and what could be done."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clinic.core.texts import Text
from clinic.core.words import number, short_day
from clinic.rules.machine import Rule, Verdict
from plans.planning.models import PlanVersion
from plans.progress.reviews import shelf
from plans.reviews.decisions import ENDS, Decision, Judgement, Standing
from plans.reviews.due import Why
from plans.reviews.models import Review
from plans.reviews.services import next_dose
from plans.scheduling.standing import CourseState

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
        yield gettext("The latest leg score is too old to judge by: ask for a new one.")
    elif judgement.response is Verdict.NO and not judgement.said:
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
