from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import DiaryDayField, Segments

NOWHERE = "none"


class DayForm(forms.Form):
    day = DiaryDayField(label=_("Day"), required=False)


class CorrectionForm(forms.Form):
    """`choices` are the appointments of the day by their keys."""

    to = forms.ChoiceField(label=_("Whose session was it?"), widget=forms.RadioSelect)
    came = forms.ChoiceField(
        label=_("The patient it was logged for"),
        choices=[("yes", _("was treated too")), ("no", _("was not here"))],
        widget=Segments,
        help_text=_("Treated too: their own session is still to be written up."),
    )
    reason = forms.CharField(
        label=_("What happened"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in both records. Name nobody."),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, choices: Sequence[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [
            *choices,
            (NOWHERE, _("Nobody’s: it did not take place")),
        ]

    def told(self) -> dict[str, object]:
        given = self.cleaned_data
        return {
            "came": given["came"] == "yes",
            "reason": given["reason"],
            "submission": given["submission"],
        }
