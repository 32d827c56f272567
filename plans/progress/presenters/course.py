"""What the progress of a course says in words, and its numbers as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from clinic.core.words import long_day, number, said, short_day
from clinic.rules.sources import Source
from plans.progress.band import (
    ACUPUNCTURE,
    ELECTRO,
    HIDING,
    LOWEST_BASELINE,
    MEASURED,
    Caveat,
)
from plans.progress.canvas import Chart, ChartTexts
from plans.progress.chart import draw
from plans.progress.panels import Sparkline, draw_disability, draw_sparkline
from plans.progress.reviews import shelf
from plans.progress.trend import (
    BACK,
    LEG,
    Finding,
    Occasion,
    Pain,
    ProgressSeries,
    Reading,
    Trend,
    finding,
)

WIDE, NARROW = (760, 380), (358, 320)
PANEL_HEIGHT = 124

SAID = {
    Trend.NO_BASELINE: _(
        "%(pain)s: no score from before treatment, so change cannot be told."
    ),
    Trend.BASELINE_ONLY: _("%(pain)s was %(base)s before treatment; no later score."),
    Trend.RESPONSE: _(
        "%(pain)s fell from %(base)s to %(now)s in %(days)s days: "
        "a response (2 points or 30 per cent)."
    ),
    Trend.BETTER: _(
        "%(pain)s fell from %(base)s to %(now)s in %(days)s days: "
        "not yet a response (2 points or 30 per cent)."
    ),
    Trend.SAME: _("%(pain)s is %(now)s after %(days)s days, as before treatment."),
    Trend.WORSE: _(
        "%(pain)s rose from %(base)s to %(now)s in %(days)s days: "
        "by less than 2 points."
    ),
    Trend.MUCH_WORSE: _(
        "%(pain)s rose from %(base)s to %(now)s in %(days)s days: by 2 points or more."
    ),
}
CAVEATS = {
    Caveat.NO_BASELINE: _(
        "No expected band: there is no leg score from before treatment."
    ),
    Caveat.LOW_BASELINE: _(
        "No expected band: below a baseline of %(lowest)s it says nothing."
    ),
    Caveat.UNKNOWN_DOSE: _("No expected band: the dose of this course isn't known."),
    Caveat.FAR_DOSE: _(
        "No expected band: the trials gave %(measured)s sessions in %(in_weeks)s "
        "weeks, this course %(sessions)s in %(weeks)s."
    ),
    Caveat.NEAR_DOSE: _(
        "The trials gave %(measured)s sessions in %(in_weeks)s weeks, this course "
        "%(sessions)s in %(weeks)s: that dose was not measured."
    ),
    Caveat.UNKNOWN_DURATION: _(
        "The trials treated chronic sciatica; how long this has lasted isn't recorded."
    ),
    Caveat.NOT_CHRONIC: _(
        "The trials treated chronic sciatica; a complaint this recent was not measured."
    ),
}
OCCASIONS = {
    Occasion.INTAKE: _("Intake"),
    Occasion.REVIEW: _("Review"),
    Occasion.MISSED: _("Missed"),
}


@dataclass(frozen=True)
class Cell:
    """A score, or why there is none: `missing` where one was due."""

    text: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Row:
    on: date
    occasion: str
    cells: tuple[Cell, ...]
    flags: tuple[int, ...]


@dataclass(frozen=True)
class Flag:
    number: int
    on: date
    text: str


@dataclass(frozen=True)
class Progress:
    findings: tuple[str, ...]
    counts: str
    wide: Chart
    narrow: Chart
    panel_wide: Chart | None
    panel_narrow: Chart | None
    has_band: bool
    caveats: tuple[str, ...]
    flags: tuple[Flag, ...]
    disability: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class SmallProgress:
    picture: Sparkline
    words: str


def present(series: ProgressSeries, *, table: bool = True) -> Progress | None:
    """Return all that `_chart.html` shows, or None before the first reading."""
    if not series.readings:
        return None
    leg, back = finding(series, LEG), finding(series, BACK)
    findings = [_sentence(leg, gettext("Leg pain"))]
    if leg.at_target:
        reached = gettext("It is at the target of %(target)s or less.")
        findings.append(reached % {"target": number(LEG.target)})
    if back.base is not None:
        findings.append(_sentence(back, gettext("Back pain")))
    counts = gettext(
        "Sessions: %(sessions)s. Missed: %(missed)s. Without a leg score: %(unscored)s."
    ) % {"sessions": leg.sessions, "missed": leg.missed, "unscored": leg.unscored}
    wide = chart_texts(series, findings[0], " ".join([*findings[1:], counts]))
    narrow = _shortened(wide)
    chart = draw(series, width=WIDE[0], height=WIDE[1], texts=wide)
    hidden = HIDING & set(chart.caveats)
    has_band = series.begins is not None and not hidden
    return Progress(
        findings=tuple(findings),
        counts=counts,
        wide=chart,
        narrow=draw(series, width=NARROW[0], height=NARROW[1], texts=narrow),
        panel_wide=draw_disability(
            series, width=WIDE[0], height=PANEL_HEIGHT, texts=wide
        ),
        panel_narrow=draw_disability(
            series, width=NARROW[0], height=PANEL_HEIGHT, texts=narrow
        ),
        has_band=has_band,
        caveats=tuple(
            _caveat(caveat, series)
            for caveat in chart.caveats
            if has_band or caveat in hidden
        ),
        flags=tuple(
            Flag(number, event.on, event.text)
            for number, event in enumerate(series.events, start=1)
        ),
        disability=wide.disability,
        rows=_rows(series) if table else (),
    )


def band_sources() -> list[Source]:
    """The works that the expected band is drawn from."""
    return [shelf()[trial.source] for trial in (ACUPUNCTURE, ELECTRO)]


def present_small(series: ProgressSeries) -> SmallProgress:
    """Return leg pain as a line for a list, with its words for a screen reader."""
    leg = finding(series, LEG)
    if leg.now is not None:
        words = f"{number(leg.base)} → {number(leg.now)}"
    else:
        words = gettext("no score") if leg.base is None else number(leg.base)
    return SmallProgress(draw_sparkline(series), words)


def chart_texts(series: ProgressSeries, title: str, description: str) -> ChartTexts:
    scale = series.disability.scale if series.disability else None
    return ChartTexts(
        title=title,
        description=description,
        lower_is_better=gettext("↓ lower is better"),
        leg=gettext("Leg"),
        back=gettext("Back"),
        acupuncture=gettext("acupuncture, trial mean"),
        electro=gettext("electroacupuncture, trial mean"),
        sham=gettext("change seen without specific needling"),
        important=gettext("change that matters"),
        target=gettext("target"),
        disability=said(scale.name) if scale else "",
        zones={
            "none": pgettext("pain", "none"),
            "mild": pgettext("pain", "mild"),
            "moderate": pgettext("pain", "moderate"),
            "severe": pgettext("pain", "severe"),
        },
        reviews={
            "session_4": gettext("early review"),
            "week_4": gettext("review: week 4"),
            "week_8": gettext("review: week 8"),
        },
        # The two widths say the same of the same readings.
        day=cache(short_day),
        number=cache(number),
        reading=cache(_lines),
    )


def _shortened(texts: ChartTexts) -> ChartTexts:
    """The same, for a phone."""
    return replace(
        texts,
        acupuncture=gettext("trial mean"),
        electro=gettext("electro trial"),
        sham=gettext("without specific needling"),
        important=gettext("matters"),
        reviews={
            "session_4": gettext("early"),
            "week_4": gettext("week 4"),
            "week_8": gettext("week 8"),
        },
    )


def _sentence(found: Finding, pain: str) -> str:
    return SAID[found.trend] % {
        "pain": pain,
        "base": number(found.base),
        "now": number(found.now),
        "days": found.days,
    }


def _caveat(caveat: Caveat, series: ProgressSeries) -> str:
    return CAVEATS[caveat] % {
        "lowest": LOWEST_BASELINE,
        "measured": MEASURED.sessions,
        "in_weeks": MEASURED.weeks,
        "sessions": series.dose.sessions if series.dose else "",
        "weeks": series.dose.weeks if series.dose else "",
    }


def _lines(reading: Reading) -> Sequence[str]:
    """Return the values of one occasion, its date first."""
    day = long_day(reading.on)
    lines = [f"{day} · {_occasion(reading)}"]
    for name, before, after in (
        (gettext("Leg"), reading.before.leg, reading.after.leg),
        (gettext("Back"), reading.before.back, reading.after.back),
    ):
        if before is not None or after is not None:
            values = [number(v) for v in (before, after) if v is not None]
            lines.append(f"{name} {' → '.join(values)}")
    if len(lines) == 1 and reading.occasion is not Occasion.MISSED:
        lines.append(gettext("no score"))
    return lines


def _occasion(reading: Reading) -> str:
    if reading.occasion is Occasion.SESSION:
        return gettext("Session %(number)s") % {"number": reading.number}
    return str(OCCASIONS[reading.occasion])


def _rows(series: ProgressSeries) -> tuple[Row, ...]:
    """One row for each occasion up to now; a disability score stands on its date."""
    disability = dict(series.disability.scores) if series.disability else {}
    shown = [r for r in series.readings if r.occasion is not Occasion.AHEAD]
    known = {reading.on for reading in shown}
    shown += [
        Reading(on, Occasion.REVIEW, Pain()) for on in disability if on not in known
    ]
    rows = []
    for reading in sorted(shown, key=lambda reading: reading.on):
        values = [
            reading.before.leg,
            reading.after.leg,
            reading.before.back,
            reading.after.back,
        ]
        due = reading.occasion is Occasion.SESSION
        cells = [Cell(number(value), due and value is None) for value in values]
        if series.disability:
            cells.append(Cell(number(disability.pop(reading.on, None))))
        rows.append(Row(reading.on, _occasion(reading), tuple(cells), ()))
    return _with_flags(rows, series)


def _with_flags(rows: Sequence[Row], series: ProgressSeries) -> tuple[Row, ...]:
    """Put each event's number on the last row not later than it, else on the first."""
    numbers: dict[int, list[int]] = {}
    for count, event in enumerate(series.events, start=1):
        earlier = [index for index, row in enumerate(rows) if row.on <= event.on]
        numbers.setdefault(earlier[-1] if earlier else 0, []).append(count)
    return tuple(
        Row(row.on, row.occasion, row.cells, tuple(numbers.get(index, ())))
        for index, row in enumerate(rows)
    )
