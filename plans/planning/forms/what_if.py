from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import Measure, Segments
from clinic.templatetags.clinic_ui import in_language
from patients.intake.questionnaire import QUESTIONNAIRE
from plans.planning.what_if import AGE, OF_RECORD, ONSET_WEEKS

RECORD_FACTS = {AGE: _("Age"), ONSET_WEEKS: _("Weeks since the pain began")}
RECORD_UNITS = {AGE: _("years"), ONSET_WEEKS: _("weeks")}


class WhatIfForm(forms.Form):
    """One fact, and what it would be: the control is that of the chosen fact."""

    fact = forms.ChoiceField(label=_("If this were otherwise"))

    def __init__(self, sent: QueryDict) -> None:
        """A fact without a value is no mistake yet: it asks for the value."""
        named = sent.get("fact", "")
        known = named in {name for _part, facts in _facts() for name, _label in facts}
        waiting = not named or (known and "value" not in sent)
        super().__init__(
            None if waiting else sent, initial={"fact": named}, auto_id="what_if_%s"
        )
        self.fields["fact"].choices = [("", _("Choose a fact")), *_facts()]
        if known:
            self.fields["value"] = _value_field(named)


def _facts() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every fact by the part of the intake it stands in; the map is too much to ask."""
    of_record = [(name, str(label)) for name, label in RECORD_FACTS.items()]
    return [
        (str(_("From the record")), of_record),
        *(
            (
                in_language(section.title),
                [
                    (question.id, in_language(question.label))
                    for question in section.questions
                    if question.kind != "map"
                ],
            )
            for section in QUESTIONNAIRE.sections
            if any(question.kind != "map" for question in section.questions)
        ),
    ]


def _value_field(fact: str) -> forms.Field:
    """Gives the value as an answer is stored."""
    label = _("Then it is")
    if fact in OF_RECORD:
        low, high = OF_RECORD[fact]
        return _number(label, low, high, RECORD_UNITS[fact])
    question = QUESTIONNAIRE.questions[fact]
    if question.kind == "yes_no":
        return forms.TypedChoiceField(
            label=label,
            choices=[("yes", _("Yes")), ("no", _("No"))],
            coerce=lambda value: value == "yes",
            widget=Segments,
        )
    if question.kind == "integer":
        unit = in_language(question.unit) if question.unit else ""
        return _number(label, question.low, question.high, unit)
    options = [(option, in_language(text)) for option, text in question.options.items()]
    if question.kind == "choice":
        return forms.ChoiceField(label=label, choices=[("", "–"), *options])
    return forms.MultipleChoiceField(
        label=label, choices=options, widget=forms.CheckboxSelectMultiple
    )


def _number(label: str, low: int, high: int, unit: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=low,
        max_value=high,
        widget=Measure({"inputmode": "numeric"}, unit=unit),
    )
