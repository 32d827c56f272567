"""The beds as they are now, ready to print."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.core.texts import Text
from plans.messages.initials import initials
from plans.room.queries import Stay
from plans.scheduling.models import Appointment, Bed
from plans.sessions.queries import Running
from plans.sessions.stimulation import KINDS
from plans.sessions.timer import Timer

STATUS_WORDS = dict(Appointment.Status.choices)
# What one press on the board does; `done` is for whoever writes the session up.
STEPS = {
    "arrived": ("in_bed", "needles_in"),
    "in_bed": ("needles_in",),
    "needles_in": ("needles_out",),
}


@dataclass(frozen=True)
class Beside:
    """A clock of electro, moxa or cupping; `more` was added to it while it ran."""

    kind: str
    name: Text
    timer: Timer
    more: int


@dataclass(frozen=True)
class Card:
    """One patient on the board: initials, for a screen that others can see."""

    stay: Stay
    initials: str
    url: str
    status_words: str
    due: datetime | None
    is_due: bool
    needles: str
    is_mine: bool
    was_handed_over: bool
    steps: tuple[tuple[str, str], ...]
    beside: list[Beside]
    to_start: list[tuple[str, Text]]


@dataclass(frozen=True)
class BedCard:
    name: str
    room: str
    cards: list[Card]
    next_at: datetime | None
    next_initials: str

    @property
    def is_free(self) -> bool:
        return not self.cards


@dataclass(frozen=True)
class Charge:
    """One practitioner's patients who have needles in."""

    name: str
    is_mine: bool
    cards: list[Card]


@dataclass(frozen=True)
class Board:
    beds: list[BedCard]
    charges: list[Charge]
    summary: str


def present(
    found: Sequence[Stay],
    *,
    beds: Iterable[Bed],
    coming: Iterable[Appointment],
    beside: Mapping[int, Sequence[Running]],
    kinds: Mapping[int, Collection[str]],
    reader_id: int,
    may_follow: bool,
    now: datetime,
) -> Board:
    cards = [
        present_card(
            stay,
            reader_id,
            beside=beside.get(stay.pk, ()),
            kinds=kinds.get(stay.pk, ()),
            may_follow=may_follow,
            now=now,
        )
        for stay in found
    ]
    after: dict[int, Appointment] = {}
    for visit in coming:
        after.setdefault(visit.bed_id, visit)
    # A bed that was given up since may still have somebody in it.
    names = {bed.pk: (bed.name, bed.room) for bed in beds}
    names |= {stay.bed_id: (stay.bed, stay.room) for stay in found}
    shown = [
        BedCard(
            name=name,
            room=room,
            cards=[card for card in cards if card.stay.bed_id == pk],
            next_at=after[pk].starts_at if pk in after else None,
            next_initials=of_visit(after[pk]) if pk in after else "",
        )
        for pk, (name, room) in names.items()
    ]
    return Board(shown, charges(cards), summary(cards))


def of_visit(visit: Appointment) -> str:
    return initials(visit.patient.family_name, visit.patient.given_name)


def present_card(
    stay: Stay,
    reader_id: int,
    *,
    beside: Sequence[Running],
    kinds: Collection[str],
    may_follow: bool,
    now: datetime,
) -> Card:
    timer = stay.timer
    mine = stay.in_charge_id == reader_id
    writes = reader_id in {stay.in_charge_id, stay.practitioner_id}
    steps = STEPS.get(stay.status, ()) if may_follow else ()
    return Card(
        stay=stay,
        initials=initials(stay.family_name, stay.given_name),
        url=reverse("plans:log" if writes else "plans:appointment", args=[stay.pk]),
        status_words=str(STATUS_WORDS[stay.status]),
        due=timer.due if timer else None,
        is_due=bool(timer and timer.is_due(now)),
        needles=needle_words(stay.needles) if timer and stay.needles else "",
        is_mine=mine,
        was_handed_over=stay.in_charge_id != stay.practitioner_id,
        steps=tuple((step, str(STATUS_WORDS[step])) for step in steps),
        beside=[
            Beside(each.kind, KINDS[each.kind].name, each.timer, each.more)
            for each in beside
        ],
        to_start=[
            (kind.id, kind.name)
            for kind in KINDS.values()
            if kind.id in kinds and kind.id not in {each.kind for each in beside}
        ],
    )


def needle_words(number: int) -> str:
    return ngettext("%(count)d needle", "%(count)d needles", number) % {"count": number}


def charges(cards: Iterable[Card]) -> list[Charge]:
    """Who has needles in: the reader first, then by name."""
    found: dict[tuple[bool, str, int], list[Card]] = {}
    for card in cards:
        if card.stay.timer:
            stay = card.stay
            key = (not card.is_mine, stay.in_charge, stay.in_charge_id)
            found.setdefault(key, []).append(card)
    return [
        Charge(name, not others, theirs)
        for (others, name, _pk), theirs in sorted(found.items())
    ]


def summary(cards: Sequence[Card]) -> str:
    running = [card for card in cards if card.stay.timer]
    if not running:
        return _("Nobody has needles in")
    parts = [
        ngettext(
            "%(count)d patient has needles in",
            "%(count)d patients have needles in",
            len(running),
        )
        % {"count": len(running)}
    ]
    if due := sum(card.is_due for card in running):
        parts.append(
            ngettext("%(count)d is due out", "%(count)d are due out", due)
            % {"count": due}
        )
    return " · ".join(parts)
