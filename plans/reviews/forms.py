from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.core.widgets import ScoreField
from plans.reviews.decisions import ENDS, Decision
from plans.reviews.models import Review


class ReviewForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("What now"), choices=Review.Decision.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with your name; the next version of the plan says it too."),
    )
    goal_reached = ScoreField(
        label=_("How far is the goal reached"),
        low=pgettext_lazy("goal", "not at all"),
        high=pgettext_lazy("goal", "fully"),
        required=False,
    )
    goal_words = forms.CharField(
        label=_("What the patient says of it"), max_length=300, required=False
    )
    cancel = forms.MultipleChoiceField(
        choices=[(each, each) for each in ENDS], required=False
    )
    booked = forms.CharField(
        widget=forms.HiddenInput, required=False, max_length=1000, empty_value=""
    )
    read = forms.CharField(
        widget=forms.HiddenInput, required=False, max_length=300, empty_value=""
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def clean_decision(self) -> Decision:
        return Decision(self.cleaned_data["decision"])

    def clean_cancel(self) -> bool:
        """Each ending has a tick of its own; that of the other doesn't count."""
        return self.cleaned_data.get("decision") in self.cleaned_data["cancel"]
