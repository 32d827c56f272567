"""Columns of the diary, ready to print: the templates format nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinic.templatetags.clinic_ui import STATUSES
from patients.records.names import full_name
from plans.scheduling.clock import wall
from plans.scheduling.free import GRID
from plans.scheduling.grid import MINUTES, Band, Scale, lanes, minute_of, scale_of
from plans.scheduling.models import Appointment
from plans.scheduling.presenters.waiting import place_url
from plans.scheduling.presenters.words import kept_words, start_words
from plans.scheduling.queries import DayRow, clinic_zone
from plans.scheduling.statuses import AHEAD, FREED, HELD, HERE, NEXT

PRACTITIONER, BED, WEEK = "practitioner", "bed", "week"
MOST_LANES = 6

STATUS_WORDS = dict(Appointment.Status.choices)
NEXT_WORDS = {
    "arrived": gettext_lazy("Arrive"),
    "in_bed": gettext_lazy("To bed"),
    "needles_in": pgettext_lazy("status", "Needles in"),
    "needles_out": pgettext_lazy("status", "Needles out"),
    "done": gettext_lazy("Done"),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """`classes` place its stay, `needling` the part that the practitioner is there.

    `held` is what a script needs to move it: the revision, both lengths in minutes and
    the number of the practitioner.
    Whoever is here can only stay longer, or less long: `is_fixed`.
    """

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
    held: str
    is_fixed: bool
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
    """`place` is the part of an address that says whose column it is."""

    key: str
    on: date
    name: str
    place: str
    url: str = ""
    notes: list[str] = field(default_factory=list)
    worked: list[tuple[int, int]] = field(default_factory=list)
    shut: list[Band] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    free: list[FreeCell] = field(default_factory=list)
    lit: list[FreeCell] = field(default_factory=list)
    lanes: int = 0
    now: Band | None = None


@dataclass(frozen=True, slots=True)
class Lit:
    """A free start that a lit place leads to, by the column it stands in."""

    column: str
    at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Grid:
    by: str
    scale: Scale
    hours: list[tuple[int, str]]
    columns: list[Column]
    shapes: frozenset[str]
    now: Band | None
    third: int


def draw(
    columns: Sequence[Column],
    rows: Mapping[str, Sequence[DayRow]],
    *,
    by: str,
    now: datetime,
    may_book: bool,
    lit: Iterable[Lit] | None = None,
) -> Grid:
    """Fill columns with their rows. With `lit` only those starts can be clicked."""
    pen = _Pen(by, now, may_book)
    held = {
        key: [r for r in mine if r.status not in FREED] for key, mine in rows.items()
    }
    stretches = [pen.stay(row) for mine in held.values() for row in mine]
    scale = scale_of([s for c in columns for s in c.worked] + stretches)
    for column in columns:
        pen.fill(column, held.get(column.key, ()), scale, clickable=lit is None)
    by_key = {column.key: column for column in columns}
    for start in lit or ():
        if start.column in by_key:
            minute = minute_of(start.at)
            at = f"at-{scale.band(minute, minute + GRID).at}"
            cell = FreeCell(at, f"{start.at:%H:%M}", start.url)
            by_key[start.column].lit.append(cell)
    return Grid(
        by=by,
        scale=scale,
        hours=scale.hours(),
        columns=list(columns),
        shapes=frozenset(
            STATUSES[row.status][1] for mine in rows.values() for row in mine
        ),
        now=next((column.now for column in columns if column.now), None),
        third=minute_of(now) % GRID // 5,
    )


def draw_freed(
    rows: Iterable[DayRow], *, by: str, now: datetime, may_book: bool
) -> list[Visit]:
    """Cancelled ones hold no place: a list beside the columns has them."""
    pen, scale = _Pen(by, now, may_book), scale_of(())
    found = []
    for row in rows:
        if row.status in FREED:
            visit = pen.visit(row, scale, lane=0)
            if by == WEEK:
                visit = replace(
                    visit, starts=start_words(wall(row.starts_at, pen.zone))
                )
            found.append(visit)
    return found


class _Pen:
    """What stays the same for every cell."""

    def __init__(self, by: str, now: datetime, may_book: bool) -> None:
        self.by, self.now, self.may_book = by, now, may_book
        self.zone = clinic_zone()
        self.new_url = reverse("plans:book")
        self.visit_url = reverse("plans:appointment", args=[0])
        self.step_url = reverse("plans:set_status", args=[0])
        self.words = {value: str(words) for value, words in STATUS_WORDS.items()}
        self.steps = {value: str(words) for value, words in NEXT_WORDS.items()}
        self._stays: dict[int, tuple[int, int]] = {}

    def stay(self, row: DayRow) -> tuple[int, int]:
        """Minutes of its day; a stay past midnight ends with the day."""
        if row.pk not in self._stays:
            self._stays[row.pk] = self._stay(row)
        return self._stays[row.pk]

    def _stay(self, row: DayRow) -> tuple[int, int]:
        start, end = wall(row.starts_at, self.zone), wall(row.ends_at, self.zone)
        last = minute_of(end) if end.date() == start.date() else MINUTES
        return minute_of(start), max(last, minute_of(start) + 1)

    def needled(self, row: DayRow) -> tuple[int, int]:
        start, _end = self.stay(row)
        return start, start + max(_minutes(row.needling_ends_at - row.starts_at), 1)

    def fill(
        self, column: Column, mine: Sequence[DayRow], scale: Scale, *, clickable: bool
    ) -> None:
        minute = minute_of(self.now)
        if self.now.date() == column.on and scale.first <= minute < scale.last:
            column.now = scale.band(minute, minute + 1)
        column.shut = scale.outside(column.worked)
        stays = [self.stay(row) for row in mine]
        given = lanes(stays)
        column.visits = [
            self.visit(row, scale, lane) for row, lane in zip(mine, given, strict=True)
        ]
        column.lanes = min(max(given, default=-1) + 1, MOST_LANES)
        if self.may_book and clickable:
            taken = stays if self.by == BED else map(self.needled, mine)
            column.free = self.free_cells(column, list(taken), scale)

    def free_cells(
        self, column: Column, taken: Sequence[tuple[int, int]], scale: Scale
    ) -> list[FreeCell]:
        """Quarter hours that are worked, not held, and still to come."""
        held = {
            quarter
            for start, end in taken
            for quarter in range(start // GRID, -(-end // GRID))
        }
        if column.on == self.now.date():
            held.update(range(minute_of(self.now) // GRID))
        elif column.on < self.now.date():
            return []
        worked = {m for start, end in column.worked for m in range(start, end, GRID)}
        cells = []
        for minute in sorted(worked):
            if minute // GRID not in held:
                at = scale.band(minute, minute + GRID).at
                words = f"{minute // 60:02}:{minute % 60:02}"
                url = f"{self.new_url}?day={column.on}&time={words}&{column.place}"
                cells.append(FreeCell(f"at-{at}", words, url))
        return cells

    def visit(self, row: DayRow, scale: Scale, lane: int) -> Visit:
        start, end = self.stay(row)
        stay, needling = scale.band(start, end), scale.band(*self.needled(row))
        tone, shape = STATUSES[row.status]
        step = NEXT.get(row.status, "") if self.may_book and self.begun(row) else ""
        return Visit(
            pk=str(row.pk),
            name=full_name(row.family_name, row.given_name),
            url=self.url(row),
            classes=f"visit--{row.status} at-{stay.at} for-{stay.rows} "
            f"lane-{min(lane, MOST_LANES - 1)}",
            needling=f"for-{needling.rows}",
            tone=tone,
            shape=shape,
            status=self.status(row),
            starts=f"{start // 60:02}:{start % 60:02}",
            until=f"{end // 60 % 24:02}:{end % 60:02}",
            where=row.practitioner if self.by == BED else row.bed,
            first=row.kind == Appointment.Kind.FIRST,
            minutes=self.minutes_in_status(row),
            held=self.held(row),
            is_fixed=row.status in HERE,
            step=f"{step} {row.revision}" if step else "",
            step_words=self.steps.get(step, ""),
            step_url=self.step_url.replace("/0/", f"/{row.pk}/"),
        )

    def url(self, row: DayRow) -> str:
        if row.status != HELD:
            return self.visit_url.replace("/0/", f"/{row.pk}/")
        # Whoever may not book has nothing to do there.
        there = place_url(row.starts_at, row.practitioner_id)
        return there if self.may_book else f"#a{row.pk}"

    def status(self, row: DayRow) -> str:
        if row.held_until is None:
            return self.words[row.status]
        return kept_words(wall(row.held_until, self.zone))

    def begun(self, row: DayRow) -> bool:
        return wall(row.starts_at, self.zone).date() <= self.now.date()

    def held(self, row: DayRow) -> str:
        if not self.may_book or row.status not in {*AHEAD, *HERE}:
            return ""
        needling = _minutes(row.needling_ends_at - row.starts_at)
        stay = _minutes(row.ends_at - row.starts_at)
        return f"{row.revision} {needling} {stay} {row.practitioner_id}"

    def minutes_in_status(self, row: DayRow) -> int | None:
        """How long somebody who is here has been waiting or resting."""
        if row.status not in HERE:
            return None
        passed = self.now - wall(row.status_since, self.zone)
        if not timedelta(0) <= passed < timedelta(hours=12):
            return None
        return _minutes(passed)


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
