"""What the diary can be booked for: hours, closures, beds, lengths of visits."""

from collections.abc import Mapping, Sequence
from datetime import date, time

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from clinic.core.widgets import DiaryDayField
from plans.scheduling.forms import QuarterField
from plans.scheduling.free import Length
from plans.scheduling.models import QUARTERS, Appointment, Bed
from plans.scheduling.presenters.words import weekday_words

PARTS = ("1", "2")
MINUTES = ("needling", "stay")


def stretches(form: forms.Form, found: Mapping, suffix: str) -> list[tuple[time, time]]:
    """The two of one day, where they make sense; an error on the form where not."""
    given: list[tuple[time, time]] = []
    for part in PARTS:
        last = f"ends{part}{suffix}"
        starts, ends = found.get(f"starts{part}{suffix}"), found.get(last)
        if starts is None and ends is None:
            continue
        if starts is None or ends is None:
            if not form.errors.keys() & {last, f"starts{part}{suffix}"}:
                form.add_error(last, _("Give both times, or neither."))
        elif ends <= starts:
            form.add_error(last, _("This ends before it begins."))
        elif given and starts < given[-1][1]:
            form.add_error(last, _("This overlaps the hours before it."))
        else:
            given.append((starts, ends))
    return given


class WeekForm(forms.Form):
    """Two stretches a day, so that a break can lie between."""

    def __init__(self, data=None, *, week: Mapping[int, Sequence[tuple]]) -> None:
        super().__init__(data)
        for weekday in range(7):
            known = week.get(weekday, ())
            for index, part in enumerate(PARTS):
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
                for part in PARTS
                for edge in ("starts", "ends")
            ]
            yield weekday_words(weekday), [self[name] for name in names]

    def clean(self):
        found = super().clean()
        found["periods"] = [
            (weekday, *stretch)
            for weekday in range(7)
            for stretch in stretches(self, found, f"_{weekday}")
        ]
        return found


class DayHoursForm(forms.Form):
    """Other hours on one day, in two stretches as in a week."""

    day = DiaryDayField(label=_("Day"))
    starts1 = QuarterField(label=_("From"))
    ends1 = QuarterField(label=_("To"))
    starts2 = QuarterField(label=_("and from"), required=False)
    ends2 = QuarterField(label=_("to"), required=False)

    def __init__(self, data=None, *, today: date) -> None:
        super().__init__(data)
        self.today = today

    def clean_day(self) -> date:
        if self.cleaned_data["day"] < self.today:
            raise forms.ValidationError(_("That day has passed."))
        return self.cleaned_data["day"]

    def clean(self):
        found = super().clean()
        found["periods"] = stretches(self, found, "")
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


class LengthsForm(forms.Form):
    """Two numbers for each kind of visit."""

    def __init__(self, data=None, *, lengths: Mapping[str, Length]) -> None:
        super().__init__(data)
        minutes = [(quarter, quarter) for quarter in QUARTERS]
        for kind in Appointment.Kind.values:
            for name, label, initial in (
                ("needling", _("With the practitioner (min)"), lengths[kind].needling),
                ("stay", _("In bed (min)"), lengths[kind].stay),
            ):
                self.fields[f"{name}_{kind}"] = forms.TypedChoiceField(
                    label=label, choices=minutes, coerce=int, initial=initial
                )

    def kinds(self):
        """For the template: each kind in words with its two fields."""
        for kind, words in Appointment.Kind.choices:
            yield words, [self[f"{name}_{kind}"] for name in MINUTES]

    def clean(self):
        found = super().clean()
        lengths = {}
        for kind in Appointment.Kind.values:
            needling, stay = (found.get(f"{name}_{kind}") for name in MINUTES)
            if needling and stay and needling > stay:
                self.add_error(
                    f"stay_{kind}",
                    _("The stay can’t be shorter than the needling."),
                )
            elif needling and stay:
                lengths[kind] = Length(needling, stay)
        found["lengths"] = lengths
        return found
