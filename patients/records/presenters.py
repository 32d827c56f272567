from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.forms import Field
from django.utils import formats
from django.utils.translation import gettext as _

from clinic.core.dates import full_years
from patients.records.models import Episode, Patient
from patients.records.names import SHORTEST_PHONE_PART, digits


@dataclass(frozen=True)
class FoundRow:
    """One line of a search, ready to print. `episode` is empty without the right."""

    url: str
    name: str
    preferred_name: str
    born: str
    age: int
    phone_ending: str
    episode: str
    episode_since: str


def found_rows(
    patients: Sequence[Patient],
    episodes: Mapping[int, Episode],
    *,
    today: date,
    clinical: bool,
) -> list[FoundRow]:
    """`episodes` holds the open episode of those who have one, by patient."""
    rows = []
    for patient in patients:
        episode = episodes.get(patient.pk)
        rows.append(
            FoundRow(
                url=patient.get_absolute_url(),
                name=patient.name,
                preferred_name=patient.preferred_name,
                born=short_date(patient.birth_date),
                age=full_years(patient.birth_date, today),
                phone_ending=phone_ending(patient.phone),
                episode=episode.complaint if episode and clinical else "",
                episode_since=short_date(episode.opened_on) if episode else "",
            )
        )
    return rows


def short_date(day) -> str:
    return formats.date_format(day, "SHORT_DATE_FORMAT") if day else ""


def phone_ending(phone: str) -> str:
    """Enough to ask “the number that ends in …?”, not enough to read it out."""
    number = digits(phone)
    return f"…{number[-SHORTEST_PHONE_PART:]}" if number else ""


@dataclass(frozen=True)
class Difference:
    """A field that somebody else saved meanwhile.

    `touched`: something else was typed here. If not, what was saved is taken over.
    """

    label: str
    saved: str
    typed: str
    touched: bool


def difference(field: Field, saved, typed, *, touched: bool) -> Difference:
    return Difference(
        str(field.label), shown(field, saved), shown(field, typed), touched
    )


def shown(field: Field, value) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    choices = dict(getattr(field, "choices", ()))
    if value in choices:
        return str(choices[value])
    return short_date(value) if hasattr(value, "isoformat") else str(value)
