"""What runs on a bed beside the needles, and for how long."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import F, OuterRef, QuerySet

from plans.planning.models import PlanPoint, PlanVersion
from plans.scheduling.models import Appointment
from plans.sessions.models import NEEDLES, BedClock, Needling, Session
from plans.sessions.queries.sessions import stimulation_of, version_to_treat_by
from plans.sessions.stimulation import KINDS
from plans.sessions.timer import Timer

NEEDLES_IN = Appointment.Status.NEEDLES_IN


@dataclass(frozen=True, slots=True)
class Running:
    """A clock beside that of the needles; `more` was added to it while it ran."""

    kind: str
    timer: Timer
    more: int


def added_minutes() -> QuerySet:
    """A subquery of appointments: what was added to the needles that are in."""
    return BedClock.objects.filter(
        appointment=OuterRef("pk"),
        needles_since=OuterRef("status_since"),
        kind=NEEDLES,
    ).values("more")[:1]


def added_to(appointment: Appointment) -> int:
    """Minutes that were added to the needles of this visit, last time they were in."""
    clocks = BedClock.objects.filter(appointment=appointment, kind=NEEDLES)
    return clocks.order_by("-needles_since").values_list("more", flat=True).first() or 0


def running_on(appointments: Collection[int]) -> Mapping[int, list[Running]]:
    """By appointment, for those with needles in. One query."""
    found: dict[int, list[Running]] = defaultdict(list)
    clocks = BedClock.objects.filter(
        appointment__in=appointments,
        appointment__status=NEEDLES_IN,
        needles_since=F("appointment__status_since"),
        ended_at=None,
    ).exclude(kind=NEEDLES)
    for clock in clocks:
        minutes = None if clock.minutes is None else clock.minutes + clock.more
        timer = Timer(clock.began_at, minutes)
        found[clock.appointment_id].append(Running(clock.kind, timer, clock.more))
    return found


def kinds_on(appointments: Collection[int]) -> Mapping[int, set[str]]:
    """Which kinds of stimulation the points of a visit ask for: those of its draft,
    else of the plan. Two queries.
    """
    techniques: dict[int, set[str]] = defaultdict(set)
    drawn = Needling.objects.filter(session__appointment__in=appointments)
    planned = PlanPoint.objects.filter(
        version__status=PlanVersion.Status.APPROVED,
        version__plan__appointments__in=appointments,
        version__plan__appointments__session=None,
    )
    for rows, of in (
        (drawn, "session__appointment"),
        (planned, "version__plan__appointments"),
    ):
        for pk, technique in rows.values_list(of, "technique"):
            techniques[pk].add(technique)
    return {
        pk: {kind.id for kind in KINDS.values() if kind.techniques & used}
        for pk, used in techniques.items()
    }


def minutes_for(appointment: Appointment, kind: str) -> int | None:
    """As the draft says of this kind; else as long as the needles stay."""
    session = Session.objects.filter(appointment=appointment).first()
    if session:
        told = stimulation_of(session).get(kind)
        return told.minutes if told and told.minutes else session.retention_min or None
    version = version_to_treat_by(appointment)
    return version.retention_min or None if version else None
