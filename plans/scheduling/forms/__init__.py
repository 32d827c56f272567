from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import LARGEST, DiaryDayField, RevisionField, Segments
from plans.scheduling.clock import moment_of
from plans.scheduling.free import GRID, Length
from plans.scheduling.models import Appointment
from plans.scheduling.queries import active_beds, clinic_zone, practitioner_names
from plans.scheduling.services import LONGEST_STAY, Slot


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__({"step": GRID * 60} | (attrs or {}), format="%H:%M")


class QuarterField(forms.TimeField):
    widget = ClockInput

    def to_python(self, value):
        at = super().to_python(value)
        if at is not None and (at.minute % GRID or at.second or at.microsecond):
            raise forms.ValidationError(_("Give a full quarter of an hour."))
        return at


def practitioner_choices() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in practitioner_names().items()]


def any_practitioner() -> list[tuple[str, object]]:
    return [("", _("Anybody")), *practitioner_choices()]


def any_bed() -> list[tuple[str, object]]:
    return [("", _("Any free bed")), *((str(b.pk), b.name) for b in active_beds())]


class DayForm(forms.Form):
    day = DiaryDayField(label=_("Day"), required=False)
    by = forms.ChoiceField(
        choices=[("practitioner", _("Practitioners")), ("bed", _("Beds"))],
        required=False,
    )


class WhoseWeekForm(forms.Form):
    day = DiaryDayField(label=_("Day"), required=False)
    who = forms.TypedChoiceField(
        label=_("Practitioner"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, data, *, names: Mapping[int, str]) -> None:
        super().__init__(data)
        self.fields["who"].choices = list(names.items())


class ChangesForm(forms.Form):
    day = DiaryDayField()
    until = DiaryDayField(required=False)
    who = forms.IntegerField(min_value=1, max_value=LARGEST, required=False)
    seen = forms.CharField(max_length=80, required=False)


class PlaceForm(forms.Form):
    day = DiaryDayField(label=_("Day"))
    time = QuarterField(label=_("Time"))
    # Whether somebody of that number can be booked is for the diary to say.
    practitioner = forms.IntegerField(
        label=_("With"),
        min_value=1,
        max_value=LARGEST,
        widget=forms.Select(choices=practitioner_choices),
    )
    bed = forms.TypedChoiceField(
        label=_("Bed"), choices=any_bed, coerce=int, empty_value=None, required=False
    )

    def slot(self) -> Slot:
        given = self.cleaned_data
        at = datetime.combine(given["day"], given["time"])
        return Slot(given["practitioner"], given["bed"], moment_of(at, clinic_zone()))


def read_place(sent: Mapping[str, str]) -> dict:
    """What an address says of a place that was clicked, as far as it can be read."""
    found = {}
    for name in ("day", "time"):
        try:
            found[name] = PlaceForm.base_fields[name].clean(sent[name])
        except (KeyError, forms.ValidationError):
            continue
    for name in ("practitioner", "bed"):
        if sent.get(name, "").isdecimal():
            found[name] = sent[name]
    return found


class BookForm(PlaceForm):
    kind = forms.ChoiceField(
        label=_("Kind"), choices=Appointment.Kind.choices, widget=Segments
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    field_order = ["kind", "day", "time", "practitioner", "bed"]

    def clean_submission(self) -> UUID:
        return self.cleaned_data["submission"]


def length_choices() -> list[tuple[str, object]]:
    return [
        (str(n), _("%(n)s min") % {"n": n})
        for n in range(GRID, LONGEST_STAY + GRID, GRID)
    ]


class MoveForm(PlaceForm):
    """Where a visit goes, and how long it is there.

    Whoever is here already may stay longer, but not elsewhere: `is_fixed`.
    """

    needling = forms.TypedChoiceField(
        label=_("Needling"), choices=length_choices, coerce=int
    )
    stay = forms.TypedChoiceField(label=_("In bed"), choices=length_choices, coerce=int)
    revision = RevisionField()

    def __init__(self, *args, is_fixed: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if is_fixed:
            for name in PlaceForm.base_fields:
                self.fields[name].widget = forms.HiddenInput()

    def clean(self):
        found = super().clean()
        needling, stay = found.get("needling"), found.get("stay")
        if needling and stay and needling > stay:
            self.add_error("stay", _("The bed is needed as long as the needling."))
        return found

    def length(self) -> Length:
        return Length(self.cleaned_data["needling"], self.cleaned_data["stay"])


class StatusForm(forms.Form):
    # What only a stopped session sets is not among them.
    status = forms.ChoiceField(
        choices=[
            choice
            for choice in Appointment.Status.choices
            if choice[0] != Appointment.Status.UNTREATED
        ]
    )
    revision = RevisionField()
    reason = forms.CharField(max_length=200, required=False)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it cancelled?"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
