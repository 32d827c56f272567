"""One day of the diary, ready to print: the template formats nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.templatetags.clinic_ui import STATUSES
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
    """`classes` place its stay, `needling` the part that the practitioner is there."""

    pk: str
    name: str
    url: str
    classes: str
    needling: str
    tone: str
    shape: str
    status: str
    starts: str
    until: str
    where: str
    first: bool
    minutes: int | None
    step: str
    step_words: str
    step_url: str


@dataclass(frozen=True, slots=True)
class FreeCell:
    at: str
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
    shapes: frozenset[str]
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
        shapes=frozenset(STATUSES[row.status][1] for row in rows),
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
        self.new_url = f"{reverse('plans:book')}?day={on.isoformat()}"
        self.visit_url = reverse("plans:appointment", args=[0])
        self.step_url = reverse("plans:set_status", args=[0])
        self.words = {value: str(words) for value, words in STATUS_WORDS.items()}
        self.steps = {value: str(words) for value, words in NEXT_WORDS.items()}
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
        stays = [self.stay(row) for row in mine]
        given = lanes(stays)
        column.visits = [
            self.visit(row, scale, lane) for row, lane in zip(mine, given, strict=True)
        ]
        column.lanes = min(max(given, default=-1) + 1, MOST_LANES)
        if self.may_book:
            taken = stays if self.by == BED else map(self.needled, mine)
            column.free = self.free_cells(column, list(taken), scale)

    def needled(self, row: DayRow) -> tuple[int, int]:
        start, _end = self.stay(row)
        return start, start + max(
            (row.needling_ends_at - row.starts_at).seconds // 60, 1
        )

    def free_cells(
        self, column: Column, taken: Sequence[tuple[int, int]], scale: Scale
    ) -> list[FreeCell]:
        """Quarter hours that are worked, not held, and still to come."""
        held = {
            quarter
            for start, end in taken
            for quarter in range(start // GRID, -(-end // GRID))
        }
        if self.on == self.now.date():
            held.update(range(minute_of(self.now) // GRID))
        elif self.on < self.now.date():
            return []
        worked = {m for start, end in column.worked for m in range(start, end, GRID)}
        cells = []
        for minute in sorted(worked):
            if minute // GRID not in held:
                at = scale.band(minute, minute + GRID).at
                words = f"{minute // 60:02}:{minute % 60:02}"
                url = f"{self.new_url}&time={words}&{self.by}={column.key}"
                cells.append(FreeCell(f"at-{at}", words, url))
        return cells

    def visit(self, row: DayRow, scale: Scale, lane: int) -> Visit:
        start, end = self.stay(row)
        stay, needling = scale.band(start, end), scale.band(*self.needled(row))
        tone, shape = STATUSES[row.status]
        step = NEXT.get(row.status, "") if self.may_book and self.begun else ""
        return Visit(
            pk=str(row.pk),
            name=full_name(row.family_name, row.given_name),
            url=self.visit_url.replace("/0/", f"/{row.pk}/"),
            classes=f"visit--{row.status} at-{stay.at} for-{stay.rows} "
            f"lane-{min(lane, MOST_LANES - 1)}",
            needling=f"for-{needling.rows}",
            tone=tone,
            shape=shape,
            status=self.words[row.status],
            starts=f"{start // 60:02}:{start % 60:02}",
            until=f"{end // 60 % 24:02}:{end % 60:02}",
            where=row.practitioner if self.by == BED else row.bed,
            first=row.kind == Appointment.Kind.FIRST,
            minutes=self.minutes_in_status(row),
            step=f"{step} {row.revision}" if step else "",
            step_words=self.steps.get(step, ""),
            step_url=self.step_url.replace("/0/", f"/{row.pk}/"),
        )

    def minutes_in_status(self, row: DayRow) -> int | None:
        """How long somebody who is here has been waiting or resting."""
        if row.status not in HERE:
            return None
        passed = self.now - wall(row.status_since, self.zone)
        if not timedelta(0) <= passed < timedelta(hours=12):
            return None
        return passed // timedelta(minutes=1)
