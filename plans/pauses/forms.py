from django import forms
from django.utils.translation import gettext_lazy as _


class ResumeForm(forms.Form):
    finding = forms.CharField(
        label=_("What the review found"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why it is safe to go on. Kept with your name and the time."),
    )
