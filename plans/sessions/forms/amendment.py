from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _


class Parts(forms.Select):
    """Each choice carries what was signed, for the script that fills it in."""

    said: Mapping[str, str] = {}

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-said"] = self.said.get(str(value), "")
        return option


class AmendmentForm(forms.Form):
    """`parts` are those of the session as it was signed: label and words of each."""

    corrects = forms.ChoiceField(
        label=_("What it corrects"), required=False, widget=Parts
    )
    after = forms.CharField(
        label=_("How it should read"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Leave it empty where it should say nothing."),
    )
    text = forms.CharField(
        label=_("Amendment"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Added under your name with the time; the session stays as signed."
        ),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, parts: Mapping[str, tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.parts = parts
        shown = ((p, f"{label}: {said or '–'}") for p, (label, said) in parts.items())
        nothing = ("", _("Nothing: it adds to the session"))
        self.fields["corrects"].choices = [nothing, *shown]
        self.fields["corrects"].widget.said = {
            p: said for p, (_l, said) in parts.items()
        }

    def clean(self):
        given = super().clean()
        corrects, after = given.get("corrects"), given.get("after", "")
        given["before"] = self.parts[corrects][1] if corrects else ""
        if corrects and after == given["before"]:
            self.add_error("after", _("This is how it was signed."))
        if after and not corrects and not self.has_error("corrects"):
            self.add_error("corrects", _("Choose what this corrects."))
        return given
