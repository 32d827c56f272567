"""The wait list in words: what somebody wishes, and why a place should be theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from patients.records.models import Patient
from plans.scheduling.clock import wall
from plans.scheduling.models import Appointment, FreedPlace, WaitEntry
from plans.scheduling.presenters.words import (
    behind_words,
    day_words,
    short_weekday,
    start_words,
)
from plans.scheduling.queries import clinic_zone
from plans.scheduling.queries.waiting import Fit
from plans.scheduling.waiting import weekdays_of

KINDS = dict(Appointment.Kind.choices)


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """A place that was given up, and the page that says who could have it."""

    start: str
    who: str
    url: str


@dataclass(frozen=True, slots=True)
class FitWords:
    patient: Patient
    kind: str  # empty for a treatment
    why: list[str]


def place_url(starts_at: datetime, practitioner_id: int) -> str:
    place = FreedPlace(starts_at=starts_at, practitioner_id=practitioner_id)
    return place.get_absolute_url()


def place_words(
    starts_at: datetime, practitioner_id: int, names: Mapping[int, str]
) -> PlaceWords:
    return PlaceWords(
        start_words(wall(starts_at, clinic_zone())),
        names.get(practitioner_id, ""),
        place_url(starts_at, practitioner_id),
    )


def fit_words(fit: Fit) -> FitWords:
    why = behind_words(fit.course) if fit.course else []
    if fit.entry is not None:
        since = wall(fit.entry.since, clinic_zone()).date()
        why.append(_("has waited since %(day)s") % {"day": day_words(since)})
    first = fit.kind == Appointment.Kind.FIRST
    return FitWords(fit.patient, str(KINDS[fit.kind]) if first else "", why)


def wished_words(entry: WaitEntry) -> str:
    """Treatment · Tue, Thu · 09:00–12:00 · Una Hart · until Tue 31 Mar"""
    between = pgettext("between the items of a list", ", ")
    found = [str(KINDS[entry.kind])]
    if entry.weekdays:
        found.append(between.join(map(short_weekday, weekdays_of(entry.weekdays))))
    if entry.time_from and entry.time_to:
        found.append(f"{entry.time_from:%H:%M}–{entry.time_to:%H:%M}")
    elif entry.time_from:
        found.append(_("from %(time)s") % {"time": f"{entry.time_from:%H:%M}"})
    elif entry.time_to:
        found.append(_("until %(time)s") % {"time": f"{entry.time_to:%H:%M}"})
    if entry.practitioner:
        found.append(entry.practitioner.name)
    found.append(_("until %(day)s") % {"day": day_words(entry.last_day)})
    return " · ".join(found)
