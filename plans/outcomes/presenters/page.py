"""The outcomes as a page, or on paper: its tables in order. No patient is named."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.outcomes.casemix import Standing
from plans.outcomes.findings import Findings
from plans.outcomes.presenters.attended import attendance_table, drop_off_table
from plans.outcomes.presenters.changed import change_table, response_table
from plans.outcomes.presenters.compared import (
    COMPLETE,
    case_table,
    practitioner_table,
)
from plans.outcomes.presenters.counted import answers_table, flow_table
from plans.outcomes.presenters.harm import harm_table
from plans.outcomes.presenters.leaving import for_paper, left_out
from plans.outcomes.presenters.plot import plot
from plans.outcomes.presenters.quality import quality_table
from plans.outcomes.presenters.tables import Table, named
from plans.outcomes.statistics import SMALLEST_GROUP
from plans.outcomes.withhold import is_small


@dataclass(frozen=True)
class Outcomes:
    tables: tuple[Table, ...]
    funnel: SafeString | str
    few: str  # a warning where so few courses say next to nothing


def present(found: Findings, names: Mapping[int, str]) -> Outcomes:
    """For the screen: every number."""
    due = found.totals.flow.due
    few = ngettext(
        "Only %(due)s course has its week 4 behind it",
        "Only %(due)s courses have their week 4 behind them",
        due,
    ) % {"due": due}
    return Outcomes(
        tables=tables(found, names),
        funnel=_plot(found, names, ()),
        few=few if due < SMALLEST_GROUP else "",
    )


def may_leave(found: Findings) -> bool:
    """Of so few episodes even what did not happen tells of somebody."""
    return not is_small(found.totals.flow.intakes)


def present_on_paper(found: Findings, names: Mapping[int, str]) -> Outcomes:
    """As it may leave the clinic: small counts are left out."""
    every = tables(found, names)
    hidden = left_out(every)
    few = _("Fewer than %(number)s courses have their week 4 behind them")
    return Outcomes(
        tables=tuple(for_paper(table, hidden) for table in every),
        funnel=_plot(found, names, hidden),
        few=few % {"number": SMALLEST_GROUP}
        if found.totals.flow.due < SMALLEST_GROUP
        else "",
    )


def tables(found: Findings, names: Mapping[int, str]) -> tuple[Table, ...]:
    """Missing first: what is not known stands before what came of it."""
    every = (
        flow_table(found),
        answers_table(found),
        attendance_table(found),
        drop_off_table(found),
        change_table(found),
        response_table(found),
        practitioner_table(found, names),
        case_table(found),
        harm_table(found),
        quality_table(found),
    )
    return tuple(table for table in every if table)


def _plot(
    found: Findings, names: Mapping[int, str], hidden: Collection[str]
) -> SafeString | str:
    """Whose number of courses is left out has no dot: it would tell the number. So
    would the curves, which meet at that of all.
    """
    if COMPLETE in hidden:
        return ""

    def tells(each: Standing, count: str) -> bool:
        return named("practitioners", str(each.group.by), count) not in hidden

    shown = [each for _group, each in found.standings if each and tells(each, "n")]
    rates = {each.group.by for each in shown if tells(each, "due")}
    return plot(found.mix, shown, names, rates) if found.mix and shown else ""
