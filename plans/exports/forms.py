from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import DiaryDayField
from plans.scheduling.queries import practitioner_names


class DeskSheetForm(forms.Form):
    day = DiaryDayField(label=_("Day"), required=False)


class TreatmentSheetForm(DeskSheetForm):
    practitioner = forms.TypedChoiceField(
        label=_("Practitioner"), coerce=int, required=False, empty_value=None
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.names = practitioner_names()
        self.fields["practitioner"].choices = list(self.names.items())
