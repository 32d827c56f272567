"""What harm was recorded, per session held."""

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.adverse.models import GRADE_WORDS, GROUP_WORDS, KIND_WORDS
from plans.adverse.rules import KINDS
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
    interval_parts,
    named,
    span_values,
    tidy,
)
from plans.outcomes.presenters.words import rate_span, rate_words, whole
from plans.outcomes.rates import Rate
from plans.outcomes.withhold import Whole


def harm_table(found: Findings) -> Table:
    harm = found.harm
    among = named("data_quality", "missing", "unscored", "of")
    blocks = (
        Block((_rate_row("all", _("All adverse events"), harm.total),)),
        Block(
            tuple(
                _rate_row(key, str(GROUP_WORDS[key]), each)
                for key, each in harm.groups.items()
            ),
            _("By category"),
            "category",
        ),
        Block(
            tuple(
                _rate_row(str(key), str(GRADE_WORDS[key]), each)
                for key, each in harm.grades.items()
            ),
            _("By grade"),
            "grade",
        ),
        Block(
            tuple(
                _rate_row(key, str(KIND_WORDS[key]), each)
                for key, each in harm.kinds.items()
            ),
            _("By kind, those that happened"),
            "kind",
            is_listed=False,
        ),
    )
    return Table(
        key="adverse_events",
        title=_("Adverse events"),
        caption=Said(
            ngettext(
                "Among %(count)s session held in these episodes",
                "Among %(count)s sessions held in these episodes",
                harm.total.among,
            )
            % {"count": whole(harm.total.among)},
            (among,),
            _("Among the sessions held in these episodes"),
        ),
        head=_("Adverse events"),
        columns=(
            Column(_("Number"), (Part("events", _("Events"), Kind.COUNT),)),
            Column(
                _("Per 1,000 sessions"), (Part("rate", _("Per 1,000 sessions held")),)
            ),
            Column(_("Interval (95 %, Poisson)"), interval_parts(_("the rate"))),
        ),
        blocks=tuple(block for block in blocks if block.rows),
        wholes=tuple(
            Whole(
                named("adverse_events", "all", "events"),
                tuple(
                    named("adverse_events", block.code, row.code, "events")
                    for row in block.rows
                ),
                is_listed=block.is_listed,
            )
            for block in blocks[1:]
        )
        + tuple(_kinds_of(group, harm.kinds) for group in harm.groups),
        rests_on=(among,),
        how=(
            _(
                "Every event recorded counts, whatever it was caused by; a corrected "
                "one counts as corrected, and one of a session entered in error not at "
                "all. Exact Poisson intervals (Garwood 1936): none seen does not mean "
                "none to come. What was not recorded is not here."
            ),
        ),
    )


def _kinds_of(group: str, kinds: Collection[str]) -> Whole:
    """What a category counts beside the kinds that are shown."""
    own = (kind for kind in kinds if KINDS[kind] == group)
    return Whole(
        named("adverse_events", "category", group, "events"),
        tuple(named("adverse_events", "kind", kind, "events") for kind in own),
        is_listed=False,
    )


def _rate_row(code: str, label: str, found: Rate) -> Row:
    return Row(
        code,
        label,
        (
            Cell(whole(found.events), (found.events,)),
            Cell(rate_words(found), (tidy(found.rate),)),
            Cell(rate_span(found), span_values(found.interval)),
        ),
    )
