from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from clinic.core.widgets import LARGEST, DiaryDayField, RevisionField, Segments
from plans.scheduling.clock import moment_of
from plans.scheduling.free import GRID
from plans.scheduling.models import Appointment, Bed
from plans.scheduling.presenters.words import weekday_words
from plans.scheduling.queries import active_beds, clinic_zone, practitioner_names
from plans.scheduling.services import Slot


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__({"step": GRID * 60} | (attrs or {}), format="%H:%M")


class QuarterField(forms.TimeField):
    widget = ClockInput

    def to_python(self, value):
        at = super().to_python(value)
        if at is not None and (at.minute % GRID or at.second or at.microsecond):
            raise forms.ValidationError(_("Give a full quarter of an hour."))
        return at


def practitioner_choices() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in practitioner_names().items()]


def any_practitioner() -> list[tuple[str, object]]:
    return [("", _("Anybody")), *practitioner_choices()]


def any_bed() -> list[tuple[str, object]]:
    return [("", _("Any free bed")), *((str(b.pk), b.name) for b in active_beds())]


class DayForm(forms.Form):
    day = DiaryDayField(label=_("Day"), required=False)
    by = forms.ChoiceField(
        choices=[("practitioner", _("Practitioners")), ("bed", _("Beds"))],
        required=False,
    )


class PlaceForm(forms.Form):
    day = DiaryDayField(label=_("Day"))
    time = QuarterField(label=_("Time"))
    # Whether somebody of that number can be booked is for the diary to say.
    practitioner = forms.IntegerField(
        label=_("With"),
        min_value=1,
        max_value=LARGEST,
        widget=forms.Select(choices=practitioner_choices),
    )
    bed = forms.TypedChoiceField(
        label=_("Bed"), choices=any_bed, coerce=int, empty_value=None, required=False
    )

    def slot(self) -> Slot:
        given = self.cleaned_data
        at = datetime.combine(given["day"], given["time"])
        return Slot(given["practitioner"], given["bed"], moment_of(at, clinic_zone()))


class BookForm(PlaceForm):
    kind = forms.ChoiceField(
        label=_("Kind"), choices=Appointment.Kind.choices, widget=Segments
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    field_order = ["kind", "day", "time", "practitioner", "bed"]

    def clean_submission(self) -> UUID:
        return self.cleaned_data["submission"]


class MoveForm(PlaceForm):
    revision = RevisionField()


class StatusForm(forms.Form):
    status = forms.ChoiceField(choices=Appointment.Status.choices)
    revision = RevisionField()
    reason = forms.CharField(max_length=200, required=False)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it cancelled?"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class WeekForm(forms.Form):
    """Two stretches a day, so that a break can lie between."""

    PARTS = ("1", "2")

    def __init__(self, data=None, *, week: Mapping[int, Sequence[tuple]]) -> None:
        super().__init__(data)
        for weekday in range(7):
            known = week.get(weekday, ())
            for index, part in enumerate(self.PARTS):
                for edge, which in (("starts", 0), ("ends", 1)):
                    there = index < len(known)
                    self.fields[f"{edge}{part}_{weekday}"] = QuarterField(
                        label=f"{weekday_words(weekday)} {part}",
                        required=False,
                        initial=known[index][which] if there else None,
                    )

    def days(self):
        """For the template: the weekday in words and its four fields."""
        for weekday in range(7):
            names = [
                f"{edge}{part}_{weekday}"
                for part in self.PARTS
                for edge in ("starts", "ends")
            ]
            yield weekday_words(weekday), [self[name] for name in names]

    def clean(self):
        found = super().clean()
        periods = []
        for weekday in range(7):
            before = None
            for part in self.PARTS:
                last = f"ends{part}_{weekday}"
                starts = found.get(f"starts{part}_{weekday}")
                ends = found.get(last)
                if starts is None and ends is None:
                    continue
                if starts is None or ends is None:
                    self.add_error(last, _("Give both times, or neither."))
                elif ends <= starts:
                    self.add_error(last, _("This ends before it begins."))
                elif before is not None and starts < before:
                    self.add_error(last, _("This overlaps the hours before it."))
                else:
                    before = ends
                    periods.append((weekday, starts, ends))
        found["periods"] = periods
        return found


class ClosureForm(forms.Form):
    first_day = DiaryDayField(label=_("From"))
    last_day = DiaryDayField(label=_("To, that day included"))
    practitioner = forms.ModelChoiceField(
        User.objects.acupuncturists(),
        label=_("Who"),
        required=False,
        empty_label=_("The whole clinic"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=120)

    def clean(self):
        found = super().clean()
        first, last = found.get("first_day"), found.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("This is before the first day."))
        return found


class BedForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=40)
    room = forms.CharField(label=_("Room"), max_length=40, required=False)
    order = forms.IntegerField(
        label=_("Place in the diary"), min_value=0, max_value=999, initial=0
    )
    is_active = forms.BooleanField(
        label=_("Can be booked"), required=False, initial=True
    )

    @classmethod
    def of(cls, bed: Bed, data=None):
        fields = ("name", "room", "order", "is_active")
        return cls(data, initial={name: getattr(bed, name) for name in fields})
