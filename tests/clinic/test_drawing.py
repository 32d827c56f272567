"""Controls are drawn in Python; the page gets what Django's templates would give."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.test.html import parse_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from clinic.core.drawing import Renderer
from clinic.core.widgets import ScoreField, TriStateField

CHOICES = [
    ("", "None"),
    (1, "One & all"),
    ("Groups <b>", [("a", gettext_lazy("Save")), ("b", mark_safe("<b>B</b>"))]),
]
WIDGETS = [
    forms.TextInput({"class": 'a "quoted" one', "required": True, "hidden": False}),
    forms.NumberInput({"step": 15, "min": 0}),
    forms.EmailInput(),
    forms.URLInput(),
    forms.PasswordInput(render_value=True),
    forms.HiddenInput(),
    forms.DateInput({"type": "date"}),
    forms.DateTimeInput(),
    forms.TimeInput(),
    forms.CheckboxInput(),
    forms.Textarea({"rows": 3}),
    forms.Select(choices=CHOICES),
    forms.SelectMultiple(choices=CHOICES),
    forms.NullBooleanSelect(),
    forms.RadioSelect(choices=CHOICES),
    forms.CheckboxSelectMultiple(choices=CHOICES),
    forms.SelectDateWidget(years=[2026]),
]
VALUES = [None, "", "a", "1", 0, 12.5, True, "<i>&'\"", "委中", mark_safe("&amp;")]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("attrs", [None, {"id": "id_it", "aria-invalid": "true"}])
def test_a_control_is_drawn_as_django_draws_it(widget, attrs):
    for value in VALUES:
        drawn, expected = (
            parse_html(widget.render("it", value, attrs, renderer=renderer))
            for renderer in (Renderer(), DjangoTemplates())
        )
        assert drawn == expected, value


def test_the_options_of_a_field_are_drawn_one_by_one():
    class Asked(forms.Form):
        pain = ScoreField(required=False)
        fever = TriStateField()

    for name in ("pain", "fever"):
        drawn, expected = (
            [parse_html(option.tag()) for option in Asked(renderer=renderer)[name]]
            for renderer in (Renderer(), DjangoTemplates())
        )
        assert drawn == expected


def test_the_pages_use_it():
    assert isinstance(get_default_renderer(), Renderer)
