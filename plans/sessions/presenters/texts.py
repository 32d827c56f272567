"""Two texts of one session beside each other: of two writers, or before and after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.forms import BoundField
from django.utils.translation import gettext as _

from clinic.templatetags.clinic_ui import in_language
from patients.intake.questionnaire import QUESTIONNAIRE
from patients.intake.screen import SHORT_SCREEN
from plans.sessions.asepsis import CHECKLIST
from plans.sessions.forms import SessionForm
from plans.sessions.models import Amendment
from plans.sessions.wording import Piece, compared


@dataclass(frozen=True)
class Difference:
    """`part` is a field's name or a point's code, as `drafts.merged` takes them."""

    part: str
    label: str
    mine: str
    theirs: str


def differences(mine: SessionForm, theirs: SessionForm) -> list[Difference]:
    """Where two texts of one session part, in words, both sides in full."""
    ours, others = parts(mine), parts(theirs)
    labels = {part: label for part, (label, _words) in (others | ours).items()}
    absent = ("", "")
    both = [
        Difference(part, label, ours.get(part, absent)[1], others.get(part, absent)[1])
        for part, label in labels.items()
    ]
    return [found for found in both if found.mine != found.theirs]


def parts(form: SessionForm) -> dict[str, tuple[str, str]]:
    """Each field and each point of a session: its label, and in words what it says."""
    found = {
        row.prefix: (row.prefix, " · ".join(filter(None, map(_said, row))))
        for row in form.rows
    }
    shown = (field for field in form if not field.is_hidden)
    asked = {"unclear": (_("Not understood yet"), "; ".join(form.unclear))}
    fields = {field.name: (str(field.label), _said(field)) for field in shown}
    return found | asked | fields


def part_label(part: str) -> str:
    """A point’s code, or what the form calls the field."""
    if part in SessionForm.base_fields:
        return str(SessionForm.base_fields[part].label)
    name = part.partition("-")[2]
    if name in SHORT_SCREEN:
        return in_language(QUESTIONNAIRE.questions[name].label)
    if name in CHECKLIST.items:
        return in_language(CHECKLIST.items[name].text)
    return part


@dataclass(frozen=True)
class Amended:
    """A later word on a session; of a correction both wordings, and where they part."""

    pk: int
    label: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    text: str
    by: str
    at: datetime


def amended(amendments: Iterable[Amendment]) -> list[Amended]:
    return [
        Amended(
            amendment.pk,
            part_label(amendment.corrects),
            *compared(amendment.before, amendment.after),
            amendment.text,
            str(amendment.written_by),
            amendment.written_at,
        )
        for amendment in amendments
    ]


def _said(field: BoundField) -> str:
    """The value of a field in words; nothing for one that was left open."""
    value = field.value()
    if value in (None, "", "unknown", False):
        return ""
    if value is True:
        return str(field.label) if field.name == "drop" else _("Yes")
    words = str(dict(getattr(field.field, "choices", ())).get(value, value))
    match field.name:
        case "depth_mm":
            return f"{words} mm"
        case "de_qi":
            return f"{field.label}: {words}"
    return words
