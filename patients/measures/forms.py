from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import DiaryDayField, ScoreField
from patients.measures.rmdq import STATEMENTS
from patients.measures.scales import Scale

CHANGES = [
    ("1", _("1 – very much better")),
    ("2", _("2 – much better")),
    ("3", _("3 – a little better")),
    ("4", _("4 – no change")),
    ("5", _("5 – a little worse")),
    ("6", _("6 – much worse")),
    ("7", _("7 – very much worse")),
]


class RecordForm(forms.Form):
    """A score taken outside a session. `value` and `ticked` once it is valid."""

    on = DiaryDayField(label=_("On"))

    def __init__(self, *args, scale: Scale, **kwargs):
        super().__init__(*args, **kwargs)
        self.scale = scale
        self.fields |= fields_of(scale)
        self.order_fields([*fields_of(scale), "on"])

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return on

    def clean_ticked(self):
        return sorted(set(self.cleaned_data["ticked"]))

    def clean(self):
        given = super().clean()
        if self.errors:
            return given
        if "ticked" in given and bool(given["ticked"]) == given["none"]:
            self.add_error("ticked", _("Tick what describes the patient, or “none”."))
        parts = self.scale.parts
        if "points" in given and given["points"] > parts.worst * given["answered"]:
            self.add_error("points", _("More than so many parts can give."))
        return given

    @property
    def ticked(self) -> list[int] | None:
        return self.cleaned_data.get("ticked")

    @property
    def value(self):
        given = self.cleaned_data
        if "points" in given:
            return self.scale.total(given["points"], given["answered"])
        return given["value"] if "value" in given else len(given["ticked"])


def fields_of(scale: Scale) -> dict[str, forms.Field]:
    """What is asked for a score on this scale."""
    parts = scale.parts
    if scale.code == "pgic":
        return {
            "value": forms.TypedChoiceField(
                label=_("Compared with before the treatment"),
                choices=CHANGES,
                coerce=int,
                widget=forms.RadioSelect,
            )
        }
    if parts is None:
        return {"value": ScoreField(label=scale.name[get_language() or "en"])}
    if scale.shipped:
        language = get_language() or "en"
        statements = enumerate(STATEMENTS, start=1)
        ticked = forms.TypedMultipleChoiceField(
            label=_("Statements that describe the patient today"),
            choices=[(number, text[language]) for number, text in statements],
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        ticked.unmarked = True  # none of them is an answer too, and not an optional one
        none = forms.BooleanField(label=_("None of them"), required=False)
        return {"ticked": ticked, "none": none}
    return {
        "points": forms.IntegerField(
            label=_("Sum of the parts answered"),
            min_value=0,
            max_value=parts.worst * parts.number,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        ),
        "answered": forms.IntegerField(
            label=_("Parts answered"),
            min_value=parts.least,
            max_value=parts.number,
            initial=parts.number,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        ),
    }


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands beside the score with your name and the time."),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)


class CorrectionForm(forms.Form):
    value = forms.DecimalField(
        label=_("The right score"), max_digits=5, decimal_places=2
    )

    def __init__(self, *args, scale: Scale, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["value"]
        self.fields["value"] = forms.DecimalField(
            label=field.label,
            min_value=scale.low,
            max_value=scale.high,
            max_digits=5,
            decimal_places=2 if scale.parts and not scale.shipped else 0,
        )
