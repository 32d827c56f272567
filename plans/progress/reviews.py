"""The points at which a course is looked back on, and what the rules say there.

The score of a review is the one on arrival, at a session or a review, nearest to its
day and at most WINDOW days away; of two days equally near, the earlier, and of two
scores on that day the higher. The week-4 score of the outcomes is this one too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from clinic.rules.files import RuleFile, load_rules
from clinic.rules.machine import Fact, Facts, FactType, Rule, Verdict, judge_all
from clinic.rules.sources import Source, load_sources
from patients.measures.scales import Scale
from plans.engine.book import SHELF
from plans.progress.trend import (
    LEG,
    Occasion,
    ProgressSeries,
    baseline,
    responded,
    under_treatment,
)

FILE = Path(__file__).with_name("reviews.toml")

SESSION, WEEK_2, WEEKS = 4, 14, (4, 8)  # the early point is one or the other (D05)
WEEK_4 = 28  # days after the first session
WINDOW = 7  # days
EARLY = f"session_{SESSION}"
KEYS = (EARLY, *(f"week_{week}" for week in WEEKS))
VOCABULARY = {
    "review": FactType("choice", options=frozenset(KEYS)),
    "response": FactType("yes_no"),
    "much_worse": FactType("yes_no"),
    "at_target": FactType("yes_no"),
}
SAYS = frozenset({"purpose", "stop", "continue", "finish", "change"})


class State(StrEnum):
    AHEAD = "ahead"
    DUE = "due"  # its day came within the last week
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Review:
    """`on` is None while no session is booked. `score` is None until the day has come,
    and where nothing was scored near it. `said` are the rules that speak.
    """

    key: str
    on: date | None
    state: State
    score: tuple[date, float] | None = None
    response: Verdict = Verdict.UNKNOWN
    said: tuple[Rule, ...] = ()


def review_days(series: ProgressSeries) -> Mapping[str, date]:
    """Return the days by key, in their order; the early one is session 4 or week 2,
    whichever comes first.
    """
    if series.begins is None:
        return {}
    seen = (Occasion.SESSION, Occasion.AHEAD)
    held = [reading.on for reading in series.readings if reading.occasion in seen]
    early = series.begins + timedelta(days=WEEK_2)
    weeks = {f"week_{week}": series.begins + timedelta(weeks=week) for week in WEEKS}
    return {EARLY: min([early, *held[SESSION - 1 : SESSION]]), **weeks}


def stage(series: ProgressSeries, today: date) -> str:
    """Return the last review point whose day has come; empty before the first."""
    come = [key for key, day in review_days(series).items() if day <= today]
    return come[-1] if come else ""


def advice(stage: str, base: float | None, now: float | None) -> tuple[Rule, ...]:
    """Return what the rules make of leg pain at a stage, on whatever day."""
    facts = _facts(base, now, LEG)
    found = _said({"review": stage, **facts} if stage else facts)
    return tuple(rule for rule in found if rule.then["says"] != "purpose")


def nearest(
    known: Iterable[tuple[date, float]], day: date
) -> tuple[date, float] | None:
    """Return the score nearest to the day within the window."""
    near = [score for score in known if abs((score[0] - day).days) <= WINDOW]
    return min(near, key=lambda score: (abs(score[0] - day), score[0]), default=None)


def reviews(series: ProgressSeries, today: date) -> tuple[Review, ...]:
    """Return the three reviews of a course in the order of their days."""
    days = review_days(series)
    return tuple(_review(series, key, days.get(key), today) for key in KEYS)


def _review(series: ProgressSeries, key: str, on: date | None, today: date) -> Review:
    if on is None or on > today:
        return Review(key, on, State.AHEAD, said=_said({"review": key}))
    state = State.DUE if (today - on).days < WINDOW else State.PAST
    first = baseline(series, LEG)
    score = nearest(under_treatment(series, LEG, intakes=False), on)
    base, now = first and first[1], score and score[1]
    facts = {"review": key} | _facts(base, now, LEG)
    return Review(key, on, state, score, responded(base, now, LEG), _said(facts))


def _facts(base: float | None, now: float | None, scale: Scale) -> dict[str, Fact]:
    if base is None or now is None:
        return {}
    return {
        "response": responded(base, now, scale) is Verdict.YES,
        "much_worse": now - base >= scale.important_change,
        "at_target": scale.target is not None and now <= scale.target,
    }


def _said(facts: Facts) -> tuple[Rule, ...]:
    found = judge_all(rules().rules, facts)
    return tuple(each.rule for each in found if each.verdict is Verdict.YES)


@cache
def rules() -> RuleFile:
    return load_rules(
        FILE, vocabulary=VOCABULARY, sources=shelf(), check_then=_check_then
    )


def _check_then(raw: Mapping[str, object]) -> None:
    if raw.keys() != {"says"} or raw["says"] not in SAYS:
        raise ValueError(f"a review says one of {', '.join(sorted(SAYS))}")


@cache
def shelf() -> Mapping[str, Source]:
    return load_sources(SHELF)
