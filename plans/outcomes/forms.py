from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import DiaryDayField
from plans.outcomes.caseload import Selection

YEAR = timedelta(days=365)


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

    def __init__(self, *args, takers, **kwargs):
        super().__init__(*args, **kwargs)
        names = [(taker.pk, taker.name) for taker in takers]
        self.fields["by"].choices = [("", _("everybody")), *names]
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


def last_twelve_months(today: date) -> dict[str, str]:
    """What the page shows before anything was chosen."""
    return {"first": (today - YEAR).isoformat(), "last": today.isoformat()}
