"""What a patient types or taps on the tablet."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import LARGEST, Segments
from patients.intake.questionnaire import QUESTIONNAIRE
from patients.intake.screen import SHORT_SCREEN
from patients.measures.rmdq import STATEMENTS

FIRST_YEAR = 1900
ANSWERS = {"yes": True, "no": False, "unknown": None}
PAIN = [(str(score), str(score)) for score in range(11)]
SKIP = "skip"


def number(low: int, high: int, label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=low,
        max_value=high,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class BirthDateForm(forms.Form):
    """In the order in which the language says a date. `born` once it is valid."""

    day = number(1, 31, _("Day"))
    month = number(1, 12, _("Month"))
    year = number(FIRST_YEAR, 2099, _("Year"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if get_language() == "zh-hans":
            self.order_fields(["year", "month", "day"])

    def clean(self):
        given = super().clean()
        if self.errors:
            return given
        try:
            given["born"] = date(given["year"], given["month"], given["day"])
        except ValueError:
            raise forms.ValidationError(_("There is no such day.")) from None
        if given["born"] > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return given


class InitialsForm(forms.Form):
    initials = forms.CharField(
        label=_("Your initials"),
        max_length=20,
        help_text=_(
            "The first letters of your names: A R for Ana Reyes. For a Chinese name, "
            "the family name."
        ),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )


class TimeForm(forms.Form):
    time = forms.TimeField(
        label=_("When is your appointment?"),
        input_formats=["%H:%M", "%H.%M", "%H：%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )


class NumberForm(forms.Form):
    """One tap: a button for each number, and one for rather not."""

    value = forms.ChoiceField(choices=[*PAIN, (SKIP, SKIP)])

    @property
    def number(self) -> int | None:
        value = self.cleaned_data["value"]
        return None if value == SKIP else int(value)


class StatementsForm(forms.Form):
    ticked = forms.TypedMultipleChoiceField(
        label=_("Which of these describe you today?"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        self.fields["ticked"].choices = [
            (number, text[language]) for number, text in enumerate(STATEMENTS, start=1)
        ]

    def clean_ticked(self):
        return sorted(set(self.cleaned_data["ticked"]))


class CheckForm(forms.Form):
    """The five questions of the short screen, each to be answered.

    `visit` is the one that the page was about when it was shown.
    """

    visit = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        for name in SHORT_SCREEN:
            question = QUESTIONNAIRE.questions[name]
            self.fields[name] = forms.ChoiceField(
                label=question.label[language],
                help_text=question.help[language] if question.help else "",
                choices=[
                    ("yes", _("Yes")),
                    ("no", _("No")),
                    ("unknown", _("Not sure")),
                ],
                widget=Segments,
                error_messages={"required": _("Please answer this one.")},
            )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in SHORT_SCREEN]

    @property
    def safety(self) -> dict[str, bool]:
        answers = {name: ANSWERS[self.cleaned_data[name]] for name in SHORT_SCREEN}
        return {name: answer for name, answer in answers.items() if answer is not None}
