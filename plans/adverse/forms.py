from datetime import date, timedelta

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import DayField
from plans.adverse.models import Outcome, Relation, Timing
from plans.adverse.presenters import GRADE_WORDS, kind_choices
from plans.catalogue.codes import catalogue_names, find_codes

LOOK_BACK = timedelta(days=366)


def chosen(choices: type[TextChoices]) -> list[tuple[str, object]]:
    """Nothing is chosen until somebody chooses."""
    return [("", _("Choose")), *choices.choices]


class EventForm(forms.Form):
    kind = forms.ChoiceField(label=_("What happened"), choices=kind_choices)
    grade = forms.TypedChoiceField(
        label=_("Grade"),
        choices=list(GRADE_WORDS.items()),
        coerce=int,
        widget=forms.RadioSelect,
    )
    happened_on = DayField(label=_("Day"))
    timing = forms.ChoiceField(label=_("When"), choices=chosen(Timing))
    point = forms.CharField(
        label=_("Point"),
        max_length=40,
        required=False,
        help_text=_("Code, pinyin or Chinese, where it was one point."),
    )
    relation = forms.ChoiceField(
        label=_("Caused by the needling"), choices=chosen(Relation)
    )
    description = forms.CharField(
        label=_("In words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    action = forms.CharField(
        label=_("What was done"),
        max_length=500,
        help_text=_("Write “nothing” where nothing was needed."),
    )
    outcome = forms.ChoiceField(label=_("Outcome"), choices=chosen(Outcome))
    reported_to = forms.CharField(
        label=_("Reported to"),
        max_length=200,
        required=False,
        help_text=_("Doctor, authority, insurer."),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, today: date, **kwargs) -> None:
        super().__init__(data, **kwargs)
        self.today = today

    def clean_happened_on(self) -> date:
        day = self.cleaned_data["happened_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        if day < self.today - LOOK_BACK:
            raise forms.ValidationError(_("Give a day of the last twelve months."))
        return day

    def clean_point(self) -> str | None:
        typed = self.cleaned_data["point"].strip()
        if not typed:
            return None
        codes = find_codes(typed, catalogue_names())
        if not codes:
            raise forms.ValidationError(_("No point goes by this name."))
        if len(codes) > 1:
            raise forms.ValidationError(
                _("Which one: %(codes)s?"), params={"codes": ", ".join(codes)}
            )
        return codes[0]

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        died = given.get("outcome") == Outcome.DIED
        if "grade" in given and "outcome" in given and died != (given["grade"] == 5):
            self.add_error("outcome", _("Grade 5 and the outcome “died” go together."))
        return given

    def told(self) -> dict[str, object]:
        """As the service takes it."""
        given = dict(self.cleaned_data)
        return given | {"acupoint_id": given.pop("point")}
