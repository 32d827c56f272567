"""Who is counted, and how much of it is known: before any result."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.outcomes.caseload import Change
from plans.outcomes.findings import LAST, Findings
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
)
from plans.outcomes.presenters.words import (
    NONE,
    decimal,
    part,
    per_cent,
    scale_words,
    shares,
    whole,
)
from plans.outcomes.statistics import share
from plans.outcomes.strip import SHARES
from plans.outcomes.withhold import Whole, line
from plans.progress.reviews import WEEK_4, WINDOW
from plans.progress.trend import BACK, LEG

PAIN = (LEG.code, BACK.code)


def flow_table(found: Findings) -> Table:
    flow = found.totals.flow
    stages = (
        ("intakes", _("First intake taken"), flow.intakes, False),
        ("stopped", _("Stopped by a red flag, no plan"), flow.stopped, True),
        ("open", _("Questions of the screen still open, no plan"), flow.open, True),
        ("clear", _("Screen clear, no plan approved yet"), flow.clear, True),
        ("planned", _("Plan approved"), flow.planned, False),
        ("booked", _("Appointment made"), flow.booked, False),
        ("treated", _("Treated at least once"), flow.treated, False),
        ("due", _("Week 4 is over"), flow.due, False),
        (
            "complete",
            _("With leg scores before treatment and at week 4"),
            flow.complete,
            False,
        ),
        (
            "seen_again",
            _("With any leg score after the first session"),
            flow.seen_again,
            True,
        ),
    )
    rows = [
        Row(
            code,
            label,
            (
                Cell(whole(count), (count,)),
                Cell(per_cent(count / flow.intakes) if flow.intakes else NONE),
                Cell(bar=round(100 * count / flow.intakes, 1) if flow.intakes else 0.0),
            ),
            is_end=aside,
        )
        for code, label, count, aside in stages
    ]
    came = [row for row in rows if not row.is_end]
    left = [row for row in rows if row.is_end]
    return Table(
        key="flow",
        title=_("Who is counted"),
        caption=Said(
            ngettext(
                "Of %(count)s episode with a first intake",
                "Of %(count)s episodes with a first intake",
                flow.intakes,
            )
            % {"count": whole(flow.intakes)},
            (named("flow", "came", "intakes", "episodes"),),
            _("Of the episodes with a first intake"),
        ),
        head=_("Episodes"),
        columns=(
            Column(
                _("Number"),
                (Part("episodes", _("Episodes that came so far"), Kind.COUNT),),
            ),
            Column(_("Of all")),
            Column(_("As a bar"), is_number=False, wide_only=True),
        ),
        blocks=(
            Block(tuple(came), code="came"),
            Block(tuple(left), _("Aside"), code="aside"),
        ),
        wholes=line([named("flow", "came", row.code, "episodes") for row in came]),
        rests_on=(named("flow", "came", "intakes", "episodes"),),
        how=(
            _(
                "An episode is counted on the day of its first intake, and once. Each "
                "line is part of the one above it, but for those set aside."
            ),
            _(
                "Stopped, open and clear are what the latest screen says of those "
                "without an approved plan. Treated is who has a signed session."
            ),
            _(
                "Any later score is one on arrival, at a session or a review, after "
                "the day of the first session; week 4 need not be over."
            ),
        ),
    )


def courses_due(found: Findings) -> Said:
    """What most tables are a part of."""
    due = found.totals.flow.due
    return Said(
        ngettext(
            "Of %(count)s course whose week 4 is over",
            "Of %(count)s courses whose week 4 is over",
            due,
        )
        % {"count": whole(due)},
        (named("flow", "came", "due", "episodes"),),
        _("Of the courses whose week 4 is over"),
    )


def answers_table(found: Findings) -> Table:
    rows = [
        Row(
            code,
            scale_words(code),
            (
                Cell(
                    part(
                        share(
                            each.answered.whole - each.answered.part,
                            each.answered.whole,
                        )
                    ),
                ),
                Cell(whole(each.no_base), (each.no_base,)),
                Cell(whole(each.no_later), (each.no_later,)),
                Cell(part(each.answered), share_values(each.answered)),
                Cell(
                    shares(each.answered.interval), span_values(each.answered.interval)
                ),
                Cell(strip=SHARES.strip(each.answered.share, each.answered.interval)),
            ),
        )
        for code, each in found.changes.items()
        if code != LAST
    ]
    return Table(
        key="response_rate",
        title=_("How much is known"),
        caption=courses_due(found),
        head=_("Score"),
        columns=(
            Column(_("Missing")),
            Column(
                _("None before"),
                (
                    Part(
                        "none_before",
                        _("Courses without a score from before treatment"),
                        Kind.COUNT,
                    ),
                ),
            ),
            Column(
                _("None at week 4"),
                (
                    Part(
                        "none_at_week_4",
                        _("Courses with a baseline but no score at week 4"),
                        Kind.COUNT,
                    ),
                ),
            ),
            Column(
                _("Both scores"),
                (
                    Part("both", _("Courses with both scores"), Kind.COUNT),
                    Part("due", _("Courses whose week 4 is over"), Kind.WHOLE),
                ),
            ),
            Column(
                _("Interval (95 %, Wilson)"),
                interval_parts(_("the share with both scores")),
            ),
            Column(
                _("Share with both scores"),
                axis=SHARES.strip(),
                of_shares=True,
                is_number=False,
            ),
        ),
        blocks=(Block(tuple(rows)),),
        lead=(_missing(found.leg), *_attrition(found.leg), *_without_scale(found)),
        drawn=_("Dot: the share. Bar: its interval."),
        wholes=tuple(
            Whole(
                _rate_of(row.code, "due"),
                tuple(
                    _rate_of(row.code, name)
                    for name in ("none_before", "none_at_week_4", "both")
                ),
            )
            for row in rows
        ),
        how=(
            _(
                "Before treatment: the last score up to the first needling; of that "
                "day only the one at an intake or on arrival. Week 4: of the scores "
                "taken on arrival, at a session or a review, the one nearest to day 28 "
                "after the first session, from day %(first)s to day %(last)s; of two "
                "days equally near the earlier, and of two scores of a day the higher. "
                "A score after needling never counts, and a corrected one as corrected."
            )
            % {"first": WEEK_4 - WINDOW, "last": WEEK_4 + WINDOW},
            _(
                "A course is due, and can be missing, once day %(last)s is over. A "
                "course with both disability scales counts with the one asked more "
                "often; the share of a disability scale is of the courses with any "
                "score on it."
            )
            % {"last": WEEK_4 + WINDOW},
        ),
    )


def _rate_of(scale: str, name: str) -> str:
    return named("response_rate", scale, name)


def _missing(leg: Change) -> Said:
    due, known = leg.answered.whole, leg.answered.part
    words = ngettext(
        "Leg scores are missing for %(missing)s of %(due)s course: %(no_base)s have "
        "none from before treatment, %(no_later)s none at week 4.",
        "Leg scores are missing for %(missing)s of %(due)s courses: %(no_base)s have "
        "none from before treatment, %(no_later)s none at week 4.",
        due,
    ) % {
        "missing": whole(due - known),
        "due": whole(due),
        "no_base": whole(leg.no_base),
        "no_later": whole(leg.no_later),
    }
    return Said(
        words,
        tuple(
            _rate_of(LEG.code, name)
            for name in ("due", "both", "none_before", "none_at_week_4")
        ),
    )


def _attrition(leg: Change) -> tuple[Said, ...]:
    """Whether those without a score had begun like those with one."""
    if leg.base is None or leg.base_of_missing is None:
        return ()
    words = _(
        "Leg pain before treatment: %(known)s on average in those with a week-4 "
        "score, %(missing)s in those without (n = %(number)s)."
    ) % {
        "known": decimal(leg.base),
        "missing": decimal(leg.base_of_missing),
        "number": whole(leg.no_later),
    }
    rests_on = (_rate_of(LEG.code, "both"), _rate_of(LEG.code, "none_at_week_4"))
    return (Said(words, rests_on),)


def _without_scale(found: Findings) -> tuple[Said, ...]:
    """Courses that stand in the row of no disability scale."""
    scaled = [code for code in found.changes if code not in (LAST, *PAIN)]
    scored = sum(found.changes[code].answered.whole for code in scaled)
    without = found.totals.flow.due - scored
    if not without:
        return ()
    words = ngettext(
        "%(count)s course has no disability score at all and stands in no row of it.",
        "%(count)s courses have no disability score at all and stand in no row of it.",
        without,
    ) % {"count": whole(without)}
    rests_on = (_rate_of(code, "due") for code in (LEG.code, *scaled))
    return (Said(words, tuple(rests_on)),)
