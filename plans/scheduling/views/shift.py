from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.conflicts import Stale
from plans.planning.models import PlanVersion
from plans.scheduling import queries, services, statuses
from plans.scheduling.clock import wall
from plans.scheduling.forms.course import ShiftForm
from plans.scheduling.models import Appointment
from plans.scheduling.presenters.course import present_shift
from plans.scheduling.presenters.words import breach_words, clash_words, start_words
from plans.scheduling.queries.waiting import freed_places

CONFLICT = 409


@requires(Permission.BOOK_COURSE)
@require_http_methods(["GET", "POST"])
def shift_course(request, appointment_id):
    """Where the rest of a course could go, now that one of it was moved."""
    rows = Appointment.objects.select_related("plan__episode__patient")
    row = get_object_or_404(rows, pk=appointment_id, plan__episode__closed_on=None)
    versions = PlanVersion.objects.in_force().filter(plan=row.plan_id)
    version = get_object_or_404(versions.select_related("plan"))
    clashes, status = [], 200
    if request.method == "POST":
        form = ShiftForm(request.POST)
        if not form.is_valid():
            status = 422
            messages.error(request, _("This course could not be read. Choose again."))
        else:
            try:
                moved = services.shift_rest(
                    by=request.user,
                    appointment=row,
                    starts=form.cleaned_data["starts"],
                    revisions=form.cleaned_data["revisions"],
                )
            except services.CourseClash as refused:
                clashes, status = refused.clashes, CONFLICT
            except Stale:
                status = CONFLICT
                messages.warning(
                    request,
                    _("Somebody has changed this course meanwhile. Nothing was moved."),
                )
            else:
                said = ngettext(
                    "%(count)d appointment was moved.",
                    "%(count)d appointments were moved.",
                    moved,
                )
                messages.success(request, said % {"count": moved})
                _tell_of_places(request)
                return redirect("plans:course", plan_id=row.plan_id)
    else:
        record_opening(by=request.user, patient=row.patient)
    rest = queries.rest_of_course(row)
    now = timezone.now()
    answer = queries.shifted_courses(version, row, rest, now) if rest else None
    names = queries.practitioner_names()
    context = {
        "appointment": row,
        "plan": row.plan,
        "patient": row.plan.episode.patient,
        "rest": rest,
        "broken": _broken(row, version),
        "clashes": clash_words(clashes, names),
        "courses": [present_shift(course, rest, names) for course in answer.courses]
        if answer
        else [],
    }
    return render(request, "plans/scheduling/shift.html", context, status=status)


def _tell_of_places(request) -> None:
    """What moved has left places; the wait list has those that are free."""
    if freed_places(timezone.now()):
        messages.info(
            request,
            format_html(
                '{} <a href="{}">{}</a>',
                _("Places were given up by this."),
                reverse("plans:wait_list"),
                _("See who fits"),
            ),
        )


def _broken(row: Appointment, version: PlanVersion) -> list[str]:
    """The gaps that don't hold from the moved appointment on."""
    zone = queries.clinic_zone()
    return [
        _("%(start)s is %(breach)s.")
        % {
            "start": start_words(wall(other.starts_at, zone)),
            "breach": breach_words(breach),
        }
        for other, breach in queries.breaches_of(row.plan, version)
        if other.starts_at >= row.starts_at
    ]


def offer_to_shift(request, row: Appointment) -> None:
    """After a move: say which gaps no longer hold, and lead to what puts it right."""
    if row.plan is None or row.status not in statuses.AHEAD:
        return
    version = PlanVersion.objects.in_force().filter(plan=row.plan).first()
    broken = _broken(row, version) if version else []
    for sentence in broken:
        messages.warning(request, sentence)
    if broken and queries.rest_of_course(row):
        messages.info(
            request,
            format_html(
                '<a href="{}">{}</a>',
                reverse("plans:shift_course", args=[row.pk]),
                _("Shift the rest of the course"),
            ),
        )
