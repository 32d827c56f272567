"""The outcomes as a page: its tables in their order. No patient is named."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from plans.outcomes.findings import Findings
from plans.outcomes.presenters.found import (
    case_table,
    change_table,
    harm_table,
    practitioner_table,
    response_table,
)
from plans.outcomes.presenters.known import (
    answers_table,
    attendance_table,
    drop_off_table,
    flow_table,
    quality_table,
)
from plans.outcomes.presenters.plot import plot
from plans.outcomes.presenters.tables import Table
from plans.outcomes.statistics import SMALLEST_GROUP


@dataclass(frozen=True)
class Outcomes:
    tables: tuple[Table, ...]
    funnel: SafeString | str
    few: str  # a warning where so few courses say next to nothing


def present(found: Findings, names: Mapping[int, str]) -> Outcomes:
    due = found.totals.flow.due
    few = ngettext(
        "Only %(due)s course has its week 4 behind it",
        "Only %(due)s courses have their week 4 behind them",
        due,
    ) % {"due": due}
    return Outcomes(
        tables=tables(found, names),
        funnel=_plot(found, names),
        few=few if due < SMALLEST_GROUP else "",
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


def _plot(found: Findings, names: Mapping[int, str]) -> SafeString | str:
    shown = [each for _group, each in found.standings if each]
    return plot(found.mix, shown, names) if found.mix and shown else ""
