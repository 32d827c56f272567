import json
from datetime import date
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import (
    DayField,
    Measure,
    RevisionField,
    ScoreScale,
    Segments,
    TriState,
)
from clinic.rules.machine import All, Always, AnyOf, Condition, Not, Test
from clinic.templatetags.clinic_ui import in_language
from patients.intake.models import Intake
from patients.intake.questionnaire import (
    NONE,
    QUESTIONNAIRE,
    Answer,
    Answers,
    Question,
    check_answers,
)

YES_NO = [("yes", _("Yes")), ("no", _("No")), ("unknown", _("Not known"))]
TEN = (0, 10)
ONE_LINE = 40  # letters of all answers that stand side by side, three between two
RELIED_ON = 5  # years a doctor's word may be old


class Asked(forms.Field):
    """A question of the questionnaire, which itself checks what is answered."""

    unmarked = True  # none must be answered, so that none needs "optional" beside it

    def __init__(self, question: Question):
        super().__init__(
            required=False,
            label=in_language(question.label),
            help_text=in_language(question.help or ""),
            widget=widget_for(question),
        )
        self.question = question
        self.asked_when = (
            json.dumps(as_lists(question.asked_when)) if question.asked_when else ""
        )


def widget_for(question: Question) -> forms.Widget:
    options = [(code, in_language(text)) for code, text in question.options.items()]
    if question.kind == "yes_no":
        return TriState(choices=YES_NO)
    if question.kind == "integer" and (question.low, question.high) == TEN:
        scale = ScoreScale(low=_("None"), high=_("Worst imaginable"))
        scale.choices = [*((str(n), str(n)) for n in range(11)), ("", _("Not given"))]
        return scale
    if question.kind == "integer":
        limits = {"min": question.low, "max": question.high, "inputmode": "numeric"}
        return Measure(limits, unit=in_language(question.unit or ""))
    if question.kind == "choice":
        answers = [*options, ("", _("Not known"))]
        radio = Segments if length(answers) <= ONE_LINE else forms.RadioSelect
        return radio(choices=answers)
    if question.none:
        options.append((NONE, in_language(question.none)))
    return forms.CheckboxSelectMultiple(choices=options)


def length(answers: list[tuple[str, str]]) -> int:
    """In Latin letters; a Chinese character is as wide as two."""
    letters = "".join(str(label) for _code, label in answers)
    return 3 * len(answers) + sum(2 if ord(sign) > 0x2E7F else 1 for sign in letters)


def as_lists(condition: Condition) -> list:
    """A condition as the page's script reads it: ["any", [...], ...] and so on."""
    match condition:
        case Test(fact, op, wanted):
            return ["test", fact, op, list(wanted)]
        case All(parts):
            return ["all", *map(as_lists, parts)]
        case AnyOf(parts):
            return ["any", *map(as_lists, parts)]
        case Not(part):
            return ["not", as_lists(part)]
        case Always():
            return ["all"]


class IntakeForm(forms.Form):
    """The questionnaire. Its answers are in `answers` once the form is valid.

    `submission` and `revision` name the intake that is completed; without a revision
    a new one is taken, after the one `seen`.
    """

    submission = forms.UUIDField(widget=forms.HiddenInput)
    revision = RevisionField(required=False)
    seen = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=2**63 - 1
    )

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        self.answers: dict[str, Answer] = {}
        for section in QUESTIONNAIRE.sections:
            for question in section.questions:
                self.fields[question.id] = Asked(question)

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
                self.add_error(name, in_language(text))
        return given

    def aim_at(self, intake: Intake | None, *, seen: Intake | None = None) -> None:
        """Let what was sent be saved to `intake`, or as a new one after `seen`."""
        self.data = self.data.copy()
        for name, value in hidden_of(intake, seen=seen).items():
            self.data[name] = "" if value is None else value

    def fill_in(self, answers: Answers) -> None:
        """Answer what was left open in what was sent."""
        self.data = self.data.copy()
        for name, value in initial_of(answers).items():
            if name in answers and name not in self.answers:
                values = value if isinstance(value, list) else [value]
                self.data.setlist(name, [str(item) for item in values])


def hidden_of(intake: Intake | None, *, seen: Intake | None = None) -> dict:
    if intake:
        return {"submission": intake.submission, "revision": intake.revision}
    return {
        "submission": uuid4(),
        "revision": None,
        "seen": seen.pk if seen else None,
    }


def initial_of(answers: Answers) -> dict:
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
    revision = RevisionField()
    cleared_by = forms.CharField(
        label=_("Doctor"),
        max_length=120,
        help_text=_("Who looked into it, with place or telephone."),
    )
    cleared_on = DayField(label=_("On"))
    note = forms.CharField(label=_("What was said"), max_length=300, required=False)

    def __init__(self, data=None, *, today: date, **kwargs):
        super().__init__(data, **kwargs)
        self.today = today

    def clean_cleared_on(self):
        day = self.cleaned_data["cleared_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        if day.year < self.today.year - RELIED_ON:
            raise forms.ValidationError(_("This is too long ago to rely on."))
        return day
