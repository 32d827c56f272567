from collections.abc import Iterable
from datetime import date, datetime

from django import forms
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from clinic.core.widgets import DiaryDayField
from plans.paper.queries import LIMIT
from plans.scheduling.clock import moment_of
from plans.scheduling.models import Appointment
from plans.scheduling.queries import clinic_zone, practitioner_names


class PaperDayForm(forms.Form):
    day = DiaryDayField(label=_("Day"))

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        if day < self.today - LIMIT:
            raise forms.ValidationError(
                _("Paper is typed in within %(days)s days."),
                params={"days": LIMIT.days},
            )
        return day


class PaperForm(forms.Form):
    """`visits` are those of the day that can be typed in."""

    visit = forms.ChoiceField(label=_("Visit"), widget=forms.RadioSelect)
    time = forms.TimeField(
        label=_("Done at"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("When the needling began, as the paper says."),
    )
    done_by = forms.ChoiceField(label=_("Done by"))

    def __init__(
        self,
        *args,
        day: date,
        now: datetime,
        visits: Iterable[Appointment],
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.day, self.now = day, now
        self.visits = {str(visit.pk): visit for visit in visits}
        self.fields["visit"].choices = [
            (pk, words(visit)) for pk, visit in self.visits.items()
        ]
        self.fields["done_by"].choices = [
            ("", "---------"),
            *((str(pk), name) for pk, name in practitioner_names().items()),
        ]

    def clean_time(self):
        at = self.cleaned_data["time"]
        if self.moment(at) > self.now:
            raise forms.ValidationError(_("This time has not come yet."))
        return at

    def moment(self, at) -> datetime:
        return moment_of(datetime.combine(self.day, at), clinic_zone())

    def told(self) -> dict[str, object]:
        given = self.cleaned_data
        return {
            "appointment": self.visits[given["visit"]],
            "done_at": self.moment(given["time"]),
            "done_by": User.objects.get(pk=given["done_by"]),
        }


def words(visit: Appointment) -> str:
    """10:15 Ana Reyes, Jonas Beispiel"""
    at = formats.time_format(timezone.localtime(visit.starts_at), "H:i")
    return f"{at} {visit.patient}, {visit.practitioner}"
