from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.conflicts import Stale
from clinic.core.htmx import render_page_or_fragment
from clinic.core.messages import undo
from clinic.core.paging import page_of
from patients.records import services
from patients.records.forms import (
    CloseEpisodeForm,
    CorrectForm,
    EpisodeForm,
    RegisterForm,
    as_seen,
)
from patients.records.models import Episode, Patient
from patients.records.presenters import found_rows
from patients.records.queries import (
    find_patients,
    first_found,
    open_episodes,
    recently_registered,
)
from patients.records.search import MOST_LETTERS, as_typed_patient

PAGE = 20  # patients
HITS = 8  # patients below the search box
DETAILS = (
    "family_name given_name preferred_name birth_date sex phone email language "
    "reminders_by_email emergency_name emergency_phone alerts"
).split()


@requires(Permission.VIEW_PATIENT)
@require_safe
def search(request):
    """Find as one types: below the box for htmx, else a page of its own."""
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:MOST_LETTERS]
    in_box = "HX-Request" in request.headers
    size = HITS if in_box else PAGE
    number = None if in_box or not typed else request.GET.get("page")
    if not typed:
        found = recently_registered()
    elif number:
        found = find_patients(typed)
    else:
        found = first_found(typed, size + 1)
    page = page_of(found, number, size=size)
    rows = found_rows(
        page.rows,
        open_episodes(page.rows) if page.rows else {},
        today=timezone.localdate(),
        clinical=request.user.has_perm(Permission.VIEW_CLINICAL),
    )
    return render_page_or_fragment(
        request,
        "patients/records/search.html",
        "patients/records/_hits.html",
        {"typed": typed, "page": page, "rows": rows},
    )


@requires(Permission.REGISTER_PATIENT)
@require_http_methods(["GET", "POST"])
def register(request):
    form = RegisterForm(
        request.POST if request.method == "POST" else None,
        today=timezone.localdate(),
        initial=as_typed_patient(request.GET.get("name", ""))
        | {"language": request.LANGUAGE_CODE},
    )
    if form.is_valid():
        patient = services.register_patient(
            by=request.user, now=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("%(name)s is registered.") % {"name": patient})
        return redirect(patient)
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return render(request, "patients/records/register.html", context, status=status)


@requires(Permission.REGISTER_PATIENT)
@require_http_methods(["GET", "POST"])
def correct(request, patient_id):
    patient = get_object_or_404(Patient, pk=patient_id)
    if request.method == "GET":
        record_opening(by=request.user, patient=patient)
    form = CorrectForm(
        request.POST if request.method == "POST" else None,
        today=timezone.localdate(),
        initial=details_of(patient)
        | {"revision": patient.revision, "seen": as_seen(details_of(patient))},
    )
    conflict = []
    if form.is_valid():
        fields = {name: form.cleaned_data[name] for name in (*DETAILS, "revision")}
        try:
            services.correct_patient(by=request.user, patient=patient, **fields)
        except Stale:
            patient.refresh_from_db()
            conflict = form.merge(details_of(patient), patient.revision)
        if not conflict:
            messages.success(request, _("%(name)s is saved.") % {"name": patient})
            return redirect(patient)
    refused = 409 if conflict else 422
    return render(
        request,
        "patients/records/correct.html",
        {"form": form, "patient": patient, "conflict": conflict},
        status=refused if form.is_bound else 200,
    )


def details_of(patient):
    return {name: getattr(patient, name) for name in DETAILS}


@requires(Permission.TAKE_INTAKE)
@require_http_methods(["GET", "POST"])
def open_episode(request, patient_id):
    patient = get_object_or_404(Patient, pk=patient_id)
    if request.method == "GET":
        record_opening(by=request.user, patient=patient)
    today = timezone.localdate()
    form = EpisodeForm(
        request.POST if request.method == "POST" else None,
        patient=patient,
        today=today,
    )
    if form.is_valid():
        episode = services.open_episode(
            by=request.user, patient=patient, on=today, **form.cleaned_data
        )
        messages.success(request, _("The episode is open. Next is the intake."))
        return redirect("patients:intake", episode.pk)
    already_open = patient.episodes.open() if request.method == "GET" else []
    return render(
        request,
        "patients/records/open_episode.html",
        {"form": form, "patient": patient, "already_open": already_open},
        status=422 if form.is_bound else 200,
    )


@requires(Permission.TAKE_INTAKE)
@require_http_methods(["GET", "POST"])
def close_episode(request, episode_id):
    episode = get_object_or_404(
        Episode.objects.open().select_related("patient"), pk=episode_id
    )
    today = timezone.localdate()
    if request.method == "GET":
        record_opening(by=request.user, patient=episode.patient)
    form = CloseEpisodeForm(
        request.POST if request.method == "POST" else None,
        initial={"on": today},
        opened_on=episode.opened_on,
        today=today,
    )
    if form.is_valid():
        services.close_episode(by=request.user, episode=episode, **form.cleaned_data)
        messages.success(
            request,
            _("The episode is closed."),
            extra_tags=undo(reverse("patients:reopen_episode", args=[episode.pk])),
        )
        return redirect(episode.patient)
    return render(
        request,
        "patients/records/close_episode.html",
        {"form": form, "patient": episode.patient, "episode": episode},
        status=422 if form.is_bound else 200,
    )


@requires(Permission.TAKE_INTAKE)
@require_POST
def reopen_episode(request, episode_id):
    episode = get_object_or_404(
        Episode.objects.select_related("patient"), pk=episode_id
    )
    services.reopen_episode(by=request.user, episode=episode)
    messages.success(request, _("The episode is open again."))
    return redirect(episode.patient)
