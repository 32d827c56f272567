"""Joining the wait list, and a place to offer."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import DiaryDayField, Segments
from plans.scheduling.forms import QuarterField, any_practitioner
from plans.scheduling.forms.course import read_slot
from plans.scheduling.models import Appointment, WaitEntry
from plans.scheduling.presenters.words import weekday_words
from plans.scheduling.waiting import weekdays_of

USUAL_WAIT = timedelta(weeks=4)
LONGEST_WAIT = timedelta(days=366)


class JoinForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"), choices=Appointment.Kind.choices, widget=Segments
    )
    practitioner = forms.TypedChoiceField(
        label=_("With"),
        choices=any_practitioner,
        coerce=int,
        empty_value=None,
        required=False,
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: any day."),
    )
    time_from = QuarterField(label=_("Start between"), required=False)
    time_to = QuarterField(label=_("and"), required=False)
    first_day = DiaryDayField(label=_("From"))
    last_day = DiaryDayField(label=_("To, that day included"))

    def __init__(
        self, data=None, *, today: date, kind: str, entry: WaitEntry | None = None
    ) -> None:
        usual = {"kind": kind, "first_day": today, "last_day": today + USUAL_WAIT}
        if entry is not None:
            usual = {
                "kind": entry.kind,
                "practitioner": entry.practitioner_id,
                "weekdays": weekdays_of(entry.weekdays),
                "time_from": entry.time_from,
                "time_to": entry.time_to,
                "first_day": entry.first_day,
                "last_day": entry.last_day,
            }
        super().__init__(data, initial=usual)
        self.today = today
        self.fields["weekdays"].choices = [(n, weekday_words(n)) for n in range(7)]

    def clean(self):
        found = super().clean()
        first, last = found.get("first_day"), found.get("last_day")
        if last and last < max(first or last, self.today):
            self.add_error("last_day", _("This is before the first day, or past."))
        elif last and last > self.today + LONGEST_WAIT:
            self.add_error("last_day", _("Nobody waits longer than a year."))
        begins, ends = found.get("time_from"), found.get("time_to")
        if begins and ends and begins > ends:
            self.add_error("time_to", _("This is before the other time."))
        return found


class FreedForm(forms.Form):
    """A place as an address has it: "2026-03-03T09:00 7"."""

    place = forms.CharField(max_length=40)

    def clean_place(self):
        try:
            return read_slot(self.cleaned_data["place"])
        except ValueError as unreadable:
            raise forms.ValidationError(_("This place is not known.")) from unreadable
