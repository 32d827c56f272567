"""Who came, beside what was planned."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.outcomes.findings import Findings
from plans.outcomes.presenters.tables import (
    Block,
    Cell,
    Column,
    Kind,
    Part,
    Row,
    Said,
    Table,
    named,
    number_parts,
    number_row,
    share_values,
)
from plans.outcomes.presenters.words import part, whole
from plans.outcomes.statistics import share
from plans.outcomes.withhold import Whole, line


def attendance_table(found: Findings) -> Table:
    each = found.totals.attendance
    due = each.sessions_held + each.no_shows + each.late_cancels
    lines = (
        ("courses", _("Courses with a plan in force"), each.courses, None),
        ("ended", _("Of these, planned weeks are over"), each.ended, each.courses),
        ("held", _("Planned sessions held in those"), each.held, each.prescribed),
        (
            "complete",
            _("Courses with every planned session held"),
            each.complete,
            each.ended,
        ),
        ("sessions", _("Sessions held, all courses"), each.sessions_held, None),
        ("no_shows", _("No-shows, of visits held or missed"), each.no_shows, due),
        (
            "late_cancels",
            _("Late cancels, of visits held or missed"),
            each.late_cancels,
            due,
        ),
        (
            "scored",
            _("Sessions with a leg score on arrival"),
            each.scored,
            each.sessions_held,
        ),
    )
    return Table(
        key="attendance",
        title=_("Attendance against plan"),
        caption=Said(
            ngettext(
                "Of %(count)s course with a plan in force",
                "Of %(count)s courses with a plan in force",
                each.courses,
            )
            % {"count": whole(each.courses)},
            (named("attendance", "courses", "count"),),
            _("Of the courses with a plan in force"),
        ),
        head=_("What"),
        columns=(Column(_("Number"), number_parts()),),
        blocks=(Block(tuple(number_row(*line) for line in lines)),),
        how=(
            _(
                "A session is held when it is written up and signed. Sessions beyond "
                "the plan do not count as planned ones. Missed are no-shows and late "
                "cancels; appointments cancelled in good time count neither way."
            ),
            _(
                "The planned weeks run from the first session, by the version of the "
                "plan in force."
            ),
        ),
    )


def drop_off_table(found: Findings) -> Table:
    rows = [
        Row(
            str(visit.number),
            _("Visit %(number)s") % {"number": visit.number},
            (
                Cell(part(known), share_values(known)),
                Cell(bar=round(100 * (known.share or 0), 1)),
            ),
        )
        for visit in found.visits
        for known in [share(visit.held, visit.prescribed)]
    ]
    ended = found.totals.attendance.ended
    names = [(_of(row, "held"), _of(row, "planned")) for row in rows]
    held, planned = (
        (tuple(each) for each in zip(*names, strict=True)) if names else ((), ())
    )
    return Table(
        key="drop_off",
        title=_("Drop-off by visit"),
        caption=Said(
            ngettext(
                "Of %(count)s course whose planned weeks are over",
                "Of %(count)s courses whose planned weeks are over",
                ended,
            )
            % {"count": whole(ended)},
            (named("attendance", "ended", "count"),),
            _("Of the courses whose planned weeks are over"),
        ),
        head=_("Visit of the plan"),
        columns=(
            Column(
                _("Held, of courses that had it planned"),
                (
                    Part("held", _("Courses that had this visit"), Kind.COUNT),
                    Part("planned", _("Courses that had it planned"), Kind.WHOLE),
                ),
            ),
            Column(_("As a bar"), is_number=False, wide_only=True),
        ),
        blocks=(Block(tuple(rows)),),
        wholes=(
            *line(held),
            *line(planned),
            Whole("attendance.held.count", held),
            Whole("attendance.held.of", planned),
            *(Whole("attendance.complete.count", held[-1:]),),
        ),
        how=(
            _(
                "Only courses whose planned weeks are over. Who stopped because the "
                "pain was gone is not told from who stayed away."
            ),
        ),
    )


def _of(row: Row, name: str) -> str:
    return named("drop_off", row.code, name)
