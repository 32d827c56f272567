"""Numbers and kinds in words."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from patients.measures.scales import SCALES
from plans.outcomes.casemix import BASE, Column
from plans.outcomes.course import AgeBand, DurationBand
from plans.outcomes.findings import LAST
from plans.outcomes.rates import Rate
from plans.outcomes.statistics import Interval, Mean, Share
from plans.planning.models import Technique

NONE = "–"
SCALE_WORDS = {
    "leg_nrs": gettext_lazy("Leg pain, 0–10"),
    "back_nrs": gettext_lazy("Back pain, 0–10"),
    "rmdq": gettext_lazy("Disability, RMDQ 0–24"),
    "odi": gettext_lazy("Disability, ODI 0–100"),
    LAST: gettext_lazy("Leg pain, last score"),
}
PHASE_WORDS = {"acute": gettext_lazy("acute"), "recovery": gettext_lazy("recovery")}
KIND_WORDS = {
    ("duration", DurationBand.UNDER_6_WEEKS): gettext_lazy(
        "Pain for less than 6 weeks"
    ),
    ("duration", DurationBand.TO_12_WEEKS): gettext_lazy("Pain for 6 to 12 weeks"),
    ("duration", DurationBand.TO_A_YEAR): gettext_lazy("Pain for 12 weeks to a year"),
    ("duration", DurationBand.LONGER): gettext_lazy("Pain for more than a year"),
    ("duration", DurationBand.UNKNOWN): gettext_lazy("Pain for an unknown time"),
    ("age", AgeBand.UNDER_40): gettext_lazy("Younger than 40"),
    ("age", AgeBand.TO_54): gettext_lazy("40 to 54 years old"),
    ("age", AgeBand.TO_69): gettext_lazy("55 to 69 years old"),
    ("age", AgeBand.FROM_70): gettext_lazy("70 or older"),
    ("sex", "female"): pgettext_lazy("case", "Female"),
    ("sex", "male"): pgettext_lazy("case", "Male"),
    ("sex", "other"): pgettext_lazy("case", "Another sex"),
    ("sex", "unknown"): pgettext_lazy("case", "Sex not known"),
    ("again", "False"): gettext_lazy("First episode here"),
    ("again", "True"): gettext_lazy("Not the first episode here"),
}


def scale_words(code: str) -> str:
    return str(SCALE_WORDS.get(code) or SCALES[code].code)


def column_words(column: Column) -> str:
    if column[0] == BASE:
        return _("Each point of leg pain before treatment")
    return str(KIND_WORDS[column])


def kinds_words(columns: Sequence[Column]) -> str:
    """40 to 54 years old / younger than 40; female"""
    of = defaultdict[str, list[str]](list)
    for column in columns:
        words = column_words(column)
        of[column[0]].append(words[:1].lower() + words[1:])
    return "; ".join(" / ".join(kinds) for kinds in of.values())


def feature_words(feature: str) -> str:
    """A point's code, or a technique's name."""
    labels = dict(Technique.choices)
    return str(labels.get(feature, feature))


def part(found: Share) -> str:
    """12 of 40 (30 %)"""
    if found.share is None:
        return NONE
    return pgettext("part of a whole", "%(part)s of %(whole)s (%(share)s)") % {
        "part": whole(found.part),
        "whole": whole(found.whole),
        "share": per_cent(found.share),
    }


def whole(number: int) -> str:
    return number_format(number, 0, force_grouping=True)


def shares(interval: Interval | None) -> str:
    if interval is None:
        return NONE
    return between(per_cent(interval.low), per_cent(interval.high))


def span(interval: Interval | None, places: int = 1) -> str:
    if interval is None:
        return NONE
    return between(signed(interval.low, places), signed(interval.high, places))


def mean_span(found: Mean | None) -> str:
    return span(found.interval if found else None)


def between(low: str, high: str) -> str:
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def per_cent(part: float) -> str:
    return f"{number_format(round(100 * part), 0)} %"


def decimal(value: float | None, places: int = 1) -> str:
    return NONE if value is None else number_format(round(value, places), places)


def signed(value: float | None, places: int = 1) -> str:
    """With a sign that is as wide as a plus; lower is better on every scale."""
    if value is None:
        return NONE
    near = round(value, places)
    sign = "−" if near < 0 else "+" if near > 0 else ""
    return f"{sign}{number_format(abs(near), places)}"


def rate_words(found: Rate) -> str:
    return decimal(found.rate, 2)


def rate_span(found: Rate) -> str:
    if found.interval is None:
        return NONE
    return between(decimal(found.interval.low, 2), decimal(found.interval.high, 2))


def chance_words(chance: float) -> str:
    if chance < 0.001:
        return _("under %(limit)s") % {"limit": number_format(0.001, 3)}
    return number_format(round(chance, 3), 3)
