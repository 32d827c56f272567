"""A course before it is booked: three whole ones to choose from, or what to relax."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from plans.scheduling.clock import wall
from plans.scheduling.forms.course import GAPS, weekly_words, written
from plans.scheduling.models import Appointment
from plans.scheduling.planner import Course, LeftOut, Row, who_moves
from plans.scheduling.policy import policy_gaps
from plans.scheduling.presenters.words import (
    compromise_words,
    day_words,
    obstacle_words,
    short_weekday,
    start_words,
)
from plans.scheduling.queries import clinic_zone
from plans.scheduling.relax import Relaxed
from plans.scheduling.wishes import SOFT, Wish, Wishes, each_week

Names = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class LeftOutWords:
    day: str
    time: str
    why: str


@dataclass(frozen=True, slots=True)
class RowWords:
    """`left_out`: dates that a full course would have before this one."""

    number: int
    day: str
    time: str
    who: str
    as_wished: bool
    instead: str
    value: str
    left_out: list[LeftOutWords]


@dataclass(frozen=True, slots=True)
class CourseWords:
    rhythm: str
    span: str
    reasons: list[str]
    rows: list[RowWords]
    substitutes: int


@dataclass(frozen=True, slots=True)
class Way:
    """One wish to relax, and the address of the page with it relaxed."""

    words: str
    query: str


def start_value(row: Row) -> str:
    """What the form sends for a row; `ChosenForm` reads it."""
    return f"{row.start.at:%Y-%m-%dT%H:%M} {row.start.practitioner}"


def present_course(
    course: Course, names: Names, *, had: int, is_best: bool
) -> CourseWords:
    rows = [
        _row(row, names, number, is_best)
        for number, row in enumerate(course.rows, start=had + 1)
    ]
    first, last = course.rows[0].start.at, course.rows[-1].start.at
    return CourseWords(
        rhythm=_rhythm(course),
        span=_("%(first)s to %(last)s")
        % {"first": day_words(first.date()), "last": day_words(last.date())},
        reasons=[
            compromise_words(total.wish, total.rows, total.amount)
            for total in course.totals
        ],
        rows=rows,
        substitutes=sum(not row.as_wished for row in rows),
    )


@dataclass(frozen=True, slots=True)
class ShiftRow:
    day: str
    time: str
    who: str
    was: str  # empty where it stays
    value: str
    visit: str


@dataclass(frozen=True, slots=True)
class ShiftWords:
    rhythm: str
    moved: int
    rows: list[ShiftRow]


def present_shift(
    course: Course, rest: Sequence[Appointment], names: Names
) -> ShiftWords:
    """The rest of a course, what moves of it beside where it stands now."""
    zone = clinic_zone()
    were = [(visit.practitioner_id, wall(visit.starts_at, zone)) for visit in rest]
    will = [(row.start.practitioner, row.start.at) for row in course.rows]
    came_from = {place: were[visit][1] for visit, place in who_moves(were, will)}
    rows = [
        ShiftRow(
            day=day_words(row.start.at.date()),
            time=f"{row.start.at:%H:%M}",
            who=names.get(row.start.practitioner, ""),  # type: ignore[call-overload]
            was=start_words(came_from[index]) if index in came_from else "",
            value=start_value(row),
            visit=f"{visit.pk} {visit.revision}",
        )
        for index, (row, visit) in enumerate(zip(course.rows, rest, strict=True))
    ]
    return ShiftWords(_rhythm(course), len(came_from), rows)


def _rhythm(course: Course) -> str:
    """The weekdays and hours that come back: Mon, Thu 09:00 or Mon 09:00, Fri 10:30."""
    usual = [entry for entry in course.rhythm if entry[2] > 1][:3] or course.rhythm[:1]
    by_hour: dict[str, list[int]] = {}
    for weekday, hour, _rows in sorted(usual):
        by_hour.setdefault(f"{hour:%H:%M}", []).append(weekday)
    between = pgettext("between the items of a list", ", ")
    return " · ".join(
        f"{between.join(map(short_weekday, weekdays))} {hour}"
        for hour, weekdays in by_hour.items()
    )


def _row(row: Row, names: Names, number: int, is_best: bool) -> RowWords:
    at, who = row.start.at, names.get(row.start.practitioner, "")  # type: ignore[call-overload]
    compromised = any(found.wish in SOFT for found in row.compromises)
    return RowWords(
        number=number,
        day=day_words(at.date()),
        time=f"{at:%H:%M}",
        who=who,
        as_wished=not compromised,
        instead=_instead(row, names, is_best) if compromised else "",
        value=start_value(row),
        left_out=[
            words
            for left_out in row.left_out
            for words in _left_out(left_out, names, is_best)
        ],
    )


def _left_out(left_out: LeftOut, names: Names, is_best: bool) -> list[LeftOutWords]:
    """Each wished start that was passed over; the rest of them by its week."""
    found = []
    for wanted in left_out.wanted:
        who = names.get(wanted.practitioner, "")  # type: ignore[call-overload]
        if wanted.why:
            why = obstacle_words(wanted.why, who)
        elif is_best:
            why = _("the gaps between sessions would not fit")
        else:
            why = _("free too")
        day = day_words(wanted.at.date())
        found.append(LeftOutWords(day, f"{wanted.at:%H:%M}", why))
    if fewer := left_out.sessions - len(found):
        week = _("Week of %(day)s") % {"day": day_words(left_out.week)}
        why = ngettext(
            "%(count)d session fewer than wished",
            "%(count)d sessions fewer than wished",
            fewer,
        )
        found.append(LeftOutWords(week, "", why % {"count": fewer}))
    return found


def _instead(row: Row, names: Names, is_best: bool) -> str:
    wanted = row.instead_of
    if wanted is None:
        return _("no wished day is left that week")
    start = start_words(wanted.at)
    if wanted.why:
        who = names.get(wanted.practitioner, "")  # type: ignore[call-overload]
        why = obstacle_words(wanted.why, who)
    elif is_best:
        why = _("the gaps between sessions would not fit")
    else:
        # A second or third course is another way, not a forced one.
        return _("%(start)s would be free too") % {"start": start}
    return _("instead of %(start)s: %(why)s") % {"start": start, "why": why}


def wished_words(wishes: Wishes, names: Names) -> str:
    """The wishes in one line."""
    between = pgettext("between the items of a list", ", ")
    found = [
        _("from %(day)s") % {"day": day_words(wishes.earliest)},
        _("%(number)s a week") % {"number": weekly_words(wishes.per_week)},
    ]
    if wishes.weekdays:
        found.append(between.join(map(short_weekday, sorted(wishes.weekdays))))
    if wishes.between:
        found.append("–".join(f"{at:%H:%M}" for at in wishes.between))
    if wishes.practitioner is not None:
        found.append(names.get(wishes.practitioner, ""))  # type: ignore[call-overload]
    return " · ".join(found)


def ways_out(relaxed: tuple[Relaxed, ...], asked: QueryDict, *, had: int) -> list[Way]:
    return [_way(entry, asked.copy(), had) for entry in relaxed]


def _way(entry: Relaxed, query: QueryDict, had: int) -> Way:
    enough = entry.enough
    if entry.wish in SOFT:
        kept = [must for must in query.getlist("must") if must != entry.wish]
        query.setlist("must", kept)
    elif entry.wish == Wish.EARLIEST and isinstance(enough, date):
        query["earliest"] = enough.isoformat()
        return Way(
            _("Begin on %(day)s") % {"day": day_words(enough)}, query.urlencode()
        )
    elif entry.wish == Wish.PER_WEEK:
        # Only this wish is given up: what the clinic left between stays.
        usual = policy_gaps(entry.was)  # type: ignore[arg-type]
        for name, gap in zip(GAPS, usual, strict=True):
            narrow = min if name == Wish.SMALLEST_GAP else max
            query[name] = query.get(name) or str(narrow(each_week(gap)))
        query["per_week"] = written(enough)  # type: ignore[arg-type]
        most = max(each_week(enough))  # type: ignore[arg-type]
        return Way(_numbered(entry.wish, most), query.urlencode())
    elif isinstance(enough, int):
        number = enough - had if entry.wish == Wish.SESSIONS else enough
        query[entry.wish.value] = str(number)
        return Way(_numbered(entry.wish, number), query.urlencode())
    words = {
        Wish.HOUR: _("Allow other hours where these are taken"),
        Wish.WEEKDAYS: _("Allow other days where these are taken"),
        Wish.PRACTITIONER: _("Allow another practitioner where this one is taken"),
    }
    return Way(words[entry.wish], query.urlencode())


def _numbered(wish: Wish, number: int) -> str:
    return {
        Wish.LARGEST_GAP: ngettext(
            "Allow up to %(n)d day between sessions",
            "Allow up to %(n)d days between sessions",
            number,
        ),
        Wish.SMALLEST_GAP: ngettext(
            "Allow sessions %(n)d day apart", "Allow sessions %(n)d days apart", number
        ),
        Wish.PER_WEEK: ngettext(
            "Come up to %(n)d time a week", "Come up to %(n)d times a week", number
        ),
        Wish.SESSIONS: ngettext(
            "Book %(n)d session now and the rest later",
            "Book %(n)d sessions now and the rest later",
            number,
        ),
    }[wish] % {"n": number}
