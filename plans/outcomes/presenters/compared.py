"""By practitioner beside the expected, and the case mix that lets expect it."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from plans.outcomes.casemix import FEWEST, Group, Standing
from plans.outcomes.findings import Findings
from plans.outcomes.presenters.counted import courses_due
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
    share_values,
    span_values,
    tidy,
)
from plans.outcomes.presenters.words import (
    NONE,
    column_words,
    decimal,
    kinds_words,
    part,
    signed,
    span,
    whole,
)
from plans.outcomes.statistics import SMALLEST_GROUP, share
from plans.outcomes.withhold import Whole

COMPLETE = named("flow", "came", "complete", "episodes")


def practitioner_table(found: Findings, names: Mapping[int, str]) -> Table:
    rows = sorted(
        (_practitioner_row(names.get(group.by, NONE), group, each, bool(found.mix)))
        for group, each in found.standings
    )
    return Table(
        key="practitioners",
        title=_("By practitioner, beside what was to be expected"),
        caption=courses_due(found),
        head=_("Took the first intake"),
        columns=(
            Column("n", (Part("n", _("Courses with both leg scores"), Kind.COUNT),)),
            Column(
                _("Both leg scores"),
                (
                    Part("answered", _("The same, as part of those due"), Kind.COUNT),
                    Part("due", _("Courses whose week 4 is over"), Kind.WHOLE),
                ),
            ),
            Column(_("Mean change"), (_of_n("change", _("Below 0 is less pain")),)),
            Column(
                pgettext("change", "Expected"),
                (_of_n("expected", _("Mean change expected of these patients")),),
            ),
            Column(
                _("Beyond it"), (_of_n("beyond", _("Change less expected change")),)
            ),
            Column(
                _("By chance, 95 %"),
                (
                    _of_n("chance_low", _("Lower limit of chance (95 %)")),
                    _of_n("chance_high", _("Upper limit of chance (95 %)")),
                ),
            ),
            Column(
                _("Lies"),
                (_of_n("lies", _("Which limits of chance it passes"), Kind.WORD),),
                is_number=False,
            ),
        ),
        blocks=(Block(tuple(row for _name, row in rows)),),
        wholes=tuple(_wholes([row.code for _name, row in rows])),
        # The limits of two people tell how many there are in all.
        rests_on=(COMPLETE,),
        how=(
            _(
                "In the order of names: this is no ranking. Patients were not shared "
                "out by chance, so a difference here may lie in whom each one treats "
                "and what no column holds."
            ),
            _(
                "Expected is what the line through all courses below gives for this "
                "person’s patients. Their own courses are among these and pull the "
                "line towards them: of somebody with half of all courses, half the "
                "difference from the others lies beyond it."
            ),
            _(
                "The limits are those of chance for so many of these courses: of "
                "twenty people, at most one lies outside 95 % by chance; outside "
                "99.8 %, at most one of five hundred. Of very many courses, a "
                "difference too small to matter lies outside as well."
            ),
            _(
                "Under %(fewest)s courses with both scores, somebody’s own or those of "
                "all others, nothing is shown; without %(all)s in all there is no line "
                "to compare with."
            )
            % {"fewest": SMALLEST_GROUP, "all": FEWEST},
        ),
    )


def _of_n(name: str, means: str, kind: Kind = Kind.VALUE) -> Part:
    """Of the courses with both scores, whoever else was due."""
    return Part(name, means, kind, rests_on=("n",))


def _wholes(codes: Sequence[str]) -> Iterator[Whole]:
    def every(name: str) -> tuple[str, ...]:
        return tuple(named("practitioners", code, name) for code in codes)

    yield Whole(COMPLETE, every("n"))
    yield Whole(named("flow", "came", "due", "episodes"), every("due"))
    for n, answered in zip(every("n"), every("answered"), strict=True):
        yield Whole(n, (answered,))


def _practitioner_row(
    name: str, group: Group, found: Standing | None, is_adjusted: bool
) -> tuple[tuple[str, int], Row]:
    answered = share(group.complete, group.due)
    start = (
        Cell(whole(group.complete), (group.complete,)),
        Cell(part(answered), share_values(answered)),
    )
    order = name.casefold(), group.by
    if found is None:
        note = _("fewer than 10 with both scores: not shown")
        if group.complete >= SMALLEST_GROUP:
            note = (
                _("fewer than 10 of others to compare with: not shown")
                if is_adjusted
                else _("too few courses in all to compare")
            )
        none: tuple[None, ...] = (None,) * 5
        return order, Row(
            str(group.by), name, (*start, Cell("", (*none, ""))), note=note
        )
    return order, Row(
        str(group.by),
        name,
        (
            *start,
            Cell(signed(group.change, 2), (tidy(group.change),)),
            Cell(signed(found.expected, 2), (tidy(found.expected),)),
            Cell(signed(found.beyond, 2), (tidy(found.beyond),)),
            Cell(span(found.limits[0], 2), span_values(found.limits[0])),
            Cell(lies(found), (lies(found),), is_words=True),
        ),
    )


def lies(found: Standing) -> str:
    if found.outside is None:
        return _("within 95 %")
    side = (
        _("less pain than expected")
        if found.beyond < 0
        else _("more pain than expected")
    )
    level = number_format(100 * found.outside, 0 if found.outside == 0.95 else 1)
    return _("outside %(level)s %%: %(side)s") % {"level": level, "side": side}


def case_table(found: Findings) -> Table | None:
    mix = found.mix
    if mix is None:
        return None
    rows = [
        Row(
            "_".join(filter(None, term.column)).lower(),
            column_words(term.column),
            (
                Cell(signed(term.value, 2), (tidy(term.value),)),
                Cell(span(term.interval, 2), span_values(term.interval)),
            ),
        )
        for term in mix.terms
    ]
    return Table(
        key="case_mix",
        title=_("How the expected change is worked out"),
        caption=Said(
            _("From %(courses)s courses with both leg scores")
            % {"courses": whole(mix.courses)},
            (COMPLETE,),
            _("From the courses with both leg scores"),
        ),
        head=_("Of the patient"),
        columns=(
            Column(
                _("Change, other things equal"),
                (Part("difference", _("Points of leg pain; below 0 is more relief")),),
            ),
            Column(_("Interval (95 %, HC3)"), interval_parts(_("the difference"))),
        ),
        blocks=(Block(tuple(rows)),),
        rests_on=(COMPLETE,),
        how=(
            _(
                "A line of least squares through these courses; the errors are robust "
                "(HC3). What is left over spreads by %(spread)s points around the line."
            )
            % {"spread": decimal(mix.spread)},
            _("Compared with: %(kinds)s.") % {"kinds": kinds_words(mix.compared)},
            _(
                "Kinds of fewer than 10 courses, and kinds that the others already "
                "tell, are counted with those compared. These are differences between "
                "patients, not effects of anything."
            ),
        ),
    )
