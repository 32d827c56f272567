"""Form fields for answers a clinic asks for all day, drawn by the crispy pack."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.dates import FIRST_DAY, LAST_DAY

LARGEST = 2**31 - 1  # that an integer column holds


class Segments(forms.RadioSelect):
    """Two to four short answers side by side."""


class TriState(Segments):
    """Yes, no or unknown. Unknown is not no."""


class ScoreScale(forms.RadioSelect):
    """0 to 10 as eleven large steps.

    `low` and `high` say in words what the ends mean.
    """

    def __init__(self, attrs=None, *, low="", high=""):
        super().__init__(attrs)
        self.low = low
        self.high = high


class Measure(forms.NumberInput):
    """A number with its unit behind it."""

    def __init__(self, attrs=None, *, unit=""):
        super().__init__(attrs)
        self.unit = unit


class TriStateField(forms.TypedChoiceField):
    """True, False, or None while the answer is not known, which is where it starts."""

    widget = TriState
    ANSWERS = {"yes": True, "no": False, "unknown": None}

    def __init__(self, *, initial="unknown", **kwargs):
        kwargs.setdefault("required", False)
        super().__init__(
            choices=[("yes", _("Yes")), ("no", _("No")), ("unknown", _("Not known"))],
            coerce=self.ANSWERS.__getitem__,
            empty_value=None,
            initial=initial,
            **kwargs,
        )

    def prepare_value(self, value):
        named = {answer: word for word, answer in self.ANSWERS.items()}
        return named.get(value, value) if not isinstance(value, str) else value


class DayField(forms.DateField):
    """A calendar day; typed by hand it may be 12/03/1980 as well."""

    TYPED = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")
    default_error_messages = {"invalid": _("Give a day such as 2026-03-31.")}

    def __init__(self, **kwargs):
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=self.TYPED, **kwargs)


class DiaryDayField(DayField):
    """A day that a diary can show; far ones overflow when zones are applied."""

    def validate(self, value):
        super().validate(value)
        if value is not None and not FIRST_DAY <= value <= LAST_DAY:
            raise forms.ValidationError(
                _("Give a day from %(first)s to %(last)s."),
                params={"first": FIRST_DAY.year, "last": LAST_DAY.year},
            )


class RevisionField(forms.IntegerField):
    """The state of a row on which a form was opened: saved since, the form is stale."""

    def __init__(self, **kwargs):
        super().__init__(
            widget=forms.HiddenInput, min_value=0, max_value=LARGEST, **kwargs
        )


NO_PAIN, WORST = _("None"), _("Worst imaginable")


class ScoreField(forms.TypedChoiceField):
    """A whole number from 0 to 10, or None where it may be left out and was."""

    def __init__(self, *, low=NO_PAIN, high=WORST, **kwargs):
        steps: list[tuple] = [(str(score), str(score)) for score in range(11)]
        if not kwargs.get("required", True):
            steps.append(("", _("Not given")))
        super().__init__(
            choices=steps,
            coerce=int,
            empty_value=None,
            widget=ScoreScale(low=low, high=high),
            **kwargs,
        )
