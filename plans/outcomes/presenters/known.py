"""Who is counted, how much of it is known, and who came: before any result."""

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
    Table,
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
from plans.progress.reviews import WEEK_4, WINDOW


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
    line = [row for row in rows if not row.is_end]
    left = [row for row in rows if row.is_end]
    return Table(
        key="flow",
        title=_("Who is counted"),
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
            Block(tuple(line), code="came", falls=True),
            Block(tuple(left), _("Aside"), code="aside"),
        ),
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
                "the day of the baseline; week 4 need not be over."
            ),
        ),
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
                _("Interval (95 %)"), interval_parts(_("the share with both scores"))
            ),
            Column(
                _("Share with both scores"),
                axis=SHARES.strip(),
                of_shares=True,
                is_number=False,
            ),
        ),
        blocks=(Block(tuple(rows)),),
        lead=(_missing(found.leg), *_attrition(found.leg)),
        how=(
            _(
                "Before treatment: the last score up to the day of the first session, "
                "before needling. Week 4: of the scores taken on arrival, at a session "
                "or a review, the one nearest to day 28 after the first session, from "
                "day %(first)s to day %(last)s; of two equally near, the earlier. A "
                "score after needling never counts, and a corrected one as corrected."
            )
            % {"first": WEEK_4 - WINDOW, "last": WEEK_4 + WINDOW},
            _(
                "A course is due, and can be missing, once day %(last)s is over. A "
                "course with both disability scales counts with the one asked more "
                "often. Wilson’s interval."
            )
            % {"last": WEEK_4 + WINDOW},
        ),
    )


def interval_parts(of: str) -> tuple[Part, Part]:
    return (
        Part("low", _("Lower end of the 95 %% interval of %(what)s") % {"what": of}),
        Part("high", _("Upper end of the 95 %% interval of %(what)s") % {"what": of}),
    )


def _missing(leg: Change) -> str:
    due, known = leg.answered.whole, leg.answered.part
    return ngettext(
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


def _attrition(leg: Change) -> tuple[str, ...]:
    """Whether those without a score had begun like those with one."""
    if leg.base is None or leg.base_of_missing is None:
        return ()
    return (
        _(
            "Leg pain before treatment: %(known)s on average in those with a week-4 "
            "score, %(missing)s in those without (n = %(number)s)."
        )
        % {
            "known": decimal(leg.base),
            "missing": decimal(leg.base_of_missing),
            "number": whole(leg.no_later),
        },
    )


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
        ("no_shows", _("No-shows, of all due"), each.no_shows, due),
        ("late_cancels", _("Late cancels, of all due"), each.late_cancels, due),
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
        head=_("What"),
        columns=(Column(_("Number"), _part_of()),),
        blocks=(Block(tuple(_line(*line) for line in lines)),),
        how=(
            _(
                "A session is held when it is written up and signed. Sessions beyond "
                "the plan do not count as planned ones. Appointments cancelled in good "
                "time count neither way."
            ),
            _(
                "The planned weeks run from the first session, by the version of the "
                "plan in force."
            ),
        ),
    )


def _part_of() -> tuple[Part, Part]:
    return (
        Part("count", _("How many"), Kind.COUNT),
        Part("of", _("Of how many; empty where it is no part"), Kind.WHOLE),
    )


def _line(code: str, label: str, count: int, of: int | None) -> Row:
    words = whole(count) if of is None else part(share(count, of))
    return Row(code, label, (Cell(words, (count, of)),))


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
    return Table(
        key="drop_off",
        title=_("Drop-off by visit"),
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
        blocks=(Block(tuple(rows), falls=True),),
        how=(
            _(
                "Only courses whose planned weeks are over. Who stopped because the "
                "pain was gone is not told from who stayed away."
            ),
        ),
    )


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
        head=_("What"),
        columns=(Column(_("Number"), _part_of()),),
        blocks=tuple(
            Block(tuple(_line(*line) for line in lines), title, code)
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
