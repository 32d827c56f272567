"""What came of it: change, and who responded."""

from collections.abc import Iterator

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from patients.measures.scales import Scale
from plans.outcomes.caseload import (
    BOTH,
    HALF,
    POINTS,
    SHARE,
    TARGET,
    Change,
    Response,
)
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
    decimal,
    mean_span,
    part,
    per_cent,
    scale_words,
    shares,
    signed,
    whole,
)
from plans.outcomes.statistics import Interval, Share, may_compare
from plans.outcomes.strip import SHARES, Axis, change_axis
from plans.outcomes.withhold import Whole


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
        caption=courses_due(found),
        head=_("Score"),
        columns=(
            Column("n", (Part("n", _("Courses with both scores"), Kind.COUNT),)),
            Column(_("Before"), (Part("before", _("Mean before treatment")),)),
            Column(_("After"), (Part("after", _("Mean at week 4, or of the last")),)),
            Column(_("Mean change"), (Part("mean_change", _("Below 0 is better")),)),
            Column(_("Interval (95 %, Student)"), interval_parts(_("the mean change"))),
            Column(_("Median"), (Part("median_change", _("Median of the changes")),)),
            Column(_("Pain: mean change"), axis=axis.strip(), is_number=False),
        ),
        blocks=(Block(tuple(rows)),),
        drawn=_(
            "Dot: the mean change of pain, drawn from 10 courses on. Bar: its "
            "interval. Left of the dark line, which is 0, is less pain."
        ),
        wholes=tuple(
            Whole(named("response_rate", code, "both"), (named("change", code, "n"),))
            for code in found.changes
        ),
        how=(
            _(
                "Less than 0 is better. Only courses with both scores are in these "
                "means; the interval is Student’s and speaks of chance alone, not of "
                "who is missing."
            ),
            _(
                "The last score is the latest one on arrival after the day of the "
                "first session, of the same courses, whenever it was taken."
            ),
        ),
    )


def _is_pain(code: str) -> bool:
    return code.startswith(("leg", "back"))


def _change_row(code: str, found: Change, axis: Axis) -> Row:
    fall = found.fall
    drawn = None
    if fall and _is_pain(code) and may_compare(fall.n):
        drawn = axis.strip(fall.mean, fall.interval)
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
            Cell(strip=drawn),
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
        caption=courses_due(found),
        head=_("Response at week 4"),
        columns=(
            Column(
                _("Responded, where known"),
                (
                    Part("responded", _("Courses with a response"), Kind.COUNT),
                    Part("known", _("Courses with both scores"), Kind.WHOLE),
                ),
            ),
            Column(
                _("Interval (95 %, Wilson)"),
                interval_parts(_("the share where known"), "responded", "known"),
            ),
            Column(
                _("Counted"),
                (
                    Part(
                        "all",
                        _("Courses due, but for those that began too well"),
                        Kind.COUNT,
                    ),
                ),
            ),
            Column(
                _("Worst case"),
                (Part("worst", _("Share of those counted, if no missing one had it")),),
            ),
            Column(
                _("Best case"),
                (
                    Part(
                        "best", _("Share of those counted, if every missing one had it")
                    ),
                ),
            ),
            Column(
                _("Share, and from worst to best case"),
                axis=SHARES.strip(),
                of_shares=True,
                is_number=False,
            ),
        ),
        blocks=tuple(blocks),
        lead=_too_well(found),
        drawn=_(
            "Dot: the share where known. Thick: its interval. Thin: from the worst "
            "case, in which every missing course is without a response, to the best, "
            "in which every one has it."
        ),
        wholes=tuple(
            each for scale in found.responses for each in _wholes(scale, found)
        ),
        how=(
            _(
                "The points and 30 per cent: Ostelo 2008, found in groups and not in "
                "single patients. “Whichever is more” is the smallest change that "
                "matters, by the baseline: who began high has to fall by the 30 per "
                "cent, who began low by the points. Half is a stricter custom without "
                "a source of its own. The target is the score with which patients "
                "called themselves well a year later: Haugen 2011, measured in "
                "millimetres and converted."
            ),
            _(
                "At a review either of the two, the points or the 30 per cent, is a "
                "response of that patient: a decision is due there, not a count."
            ),
            _(
                "Who began at 0, or for the target at or below it, is not counted "
                "there: nothing was left to reach."
            ),
        ),
    )


def _too_well(found: Findings) -> tuple[Said, ...]:
    return tuple(
        Said(
            _(
                "%(scale)s: %(few)s began at 0 and %(more)s at or below the target, "
                "and are not counted there."
            )
            % {
                "scale": scale_words(scale.code),
                "few": whole(responses[0].too_well),
                "more": whole(responses[-1].too_well),
            },
            (
                named("response_rate", scale.code, "due"),
                *(
                    named("response", scale.code, each.definition.key, "all")
                    for each in responses
                ),
            ),
        )
        for scale, responses in found.responses.items()
        if responses[-1].too_well and scale.target is not None
    )


def _wholes(scale: Scale, found: Findings) -> Iterator[Whole]:
    due, both = (named("response_rate", scale.code, name) for name in ("due", "both"))
    for each in found.responses[scale]:
        row = "response", scale.code, each.definition.key
        yield Whole(due, (named(*row, "all"),))
        yield Whole(both, (named(*row, "known"),))
        yield Whole(named(*row, "all"), (named(*row, "known"),))


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
            Cell(whole(all_due), (all_due,)),
            Cell(_share(found.worst), (tidy(found.worst.share),)),
            Cell(_share(found.best), (tidy(found.best.share),)),
            Cell(strip=drawn if all_due else None),
        ),
    )


def _share(found: Share) -> str:
    return NONE if found.share is None else per_cent(found.share)


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
        BOTH: _("Fall by %(points)s points or %(share)s %%, whichever is more"),
        TARGET: _("At %(target)s or below"),
    }[definition.key] % values
