from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from clinic.accounts.models import User
from clinic.core.dates import FIRST_DAY, LAST_DAY
from clinic.core.widgets import LARGEST, DiaryDayField, RevisionField, Segments
from plans.scheduling.clock import moment_of
from plans.scheduling.free import GRID
from plans.scheduling.models import Appointment, Bed
from plans.scheduling.policy import POLICY
from plans.scheduling.presenters.words import weekday_words
from plans.scheduling.queries import active_beds, clinic_zone, practitioner_names
from plans.scheduling.services import Slot
from plans.scheduling.wishes import Wish, Wishes

LONGEST_WAIT = timedelta(days=366)  # before a course begins
MOST_ROWS = 24  # sessions of the longest course


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


class WishesForm(forms.Form):
    """Sent by GET, so that a wish can be relaxed by a link. `left` may be booked."""

    earliest = DiaryDayField(label=_("From"))
    per_week = forms.TypedChoiceField(
        label=_("Sessions a week"),
        choices=[(n, n) for n in POLICY.gaps],
        coerce=int,
        widget=Segments,
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"),
        choices=[(n, weekday_words(n)) for n in range(7)],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: any day."),
    )
    time_from = QuarterField(label=_("Start between"), required=False)
    time_to = QuarterField(label=_("and"), required=False)
    practitioner = forms.TypedChoiceField(
        label=_("With"),
        choices=any_practitioner,
        coerce=int,
        empty_value=None,
        required=False,
    )
    must = forms.MultipleChoiceField(
        label=_("No exceptions"),
        choices=[
            (Wish.WEEKDAYS.value, _("only these days")),
            (Wish.HOUR.value, _("only these hours")),
            (Wish.PRACTITIONER.value, _("only this practitioner")),
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sessions = forms.IntegerField(label=_("Sessions to book"), min_value=1)
    smallest_gap = forms.IntegerField(
        label=_("Days from one session to the next, at least"),
        min_value=1,
        max_value=60,
    )
    largest_gap = forms.IntegerField(label=_("at most"), min_value=1, max_value=60)

    def __init__(self, data: QueryDict, *, left: int, today: date) -> None:
        super().__init__(data)
        self.left, self.today = left, today
        self.fields["weekdays"].choices = [(n, weekday_words(n)) for n in range(7)]
        self.fields["sessions"].widget.attrs["max"] = left

    def clean_sessions(self) -> int:
        sessions = self.cleaned_data["sessions"]
        if sessions > self.left:
            raise forms.ValidationError(
                ngettext_lazy(
                    "The plan has %(left)d session left to book.",
                    "The plan has %(left)d sessions left to book.",
                    self.left,
                )
                % {"left": self.left}
            )
        return sessions

    def clean_earliest(self) -> date:
        earliest = self.cleaned_data["earliest"]
        if earliest < self.today:
            raise forms.ValidationError(_("That day has passed."))
        if earliest > self.today + LONGEST_WAIT:
            raise forms.ValidationError(_("A course begins within a year."))
        return earliest

    def clean(self):
        found = super().clean()
        low, high = found.get("smallest_gap"), found.get("largest_gap")
        if low and high and low > high:
            self.add_error("largest_gap", _("This is less than the smallest gap."))
        begins, ends = found.get("time_from"), found.get("time_to")
        if begins and ends and begins > ends:
            self.add_error("time_to", _("This is before the other time."))
        return found

    def wishes(self, *, had: int) -> Wishes:
        """The wishes for a course of which `had` sessions stand already."""
        given = self.cleaned_data
        between = None
        if given["time_from"] or given["time_to"]:
            between = (
                given["time_from"] or time.min,
                given["time_to"] or time(23, 45),
            )
        return Wishes(
            sessions=given["sessions"] + had,
            earliest=given["earliest"],
            per_week=given["per_week"],
            smallest_gap=given["smallest_gap"],
            largest_gap=given["largest_gap"],
            weekdays=frozenset(given["weekdays"]),
            between=between,
            practitioner=given["practitioner"],
            must=frozenset(Wish(must) for must in given["must"]),
        )


def asked_or_default(
    sent: QueryDict,
    *,
    sessions: int,
    per_week: int,
    earliest: date,
    practitioner_id: int | None,
) -> QueryDict:
    """What was asked for; on the first visit of the page, what the plan suggests."""
    if "earliest" in sent:
        return sent
    gaps = POLICY.gaps[per_week]
    asked = QueryDict(mutable=True)
    asked.update(
        {
            "earliest": earliest.isoformat(),
            "per_week": str(per_week),
            "practitioner": str(practitioner_id or ""),
            "sessions": str(sessions),
            "smallest_gap": str(gaps.smallest),
            "largest_gap": str(gaps.largest),
        }
    )
    return asked


class ChosenForm(forms.Form):
    """A course as the page offered it: one `start` a row, "2026-03-03T09:00 7"."""

    submission = forms.UUIDField()

    def clean(self):
        found = super().clean()
        rows = self.data.getlist("start")[: MOST_ROWS + 1]
        try:
            found["starts"] = [self.read(row) for row in rows]
        except ValueError:
            rows = []
        if not 1 <= len(rows) <= MOST_ROWS:
            raise forms.ValidationError(
                _("This course could not be read. Choose again.")
            )
        return found

    def read(self, row: str) -> Slot:
        start, _gap, practitioner = row.partition(" ")
        at = datetime.strptime(start, "%Y-%m-%dT%H:%M")
        on_grid = not at.minute % GRID and FIRST_DAY <= at.date() <= LAST_DAY
        if not on_grid or not practitioner.isascii() or not practitioner.isdigit():
            raise ValueError(row)
        return Slot(int(practitioner[:18]), None, moment_of(at, clinic_zone()))


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
