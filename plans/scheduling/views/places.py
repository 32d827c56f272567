"""Free places lit up in the diary: for a new visit, a copied one or one to move."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.access.roles import Permission
from plans.planning.queries import version_to_treat_by
from plans.scheduling import queries, statuses
from plans.scheduling.clock import wall
from plans.scheduling.free import Length, Start, free_starts
from plans.scheduling.models import Appointment
from plans.scheduling.policy import visit_length
from plans.scheduling.presenters.columns import Lit

LONGEST_NUMBER = 18  # digits


@dataclass(frozen=True, slots=True)
class Light:
    """What the diary is asked to find room for.

    `address` leads on from a free place; `query` keeps the light on other days.
    """

    title: str
    length: Length
    address: str
    query: str
    name: str = ""
    kind: str = ""
    patient_id: int | None = None
    without: tuple[int, ...] = ()
    anchor: str = ""

    def url(self, start: Start, *, bed: object = "") -> str:
        place = {
            "day": f"{start.at:%Y-%m-%d}",
            "time": f"{start.at:%H:%M}",
            "practitioner": start.practitioner,
        }
        if bed:
            place["bed"] = bed
        joint = "&" if "?" in self.address else "?"
        return f"{self.address}{joint}{urlencode(place)}{self.anchor}"


def light_of(request: HttpRequest) -> Light | None:
    """Read from the address what to light up. What can't be read lights nothing."""
    if not request.user.has_perm(Permission.BOOK_COURSE):
        return None
    kind = request.GET.get("light", "")
    if kind in Appointment.Kind:
        return _for_anybody(Appointment.Kind(kind))
    for name, found in (("copy", _for_copy), ("move", _for_move)):
        number = request.GET.get(name, "")
        if number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER:
            row = _appointments().filter(pk=int(number)).first()
            return found(row) if row else None
    return None


def _appointments() -> QuerySet[Appointment]:
    return Appointment.objects.select_related("patient")


def _for_anybody(kind: Appointment.Kind) -> Light:
    return Light(
        title=_("Free places"),
        length=visit_length(kind, 0, queries.visit_lengths()),
        address=f"{reverse('plans:book')}?kind={kind}",
        query=urlencode({"light": kind}),
        kind=kind,
    )


def _for_copy(row: Appointment) -> Light:
    patient = row.patient
    version = version_to_treat_by(patient.pk)
    treated = version if row.kind == Appointment.Kind.TREATMENT else None
    sent = urlencode({"patient": patient.pk, "kind": row.kind})
    return Light(
        title=_("Copied: choose a place"),
        name=patient.name,
        length=visit_length(
            row.kind,
            treated.retention_min if treated else 0,
            queries.visit_lengths(),
        ),
        address=f"{reverse('plans:book')}?{sent}",
        query=urlencode({"copy": row.pk}),
        patient_id=patient.pk,
    )


def _for_move(row: Appointment) -> Light | None:
    if row.status not in statuses.AHEAD:
        return None
    return Light(
        title=_("Moving: choose a place"),
        name=row.patient.name,
        length=row.length,
        address=reverse("plans:appointment", args=[row.pk]),
        query=urlencode({"move": row.pk}),
        patient_id=row.patient_id,
        without=(row.pk,),
        anchor="#move",
    )


def lit_places(
    light: Light,
    first: date,
    last: date,
    *,
    column: Callable[[Start], str],
    practitioners: Sequence[int] | None = None,
) -> Iterator[Lit]:
    """Free starts with the column each is drawn in. Two queries."""
    for start in _starts(light, first, last, practitioners):
        yield Lit(column(start), start.at, light.url(start))


def lit_beds(light: Light, on: date) -> Iterator[Lit]:
    """Each bed's free starts, with whoever has time first. Two queries."""
    known, after = _known(light, on, on)
    for bed in known.beds:
        starts = free_starts(
            replace(known, beds=(bed,)), light.length, first=on, last=on, after=after
        )
        first_of = {start.at: start for start in reversed(starts)}
        for at, start in sorted(first_of.items()):
            yield Lit(str(bed), at, light.url(start, bed=bed))


def _starts(light, first, last, practitioners) -> list[Start]:
    known, after = _known(light, first, last)
    return free_starts(
        known,
        light.length,
        first=first,
        last=last,
        after=after,
        practitioners=practitioners,
    )


def _known(light: Light, first: date, last: date):
    known = queries.calendar(
        first, last, patient_id=light.patient_id, without=light.without
    )
    return known, wall(timezone.now(), queries.clinic_zone())
