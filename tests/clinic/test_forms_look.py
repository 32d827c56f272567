import re

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout, Row, Submit
from django import forms
from django.template import Context, Template

from clinic.core.widgets import ScoreField, TriStateField


class VisitForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the card.")
    phone = forms.CharField(label="Phone", required=False)
    sex = forms.ChoiceField(
        label="Sex", choices=[("f", "Female"), ("m", "Male")], widget=forms.RadioSelect
    )
    thinner = TriStateField(label="Blood thinner?")
    leg_pain = ScoreField(label="Leg pain", low="no pain")
    back_pain = ScoreField(label="Back pain", required=False)
    consent = forms.BooleanField(label="Consent signed")
    submission = forms.CharField(widget=forms.HiddenInput)


def draw(form, source="{{ form|crispy }}"):
    template = Template("{% load crispy_forms_tags %}" + source)
    return template.render(Context({"form": form}))


def ids(page):
    return set(re.findall(r'\bid="([^"]+)"', page))


def test_every_control_has_a_label():
    page = draw(VisitForm())

    controls = re.findall(r'<(?:input|select|textarea)[^>]*\bid="([^"]+)"', page)
    labels = set(re.findall(r'<label[^>]*\bfor="([^"]+)"', page))
    assert set(controls) - {"id_submission"} <= labels
    assert 'role="radiogroup" aria-labelledby="id_thinner_label"' in page


def test_help_and_error_belong_to_their_field():
    page = draw(VisitForm({"name": ""}))

    field = re.search(r'<input[^>]*\bid="id_name"[^>]*>', page).group()
    assert 'aria-describedby="id_name_helptext id_name_error"' in field
    assert 'aria-invalid="true"' in field
    assert {"id_name_helptext", "id_name_error"} <= ids(page)


def test_the_summary_leads_to_each_wrong_field():
    page = draw(VisitForm({}))

    targets = re.findall(r'<li><a href="#([^"]+)"', page)
    assert targets == ["id_name", "id_sex_0", "id_leg_pain_0", "id_consent"]
    assert set(targets) <= ids(page)
    assert "5 things need your attention" in page


def test_a_form_without_errors_has_no_summary():
    assert 'role="alert"' not in draw(VisitForm())


def test_what_may_be_left_out_says_so():
    page = draw(VisitForm())

    optional = re.findall(r'>(\w[\w ]*) <span class="field__optional">', page)
    assert optional == ["Phone", "Back pain"]


def test_what_was_typed_stays_text():
    page = draw(VisitForm({"name": "<b>", "sex": "<b>"}))

    assert "<b>" not in page


def test_the_whole_form_by_its_layout():
    form = VisitForm({"name": ""})
    form.helper = FormHelper()
    form.helper.layout = Layout(
        Fieldset("Person", Row("name", "phone"), css_class="wide"), Div("consent")
    )
    form.helper.add_input(Submit("save", "Save"))

    page = draw(form, "{% crispy form %}")

    assert "<legend>Person</legend>" in page
    assert page.count('class="fields"') == 1
    assert 'class="btn btn--primary" type="submit" name="save"' in page
    assert page.count("data-error-summary") == 1
    assert page.count('id="id_name"') == 1
    assert "novalidate" in page


@pytest.mark.parametrize(
    ("typed", "answer"), [("yes", True), ("no", False), ("unknown", None), ("", None)]
)
def test_unknown_is_not_no(typed, answer):
    assert TriStateField().clean(typed) is answer


@pytest.mark.parametrize(
    ("answer", "typed"), [(True, "yes"), (False, "no"), (None, "unknown")]
)
def test_a_stored_answer_is_shown_as_it_was_given(answer, typed):
    class OneQuestion(forms.Form):
        thinner = TriStateField(label="Blood thinner?")

    page = draw(OneQuestion(initial={"thinner": answer}))

    assert re.search(rf'value="{typed}"[^>]*checked', page)
    assert page.count("checked") == 1


def test_tristate_refuses_another_word():
    with pytest.raises(forms.ValidationError):
        TriStateField().clean("perhaps")


@pytest.mark.parametrize(("typed", "score"), [("0", 0), ("10", 10)])
def test_a_score_is_a_whole_number(typed, score):
    assert ScoreField().clean(typed) == score


@pytest.mark.parametrize("typed", ["-1", "11", "3.5", "x"])
def test_a_score_outside_the_scale_is_refused(typed):
    with pytest.raises(forms.ValidationError):
        ScoreField().clean(typed)


def test_a_score_left_out_is_not_nought():
    with pytest.raises(forms.ValidationError):
        ScoreField().clean("")
    assert ScoreField(required=False).clean("") is None


def test_the_scale_has_eleven_steps_and_words_at_its_ends():
    page = draw(VisitForm())

    assert page.count('class="scale__step"') == 22
    assert "0 no pain" in page
    assert page.count("Not given") == 1
