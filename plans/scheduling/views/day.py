from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.core.dates import FIRST_DAY, LAST_DAY
from plans.scheduling import queries
from plans.scheduling.clock import DAY, wall
from plans.scheduling.forms import DayForm
from plans.scheduling.presenters.day import BED, PRACTITIONER, present_day


@requires(Permission.VIEW_DIARY)
@require_safe
def day(request):
    """The diary of one day. What can't be read as a day shows today, and says so."""
    now = wall(timezone.now(), queries.clinic_zone())
    form = DayForm(request.GET)
    form.is_valid()
    on = form.cleaned_data.get("day") or now.date()
    by = form.cleaned_data.get("by") or PRACTITIONER
    shown = present_day(
        on,
        by=by,
        now=now,
        rows=queries.day(on),
        hours=queries.hours_on(on),
        closures=list(queries.closures_between(on, on)),
        beds=queries.active_beds() if by == BED else (),
        may_book=request.user.has_perm(Permission.BOOK_COURSE),
    )
    context = {
        "form": form,
        "day": shown,
        "today": now.date(),
        "previous": on - DAY if on > FIRST_DAY else None,
        "next": on + DAY if on < LAST_DAY else None,
    }
    return render(request, "plans/scheduling/day.html", context)
