from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.conflicts import Stale
from clinic.core.messages import undo
from plans.scheduling import queries, services, statuses
from plans.scheduling.clock import wall
from plans.scheduling.forms import CancelForm, MoveForm, StatusForm
from plans.scheduling.models import Appointment
from plans.scheduling.presenters.words import (
    REFUSALS,
    clash_words,
    start_words,
)
from plans.scheduling.views.shift import offer_to_shift
from plans.scheduling.views.waiting import tell_of_freed

CONFLICT = 409
CHOICES = (  # what the page offers beside cancelling, in the order of a visit
    *("confirmed", "arrived", "in_bed", "needles_out", "done", "no_show"),
    "booked",
)


def appointment_or_404(appointment_id: int) -> Appointment:
    rows = Appointment.objects.select_related("patient", "practitioner", "bed", "plan")
    return get_object_or_404(rows, pk=appointment_id)


@requires(Permission.VIEW_DIARY)
@require_http_methods(["GET", "POST"])
def appointment(request, appointment_id):
    """One appointment: where it stands, what may follow, and a form to move it."""
    row = appointment_or_404(appointment_id)
    if request.method == "GET":
        patient = row.patient
        record_opening(by=request.user, patient=patient)
        return show(request, row)
    if not request.user.has_perm(Permission.BOOK_COURSE):
        return show(request, row, status=403)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return show(request, row, move_form=form, status=422)
    left = (row.starts_at, row.practitioner_id)
    try:
        services.move_appointment(
            by=request.user,
            appointment=row,
            slot=form.slot(),
            revision=form.cleaned_data["revision"],
        )
    except services.CourseClash as refused:
        names = queries.practitioner_names()
        for sentence in clash_words(refused.clashes, names):
            form.add_error("time", sentence)
    except services.CannotMove:
        form.add_error(None, _("Only an appointment that lies ahead can be moved."))
    except Stale:
        row = appointment_or_404(appointment_id)
        form.add_error(None, stale_words(row))
        form.data = form.data.copy()
        form.data["revision"] = row.revision
    else:
        told_of_move(request, row)
        if left != (row.starts_at, row.practitioner_id):
            tell_of_freed(request, *left)
        return redirect(day_url(row))
    return show(request, row, move_form=form, status=CONFLICT)


def stale_words(row: Appointment) -> str:
    at = wall(row.starts_at, queries.clinic_zone())
    return _(
        "Somebody else has changed this appointment meanwhile. It is now on %(start)s, "
        "%(status)s. What you chose is kept below; send it again if it still holds."
    ) % {"start": start_words(at), "status": row.get_status_display()}


def told_of_move(request, row: Appointment) -> None:
    """Say where it went, and what of its course no longer holds."""
    at = wall(row.starts_at, queries.clinic_zone())
    messages.success(request, _("Moved to %(start)s.") % {"start": start_words(at)})
    offer_to_shift(request, row)


def day_url(row: Appointment) -> str:
    at = wall(row.starts_at, queries.clinic_zone())
    return f"{reverse('plans:day')}?day={at:%Y-%m-%d}#a{row.pk}"


def show(request, row, *, move_form=None, cancel_form=None, status=200):
    now = wall(timezone.now(), queries.clinic_zone())
    at = wall(row.starts_at, queries.clinic_zone())
    may_book = request.user.has_perm(Permission.BOOK_COURSE)
    words = dict(Appointment.Status.choices)
    following = statuses.NEXT.get(row.status)
    offered = [
        (choice, words[choice], choice == following)
        for choice in CHOICES
        if may_book
        and statuses.refusal(row.status, choice, starts_at=at, now=now) is None
    ]
    ahead = row.status in statuses.AHEAD
    context = {
        "appointment": row,
        "patient": row.patient,
        "offered": offered,
        "day_url": day_url(row),
        "own": row.practitioner_id == request.user.pk,
        "over": following is None,
        "freed": row.status in statuses.FREED,
        "late": statuses.cancelled_as(starts_at=row.starts_at, now=timezone.now())
        == "late_cancel",
    }
    if may_book and ahead:
        context["move_form"] = move_form or MoveForm(
            initial={
                "day": at.date(),
                "time": at.time(),
                "practitioner": row.practitioner_id,
                "bed": row.bed_id,
                "revision": row.revision,
            }
        )
        context["cancel_form"] = cancel_form or CancelForm()
    elif move_form is not None:
        context["refused"] = move_form.errors
    return render(request, "plans/scheduling/appointment.html", context, status=status)


@requires(Permission.BOOK_COURSE)
@require_POST
def set_status(request, appointment_id):
    """One step of a visit. An undo sends its step in the address."""
    row = appointment_or_404(appointment_id)
    form = StatusForm(sent_step(request))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        back, {request.get_host()}, require_https=request.is_secure()
    ):
        back = day_url(row)
    elif "#" not in back:
        back += f"#a{row.pk}"
    if not form.is_valid():
        if form.data.get("status") == "cancelled" and "reason" in form.errors:
            cancel = CancelForm(form.data)
            return show(request, row, cancel_form=cancel, status=422)
        messages.error(request, _("That status is not known. Nothing was changed."))
        return redirect(back)
    wished = form.cleaned_data["status"]
    if wished in statuses.FREED and not form.cleaned_data["reason"]:
        cancel = CancelForm(form.data)
        return show(request, row, cancel_form=cancel, status=422)
    was = row.status
    try:
        services.set_status(by=request.user, appointment=row, **form.cleaned_data)
    except services.StatusRefused as refused:
        messages.error(request, REFUSALS[refused.why])
    except services.CourseClash as refused:
        names = queries.practitioner_names()
        for sentence in clash_words(refused.clashes, names):
            messages.error(request, sentence)
    except Stale:
        row = appointment_or_404(appointment_id)
        messages.warning(
            request,
            _("Somebody else was quicker: %(patient)s is %(status)s now.")
            % {"patient": row.patient, "status": row.get_status_display()},
        )
    else:
        told_of_status(request, row, was)
    return redirect(back)


def sent_step(request) -> dict:
    """From the appointment's page, from the address of an undo, or from a button of the
    diary, which has room for one value: "arrived 3".
    """
    sent = request.POST if "status" in request.POST else request.GET
    if "step" in request.POST:
        status, _gap, revision = request.POST["step"].partition(" ")
        return {"status": status, "revision": revision}
    return sent


def told_of_status(request, row: Appointment, was: str) -> None:
    if row.status == was:
        return
    again = urlencode({"status": was, "revision": row.revision})
    url = f"{reverse('plans:set_status', args=[row.pk])}?{again}"
    may_undo = was in statuses.MOVES[row.status]
    messages.success(
        request,
        _("%(patient)s: %(status)s.")
        % {"patient": row.patient, "status": row.get_status_display()},
        extra_tags=undo(url) if may_undo else "",
    )
    if row.status in statuses.FREED:
        tell_of_freed(request, row.starts_at, row.practitioner_id)
