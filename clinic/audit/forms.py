from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from clinic.audit.presenters import ACTIONS

LARGEST = 2**63 - 1


class TrailForm(forms.Form):
    patient = forms.IntegerField(
        label=_("Patient number"), required=False, min_value=1, max_value=LARGEST
    )
    by = forms.ModelChoiceField(
        label=_("Who"),
        queryset=get_user_model().objects.order_by("name", "pk"),
        required=False,
        empty_label=_("everybody"),
    )
    action = forms.ChoiceField(
        label=_("What"),
        choices=[("", _("everything")), *ACTIONS.items()],
        required=False,
    )
