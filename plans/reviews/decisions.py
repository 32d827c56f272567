"""Whether a course is on track, by D05 to D10, and what could be done."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clinic.rules.machine import Rule, Verdict
from plans.progress.reviews import WINDOW, advice, review_days, stage
from plans.progress.trend import (
    LEG,
    Finding,
    ProgressSeries,
    finding,
    responded,
)

FRESH = timedelta(days=14)  # an older score doesn't say how the patient is now
NEAR = timedelta(days=WINDOW)  # one from longer before a point says nothing of it


class Standing(StrEnum):
    ON_TRACK = "on_track"
    WATCH = "watch"
    OFF_TRACK = "off_track"


class Decision(StrEnum):
    CONTINUE = "continue"
    TAPER = "taper"
    CHANGE = "change"
    REFER = "refer"
    FINISH = "finish"


# What a rule says, as decisions that it asks for or allows.
ASKED = {
    "stop": (Decision.REFER,),
    "change": (Decision.CHANGE,),
    "continue": (Decision.CONTINUE, Decision.TAPER),
    "finish": (Decision.FINISH,),
}
OFF = {"stop", "change"}
# After these nobody is to come for what is booked.
ENDS = (Decision.REFER, Decision.FINISH)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`stage` is the last review point that has come; `said` speak of it and the score.

    `is_fresh` is False without a score since treatment began, of late, and near the
    point: of the point then no rule speaks, nor is the course on track.
    """

    standing: Standing
    stage: str
    leg: Finding
    response: Verdict
    said: tuple[Rule, ...]
    is_fresh: bool

    def asked_by(self, rule: Rule) -> tuple[Decision, ...]:
        """Return what a rule asks for, or allows; the clinician decides."""
        return ASKED[str(rule.then["says"])]


def judge(series: ProgressSeries, today: date, *, paused: bool = False) -> Judgement:
    """Judge by the latest leg score on arrival. A plan that is paused is off track."""
    leg, at = finding(series, LEG), stage(series, today)
    response = responded(leg.base, leg.now, LEG)
    point = review_days(series).get(at, date.min + NEAR)
    is_fresh = leg.on is not None and max(today - FRESH, point - NEAR) <= leg.on
    # What grew worse (D07) stays so until another score says otherwise.
    said = advice(at if is_fresh else "", leg.base, leg.now)
    if paused or any(rule.then["says"] in OFF for rule in said):
        standing = Standing.OFF_TRACK
    elif response is Verdict.YES and is_fresh:
        standing = Standing.ON_TRACK
    else:
        standing = Standing.WATCH
    return Judgement(standing, at, leg, response, said, is_fresh)
