"""The explorer in words: questions worth asking, never answers."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.outcomes.explore import FEWEST, Compared, Explored
from plans.outcomes.presenters.tables import (
    Block,
    Cell,
    Column,
    Kind,
    Part,
    Row,
    Said,
    Table,
    interval_parts,
    span_values,
    tidy,
)
from plans.outcomes.presenters.words import (
    chance_words,
    feature_words,
    signed,
    span,
    whole,
)


def hypotheses(found: Explored) -> list[str]:
    return [
        _(
            "Where %(feature)s was used in the first session, leg pain changed by "
            "%(difference)s points beside the same kind of patients without it. Is "
            "it this, or whom it was chosen for?"
        )
        % {
            "feature": feature_words(row.feature),
            "difference": signed(row.difference),
        }
        for row in found.compared
        if row.is_named
    ]


def explorer_table(found: Explored) -> Table:
    count = len(found.compared)
    lead = ngettext(
        "%(count)s comparison among %(courses)s courses.",
        "%(count)s comparisons among %(courses)s courses.",
        count,
    ) % {"count": count, "courses": whole(found.courses)}
    left = ngettext(
        "%(few)s point or technique had fewer than %(fewest)s courses with or "
        "without it, and is not compared.",
        "%(few)s points or techniques had fewer than %(fewest)s courses with or "
        "without them, and are not compared.",
        found.too_few,
    ) % {"few": found.too_few, "fewest": FEWEST}
    return Table(
        key="explorer",
        title=_("Points, techniques and change"),
        caption=Said(lead),
        head=_("In the first session"),
        columns=(
            Column(_("With"), (Part("with", _("Courses with it"), Kind.COUNT),)),
            Column(
                _("Without"), (Part("without", _("Courses without it"), Kind.COUNT),)
            ),
            Column(
                _("Difference"),
                (Part("difference", _("Points of change; below 0 is more relief")),),
            ),
            Column(_("Interval (95 %, HC3)"), interval_parts(_("the difference"))),
            Column(
                _("By chance"),
                (Part("chance", _("Chance of it among all comparisons (Holm)")),),
            ),
            Column(
                _("Worth a question"),
                (Part("named", _("yes where that chance is below 1 %"), Kind.WORD),),
                is_number=False,
            ),
        ),
        blocks=(Block(tuple(_row(each) for each in found.compared)),),
        lead=(Said(left),) if found.too_few else (),
        how=(
            _(
                "Courses whose week 4 is over, with both leg scores and a signed first "
                "session. With and without are compared at the same baseline, "
                "duration, age, sex and first or later episode, by least squares with "
                "robust errors (HC3)."
            ),
            _(
                "What was needled first was chosen before anything was known of the "
                "change; what came later was chosen because of it, and is not read."
            ),
            _(
                "The interval is of one comparison alone. The chance is Holm’s, of all "
                "of them together: where nothing does anything, one caseload of a "
                "hundred names something."
            ),
        ),
    )


def _row(each: Compared) -> Row:
    return Row(
        each.feature,
        feature_words(each.feature),
        (
            Cell(whole(each.with_it), (each.with_it,)),
            Cell(whole(each.without), (each.without,)),
            Cell(signed(each.difference, 2), (tidy(each.difference),)),
            Cell(span(each.interval, 2), span_values(each.interval)),
            Cell(chance_words(each.chance), (tidy(each.chance),)),
            Cell(
                _("yes") if each.is_named else "",
                ("yes" if each.is_named else "",),
                is_words=True,
            ),
        ),
    )
