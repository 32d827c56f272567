"""What came of it: change, response, the case mix, and harm."""

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from patients.measures.scales import Scale
from plans.adverse.models import GRADE_WORDS, GROUP_WORDS, KIND_WORDS
from plans.outcomes.caseload import (
    BOTH,
    HALF,
    POINTS,
    SHARE,
    TARGET,
    Change,
    Response,
)
from plans.outcomes.casemix import FEWEST, Group, Standing
from plans.outcomes.findings import Findings
from plans.outcomes.presenters.known import interval_parts
from plans.outcomes.presenters.tables import (
    Block,
    Cell,
    Column,
    Kind,
    Part,
    Row,
    Table,
    share_values,
    span_values,
    tidy,
)
from plans.outcomes.presenters.words import (
    NONE,
    column_words,
    decimal,
    mean_span,
    part,
    rate_span,
    rate_words,
    scale_words,
    shares,
    signed,
    span,
    whole,
)
from plans.outcomes.rates import Rate
from plans.outcomes.statistics import SMALLEST_GROUP, Interval, may_compare, share
from plans.outcomes.strip import SHARES, Axis, change_axis


def change_table(found: Findings) -> Table:
    axis = change_axis(
        each.fall.interval
        for code, each in found.changes.items()
        if each.fall
        and each.fall.interval
        and _is_pain(code)
        and may_compare(each.fall.n)
    )
    rows = [_change_row(code, each, axis) for code, each in found.changes.items()]
    return Table(
        key="change",
        title=_("Change at week 4"),
        head=_("Score"),
        columns=(
            Column("n", (Part("n", _("Courses with both scores"), Kind.COUNT),)),
            Column(_("Before"), (Part("before", _("Mean before treatment")),)),
            Column(_("After"), (Part("after", _("Mean at week 4, or of the last")),)),
            Column(_("Mean change"), (Part("mean_change", _("Below 0 is better")),)),
            Column(_("Interval (95 %)"), interval_parts(_("the mean change"))),
            Column(_("Median"), (Part("median_change", _("Median of the changes")),)),
            Column(_("Pain: mean change"), axis=axis.strip(), is_number=False),
        ),
        blocks=(Block(tuple(rows)),),
        how=(
            _(
                "Less than 0 is better. Only courses with both scores are in these "
                "means; the interval is Student’s and speaks of chance alone, not of "
                "who is missing."
            ),
            _(
                "The last score is the latest one on arrival after the baseline, of "
                "the same courses, whenever it was taken."
            ),
        ),
    )


def _is_pain(code: str) -> bool:
    return code.startswith(("leg", "back"))


def _change_row(code: str, found: Change, axis: Axis) -> Row:
    fall = found.fall
    drawn = axis.strip(fall and fall.mean, fall and fall.interval)
    return Row(
        code,
        scale_words(code),
        (
            Cell(whole(found.answered.part), (found.answered.part,)),
            Cell(decimal(found.base), (tidy(found.base),)),
            Cell(decimal(found.later), (tidy(found.later),)),
            Cell(signed(fall and fall.mean), (tidy(fall and fall.mean),)),
            Cell(mean_span(fall), span_values(fall and fall.interval)),
            Cell(signed(fall and fall.median), (tidy(fall and fall.median),)),
            Cell(strip=drawn if _is_pain(code) else None),
        ),
    )


def response_table(found: Findings) -> Table:
    blocks = [
        Block(
            tuple(_response_row(scale, each) for each in responses),
            scale_words(scale.code),
            scale.code,
        )
        for scale, responses in found.responses.items()
    ]
    return Table(
        key="response",
        title=_("Share with a response, by several definitions"),
        head=_("Response"),
        columns=(
            Column(
                _("Where known"),
                (
                    Part("responded", _("Courses with a response"), Kind.COUNT),
                    Part("known", _("Courses with both scores"), Kind.WHOLE),
                ),
            ),
            Column(_("Interval (95 %)"), interval_parts(_("the share where known"))),
            Column(
                _("Worst case"), (Part("worst", _("Share if no missing one had it")),)
            ),
            Column(
                _("Best case"), (Part("best", _("Share if every missing one had it")),)
            ),
            Column(
                _("Share, and from worst to best case"),
                axis=SHARES.strip(),
                of_shares=True,
                is_number=False,
            ),
        ),
        blocks=tuple(blocks),
        how=(
            _(
                "Thick: Wilson’s interval (95 %) where known. Thin: from the worst "
                "case, in which every missing course is without a response, to the "
                "best, in which every one has it."
            ),
            _(
                "The points and 30 per cent: Ostelo 2008, found in groups and not in "
                "single patients. The larger of the two is the change that matters for "
                "that baseline. The target is the score with which patients called "
                "themselves well a year later: Haugen 2011, measured in millimetres "
                "and converted."
            ),
            _(
                "Who began at 0, or for the target at or below it, is not counted "
                "there: nothing was left to reach."
            ),
            *_too_well(found),
        ),
    )


def _too_well(found: Findings) -> tuple[str, ...]:
    return tuple(
        _("%(scale)s, not counted: %(few)s for the falls, %(more)s for the target.")
        % {
            "scale": scale_words(scale.code),
            "few": whole(responses[0].too_well),
            "more": whole(responses[-1].too_well),
        }
        for scale, responses in found.responses.items()
        if responses[-1].too_well
    )


def _response_row(scale: Scale, each: Response) -> Row:
    found = each.found
    all_due = found.worst.whole
    bounds = None
    if found.worst.share is not None and found.best.share is not None:
        bounds = Interval(found.worst.share, found.best.share)
    drawn = SHARES.strip(found.known.share, found.known.interval, bounds)
    return Row(
        each.definition.key,
        _defined(scale, each),
        (
            Cell(part(found.known), share_values(found.known)),
            Cell(shares(found.known.interval), span_values(found.known.interval)),
            Cell(part(found.worst), (tidy(found.worst.share),)),
            Cell(part(found.best), (tidy(found.best.share),)),
            Cell(strip=drawn if all_due else None),
        ),
    )


def _defined(scale: Scale, each: Response) -> str:
    definition = each.definition
    values = {
        "points": number_format(definition.points, 0),
        "share": number_format(definition.per_cent, 0),
        "target": number_format(definition.target or 0, 2),
    }
    return {
        SHARE: _("Fall by %(share)s %% or more"),
        HALF: _("Fall by %(share)s %% or more"),
        POINTS: _("Fall by %(points)s points or more"),
        BOTH: _("Fall by %(points)s points and %(share)s %%"),
        TARGET: _("Now at %(target)s or below"),
    }[definition.key] % values


def practitioner_table(found: Findings, names: Mapping[int, str]) -> Table:
    rows = sorted(
        (_practitioner_row(names.get(group.by, NONE), group, each, bool(found.mix)))
        for group, each in found.standings
    )
    return Table(
        key="practitioners",
        title=_("By practitioner, beside what was to be expected"),
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
            Column(_("Mean change"), (Part("change", _("Below 0 is less pain")),)),
            Column(
                _("Expected"),
                (Part("expected", _("Mean change expected of these patients")),),
            ),
            Column(_("Beyond it"), (Part("beyond", _("Change less expected change")),)),
            Column(
                _("By chance, 95 %"),
                (
                    Part("chance_low", _("Lower limit of chance (95 %)")),
                    Part("chance_high", _("Upper limit of chance (95 %)")),
                ),
            ),
            Column(
                _("Lies"),
                (Part("lies", _("Which limits of chance it passes"), Kind.WORD),),
                is_number=False,
            ),
        ),
        blocks=(Block(tuple(row for _name, row in rows), sums=True),),
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
        head=_("Of the patient"),
        columns=(
            Column(
                _("Change, other things equal"),
                (Part("difference", _("Points of leg pain; below 0 is more relief")),),
            ),
            Column(_("Interval (95 %)"), interval_parts(_("the difference"))),
        ),
        blocks=(Block(tuple(rows)),),
        how=(
            _(
                "A line of least squares through %(courses)s courses with both leg "
                "scores; the errors are robust (HC3). Compared with a woman of 40 to "
                "54, in her first episode here, with pain for 12 weeks to a year. What "
                "is left over spreads by %(spread)s points around the line."
            )
            % {"courses": whole(mix.courses), "spread": decimal(mix.spread)},
            _(
                "Kinds of fewer than 10 courses are counted with those compared. These "
                "are differences between patients, not effects of anything."
            ),
        ),
    )


def harm_table(found: Findings) -> Table:
    harm = found.harm
    blocks = (
        Block((_rate_row("all", _("All adverse events"), harm.total),)),
        Block(
            tuple(
                _rate_row(key, str(GROUP_WORDS[key]), each)
                for key, each in harm.groups.items()
            ),
            _("By category"),
            "category",
            sums=True,
        ),
        Block(
            tuple(
                _rate_row(str(key), str(GRADE_WORDS[key]), each)
                for key, each in harm.grades.items()
            ),
            _("By grade"),
            "grade",
            sums=True,
        ),
        Block(
            tuple(
                _rate_row(key, str(KIND_WORDS[key]), each)
                for key, each in harm.kinds.items()
            ),
            _("By kind, those that happened"),
            "kind",
            sums=True,
        ),
    )
    return Table(
        key="adverse_events",
        title=_("Adverse events"),
        head=_("Adverse events"),
        columns=(
            Column(_("Number"), (Part("events", _("Events"), Kind.COUNT),)),
            Column(
                _("Per 1,000 sessions"), (Part("rate", _("Per 1,000 sessions held")),)
            ),
            Column(_("Interval (95 %)"), interval_parts(_("the rate"))),
        ),
        blocks=tuple(block for block in blocks if block.rows),
        lead=(
            _("Among %(sessions)s sessions held in these episodes.")
            % {"sessions": whole(harm.total.among)},
        ),
        how=(
            _(
                "Every event recorded counts, whatever it was caused by; a corrected "
                "one counts as corrected. Exact Poisson intervals (Garwood 1936): none "
                "seen does not mean none to come. What was not recorded is not here."
            ),
        ),
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
