"""The forecast in words, or why there is none; with it, how past ones did."""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.core.words import number
from plans.progress.panels import Sparkline
from plans.progress.shapes import Shape, circle, line, rect
from plans.reviews.forecast import (
    ENOUGH,
    HIGHEST,
    LEVEL,
    LIKE,
    RECENT,
    Forecast,
    Hidden,
    Outlook,
    Record,
)

WIDE, HIGH, MARGIN = 280.0, 22.0, 7.0  # of the picture
HIDDEN = {
    Hidden.NO_SCORE: _(
        "No forecast for week 8: it needs a leg score from before treatment and one "
        "of the last %(recent)s days."
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
        "had leg pain within a point of this one, before treatment and now."
    ),
}


@dataclass(frozen=True)
class Ahead:
    """The forecast in words, or why there is none; with it, how past ones did."""

    forecast: str
    record: str
    picture: Sparkline | None = None


def ahead(found: Outlook, now: float | None) -> Ahead:
    past = found.record or Record(0, 0, 0.0)
    numbers = {
        "n": past.n,
        "enough": ENOUGH,
        "like": LIKE,
        "recent": RECENT,
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
        "Its record: of %(n)s courses of this clinic, each forecast as on this day of "
        "it from those that were past week 8 by then, %(held)s (%(share)s %%) ended "
        "within their interval; %(level)s %% were meant to. On average it was "
        "%(width)s points wide. Only courses scored at week 8 count; it speaks of "
        "groups, not of one patient."
    )
    return Ahead(forecast, record % numbers, _strip(shown, now))


def _strip(shown: Forecast, now: float | None) -> Sparkline:
    """The scale from 0 to 10 with the interval as a bar, and a dot for the pain now."""
    low, middle, high = (_x(v) for v in (shown.low, shown.middle, shown.high))
    half = HIGH / 2
    shapes = [
        Shape("axis", line([(_x(0), half), (_x(HIGHEST), half)])),
        Shape("ahead", rect(low, half - 5, high - low, 10)),
        Shape("session", line([(middle, half - 9), (middle, half + 9)])),
    ]
    if now is not None:
        shapes.append(Shape("leg-before", circle(_x(now), half, 6)))
    return Sparkline(WIDE, HIGH, tuple(shapes))


def _x(score: float) -> float:
    return MARGIN + score / HIGHEST * (WIDE - 2 * MARGIN)
