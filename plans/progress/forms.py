from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import DayField

LOOK_BACK = timedelta(days=366)


class FlareUpForm(forms.Form):
    began_on = DayField(label=_("Since when"))
    text = forms.CharField(
        label=_("In words"),
        max_length=200,
        help_text=_("What the patient tells: what set it off, how long it lasted."),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, today: date, **kwargs) -> None:
        super().__init__(data, **kwargs)
        self.today = today

    def clean_began_on(self) -> date:
        day = self.cleaned_data["began_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        if day < self.today - LOOK_BACK:
            raise forms.ValidationError(_("Give a day of the last twelve months."))
        return day
