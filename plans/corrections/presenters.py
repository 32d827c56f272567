"""Two records side by side, and what would move from one to the other."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from clinic.templatetags.clinic_ui import day, day_and_clock
from plans.corrections.queries import Side
from plans.scheduling.models import Appointment
from plans.sessions.entry import Entry


def choices(places: Iterable[Appointment]) -> list[tuple[str, str]]:
    return [(str(place.pk), place_words(place)) for place in places]


def place_words(place: Appointment) -> str:
    """10:15 Ana Reyes, born 1 Jan 1980, with Jonas Beispiel, Bed 2"""
    return _("%(time)s %(patient)s, born %(born)s, with %(who)s, %(bed)s") % {
        "time": formats.time_format(timezone.localtime(place.starts_at), "H:i"),
        "patient": place.patient,
        "born": formats.date_format(place.patient.birth_date, "SHORT_DATE_FORMAT"),
        "who": place.practitioner,
        "bed": place.bed,
    }


@dataclass(frozen=True)
class Row:
    label: str
    here: object
    there: object


def compared(here: Side, there: Side | None) -> list[Row]:
    """`there` None: the session did not take place."""
    told = _told(here)
    others = _told(there) if there else [(label, "") for label, _value in told]
    return [
        Row(label, ours, theirs)
        for (label, ours), (_label, theirs) in zip(told, others, strict=True)
    ]


def _told(side: Side) -> list[tuple[str, object]]:
    visit = side.appointment
    return [
        (_("Patient"), visit.patient),
        (_("Born"), formats.date_format(visit.patient.birth_date)),
        (_("Appointment"), day_and_clock(visit.starts_at)),
        (_("Practitioner"), visit.practitioner),
        (_("Bed"), visit.bed),
        (_("Complaint"), side.complaint),
        (_("Plan, version"), side.plan_number or ""),
        (_("Signed sessions"), side.visits),
        (_("Last session"), day(side.last_at) if side.last_at else ""),
    ]


@dataclass(frozen=True)
class Moved:
    """What would be copied, in short."""

    points: str
    needles: str
    scores: str
    note: str


def moved(entry: Entry) -> Moved:
    return Moved(
        points=", ".join(line.code for line in entry.lines),
        needles=f"{_shown(entry.needles_in)} / {_shown(entry.needles_out)}",
        scores=" · ".join(
            f"{label} {_shown(entry.scores.get(before))} → "
            f"{_shown(entry.scores.get(after))}"
            for label, before, after in (
                (_("Leg"), "leg_before", "leg_after"),
                (_("Back"), "back_before", "back_after"),
            )
        ),
        note=entry.note,
    )


def _shown(value: int | None) -> str:
    return "–" if value is None else str(value)
