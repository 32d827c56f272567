"""One point of a session as a form."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import (
    Segments,
    TriStateField,
)
from plans.catalogue.points import DEEPEST_MM, Point
from plans.catalogue.words import ASHI, MOST_ASHI
from plans.planning.models import Side, Technique
from plans.sessions.entry import Line, Why
from plans.sessions.models import PointChange
from plans.sessions.stimulation import ELECTRO, MOST_PAIRS

ANSWERS = {True: "yes", False: "no", None: "unknown"}


MIDLINE = (Side.MIDLINE.value, Side.MIDLINE.label)
SIDED = [(side.value, side.label) for side in (Side.LEFT, Side.RIGHT, Side.BOTH)]
SIDES = {"paired": SIDED, "midline": [MIDLINE], "variable": [*SIDED, MIDLINE]}


# Short enough for a chip; the plan and the printed note have the full words.
TECHNIQUES = {
    Technique.EVEN.value: _("even"),
    Technique.REINFORCING.value: _("reinforcing"),
    Technique.REDUCING.value: _("reducing"),
    Technique.WARM_NEEDLE.value: _("warm needle"),
    Technique.REINFORCING_MOXA.value: _("with moxa"),
    Technique.ELECTRO.value: _("electro"),
    Technique.PRICKING.value: _("pricking"),
    Technique.CUPPING.value: _("cupping"),
}


def number(attrs: Mapping[str, object]) -> forms.NumberInput:
    return forms.NumberInput(attrs={"inputmode": "numeric", **attrs})


class LineForm(forms.Form):
    """One point. Its prefix is the point's code."""

    side = forms.ChoiceField(label=_("Side"), widget=Segments)
    depth_mm = forms.IntegerField(
        label=_("Depth (mm)"), min_value=0, max_value=DEEPEST_MM, widget=number({})
    )
    technique = forms.ChoiceField(label=_("Technique"), choices=TECHNIQUES.items())
    count = forms.IntegerField(
        label=_("Tender points"), min_value=1, max_value=MOST_ASHI, widget=number({})
    )
    de_qi = TriStateField(label=_("De qi"))
    reason = forms.CharField(label=_("Your reason"), max_length=300, required=False)
    pair = forms.TypedChoiceField(
        label=_("Joined as pair"),
        choices=[(n, n) for n in range(1, MOST_PAIRS + 1)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=Segments,
    )
    why = forms.ChoiceField(
        label=_("Why?"),
        choices=PointChange.Reason.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    why_words = forms.CharField(label=_("In words"), max_length=200, required=False)
    drop = forms.BooleanField(label=_("Leave out"), required=False)

    def __init__(self, data=None, *, point: Point, initial=None):
        super().__init__(data, prefix=point.code, initial=initial)
        self.point = point
        self.fields["side"].choices = SIDES[point.side]
        if point.code != ASHI:
            del self.fields["count"]

    @property
    def is_dropped(self) -> bool:
        return bool(self["drop"].value())

    @property
    def line(self) -> Line:
        names = ("side", "depth_mm", "technique", "de_qi", "reason")
        given = {name: self.cleaned_data[name] for name in names}
        given["count"] = self.cleaned_data.get("count", 1)
        pair = self.cleaned_data["pair"] if given["technique"] == ELECTRO else None
        return Line(code=self.point.code, pair=pair, **given)

    @property
    def why_told(self) -> Why | None:
        """Words of one's own count before a reason from the list."""
        if words := self.cleaned_data["why_words"]:
            return Why(PointChange.Reason.OTHER.value, words)
        reason = self.cleaned_data["why"]
        return Why(reason) if reason and reason != PointChange.Reason.OTHER else None
