from django import forms
from django.utils.translation import gettext_lazy as _

from plans.sessions.models import MOST_MORE, NEEDLES
from plans.sessions.stimulation import KINDS

UNKNOWN = _("That clock is not known. Nothing was changed.")


class ClockForm(forms.Form):
    """`seen` is how much longer the clock was already when the button was drawn."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in (NEEDLES, *KINDS)])
    do = forms.ChoiceField(choices=[(do, do) for do in ("start", "more", "stop")])
    seen = forms.IntegerField(min_value=0, max_value=MOST_MORE, required=False)

    def clean(self) -> dict:
        said = super().clean()
        if said.get("kind") == NEEDLES and said.get("do") != "more":
            raise forms.ValidationError(UNKNOWN)
        said["seen"] = said.get("seen") or 0
        return said
