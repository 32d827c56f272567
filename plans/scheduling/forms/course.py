"""A course: what is wished of it, and the one that was chosen."""

from datetime import date, datetime, time, timedelta
from itertools import product

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from clinic.core.dates import FIRST_DAY, LAST_DAY
from clinic.core.widgets import DiaryDayField, Segments
from plans.scheduling.clock import moment_of
from plans.scheduling.forms import QuarterField, any_practitioner
from plans.scheduling.free import GRID
from plans.scheduling.policy import POLICY, policy_gaps
from plans.scheduling.presenters.words import weekday_words
from plans.scheduling.queries import clinic_zone
from plans.scheduling.services import Slot
from plans.scheduling.wishes import Habit, Weekly, Wish, Wishes, each_week

LONGEST_WAIT = timedelta(days=366)  # before a course begins
MOST_ROWS = 24  # sessions of the longest course


GAPS = ("smallest_gap", "largest_gap")
MOST_WEEKS = 12  # of a taper


def written(each: Weekly) -> str:
    """As an address has it: 2, or 3-3-2-2."""
    return "-".join(map(str, each_week(each)))


def weekly_words(each: Weekly) -> str:
    """2, or 3-3-2-2 where the weeks differ."""
    weeks = each_week(each)
    return written(weeks if len(set(weeks)) > 1 else weeks[0])


def read_weekly(text: str) -> Weekly:
    """Raises ValueError for anything else."""
    weeks = tuple(int(week) for week in text.split("-")[: MOST_WEEKS + 1])
    if len(weeks) > MOST_WEEKS or not set(weeks) <= set(POLICY.gaps):
        raise ValueError(text)
    return weeks if len(weeks) > 1 else weeks[0]


def asked_taper(sent: QueryDict) -> tuple[int, ...] | None:
    try:
        asked = read_weekly(sent.get("per_week", ""))
    except ValueError:
        return None
    return asked if isinstance(asked, tuple) else None


class WishesForm(forms.Form):
    """Sent by GET, so that a wish can be relaxed by a link. `left` may be booked."""

    earliest = DiaryDayField(label=_("From"))
    per_week = forms.TypedChoiceField(
        label=_("Sessions a week"), coerce=read_weekly, widget=Segments
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
        required=False,
        help_text=_("Empty: as the clinic keeps it at that number a week."),
    )
    largest_gap = forms.IntegerField(
        label=_("at most"), min_value=1, max_value=60, required=False
    )

    def __init__(
        self, data: QueryDict, *, left: int, today: date, taper: tuple[int, ...]
    ) -> None:
        super().__init__(data)
        self.left, self.today = left, today
        self.fields["per_week"].choices = [
            (written(each), weekly_words(each))
            for each in (*POLICY.gaps, asked_taper(data) or taper)
        ]
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
        if found.get("per_week"):
            self.clean_gaps(found)
        begins, ends = found.get("time_from"), found.get("time_to")
        if begins and ends and begins > ends:
            self.add_error("time_to", _("This is before the other time."))
        return found

    def clean_gaps(self, found) -> None:
        """What is left empty is the clinic's, week by week."""
        typed = [name for name in GAPS if found.get(name)]
        usual = policy_gaps(found["per_week"])
        for name, clinics in zip(GAPS, usual, strict=True):
            self.fields[name].widget.attrs["placeholder"] = weekly_words(clinics)
            if name in found:
                found[name] = found[name] or clinics
        if typed and all(name in found for name in GAPS):
            smallest, largest = (each_week(found[name]) for name in GAPS)
            if any(low > high for low, high in product(smallest, largest)):
                self.add_error(typed[-1], _("The smallest gap is above the largest."))

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
    per_week: Weekly,
    earliest: date,
    practitioner_id: int | None,
    habit: Habit | None,
) -> QueryDict:
    """What was asked for; on the first visit of the page, what the plan suggests and
    what the patient is used to.
    """
    if "earliest" in sent:
        return sent
    asked = QueryDict(mutable=True)
    asked.update(
        {
            "earliest": earliest.isoformat(),
            "per_week": written(per_week),
            "practitioner": str(practitioner_id or ""),
            "sessions": str(sessions),
        }
    )
    if habit is not None:
        asked.setlist("weekdays", [str(weekday) for weekday in habit.weekdays])
        asked["time_from"], asked["time_to"] = (f"{at:%H:%M}" for at in habit.between)
    return asked


def read_slot(row: str) -> Slot:
    """From "2026-03-03T09:00 7", a start and who. Raises ValueError."""
    start, _gap, practitioner = row.partition(" ")
    at = datetime.strptime(start, "%Y-%m-%dT%H:%M")
    on_grid = not at.minute % GRID and FIRST_DAY <= at.date() <= LAST_DAY
    if not on_grid or not practitioner.isascii() or not practitioner.isdigit():
        raise ValueError(row)
    return Slot(int(practitioner[:18]), None, moment_of(at, clinic_zone()))


class ChosenForm(forms.Form):
    """A course as the page offered it: one `start` a row, "2026-03-03T09:00 7"."""

    submission = forms.UUIDField()

    def clean(self):
        found = super().clean()
        rows = self.data.getlist("start")[: MOST_ROWS + 1]
        try:
            found["starts"] = [read_slot(row) for row in rows]
        except ValueError:
            rows = []
        if not 1 <= len(rows) <= MOST_ROWS:
            raise forms.ValidationError(
                _("This course could not be read. Choose again.")
            )
        return found


class ShiftForm(ChosenForm):
    """The rest of a course: new starts, and each `visit` as it was shown, "12 3"."""

    submission = None

    def clean(self):
        found = super().clean()
        shown = (row.split() for row in self.data.getlist("visit")[:MOST_ROWS])
        try:
            found["revisions"] = {
                int(pk[:18]): int(revision[:9]) for pk, revision in shown
            }
        except ValueError as unreadable:
            raise forms.ValidationError(
                _("This course could not be read. Choose again.")
            ) from unreadable
        return found
