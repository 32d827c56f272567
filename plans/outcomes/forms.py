from datetime import date, timedelta
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.core.widgets import DiaryDayField
from clinic.core.words import with_weekday
from clinic.templatetags.clinic_ui import in_language
from patients.intake.questionnaire import QUESTIONNAIRE
from plans.outcomes.caseload import Selection
from plans.outcomes.presenters.words import PHASE_WORDS
from plans.planning.models import Technique

YEAR = timedelta(days=365)
ANY = ("", pgettext_lazy("filter", "any"))
NOT_LISTED = {"invalid_choice": _("This is not on the list.")}


class SelectionForm(forms.Form):
    """Which episodes are counted; a field left empty is no limit."""

    first = DiaryDayField(label=_("First intake from"), required=False)
    last = DiaryDayField(label=_("To"), required=False)
    by = forms.TypedChoiceField(
        label=_("Taken by"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": _("Nobody on the list was chosen.")},
    )
    pattern = forms.ChoiceField(
        label=_("Pattern found"), required=False, error_messages=NOT_LISTED
    )
    phase = forms.ChoiceField(
        label=_("Phase"), required=False, error_messages=NOT_LISTED
    )
    technique = forms.ChoiceField(
        label=_("First technique"), required=False, error_messages=NOT_LISTED
    )

    def __init__(self, *args, takers, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.names = {taker.pk: taker.name for taker in takers}
        self.fields["by"].choices = [("", _("everybody")), *self.names.items()]
        patterns = QUESTIONNAIRE.questions["patterns"].options
        for name, choices in (
            ("pattern", [(key, in_language(text)) for key, text in patterns.items()]),
            ("phase", PHASE_WORDS.items()),
            ("technique", Technique.choices),
        ):
            self.fields[name].choices = [ANY, *choices]
        for field in self.fields.values():
            field.unmarked = True  # empty is a choice like any other

    def clean(self):
        first, last = (self.cleaned_data.get(name) for name in ("first", "last"))
        if first and last and first > last:
            self.add_error("last", _("This day is before the first one."))
        return self.cleaned_data

    @property
    def selection(self) -> Selection:
        return Selection(**self.cleaned_data)

    def as_sent(self) -> dict[str, str]:
        """To be asked again: what was counted, as plain words."""
        return {
            name: "" if value is None else str(value)
            for name, value in self.cleaned_data.items()
        }

    def period(self) -> str:
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        days = {
            "first": first and with_weekday(first),
            "last": last and with_weekday(last),
        }
        if first and last:
            words = _(
                "Episodes whose first intake was taken from %(first)s to %(last)s."
            )
        elif first:
            words = _("Episodes whose first intake was taken from %(first)s on.")
        elif last:
            words = _("Episodes whose first intake was taken up to %(last)s.")
        else:
            words = _("All episodes with an intake.")
        return str(words) % days

    def said(self) -> list[str]:
        """What is counted, in sentences."""
        counted = _("Counted on %(day)s.") % {"day": with_weekday(self.today)}
        return [self.period(), *(f"{words}." for words in self.narrowed()), counted]

    def narrowed(self) -> list[str]:
        """What was chosen beside the days, in words."""
        found = []
        for name in ("by", "pattern", "phase", "technique"):
            field, chosen = self.fields[name], self.cleaned_data[name]
            found += [
                f"{field.label}: {words}"
                for value, words in field.choices
                if chosen and value == chosen
            ]
        return found


class TakeForm(forms.Form):
    """Course by course is taken out for a reason only."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Who gets it, and what for. Kept with your name and the time."),
    )
    with_names = forms.BooleanField(
        label=_("With names and birth dates"),
        required=False,
        help_text=_("Only where the purpose cannot do without them."),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, may_name, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_name:
            self.fields["with_names"].disabled = True


def last_twelve_months(today: date) -> dict[str, str]:
    """What the page shows before anything was chosen."""
    return {"first": (today - YEAR).isoformat(), "last": today.isoformat()}
