"""The forecast in words, or why there is none; with it, how past ones did."""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.core.words import number
from plans.reviews.forecast import ENOUGH, LEVEL, LIKE, NEAR, Hidden, Outlook, Record

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
