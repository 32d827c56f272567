from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.core.dates import FIRST_DAY, LAST_DAY
from plans.scheduling import queries
from plans.scheduling.clock import DAY, wall
from plans.scheduling.forms import ChangesForm, DayForm, WhoseWeekForm
from plans.scheduling.presenters.columns import BED, PRACTITIONER
from plans.scheduling.presenters.day import present_day, present_week
from plans.scheduling.presenters.words import SAID_WHILE_MOVING
from plans.scheduling.views.places import Light, light_of, lit_beds, lit_places

NO_CHANGE = 204


@requires(Permission.VIEW_DIARY)
@require_safe
def day(request):
    """The diary of one day. What can't be read as a day shows today, and says so."""
    moment = timezone.now()
    now = wall(moment, queries.clinic_zone())
    form = DayForm(request.GET)
    form.is_valid()
    on = form.cleaned_data.get("day") or now.date()
    by = form.cleaned_data.get("by") or PRACTITIONER
    light, lit = light_of(request), None
    if light:
        lit = (
            lit_beds(light, on)
            if by == BED
            else lit_places(light, on, on, column=lambda at: str(at.practitioner))
        )
    seen = queries.stamp(on, now=moment)  # before the rows: none changes unseen
    rows = queries.day(on, kept_at=moment)
    shown = present_day(
        on,
        by=by,
        now=now,
        rows=rows,
        hours=queries.hours_on(on),
        closures=queries.closures_between(first=on, last=on),
        beds=queries.active_beds() if by == BED else (),
        may_book=request.user.has_perm(Permission.BOOK_COURSE),
        lit=lit,
    )
    context = {
        "form": form,
        "diary": shown,
        "today": now.date(),
        "previous": on - DAY if on > FIRST_DAY else None,
        "next": on + DAY if on < LAST_DAY else None,
        **lights(light, {"day": on, "by": by}),
        "changes": urlencode({"day": on, "seen": seen}),
    }
    return render(request, "plans/scheduling/day.html", context)


@requires(Permission.VIEW_DIARY)
@require_safe
def week(request):
    """One practitioner's week: the reader's own, or that of the first in the diary."""
    moment = timezone.now()
    now = wall(moment, queries.clinic_zone())
    names = queries.practitioner_names()
    form = WhoseWeekForm(request.GET, names=names)
    form.is_valid()
    own = request.user.pk if request.user.pk in names else next(iter(names), 0)
    who = form.cleaned_data.get("who") or own
    on = form.cleaned_data.get("day") or now.date()
    days = days_of_week(on)
    monday, sunday = days[0], days[-1]
    light = light_of(request)
    seen = queries.stamp(monday, until=sunday, practitioner_id=who, now=moment)
    rows = queries.day(monday, until=sunday, practitioner_id=who, kept_at=moment)
    shown = present_week(
        days,
        practitioner_id=who,
        now=now,
        rows=rows,
        hours=queries.hours_in_week(monday, sunday, who),
        closures=queries.closures_between(first=monday, last=sunday),
        may_book=request.user.has_perm(Permission.BOOK_COURSE),
        lit=lit_places(
            light,
            monday,
            sunday,
            column=lambda start: f"{start.at:%Y-%m-%d}",
            practitioners=[who],
        )
        if light
        else None,
    )
    context = {
        "form": form,
        "diary": shown,
        "who": who,
        "names": names,
        "name": names.get(who, ""),
        "on": on,
        "sunday": sunday,
        "today": now.date(),
        "previous": monday - DAY if monday > FIRST_DAY else None,
        "next": sunday + DAY if sunday < LAST_DAY else None,
        **lights(light, {"who": who, "day": on}),
        "changes": urlencode(
            {"day": monday, "until": sunday, "who": who, "seen": seen}
        ),
    }
    return render(request, "plans/scheduling/diary_week.html", context)


def lights(light: Light | None, here: dict) -> dict:
    """To keep the places lit on other days, and to darken them; what a script says."""
    return {
        "light": light,
        "keep": f"&{light.query}" if light else "",
        "here": f"?{urlencode(here)}",
        "said": SAID_WHILE_MOVING,
    }


def days_of_week(on: date) -> list[date]:
    """From Monday to Sunday, as far as a diary shows them."""
    monday = on - on.weekday() * DAY
    days = (monday + number * DAY for number in range(7))
    return [day for day in days if FIRST_DAY <= day <= LAST_DAY]


@requires(Permission.VIEW_DIARY)
@require_safe
def changes(request):
    """Whether a diary that was drawn says something else by now: 204, or what it says.

    Asked every few seconds by every open diary, so it is one query of its own.
    """
    form = ChangesForm(request.GET)
    if not form.is_valid():
        return HttpResponse(status=400)
    sent = form.cleaned_data
    stamp = queries.stamp(
        sent["day"],
        until=sent["until"],
        practitioner_id=sent["who"],
        now=timezone.now(),
    )
    if stamp == sent["seen"]:
        return HttpResponse(status=NO_CHANGE)
    return HttpResponse(stamp, content_type="text/plain")
