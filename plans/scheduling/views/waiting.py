from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.paging import page_of
from patients.records.models import Patient
from plans.planning.models import PlanVersion
from plans.scheduling import queries, services
from plans.scheduling.clock import wall
from plans.scheduling.forms.waiting import FreedForm, JoinForm
from plans.scheduling.models import Appointment, Hold, WaitEntry
from plans.scheduling.policy import POLICY
from plans.scheduling.presenters.waiting import (
    fit_words,
    place_url,
    place_words,
    wished_words,
)
from plans.scheduling.presenters.words import clash_words, start_words
from plans.scheduling.queries import waiting as waits
from plans.scheduling.services import Slot
from plans.scheduling.views.shift import offer_to_shift

PAGE = 25  # entries
MOST_FITS = 10


@requires(Permission.BOOK_COURSE)
@require_safe
def wait_list(request):
    """Places given up, places on offer, and who waits."""
    now = timezone.now()
    names = queries.practitioner_names()
    page = page_of(waits.who_waits(), request.GET.get("page"), size=PAGE)
    context = {
        "freed": [
            place_words(row.starts_at, row.practitioner_id, names)
            for row in waits.freed_places(now)
        ],
        "holds": waits.live_holds(now)[:PAGE],
        "page": page,
        "entries": [(entry, wished_words(entry)) for entry in page.rows],
    }
    return render(request, "plans/scheduling/wait_list.html", context)


@requires(Permission.BOOK_COURSE)
@require_http_methods(["GET", "POST"])
def join(request, patient_id):
    patient = get_object_or_404(Patient, pk=patient_id)
    now = timezone.now()
    entry = WaitEntry.objects.filter(patient=patient, left_at=None).first()
    plans = PlanVersion.objects.in_force().of_open_episodes(patient.pk)
    kind = Appointment.Kind.TREATMENT if plans.exists() else Appointment.Kind.FIRST
    data = request.POST if request.method == "POST" else None
    form = JoinForm(data, today=timezone.localdate(now), kind=kind, entry=entry)
    if form.is_valid():
        services.join_wait_list(
            by=request.user, patient=patient, now=now, **form.cleaned_data
        )
        said = _("%(patient)s is on the wait list.")
        messages.success(request, said % {"patient": patient})
        return redirect("plans:wait_list")
    if request.method == "GET":
        record_opening(by=request.user, patient=patient)
    status = 422 if form.is_bound else 200
    context = {"form": form, "patient": patient, "entry": entry}
    return render(request, "plans/scheduling/join.html", context, status=status)


@requires(Permission.BOOK_COURSE)
@require_POST
def leave(request, patient_id):
    patient = get_object_or_404(Patient, pk=patient_id)
    services.leave_wait_list(by=request.user, patient_id=patient.pk, now=timezone.now())
    said = _("%(patient)s is no longer on the wait list.")
    messages.success(request, said % {"patient": patient})
    return redirect("plans:wait_list")


@requires(Permission.BOOK_COURSE)
@require_http_methods(["GET", "POST"])
def freed_place(request):
    """Who could have a place, best first; one of them is offered it."""
    form = FreedForm(request.GET)
    if not form.is_valid():
        messages.error(request, _("This place is not known."))
        return redirect("plans:wait_list")
    slot, now = form.cleaned_data["place"], timezone.now()
    if request.method == "POST":
        offer(request, slot, now)
        return redirect(place_url(slot.starts_at, slot.practitioner_id))
    names = queries.practitioner_names()
    hold = waits.hold_on(slot.starts_at, slot.practitioner_id, now)
    fits = []
    if hold is None and slot.starts_at > now:
        fits = waits.fitting(slot.starts_at, slot.practitioner_id, now)
    context = {
        "place": place_words(slot.starts_at, slot.practitioner_id, names),
        "hold": hold,
        "moves": waits.visit_to_move(hold, now) if hold else None,
        "fits": [fit_words(fit) for fit in fits[:MOST_FITS]],
        "more": len(fits) > MOST_FITS,
        "minutes": int(POLICY.hold.total_seconds()) // 60,
    }
    return render(request, "plans/scheduling/freed_place.html", context)


def tell_of_freed(request, starts_at, practitioner_id: int) -> None:
    """After a place was given up: lead to those who could have it, if there are any."""
    now = timezone.now()
    if starts_at <= now:
        return
    number = len(waits.fitting(starts_at, practitioner_id, now))
    if number:
        said = ngettext(
            "%(number)d patient who waits could have this place.",
            "%(number)d patients who wait could have this place.",
            number,
        )
        messages.info(
            request,
            format_html(
                '{} <a href="{}">{}</a>',
                said % {"number": number},
                place_url(starts_at, practitioner_id),
                _("See who fits"),
            ),
        )


def offer(request, slot: Slot, now) -> None:
    """Keep the place for one of those who fit; somebody may have been quicker."""
    if waits.hold_on(slot.starts_at, slot.practitioner_id, now):
        return  # the page says for whom
    patient_id = request.POST.get("patient", "")
    fits = waits.fitting(slot.starts_at, slot.practitioner_id, now)
    fit = next((fit for fit in fits if str(fit.patient.pk) == patient_id), None)
    if fit is None:
        said = _("This place can’t be offered to them any more. Nothing was kept.")
        messages.warning(request, said)
        return
    try:
        services.hold_place(
            by=request.user,
            patient=fit.patient,
            slot=slot,
            kind=fit.kind,
            now=now,
            plan=fit.plan,
            retention_min=fit.retention_min,
        )
    except services.CourseClash as refused:
        names = queries.practitioner_names()
        for sentence in clash_words(refused.clashes, names):
            messages.warning(request, sentence)


@requires(Permission.BOOK_COURSE)
@require_POST
def take(request, hold_id):
    """The patient has said yes: now it is booked, or a visit of theirs moved here."""
    hold = Hold.objects.filter(pk=hold_id).first()
    now = timezone.now()
    later = waits.visit_to_move(hold, now) if hold else None
    try:
        row = services.take_place(by=request.user, hold_id=hold_id, now=now)
    except services.CourseClash as refused:
        for sentence in clash_words(refused.clashes, queries.practitioner_names()):
            messages.warning(request, sentence)
        messages.warning(request, _("Nothing was booked."))
        return redirect("plans:wait_list")
    except services.NoPlanInForce:
        said = _("Their plan waits for a review, or is closed. Nothing was booked.")
        messages.warning(request, said)
        return redirect("plans:wait_list")
    except services.TooMany:
        messages.warning(request, _("Their plan has all its sessions already."))
        return redirect("plans:wait_list")
    except services.HoldGone:
        said = _("The offer is settled or has run out: nothing more was booked.")
        messages.warning(request, said)
        return redirect("plans:wait_list")
    at = wall(row.starts_at, queries.clinic_zone())
    is_moved = later is not None and row.pk == later.pk
    said = (
        _("%(patient)s: moved to %(start)s with %(who)s, %(bed)s.")
        if is_moved
        else _("%(patient)s is booked for %(start)s.")
    )
    place = {"start": start_words(at), "who": row.practitioner, "bed": row.bed}
    messages.success(request, said % ({"patient": row.patient} | place))
    if is_moved:
        offer_to_shift(request, row)
        tell_of_freed(request, later.starts_at, later.practitioner_id)
    return redirect("plans:wait_list")


@requires(Permission.BOOK_COURSE)
@require_POST
def decline(request, hold_id):
    """The patient has said no: the place goes to the next."""
    hold = Hold.objects.filter(pk=hold_id).first()
    services.let_go(by=request.user, hold_id=hold_id)
    if hold is None:
        return redirect("plans:wait_list")
    messages.success(request, _("The place is free again. Offer it to the next."))
    return redirect(place_url(hold.starts_at, hold.practitioner_id))
