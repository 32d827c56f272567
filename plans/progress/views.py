from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
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
from clinic.core.paging import page_of
from patients.measures.queries import notes_in
from patients.records.models import Episode
from plans.progress import services
from plans.progress.forms import FlareUpForm
from plans.progress.models import FlareUp
from plans.progress.presenters.course import band_sources, present
from plans.progress.queries import series_of

PAGE = 20  # flare-ups


@requires(Permission.VIEW_CLINICAL)
@require_safe
def progress(request, episode_id):
    """How an episode goes: in words, as a chart, in numbers, and what is due."""
    episode = get_object_or_404(
        Episode.objects.select_related("patient", "plan"), pk=episode_id
    )
    patient, now = episode.patient, timezone.now()
    record_opening(by=request.user, patient=patient)
    series = series_of(episode, now)
    return render(
        request,
        "plans/progress/progress.html",
        {
            "episode": episode,
            "patient": patient,
            "progress": present(series),
            "series": series,
            "sources": band_sources(),
            "score_notes": notes_in(episode=episode.pk),
        },
    )


@requires(Permission.VIEW_CLINICAL)
@require_http_methods(["GET", "POST"])
def flare_ups(request, episode_id):
    """Days of more pain: those that were told, and a new one."""
    may_note = request.user.has_perm(Permission.LOG_SESSION)
    if request.method == "POST" and not may_note:
        raise PermissionDenied(str(Permission.LOG_SESSION))
    episode = get_object_or_404(
        Episode.objects.select_related("patient"), pk=episode_id
    )
    now = timezone.now()
    today = timezone.localdate(now)
    if request.method == "GET":
        record_opening(by=request.user, patient=episode.patient)
    form = FlareUpForm(
        request.POST if request.method == "POST" else None,
        initial={"submission": uuid4(), "began_on": today},
        today=today,
    )
    if form.is_valid():
        services.note_flare_up(
            by=request.user, episode=episode, now=now, **form.cleaned_data
        )
        messages.success(request, _("The flare-up is noted: the chart shows it."))
        return redirect("plans:progress", episode.pk)
    told = episode.flare_ups.select_related("noted_by", "withdrawn_by")
    context = {
        "episode": episode,
        "patient": episode.patient,
        "page": page_of(told, request.GET.get("page"), size=PAGE),
        "form": form if may_note else None,
        "may_note": may_note,
    }
    status = 422 if form.is_bound else 200
    return render(request, "plans/progress/flare_ups.html", context, status=status)


@requires(Permission.LOG_SESSION)
@require_POST
def withdraw_flare_up(request, flare_up_id):
    found = get_object_or_404(FlareUp.objects.select_related("episode"), pk=flare_up_id)
    services.withdraw_flare_up(by=request.user, flare_up=found, now=timezone.now())
    messages.success(request, _("It no longer counts as a flare-up; the note is kept."))
    return redirect("plans:flare_ups", found.episode_id)
