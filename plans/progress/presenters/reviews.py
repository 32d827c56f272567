"""The reviews of a course in words: when, what was scored, what the rules say."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.core.texts import Text
from clinic.core.words import number, short_day
from clinic.rules.machine import Rule, Verdict
from clinic.rules.sources import Source
from plans.progress.band import ACUPUNCTURE, ELECTRO
from plans.progress.reviews import WINDOW, Review, State, reviews, shelf
from plans.progress.trend import ProgressSeries

REVIEWS = {
    "session_4": _("Session 4"),
    "week_4": _("Week 4"),
    "week_8": _("Week 8"),
}
STATES = {
    State.AHEAD: _("To come"),
    State.DUE: _("Due now"),
    State.PAST: _("Day has passed"),
}
RESPONSES = {
    Verdict.YES: _("a response"),
    Verdict.NO: _("no response"),
    Verdict.UNKNOWN: _("response unknown, for want of a score before treatment"),
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
class ReviewRow:
    name: str
    on: date | None
    state: str
    state_words: str
    purpose: tuple[Text, ...]
    score: str
    advice: tuple[Advice, ...]


def present_reviews(series: ProgressSeries, today: date) -> list[ReviewRow]:
    return [
        ReviewRow(
            name=str(REVIEWS[review.key]),
            on=review.on,
            state=review.state,
            state_words=str(STATES[review.state]),
            score=_review_score(review),
            purpose=tuple(rule.because for rule in review.said if _is_purpose(rule)),
            advice=tuple(_advice(r) for r in review.said if not _is_purpose(r)),
        )
        for review in reviews(series, today)
    ]


def _review_score(review: Review) -> str:
    if review.state is State.AHEAD:
        return ""
    if review.score is None:
        return gettext("No score from %(days)s days before to %(days)s days after.") % {
            "days": WINDOW
        }
    on, value = review.score
    return gettext("Leg pain %(value)s on %(day)s: %(response)s.") % {
        "value": number(value),
        "day": short_day(on),
        "response": RESPONSES[review.response],
    }


def _is_purpose(rule: Rule) -> bool:
    return rule.then["says"] == "purpose"


def _advice(rule: Rule) -> Advice:
    return Advice(
        text=rule.because,
        is_stop=rule.then["says"] == "stop",
        rule=rule.id,
        tag=rule.tag,
        sources="; ".join(shelf()[source].citation for source in rule.sources),
    )


def band_sources() -> list[Source]:
    """The works that the expected band is drawn from."""
    return [shelf()[trial.source] for trial in (ACUPUNCTURE, ELECTRO)]
