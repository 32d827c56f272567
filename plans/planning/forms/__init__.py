import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.core.widgets import RevisionField
from plans.catalogue.points import Point, read_catalogue
from plans.engine.proposal import Dose, Reason
from plans.planning.course import LEAST_A_WEEK, MOST_A_WEEK
from plans.planning.models import (
    PlanPoint,
    PlanVersion,
    Prescription,
    Response,
    Side,
    Technique,
)
from plans.planning.services import PointLine, written_in

MOST_POINTS = 20  # lines a form takes; a plan has fewer
PROPOSED = "proposed"
OWN = "own"  # the course whose numbers the acupuncturist gives
LETTERS = [
    (Prescription.EVERY, pgettext_lazy("prescriptions A and B", "both")),
    (Prescription.A, "A"),
    (Prescription.B, "B"),
]
INPUT = {"class": "input"}  # a line of the table is not drawn by the form pack

# For a line that has room for a word; the page says it in full where it explains.
SHORT_SIDES = [
    (Side.LEFT, Side.LEFT.label),
    (Side.RIGHT, Side.RIGHT.label),
    (Side.BOTH, pgettext_lazy("sides, short", "both")),
    (Side.MIDLINE, Side.MIDLINE.label),
]
SHORT_TECHNIQUES = {
    Technique.EVEN: pgettext_lazy("technique, short", "even"),
    Technique.REINFORCING: pgettext_lazy("technique, short", "reinforcing"),
    Technique.REDUCING: pgettext_lazy("technique, short", "reducing"),
    Technique.WARM_NEEDLE: pgettext_lazy("technique, short", "warm needle"),
    Technique.REINFORCING_MOXA: pgettext_lazy("technique, short", "with moxa"),
    Technique.ELECTRO: pgettext_lazy("technique, short", "electro"),
    Technique.PRICKING: pgettext_lazy("technique, short", "pricking"),
    Technique.CUPPING: pgettext_lazy("technique, short", "cupping"),
}


class PointForm(forms.Form):
    code = forms.CharField(max_length=8, widget=forms.HiddenInput)
    side = forms.ChoiceField(
        label=_("Side"), choices=SHORT_SIDES, widget=forms.Select(INPUT)
    )
    depth_mm = forms.IntegerField(
        label=_("Depth (mm)"),
        min_value=0,
        max_value=75,
        widget=forms.NumberInput(INPUT | {"inputmode": "numeric"}),
    )
    technique = forms.ChoiceField(
        label=_("Technique"),
        choices=list(SHORT_TECHNIQUES.items()),
        widget=forms.Select(INPUT),
    )
    prescription = forms.ChoiceField(
        label=_("Prescription"),
        choices=LETTERS,
        required=False,
        widget=forms.Select(INPUT),
    )
    override_reason = forms.CharField(
        label=_("Your reason"),
        max_length=300,
        required=False,
        widget=forms.TextInput(INPUT),
    )
    drop = forms.BooleanField(label=_("Leave out"), required=False)


PointFormSet = forms.formset_factory(
    PointForm,
    extra=0,
    max_num=MOST_POINTS,
    absolute_max=MOST_POINTS,
    validate_max=True,
)


@dataclass(frozen=True)
class CourseChoice:
    """A course that can be had in one click; without `weekly` every week is alike."""

    key: str
    sessions: int
    per_week: int
    weekly: tuple[int, ...]
    reasons: tuple[Reason, ...]

    def is_of(self, version: PlanVersion) -> bool:
        return (self.sessions, self.per_week, list(self.weekly)) == (
            version.sessions,
            version.per_week,
            version.weekly,
        )


def course_choices(dose: Dose | None) -> tuple[CourseChoice, ...]:
    """The proposed course first, then what the rules offer beside it."""
    if dose is None:
        return ()
    proposed = CourseChoice(PROPOSED, dose.sessions, dose.per_week, (), dose.reasons)
    return (
        proposed,
        *(
            CourseChoice(
                key="-".join(map(str, option.weekly)),
                sessions=option.sessions,
                per_week=max(option.weekly),
                weekly=_unlike(option.weekly),
                reasons=option.reasons,
            )
            for option in dose.options
        ),
    )


def _unlike(weekly: Iterable[int]) -> tuple[int, ...]:
    """Nothing where every week is like the first."""
    weeks = tuple(weekly)
    return weeks if len(set(weeks)) > 1 else ()


class DraftForm(forms.Form):
    revision = RevisionField()
    add = forms.CharField(
        label=_("Add a point"),
        max_length=60,
        required=False,
        widget=forms.TextInput(
            INPUT | {"placeholder": _("Code, pinyin or Chinese: UB57, chengshan, 承山")}
        ),
    )
    ashi = forms.IntegerField(label=_("Ashi points"), min_value=0, max_value=6)
    course = forms.ChoiceField(label=_("Course"), required=False)
    sessions = forms.IntegerField(label=_("Sessions"), min_value=1, max_value=24)
    per_week = forms.TypedChoiceField(
        label=_("Sessions a week"), choices=[(1, "1"), (2, "2"), (3, "3")], coerce=int
    )
    weekly = forms.CharField(
        label=_("Week by week"),
        max_length=80,
        required=False,
        help_text=_("Only where the weeks differ, as 3 3 2 2."),
    )
    retention_min = forms.IntegerField(
        label=_("Retention (min)"), min_value=0, max_value=60
    )
    goal = forms.CharField(
        label=_("Goal in the patient’s words"),
        max_length=300,
        required=False,
        help_text=_("What the patient wants to be able to do again."),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    change_reason = forms.CharField(
        label=_("Reason for this version"),
        max_length=300,
        required=False,
        widget=forms.TextInput(INPUT),
        help_text=_(
            "Asked for where a caution is overruled, when the number of points is "
            "unusual, or when you revise."
        ),
    )
    style = forms.CharField(
        label=_("Style of acupuncture"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"list": "styles-used"}),
    )
    response_sought = forms.ChoiceField(
        label=_("Response sought"),
        choices=[("", _("Not said")), *Response.choices],
        required=False,
    )
    needle = forms.CharField(
        label=_("Needle: diameter, length, make"),
        max_length=120,
        required=False,
        widget=forms.TextInput({"list": "needles-used"}),
    )
    setting = forms.CharField(
        label=_("Setting, and what the patient was told"),
        max_length=300,
        required=False,
    )

    OF_OWN_COURSE = ("sessions", "per_week", "weekly")

    def __init__(self, *args, version: PlanVersion, dose: Dose | None, **kwargs):
        self.offered = {choice.key: choice for choice in course_choices(dose)}
        chosen = (key for key, each in self.offered.items() if each.is_of(version))
        standing = {
            **written_in(version),
            "revision": version.revision,
            "weekly": " ".join(map(str, version.weekly)),
            "course": next(chosen, OWN),
        }
        super().__init__(*args, initial=standing, **kwargs)
        keys = [(key, key) for key in (*self.offered, OWN)]
        self.fields["course"].choices = keys

    def clean_weekly(self) -> list[int]:
        typed = self.cleaned_data["weekly"]
        if re.search(r"[^0-9\s,，、+;/-]", typed, re.ASCII):
            raise forms.ValidationError(_("Give a number for each week, as 3 3 2 2."))
        weekly = [int(number) for number in re.findall("[0-9]+", typed)]
        if any(not LEAST_A_WEEK <= number <= MOST_A_WEEK for number in weekly):
            raise forms.ValidationError(_("From 1 to 3 in each week."))
        return weekly

    def clean(self) -> dict:
        """Numbers of one's own count only where no offered course is chosen."""
        said = super().clean()
        choice = self.offered.get(said.pop("course", OWN))
        if choice:
            for name in self.OF_OWN_COURSE:
                self.errors.pop(name, None)
            said |= {name: getattr(choice, name) for name in self.OF_OWN_COURSE}
        elif weekly := said.get("weekly"):
            if sum(weekly) != said.get("sessions", sum(weekly)):
                self.add_error(
                    "weekly",
                    _("These make %(sum)s sessions, not %(sessions)s.")
                    % {"sum": sum(weekly), "sessions": said["sessions"]},
                )
            said |= {"per_week": max(weekly), "weekly": _unlike(weekly)}
        return said


class AnewForm(forms.Form):
    revision = RevisionField()


class ReviseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why the plan changes"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CompareForm(forms.Form):
    """Two versions by number; the last two when nothing is said."""

    def __init__(self, *args, numbers: list[str], **kwargs) -> None:
        latest = {"from": numbers[-2:][0], "to": numbers[-1]}
        super().__init__(*args, initial=latest, **kwargs)
        for name, label in (("from", _("From version")), ("to", _("To version"))):
            self.fields[name] = forms.ChoiceField(
                label=label, choices=[(number, number) for number in numbers]
            )


@dataclass(frozen=True)
class Added:
    code: str
    cap_mm: int


def lines_of(version: PlanVersion) -> list[dict]:
    """The rows of the form for what the draft says now."""
    return [
        {
            "code": row.acupoint_id,
            "side": row.side,
            "depth_mm": row.depth_mm,
            "technique": row.technique,
            "prescription": row.prescription,
            "override_reason": row.override_reason,
        }
        for row in version.points.all()
    ]


def edited_lines(
    version: PlanVersion, rows: Iterable[Mapping], added: Added | None
) -> list[PointLine]:
    """Keep what is not left out, in order, and put an added point at the end."""
    standing = {row.acupoint_id: row for row in version.points.all()}
    points = read_catalogue()
    lines = [
        PointLine(
            code=row["code"],
            side=row["side"],
            depth_mm=row["depth_mm"],
            angle=standing[row["code"]].angle,
            technique=row["technique"],
            position=standing[row["code"]].position,
            origin=standing[row["code"]].origin,
            override_reason=row["override_reason"],
            prescription=row["prescription"] or standing[row["code"]].prescription,
        )
        for row in rows
        if row["code"] in standing and not row["drop"]
    ]
    if added and added.code not in {line.code for line in lines}:
        lines.append(_new_line(points[added.code], added, version))
    return lines


def _new_line(point: Point, added: Added, version: PlanVersion) -> PointLine:
    """A point at its least usual depth, on the side the plan already treats."""
    sides = [row.side for row in version.points.all() if row.side in ("left", "right")]
    side = Side.MIDLINE if point.side == "midline" else (sides or [Side.BOTH])[0]
    return PointLine(
        code=point.code,
        side=side,
        depth_mm=int(min(point.depth_min_mm, added.cap_mm)),
        angle=point.angle,
        technique=Technique.EVEN,
        position=point.position,
        origin=PlanPoint.Origin.ADDED,
    )
