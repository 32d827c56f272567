"""What is missing, cannot be, or came late."""

from django.utils.translation import gettext as _

from plans.outcomes.findings import Findings
from plans.outcomes.presenters.tables import (
    Block,
    Column,
    Said,
    Table,
    named,
    number_parts,
    number_row,
)
from plans.outcomes.presenters.words import whole


def quality_table(found: Findings) -> Table:
    each, leg = found.totals.quality, found.leg
    harm = found.harm
    missing = (
        (
            "unscored",
            _("Sessions without a leg score on arrival"),
            each.unscored,
            each.sessions,
        ),
        (
            "no_leg_base",
            _("Treated courses without leg pain from before treatment"),
            each.no_leg_base,
            each.treated,
        ),
        (
            "no_week_4",
            _("Courses with a baseline but no leg score at week 4"),
            leg.no_later,
            leg.answered.whole,
        ),
        (
            "no_disability",
            _("Treated courses without disability from before treatment"),
            each.no_disability,
            each.treated,
        ),
        (
            "no_onset",
            _("Treated courses without the day on which the pain began"),
            each.no_onset,
            each.treated,
        ),
    )
    odd = (
        (
            "painless",
            _("Treated courses that began with a leg score of 0"),
            each.painless,
            each.treated,
        ),
        (
            "odd_times",
            _("Sessions whose times contradict each other"),
            each.odd_times,
            each.sessions,
        ),
    )
    late = (
        (
            "signed_late",
            _("Sessions signed more than a day after they began"),
            each.signed_late,
            each.sessions,
        ),
        (
            "typed_late",
            _("Of these, from paper and typed in more than a day after"),
            each.typed_late,
            each.signed_late,
        ),
        (
            "late_events",
            _("Adverse events recorded or corrected more than a week after"),
            harm.late,
            harm.total.events,
        ),
        (
            "events_in_error",
            _("Adverse events of sessions entered in error, counted nowhere above"),
            harm.in_error,
            None,
        ),
        ("corrected", _("Scores corrected later"), each.corrected, None),
    )
    return Table(
        key="data_quality",
        title=_("Quality of the data"),
        caption=Said(
            _("Of %(treated)s treated courses and %(sessions)s sessions held")
            % {"treated": whole(each.treated), "sessions": whole(each.sessions)},
            (
                named("flow", "came", "treated", "episodes"),
                named("data_quality", "missing", "unscored", "of"),
            ),
            _("Of the treated courses and the sessions held"),
        ),
        head=_("What"),
        columns=(Column(_("Number"), number_parts()),),
        blocks=tuple(
            Block(tuple(number_row(*line) for line in lines), title, code)
            for code, title, lines in (
                ("missing", _("Missing"), missing),
                ("implausible", _("Implausible"), odd),
                ("late", _("Late or changed"), late),
            )
        ),
        how=(
            _(
                "Times contradict each other where a session was signed before it "
                "began, began on another day than its appointment, or is the second of "
                "one day. Nothing is left out of the numbers above for it."
            ),
        ),
    )
