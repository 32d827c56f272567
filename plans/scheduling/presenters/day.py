"""The diary of one day, or of one practitioner's week."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.scheduling.clock import wall
from plans.scheduling.grid import minute_of
from plans.scheduling.models import Bed, Closure, WorkingHours
from plans.scheduling.presenters.columns import (
    BED,
    PRACTITIONER,
    WEEK,
    Column,
    Grid,
    Lit,
    Visit,
    draw,
    draw_freed,
)
from plans.scheduling.presenters.words import day_words
from plans.scheduling.queries import DayRow, clinic_zone
from plans.scheduling.statuses import FREED, HELD, HERE

WORKDAYS = 5  # shown even where nobody works


@dataclass(frozen=True, slots=True)
class Diary:
    on: date
    grid: Grid
    freed: list[Visit]
    closed: list[str]
    summary: str


def present_day(
    on: date,
    *,
    by: str,
    now: datetime,
    rows: Sequence[DayRow],
    hours: Iterable[WorkingHours],
    closures: Sequence[Closure],
    beds: Iterable[Bed] = (),
    may_book: bool,
    lit: Iterable[Lit] | None = None,
) -> Diary:
    """Build the columns of a day; `now` is wall-clock time."""
    if by == BED:
        columns = _beds(on, hours, beds, closures)
    else:
        columns = _practitioners(on, hours, closures)
    mine: dict[str, list[DayRow]] = {}
    for row in rows:
        key = str(row.bed_id if by == BED else row.practitioner_id)
        mine.setdefault(key, []).append(row)
        if row.status not in FREED and key not in columns:
            name = row.bed if by == BED else row.practitioner
            columns[key] = Column(key, on, name, f"{by}={key}")
    return Diary(
        on=on,
        grid=draw(
            list(columns.values()), mine, by=by, now=now, may_book=may_book, lit=lit
        ),
        freed=draw_freed(rows, by=by, now=now, may_book=may_book),
        closed=[c.reason for c in closures if c.practitioner_id is None],
        summary=_summary(rows),
    )


def _practitioners(
    on: date, hours: Iterable[WorkingHours], closures: Sequence[Closure]
) -> dict[str, Column]:
    """Those who have hours that day."""
    shut, away = _closed(closures)
    found: dict[str, Column] = {}
    for period in hours:
        who = period.practitioner
        key = str(who.pk)
        url = f"{reverse('plans:diary_week')}?who={key}&day={on}"
        column = found.setdefault(
            key, Column(key, on, who.name, f"{PRACTITIONER}={key}", url)
        )
        if who.pk in away:
            column.notes = [_("Away: %(reason)s") % {"reason": away[who.pk]}]
        elif not shut:
            _work(column, period)
    return found


def _beds(
    on: date,
    hours: Iterable[WorkingHours],
    beds: Iterable[Bed],
    closures: Sequence[Closure],
) -> dict[str, Column]:
    """A bed can be had while anybody works."""
    shut, away = _closed(closures)
    worked = [
        (minute_of(period.starts), minute_of(period.ends))
        for period in hours
        if not shut and period.practitioner_id not in away
    ]
    return {
        str(bed.pk): Column(
            str(bed.pk),
            on,
            bed.name,
            f"{BED}={bed.pk}",
            notes=[bed.room] if bed.room else [],
            worked=worked,
        )
        for bed in beds
    }


def _closed(closures: Iterable[Closure]) -> tuple[bool, Mapping[int | None, str]]:
    away = {closure.practitioner_id: closure.reason for closure in closures}
    return None in away, away


def _work(column: Column, period: WorkingHours) -> None:
    column.worked.append((minute_of(period.starts), minute_of(period.ends)))
    column.notes.append(f"{period.starts:%H:%M}–{period.ends:%H:%M}")


def present_week(
    days: Sequence[date],
    *,
    practitioner_id: int,
    now: datetime,
    rows: Sequence[DayRow],
    hours: Iterable[WorkingHours],
    closures: Sequence[Closure],
    may_book: bool,
    lit: Iterable[Lit] | None = None,
) -> Diary:
    """A column a day; days on which nothing can be, after the fifth, are left out."""
    zone = clinic_zone()
    mine: dict[str, list[DayRow]] = {}
    for row in rows:
        mine.setdefault(f"{wall(row.starts_at, zone):%Y-%m-%d}", []).append(row)
    by_weekday: dict[int, list[WorkingHours]] = {}
    for period in hours:
        by_weekday.setdefault(period.weekday, []).append(period)
    columns = []
    for on in days:
        weekday = on.weekday()
        if weekday >= WORKDAYS and weekday not in by_weekday and f"{on}" not in mine:
            continue
        url = f"{reverse('plans:day')}?day={on}"
        place = f"{PRACTITIONER}={practitioner_id}"
        column = Column(f"{on}", on, day_words(on), place, url)
        theirs = [c for c in closures if c.practitioner_id in {None, practitioner_id}]
        shut, away = _closed(c for c in theirs if c.first_day <= on <= c.last_day)
        if shut:
            column.notes = [_("Closed: %(reason)s") % {"reason": away[None]}]
        elif away:
            column.notes = [_("Away: %(reason)s") % {"reason": away[practitioner_id]}]
        else:
            for period in by_weekday.get(weekday, ()):
                _work(column, period)
        columns.append(column)
    return Diary(
        on=days[0],
        grid=draw(columns, mine, by=WEEK, now=now, may_book=may_book, lit=lit),
        freed=draw_freed(rows, by=WEEK, now=now, may_book=may_book),
        closed=[],
        summary=_summary(rows),
    )


def _summary(rows: Sequence[DayRow]) -> str:
    held = [row for row in rows if row.status not in {*FREED, HELD}]
    kept = sum(row.status == HELD for row in rows)
    here = sum(row.status in HERE for row in held)
    done = sum(row.status == "done" for row in held)
    parts = [
        ngettext("%(count)d appointment", "%(count)d appointments", len(held))
        % {"count": len(held)}
    ]
    if here:
        parts.append(_("%(count)d here now") % {"count": here})
    if done:
        parts.append(_("%(count)d done") % {"count": done})
    if kept:
        words = ngettext("%(count)d place kept", "%(count)d places kept", kept)
        parts.append(words % {"count": kept})
    return " · ".join(parts)
