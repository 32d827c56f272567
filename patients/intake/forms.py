from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic.core.texts import Text
from clinic.core.widgets import ScoreScale, Segments, TriState
from patients.intake.questionnaire import QUESTIONNAIRE, Question, check_answers

YES_NO = [("yes", _("Yes")), ("no", _("No")), ("unknown", _("Not known"))]
TEN = (0, 10)
FEW = 4  # options that stand side by side


def said(text: Text | None) -> str:
    return text[get_language() or "en"] if text else ""


class Asked(forms.Field):
    """A question of the questionnaire, which itself checks what is answered."""

    def __init__(self, question: Question, widget: forms.Widget):
        super().__init__(
            required=False,
            label=said(question.label),
            help_text=said(question.help),
            widget=widget,
        )
        self.question = question


def widget_for(question: Question) -> forms.Widget:
    options = [(code, said(text)) for code, text in question.options.items()]
    if question.kind == "yes_no":
        return TriState(choices=YES_NO)
    if question.kind == "integer" and (question.low, question.high) == TEN:
        scale = ScoreScale(low=_("None"), high=_("Worst imaginable"))
        scale.choices = [(str(n), str(n)) for n in range(11)]
        return scale
    if question.kind == "integer":
        return forms.NumberInput(
            attrs={
                "min": question.low,
                "max": question.high,
                "inputmode": "numeric",
                "data-unit": said(question.unit),
            }
        )
    if question.kind == "choice":
        radio = Segments if len(options) <= FEW else forms.RadioSelect
        return radio(choices=[*options, ("", _("Not known"))])
    if question.none:
        options.append(("none", said(question.none)))
    return forms.CheckboxSelectMultiple(choices=options)


class IntakeForm(forms.Form):
    """The questionnaire. Its answers are in `answers` once the form is valid."""

    submission = forms.UUIDField(widget=forms.HiddenInput)
    revision = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for section in QUESTIONNAIRE.sections:
            for question in section.questions:
                self.fields[question.id] = Asked(question, widget_for(question))

    def sections(self):
        return [
            (section, [self[question.id] for question in section.questions])
            for section in QUESTIONNAIRE.sections
        ]

    def clean(self):
        given = super().clean()
        raw = {name: given.get(name) for name in QUESTIONNAIRE.questions}
        self.answers, errors = check_answers(raw)
        for name, text in errors.items():
            if name in self.fields:
                self.add_error(name, said(text))
        return given


def initial_of(answers: dict) -> dict:
    """Stored answers as the form's widgets take them; what is absent is not known."""
    words = {True: "yes", False: "no"}
    unknown = {
        question.id: "unknown"
        for question in QUESTIONNAIRE.questions.values()
        if question.kind == "yes_no"
    }
    return unknown | {
        name: words[answer] if isinstance(answer, bool) else answer
        for name, answer in answers.items()
    }


class ClearanceForm(forms.Form):
    flag = forms.CharField(max_length=8, widget=forms.HiddenInput)
    cleared_by = forms.CharField(
        label=_("Doctor"),
        max_length=120,
        help_text=_("Who looked into it, with place or telephone."),
    )
    cleared_on = forms.DateField(
        label=_("On"), widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(label=_("What was said"), max_length=300, required=False)

    def clean_cleared_on(self):
        day = self.cleaned_data["cleared_on"]
        today = timezone.localdate()
        if day > today:
            raise forms.ValidationError(_("This day has not come yet."))
        if day.year < today.year - 5:
            raise forms.ValidationError(_("This is too long ago to rely on."))
        return day
