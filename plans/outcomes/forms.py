from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.outcomes.caseload import Selection
from plans.scheduling.clock import FIRST_DAY, LAST_DAY

YEAR = timedelta(days=365)


class DayField(forms.DateField):
    """Far days overflow when zones are applied."""

    def __init__(self, **kwargs):
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(
            required=False,
            widget=widget,
            error_messages={"invalid": _("Give a day such as 2026-03-31.")},
            **kwargs,
        )

    def validate(self, value):
        super().validate(value)
        if value is not None and not FIRST_DAY <= value <= LAST_DAY:
            raise forms.ValidationError(
                _("Give a day from %(first)s to %(last)s."),
                params={"first": FIRST_DAY.year, "last": LAST_DAY.year},
            )


class SelectionForm(forms.Form):
    """Which episodes are counted; a field left empty is no limit."""

    first = DayField(label=_("First intake from"))
    last = DayField(label=_("To"))
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
