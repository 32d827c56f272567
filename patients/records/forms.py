import json
from datetime import date, timedelta
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.texts import LANGUAGE_NAMES
from clinic.core.widgets import DayField, RevisionField, Segments
from patients.records.models import Patient
from patients.records.presenters import Difference, difference
from patients.records.queries import likely_duplicates

FIRST_BIRTH_DATE = date(1900, 1, 1)
DAYS_IN = {"weeks": 7, "months": 30.44, "years": 365.25}
LONGEST_AGO = 1200  # of any unit: a hundred years of months


class DetailsForm(forms.Form):
    """Who somebody is and how to reach them."""

    family_name = forms.CharField(label=_("Family name"), max_length=80)
    given_name = forms.CharField(label=_("Given name"), max_length=80, required=False)
    preferred_name = forms.CharField(
        label=_("Preferred name"),
        max_length=80,
        required=False,
        help_text=_("What they like to be called, or the name in another script."),
    )
    birth_date = DayField(label=_("Birth date"))
    sex = forms.ChoiceField(
        label=_("Sex"), choices=Patient.Sex.choices, widget=Segments
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=list(LANGUAGE_NAMES.items()),
        help_text=_("Of what we print and write for them."),
    )
    reminders_by_email = forms.BooleanField(
        label=_("Agrees to messages by e-mail"),
        required=False,
        help_text=_(
            "Dates, changes and reminders of appointments, nothing about health. "
            "E-mail is not secret: tick it only if the patient said yes."
        ),
    )
    emergency_name = forms.CharField(
        label=_("Emergency contact"), max_length=120, required=False
    )
    emergency_phone = forms.CharField(
        label=_("Emergency contact’s phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    alerts = forms.CharField(
        label=_("Alerts"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Shown on every page about this patient. One alert per line."),
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        for name, token in {
            "family_name": "off",
            "given_name": "off",
            "preferred_name": "off",
            "phone": "off",
            "email": "off",
        }.items():
            # The browser would offer the receptionist's own.
            self.fields[name].widget.attrs["autocomplete"] = token

    def clean_reminders_by_email(self) -> bool:
        agrees = self.cleaned_data["reminders_by_email"]
        if agrees and "email" not in self.errors and not self.cleaned_data["email"]:
            self.add_error("email", _("Messages need an address to go to."))
        return agrees

    def clean_birth_date(self) -> date:
        birth_date = self.cleaned_data["birth_date"]
        if birth_date > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        if birth_date < FIRST_BIRTH_DATE:
            raise forms.ValidationError(_("Nobody on our books was born before 1900."))
        return birth_date


class RegisterForm(DetailsForm):
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    is_someone_else = forms.BooleanField(
        label=_("This is somebody else: register anyway"), required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.duplicates: list[Patient] = []

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        is_someone_else = cleaned.pop("is_someone_else", False)
        if self.errors:
            return cleaned
        found = likely_duplicates(
            family_name=cleaned["family_name"],
            given_name=cleaned["given_name"],
            birth_date=cleaned["birth_date"],
            phone=cleaned["phone"],
        )
        if any(patient.submission == cleaned["submission"] for patient in found):
            return cleaned  # the same form, sent twice
        self.duplicates = found
        if found and not is_someone_else:
            self.add_error(
                "is_someone_else",
                _("Open the patient if it is the same person, or say that it isn’t."),
            )
        return cleaned


class CorrectForm(DetailsForm):
    """`seen` is the row as it stood when the form was opened, so that a field nobody
    touched here never overwrites what somebody else saved in it.
    """

    revision = RevisionField()
    seen = forms.JSONField(required=False, widget=forms.HiddenInput)

    def clean_seen(self) -> dict[str, object]:
        seen = self.cleaned_data["seen"]
        return seen if isinstance(seen, dict) else {}

    def merge(self, saved: dict[str, object], revision: int) -> list[Difference]:
        """Take over what is saved now where nothing was typed; say what differs."""
        seen = self.cleaned_data["seen"]
        self.data = self.data.copy()
        found = []
        for name, value in saved.items():
            typed = self.cleaned_data[name]
            if typed == value:
                continue
            touched = str(typed) != seen.get(name)
            found.append(difference(self.fields[name], value, typed, touched=touched))
            if not touched:
                self.data[name] = str(value)
        self.data["seen"] = json.dumps(as_seen(saved))
        self.data["revision"] = revision
        return found


def as_seen(values: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


class EpisodeForm(forms.Form):
    complaint = forms.CharField(
        label=_("Complaint"),
        max_length=120,
        help_text=_("In a few words, for example “left sciatica”."),
    )
    onset_on = DayField(label=_("Began on"), required=False)
    ago = forms.IntegerField(
        label=_("or about how long ago"),
        min_value=0,
        max_value=LONGEST_AGO,
        required=False,
    )
    unit = forms.ChoiceField(
        label=_("in"),
        choices=[
            ("weeks", _("weeks")),
            ("months", _("months")),
            ("years", _("years")),
        ],
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, patient: Patient, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.today = today

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        ago, unit = cleaned.pop("ago", None), cleaned.pop("unit", "weeks")
        if self.errors:
            return cleaned
        where, onset_on = "onset_on", cleaned["onset_on"]
        if ago is not None:
            if onset_on:
                self.add_error("ago", _("Give the day or how long ago, not both."))
                return cleaned
            where, onset_on = (
                "ago",
                self.today - timedelta(days=round(ago * DAYS_IN[unit])),
            )
        if onset_on and onset_on > self.today:
            self.add_error(where, _("This day is still to come."))
        elif onset_on and onset_on < self.patient.birth_date:
            self.add_error(where, _("This is before the patient was born."))
        return cleaned | {"onset_on": onset_on}


class CloseEpisodeForm(forms.Form):
    on = DayField(label=_("Closed on"))

    def __init__(self, *args, opened_on: date, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.opened_on = opened_on
        self.today = today

    def clean_on(self) -> date:
        on = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        if on < self.opened_on:
            raise forms.ValidationError(_("The episode was not open yet on this day."))
        return on
