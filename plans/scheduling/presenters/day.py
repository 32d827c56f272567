"""One day of the diary, ready to print: the template formats nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.templatetags.clinic_ui import status as status_pill
from patients.records.names import full_name
from plans.scheduling.clock import wall
from plans.scheduling.free import GRID
from plans.scheduling.grid import MINUTES, Band, Scale, lanes, minute_of, scale_of
from plans.scheduling.models import Appointment, Bed, Closure, WorkingHours
from plans.scheduling.queries import DayRow, clinic_zone
from plans.scheduling.statuses import FREED, HERE, NEXT

PRACTITIONER, BED = "practitioner", "bed"
MOST_LANES = 6

STATUS_WORDS = dict(Appointment.Status.choices)
NEXT_WORDS = {
    "arrived": gettext_lazy("Arrive"),
    "in_bed": gettext_lazy("To bed"),
    "needles_out": gettext_lazy("Needles out"),
    "done": gettext_lazy("Done"),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """`stay` and `needling` are its two bands; `lane` keeps resting bands apart."""

    pk: int
    name: str
    url: str
    status: str
    pill: str
    stay: Band
    needling: Band
    lane: int
    starts: str
    until: str
    where: str
    first: bool
    minutes: int | None
    next: str
    next_words: str
    next_url: str
    revision: int


@dataclass(frozen=True, slots=True)
class FreeCell:
    at: int
    time: str
    url: str


@dataclass(slots=True)
class Column:
    key: int
    name: str
    notes: list[str] = field(default_factory=list)
    worked: list[tuple[int, int]] = field(default_factory=list)
    shut: list[Band] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    free: list[FreeCell] = field(default_factory=list)
    lanes: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    by: str
    scale: Scale
    hours: list[tuple[int, str]]
    columns: list[Column]
    now: Band | None
    third: int
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
) -> Day:
    """Build the columns of a day; `now` is wall-clock time."""
    drawn = _Drawing(on, by, now, may_book)
    columns = drawn.columns(hours, beds, closures, rows)
    held = [row for row in rows if row.status not in FREED]
    stretches = [drawn.stay(row) for row in held]
    scale = scale_of([s for c in columns.values() for s in c.worked] + stretches)
    for key, column in columns.items():
        mine = [row for row in held if drawn.key(row) == key]
        drawn.fill(column, mine, scale)
    minute = minute_of(now)
    here = now.date() == on and scale.first <= minute < scale.last
    return Day(
        on=on,
        by=by,
        scale=scale,
        hours=scale.hours(),
        columns=list(columns.values()),
        now=scale.band(minute, minute + 1) if here else None,
        third=minute % GRID // 5,
        freed=[drawn.visit(row, scale, lane=0) for row in rows if row.status in FREED],
        closed=[c.reason for c in closures if c.practitioner_id is None],
        summary=_summary(held),
    )


def _summary(held: Sequence[DayRow]) -> str:
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
    return " · ".join(parts)


class _Drawing:
    """What stays the same for every cell of one day."""

    def __init__(self, on: date, by: str, now: datetime, may_book: bool) -> None:
        self.on, self.by, self.now, self.may_book = on, by, now, may_book
        self.zone = clinic_zone()
        self.pills: dict[str, str] = {}
        self.new_url = reverse("plans:book")
        self.begun = on <= now.date()

    def key(self, row: DayRow) -> int:
        return row.bed_id if self.by == BED else row.practitioner_id

    def stay(self, row: DayRow) -> tuple[int, int]:
        """Minutes of this day; a stay past midnight ends with the day."""
        start, end = wall(row.starts_at, self.zone), wall(row.ends_at, self.zone)
        last = minute_of(end) if end.date() == start.date() else MINUTES
        return minute_of(start), max(last, minute_of(start) + 1)

    def columns(
        self,
        hours: Iterable[WorkingHours],
        beds: Iterable[Bed],
        closures: Sequence[Closure],
        rows: Sequence[DayRow],
    ) -> dict[int, Column]:
        """Practitioners at work that day, or the beds; and whoever has a visit."""
        found: dict[int, Column] = {}
        shut = any(closure.practitioner_id is None for closure in closures)
        away = {c.practitioner_id: c.reason for c in closures}
        everyone: list[tuple[int, int]] = []
        for period in hours:
            who = period.practitioner
            worked = (minute_of(period.starts), minute_of(period.ends))
            if not shut and who.pk not in away:
                everyone.append(worked)
            if self.by == PRACTITIONER:
                column = found.setdefault(who.pk, Column(who.pk, who.name))
                if who.pk in away:
                    column.notes = [_("Away: %(reason)s") % {"reason": away[who.pk]}]
                elif not shut:
                    column.worked.append(worked)
                    words = f"{period.starts:%H:%M}–{period.ends:%H:%M}"
                    column.notes.append(words)
        if self.by == BED:
            for bed in beds:
                notes = [bed.room] if bed.room else []
                found[bed.pk] = Column(bed.pk, bed.name, notes, everyone)
        for row in rows:
            if row.status not in FREED:
                name = row.bed if self.by == BED else row.practitioner
                found.setdefault(self.key(row), Column(self.key(row), name))
        return found

    def fill(self, column: Column, mine: Sequence[DayRow], scale: Scale) -> None:
        column.shut = scale.outside(column.worked)
        given = lanes([self.stay(row) for row in mine])
        column.visits = [
            self.visit(row, scale, lane) for row, lane in zip(mine, given, strict=True)
        ]
        column.lanes = min(max(given, default=-1) + 1, MOST_LANES)
        if self.may_book:
            column.free = self.free_cells(column, scale)

    def free_cells(self, column: Column, scale: Scale) -> list[FreeCell]:
        """Quarter hours that are worked, not held, and still to come."""
        taken: set[int] = set()
        for visit in column.visits:
            band = visit.stay if self.by == BED else visit.needling
            taken.update(range(band.at, band.at + band.rows))
        past = -1 if self.on > self.now.date() else minute_of(self.now)
        if self.on < self.now.date():
            past = MINUTES
        cells = []
        minutes = {m for start, end in column.worked for m in range(start, end, GRID)}
        for minute in sorted(minutes):
            at = scale.band(minute, minute + GRID).at
            if at in taken or minute + GRID <= past:
                continue
            words = f"{minute // 60:02}:{minute % 60:02}"
            wish = {"day": self.on.isoformat(), "time": words, self.by: column.key}
            cells.append(FreeCell(at, words, f"{self.new_url}?{urlencode(wish)}"))
        return cells

    def visit(self, row: DayRow, scale: Scale, lane: int) -> Visit:
        start, end = self.stay(row)
        needled = max((row.needling_ends_at - row.starts_at).seconds // 60, 1)
        next_one = NEXT.get(row.status, "") if self.may_book and self.begun else ""
        return Visit(
            pk=row.pk,
            name=full_name(row.family_name, row.given_name),
            url=reverse("plans:appointment", args=[row.pk]),
            status=row.status,
            pill=self.pill(row.status),
            stay=scale.band(start, end),
            needling=scale.band(start, start + needled),
            lane=min(lane, MOST_LANES - 1),
            starts=f"{start // 60:02}:{start % 60:02}",
            until=f"{end // 60 % 24:02}:{end % 60:02}",
            where=row.practitioner if self.by == BED else row.bed,
            first=row.kind == Appointment.Kind.FIRST,
            minutes=self.minutes_in_status(row),
            next=next_one,
            next_words=str(NEXT_WORDS[next_one]) if next_one else "",
            next_url=reverse("plans:set_status", args=[row.pk]) if next_one else "",
            revision=row.revision,
        )

    def pill(self, status: str) -> str:
        if status not in self.pills:
            self.pills[status] = status_pill(status, STATUS_WORDS[status])
        return self.pills[status]

    def minutes_in_status(self, row: DayRow) -> int | None:
        """How long somebody who is here has been waiting or resting."""
        if row.status not in HERE:
            return None
        passed = self.now - wall(row.status_since, self.zone)
        if not timedelta(0) <= passed < timedelta(hours=12):
            return None
        return passed // timedelta(minutes=1)
