from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinic.core.widgets import RevisionField
from plans.catalogue.codes import catalogue_names, fold
from plans.catalogue.words import ASHI, LONGEST_NAME, Wanted, parse, write
from plans.combinations.models import LONGEST_NAME as MOST_LETTERS

MOST_POINTS = 30
GIVEN = ("name", "points", "is_shared")


class CombinationForm(forms.Form):
    """Its points are words, as they are typed in a session."""

    name = forms.CharField(
        label=pgettext_lazy("of a combination", "Name"),
        max_length=MOST_LETTERS,
        help_text=gettext_lazy("Typed in a session, it adds all its points."),
    )
    points = forms.CharField(
        label=gettext_lazy("Points"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "bl23 both, bl40 reducing: a side or depth that is left open is chosen for "
            "each patient."
        ),
    )
    is_shared = forms.BooleanField(
        label=gettext_lazy("For all colleagues"),
        required=False,
        help_text=gettext_lazy("Only you can change it."),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)

    @property
    def given(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in GIVEN}

    def clean_name(self) -> str:
        """Nothing that is a point, a side, a technique or minutes already."""
        name = " ".join(self.cleaned_data["name"].split())
        read = parse(name, catalogue_names())
        means = read.points or read.retention_min is not None
        if means or any(item.candidates or item.is_loose for item in read.unclear):
            raise ValidationError(_("A point is called so: choose another name."))
        if not fold(name) or len(name.split()) > LONGEST_NAME:
            raise ValidationError(_("Give it a name of a few words."))
        return name

    def clean_points(self) -> tuple[Wanted, ...]:
        read = parse(self.cleaned_data["points"], catalogue_names())
        if read.unclear:
            raise ValidationError(
                _("“%(text)s” is not understood.") % {"text": read.left}
            )
        if any(point.code == ASHI for point in read.points):
            raise ValidationError(_("Ashi are found anew each time: leave them out."))
        if read.retention_min is not None:
            raise ValidationError(_("Minutes belong to the session: leave them out."))
        if not 0 < len(read.points) <= MOST_POINTS:
            raise ValidationError(
                _("A combination has 1 to %(most)s points.") % {"most": MOST_POINTS}
            )
        return read.points


class ChangeForm(CombinationForm):
    submission = None
    revision = RevisionField()


class DeleteForm(forms.Form):
    revision = RevisionField()


def shown(combination, points) -> dict[str, object]:
    return {
        "name": combination.name,
        "points": write(points),
        "is_shared": combination.is_shared,
        "revision": combination.revision,
    }
