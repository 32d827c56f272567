from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from patients.records.models import Episode
from plans.patient_mode.queries import report_of
from plans.sessions import presenters, services
from plans.sessions.forms.amendment import AmendmentForm
from plans.sessions.models import Session
from plans.sessions.presenters import record, texts
from plans.sessions.queries import (
    appointments_to_log,
    entry_of,
    for_reading,
    sessions_of,
)
from plans.sessions.views.about import about, about_report, signed_parts

PAGE = 20  # sessions


@requires(Permission.VIEW_CLINICAL)
@require_safe
def session(request, session_id):
    """What was done, and every later word on it."""
    found = get_object_or_404(for_reading(), pk=session_id)
    patient = found.plan_version.plan.episode.patient
    record_opening(by=request.user, patient=patient)
    initial = {"submission": uuid4()}
    form = AmendmentForm(initial=initial, parts=signed_parts(found))
    return show_session(request, found, form)


def show_session(request, found, form, status=200):
    entry = entry_of(found)
    return render(
        request,
        "plans/sessions/session.html",
        about(found.plan_version)
        | {
            "session": found,
            "appointment": found.written_for,
            "points": presenters.given(entry.lines),
            "scores": presenters.score_pairs(entry.scores),
            "answers": presenters.answers(entry.safety),
            "stimulation": record.stimulation(entry),
            "changes": record.told_changes(found),
            "stopped": presenters.stopped_by(found),
            "exceptions": record.exceptions(entry.exceptions),
            **about_report(report_of(found.appointment)),
            "amended": texts.amended(found.amendments.all()),
            "form": form,
            "may_finish": found.status == Session.Status.DRAFT
            and appointments_to_log(request.user, timezone.localdate())
            .filter(pk=found.appointment_id)
            .exists(),
            "may_amend": request.user.has_perm(Permission.LOG_SESSION),
        },
        status=status,
    )


@requires(Permission.LOG_SESSION)
@require_POST
def amend(request, session_id):
    found = get_object_or_404(
        for_reading(), pk=session_id, status=Session.Status.SIGNED
    )
    form = AmendmentForm(request.POST, parts=signed_parts(found))
    if not form.is_valid():
        return show_session(request, found, form, status=422)
    services.amend(by=request.user, session=found, **form.cleaned_data)
    messages.success(request, _("The amendment is added."))
    return redirect("plans:session", session_id=found.pk)


@requires(Permission.VIEW_CLINICAL)
@require_safe
def sessions(request, episode_id):
    """Every session of an episode, the newest first."""
    episode = get_object_or_404(
        Episode.objects.select_related("patient"), pk=episode_id
    )
    record_opening(by=request.user, patient=episode.patient)
    page = Paginator(sessions_of(episode), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "episode": episode, "patient": episode.patient}
    return render(request, "plans/sessions/sessions.html", context)
