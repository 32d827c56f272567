from datetime import date, timedelta
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
from plans.scheduling.forms import CancelForm, MoveForm, StatusForm, read_place
from plans.scheduling.models import Appointment
from plans.scheduling.presenters.words import (
    REFUSALS,
    clash_words,
    start_words,
    step_words,
)
from plans.scheduling.views.shift import offer_to_shift
from plans.scheduling.views.waiting import tell_of_freed

CONFLICT = 409
WEEK = timedelta(weeks=1)
CHOICES = (  # what the page offers beside cancelling, in the order of a visit
    *("confirmed", "arrived", "in_bed", "needles_in", "needles_out", "done"),
    *("no_show", "booked"),
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
    form = MoveForm(request.POST, is_fixed=row.status in statuses.HERE)
    if not form.is_valid():
        return show(request, row, move_form=form, status=422)
    field, refused = refused_move(request, row, form)
    if not refused:
        return redirect(day_url(row))
    row = appointment_or_404(appointment_id)
    if row.revision != form.cleaned_data["revision"]:
        refused.append(
            _("What you chose is kept below; send it again if it still holds.")
        )
        form.data = form.data.copy()
        form.data["revision"] = row.revision
    for sentence in refused:
        form.add_error(field, sentence)
    return show(request, row, move_form=form, status=CONFLICT)


@requires(Permission.BOOK_COURSE)
@require_POST
def move(request, appointment_id):
    """A visit dropped elsewhere in the diary, or brought back by an undo, which sends
    its place in the address. Always answers with the diary and what became of it.
    """
    row = appointment_or_404(appointment_id)
    sent = request.POST if "day" in request.POST else request.GET
    form = MoveForm(sent)
    if form.is_valid():
        _field, refused = refused_move(request, row, form)
    else:
        refused = [_("That place can’t be read. Nothing was changed.")]
    for sentence in refused:
        messages.error(
            request,
            _("%(patient)s was not moved. %(why)s")
            % {"patient": row.patient, "why": sentence},
        )
    return redirect(back_to(request, row))


def refused_move(request, row: Appointment, form) -> tuple[str | None, list[str]]:
    """Move it and tell; or return which field is at fault, and why."""
    before = {"next": request.POST.get("next", "")} | placed(row)
    left = (row.starts_at, row.practitioner_id)
    try:
        services.move_appointment(
            by=request.user,
            appointment=row,
            slot=form.slot(),
            revision=form.cleaned_data["revision"],
            length=form.length(),
        )
    except services.CourseClash as refused:
        return "time", clash_words(refused.clashes, queries.practitioner_names())
    except services.CannotMove:
        return None, [_("Only an appointment that lies ahead can be moved.")]
    except Stale:
        return None, [stale_words(appointment_or_404(row.pk))]
    told_of_move(request, row, before)
    if left != (row.starts_at, row.practitioner_id):
        tell_of_freed(request, *left)
    return None, []


def placed(row: Appointment) -> dict:
    """Where it stands and how long, as `MoveForm` takes it."""
    at = wall(row.starts_at, queries.clinic_zone())
    needling, stay = row.length
    return {
        "day": at.date(),
        "time": f"{at:%H:%M}",
        "practitioner": row.practitioner_id,
        "bed": row.bed_id,
        "needling": needling,
        "stay": stay,
        "revision": row.revision,
    }


def stale_words(row: Appointment) -> str:
    at = wall(row.starts_at, queries.clinic_zone())
    return _(
        "Somebody else has changed this appointment meanwhile. It is now on %(start)s, "
        "%(status)s."
    ) % {"start": start_words(at), "status": row.get_status_display()}


def told_of_move(request, row: Appointment, before: dict) -> None:
    """Say where it went, offer the way back, and and what of the course broke."""
    now = placed(row)
    if now["revision"] == before["revision"]:
        return
    back = urlencode(before | {"revision": row.revision})
    at = start_words(wall(row.starts_at, queries.clinic_zone()))
    same = all(now[name] == before[name] for name in ("day", "time", "practitioner"))
    lengths = {"needling": now["needling"], "stay": now["stay"]}
    messages.success(
        request,
        _("%(patient)s: %(needling)s min needling, %(stay)s min in bed.")
        % {"patient": row.patient, **lengths}
        if same and (before["needling"], before["stay"]) != tuple(lengths.values())
        else _("%(patient)s: moved to %(start)s with %(who)s, %(bed)s.")
        % {
            "patient": row.patient,
            "start": at,
            "who": row.practitioner,
            "bed": row.bed,
        },
        extra_tags=undo(f"{reverse('plans:move', args=[row.pk])}?{back}"),
    )
    if not same:
        offer_to_shift(request, row)


def back_to(request, row: Appointment) -> str:
    """The page that sent the form, at the visit's place in it; else the visit's day."""
    back = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(
        back, {request.get_host()}, require_https=request.is_secure()
    ):
        return day_url(row)
    return back if "#" in back else f"{back}#a{row.pk}"


def day_url(row: Appointment) -> str:
    at = wall(row.starts_at, queries.clinic_zone())
    return f"{reverse('plans:day')}?day={at:%Y-%m-%d}#a{row.pk}"


def show(request, row, *, move_form=None, cancel_form=None, status=200):
    zone = queries.clinic_zone()
    now, at = wall(timezone.now(), zone), wall(row.starts_at, zone)
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
        "steps": [
            (words, step_words(wall(moment, zone), at), who)
            for _revision, words, moment, who in sorted(
                [*steps_of(row), *handovers_of(row)]
            )
        ],
        "copy_url": copy_url(row, max(at.date(), now.date()) + WEEK),
        "places_url": f"{reverse('plans:day')}?day={at:%Y-%m-%d}&move={row.pk}",
        "late": statuses.cancelled_as(starts_at=row.starts_at, now=timezone.now())
        == "late_cancel",
    }
    wished = wished_place(request)
    if may_book and (ahead or row.status in statuses.HERE):
        context["move_form"] = move_form or MoveForm(
            initial=placed(row) | wished, is_fixed=not ahead
        )
        context["wished"] = bool(wished)
    if may_book and ahead:
        context["cancel_form"] = cancel_form or CancelForm()
    if move_form is not None and "move_form" not in context:
        context["refused"] = move_form.errors
    return render(request, "plans/scheduling/appointment.html", context, status=status)


def steps_of(row: Appointment) -> list[tuple]:
    changes = row.status_changes.select_related("by")
    return [(c.revision, c.get_status_display(), c.at, c.by.name) for c in changes]


def handovers_of(row: Appointment) -> list[tuple]:
    taken = row.handovers.select_related("taken_by")
    return [(h.revision, _("Taken over"), h.at, h.taken_by.name) for h in taken]


def wished_place(request) -> dict:
    """A free place that was chosen in the diary, as far as it can be read."""
    return read_place(request.GET) if request.method == "GET" else {}


def copy_url(row: Appointment, on: date) -> str:
    """The practitioner's week with the places lit where the same visit fits."""
    asked = {"who": row.practitioner_id, "day": on, "copy": row.pk}
    return f"{reverse('plans:diary_week')}?{urlencode(asked)}"


@requires(Permission.BOOK_COURSE)
@require_POST
def set_status(request, appointment_id):
    """One step of a visit. An undo sends its step in the address."""
    row = appointment_or_404(appointment_id)
    form = StatusForm(sent_step(request))
    back = back_to(request, row)
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
