from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record, record_openings
from clinic.core.dates import FIRST_DAY, LAST_DAY
from plans.exports import queries
from plans.exports.forms import DeskSheetForm, TreatmentSheetForm
from plans.exports.presenters.day_sheet import treatment_rows
from plans.scheduling.clock import DAY
from plans.scheduling.queries import day_bounds


def asked_day(form):
    """What can't be read as a day is today."""
    form.is_valid()
    return form.cleaned_data.get("day") or timezone.localdate()


def day_context(form, day):
    return {
        "form": form,
        "day": day,
        "previous": day - DAY if day > FIRST_DAY else None,
        "next": day + DAY if day < LAST_DAY else None,
    }


def first_shown(names, user):
    return user.pk if user.pk in names else next(iter(names), None)


@requires(Permission.VIEW_DIARY)
@require_safe
def desk_sheet(request):
    """Who comes when to whom, without a word of why."""
    form = DeskSheetForm(request.GET)
    day = asked_day(form)
    record("print_desk_sheet", by=request.user, subject=request.user, day=str(day))
    return render(
        request,
        "plans/exports/desk_sheet.html",
        day_context(form, day) | {"visits": queries.visits_on(day)},
    )


@requires(Permission.VIEW_PLAN)
@require_safe
def treatment_sheet(request):
    """A practitioner's day with what is to be needled; one's own unless said."""
    form = TreatmentSheetForm(request.GET)
    day = asked_day(form)
    mine = (
        request.user.pk
        if request.user.pk in form.names
        else next(iter(form.names), None)
    )
    who = form.cleaned_data.get("practitioner") or mine
    visits = list(queries.visits_on(day).filter(practitioner=who))
    versions = queries.versions_in_force(visits)
    last, copied = queries.last_times(versions.values(), day_bounds(day)[0])
    record_openings(by=request.user, patients=[visit.patient for visit in visits])
    return render(
        request,
        "plans/exports/treatment_sheet.html",
        day_context(form, day)
        | {
            "practitioner": who,
            "name": form.names.get(who, ""),
            "rows": treatment_rows(visits, versions, last, copied),
        },
    )
