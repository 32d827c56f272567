"""Reviews that were held, the points of a course, and courses with one due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.core.texts import Text
from clinic.core.words import number, short_day
from clinic.rules.machine import Rule
from plans.progress import reviews as points
from plans.progress.reviews import WINDOW, State
from plans.progress.trend import ProgressSeries
from plans.reviews.decisions import Standing
from plans.reviews.due import Why, answers
from plans.reviews.models import Review
from plans.reviews.presenters.standing import (
    LOOKS,
    RESPONSES,
    Advice,
    advice,
    why_words,
)
from plans.reviews.queries import Due

POINTS = {
    "session_4": _("Session 4 or week 2"),
    "week_4": _("Week 4"),
    "week_8": _("Week 8"),
}


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
        if point.on and answers(timezone.localdate(review.held_at), point.on)
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
