"""The fields that ask how electro, moxa and cupping were set."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import Segments
from plans.sessions.entry import Stimulus
from plans.sessions.models import Stimulation
from plans.sessions.stimulation import KINDS, Kind

FORM_LABELS = {
    "electro": _("Wave"),
    "moxa": _("Kind of moxa"),
    "cupping": _("Kind of cupping"),
}
LABELS = {
    "hz": _("Frequency (Hz)"),
    "hz_high": _("Second frequency (Hz)"),
    "minutes": _("Minutes"),
    "milliamps": _("Strength (mA)"),
    "cones": _("Cones"),
}
TENTHS = frozenset({"hz", "hz_high", "milliamps"})


def stimulation_fields() -> Iterator[tuple[str, forms.Field]]:
    for kind in KINDS.values():
        for name, field in _fields(kind):
            yield f"{kind.id}-{name}", field


def stimulus_of(kind: Kind, given: Mapping[str, object]) -> Stimulus:
    marked = f"{kind.id}-"
    values = {
        name.removeprefix(marked): value
        for name, value in given.items()
        if name.startswith(marked)
    }
    return Stimulus(**values)  # type: ignore[arg-type]


def _fields(kind: Kind) -> Iterator[tuple[str, forms.Field]]:
    language = get_language() or "en"
    yield (
        "form",
        forms.ChoiceField(
            label=FORM_LABELS[kind.id],
            choices=[(key, text[language]) for key, text in kind.forms.items()],
            required=False,
            widget=Segments,
        ),
    )
    for name, (low, high) in kind.bounds.items():
        yield name, _number(name, low, high)
    if kind.id == "electro":
        felt = forms.ChoiceField(
            label=_("Felt"),
            choices=Stimulation.Felt.choices,
            required=False,
            widget=Segments,
        )
        yield "felt", felt
    if kind.id == "cupping":
        where = forms.CharField(label=_("Where else"), max_length=100, required=False)
        yield "where", where


def _number(name: str, low: float, high: float) -> forms.Field:
    common: Any = {"label": LABELS[name], "required": False}
    if name not in TENTHS:
        whole = forms.NumberInput(attrs={"inputmode": "numeric"})
        return forms.IntegerField(
            **common, min_value=int(low), max_value=int(high), widget=whole
        )
    tenths = forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"})
    return forms.DecimalField(
        **common, min_value=low, max_value=high, decimal_places=1, widget=tenths
    )
