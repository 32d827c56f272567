"""Which messages patients are owed, told from the diary and what was said before.

Nothing is planned when somebody books: what a patient was last told is compared with
what the diary says now. So a message can't be forgotten by a new way to book, and one
that came to nothing within the undo window is never owed at all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plans.messages.policy import POLICY, Policy


class Kind(StrEnum):
    BOOKING = "booking"
    MOVED = "moved"
    CANCELLED = "cancelled"
    EARLY = "early_reminder"
    LATE = "late_reminder"


NEWS = (Kind.BOOKING, Kind.MOVED, Kind.CANCELLED)
REMINDERS = (Kind.EARLY, Kind.LATE)


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment to come, either held or freed, and what was said of it.

    `placed_at` is when it was booked or last moved. `told` is the kind of the last
    message about it and `told_start` the start which that one gave; `reminded` holds
    the reminders of the present start.
    """

    appointment: int
    patient: int
    revision: int
    starts_at: datetime
    is_held: bool
    placed_at: datetime
    status_since: datetime
    told: str | None = None
    told_start: datetime | None = None
    reminded: frozenset[str] = frozenset()

    @property
    def news(self) -> Kind | None:
        """What the patient does not know yet."""
        knows_a_start = self.told not in {None, Kind.CANCELLED}
        if not self.is_held:
            return Kind.CANCELLED if knows_a_start else None
        if not knows_a_start:
            return Kind.BOOKING
        return Kind.MOVED if self.told_start != self.starts_at else None

    @property
    def changed_at(self) -> datetime:
        taken_back = self.told == Kind.CANCELLED
        if self.is_held and not taken_back:
            return self.placed_at
        return max(self.placed_at, self.status_since)


@dataclass(frozen=True, slots=True)
class Planned:
    """One message to come, about one appointment or several of the same patient."""

    kind: Kind
    patient: int
    leaves_at: datetime
    visits: tuple[Visit, ...]


def planned(
    visits: Iterable[Visit], now: datetime, policy: Policy = POLICY
) -> list[Planned]:
    """What is owed, in the order in which it leaves.

    A whole course is one message; it waits until the last of its dates can no longer be
    undone. A reminder is owed once for each start, and not for one that was booked
    after its hour.
    """
    found: list[Planned] = []
    news: dict[tuple[int, Kind], list[Visit]] = {}
    for visit in visits:
        if visit.starts_at <= now:
            continue
        if kind := visit.news:
            news.setdefault((visit.patient, kind), []).append(visit)
        elif visit.is_held:
            found += _reminders(visit, now, policy)
    for (patient, kind), group in news.items():
        leaves_at = max(visit.changed_at for visit in group) + policy.undo
        ordered = sorted(group, key=lambda visit: visit.starts_at)
        found.append(Planned(kind, patient, leaves_at, tuple(ordered)))
    return sorted(found, key=lambda row: (row.leaves_at, row.patient, row.kind))


def _reminders(visit: Visit, now: datetime, policy: Policy) -> Iterator[Planned]:
    for kind in REMINDERS:
        window = policy.reminders[kind]
        opens, closes = visit.starts_at - window.opens, visit.starts_at - window.closes
        if kind not in visit.reminded and visit.placed_at < opens and now < closes:
            yield Planned(kind, visit.patient, opens, (visit,))


def still_holds(
    kind: str,
    *,
    is_held: bool,
    starts_at: datetime,
    said: datetime,
    now: datetime,
    policy: Policy = POLICY,
) -> bool:
    """Whether a message that says `said` is still true of the appointment, and a
    reminder not too late.
    """
    if starts_at <= now:
        return False
    window = policy.reminders.get(Kind(kind))
    if window and now >= starts_at - window.closes:
        return False
    return not is_held if kind == Kind.CANCELLED else is_held and starts_at == said
