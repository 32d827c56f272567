from uuid import uuid4

from django.contrib import messages
from django.http import Http404
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
from clinic.core.conflicts import Stale
from clinic.core.paging import page_of
from patients.measures import presenters, rmdq, services
from patients.measures.forms import CorrectionForm, NoteForm, RecordForm
from patients.measures.queries import for_reading, notes_on, scores_of
from patients.measures.scales import SCALES
from patients.records.models import Episode

PAGE = 30  # scores


@requires(Permission.VIEW_CLINICAL)
@require_safe
def scores(request, episode_id):
    """Every score of an episode as it stands, and where the next is recorded."""
    episode = find_episode(episode_id)
    record_opening(by=request.user, patient=episode.patient)
    page = page_of(scores_of(episode), request.GET.get("page"), size=PAGE)
    return render(
        request,
        "patients/measures/scores.html",
        {
            "episode": episode,
            "patient": episode.patient,
            "page": page,
            "rows": [presenters.row(score) for score in page.rows],
            "scales": presenters.RECORDED,
        },
    )


def find_episode(episode_id):
    return get_object_or_404(Episode.objects.select_related("patient"), pk=episode_id)


@requires(Permission.TAKE_INTAKE)
@require_http_methods(["GET", "POST"])
def record_score(request, episode_id, code):
    """Record a score of a review: on our form where we may ship it, else its total."""
    episode = find_episode(episode_id)
    if code not in SCALES:
        raise Http404
    scale = SCALES[code]
    form = RecordForm(
        request.POST if request.method == "POST" else None,
        scale=scale,
        initial={"on": timezone.localdate()},
    )
    if form.is_valid():
        try:
            written = services.record_review(
                by=request.user,
                episode=episode,
                scale=code,
                value=form.value,
                on=form.cleaned_data["on"],
                ticked=form.ticked,
            )
        except services.AlreadyScored:
            form.add_error("on", _("There is another score of this day: correct that."))
        else:
            value = presenters.shown(written.value)
            messages.success(request, _("Recorded: %(value)s.") % {"value": value})
            return redirect("patients:scores", episode_id=episode.pk)
    elif request.method == "GET":
        record_opening(by=request.user, patient=episode.patient)
    context = {
        "episode": episode,
        "patient": episode.patient,
        "scale": scale,
        "form": form,
        "rmdq": rmdq if code == "rmdq" else None,
        "unvalidated": code == "rmdq" and request.LANGUAGE_CODE in rmdq.UNVALIDATED,
    }
    status = 422 if form.is_bound else 200
    return render(request, "patients/measures/record.html", context, status=status)


@requires(Permission.VIEW_CLINICAL)
@require_safe
def score(request, score_id):
    """One score: who entered it, what it corrects, and the words beside it."""
    found = get_object_or_404(for_reading(), pk=score_id)
    record_opening(by=request.user, patient=found.episode.patient)
    return show_score(request, found)


def show_score(request, found, *, note=None, correction=None, status=200):
    scale = presenters.scale_of(found)
    corrected_by = getattr(found, "corrected_by", None)
    may_write = request.user.has_perm(Permission.TAKE_INTAKE)
    withdrawal = getattr(found, "withdrawal", None)
    stands = corrected_by is None and withdrawal is None
    may_correct = may_write and not found.is_the_patients and stands
    return render(
        request,
        "patients/measures/score.html",
        {
            "episode": found.episode,
            "patient": found.episode.patient,
            "scale": scale,
            "row": presenters.row(found),
            "was": presenters.row(found.corrects) if found.corrects else None,
            "corrected_by": corrected_by,
            "withdrawal": withdrawal,
            "notes": notes_on([found])[found.pk],
            "note": (note or NoteForm(initial={"submission": uuid4()}))
            if may_write
            else None,
            "correction": (correction or CorrectionForm(scale=scale))
            if may_correct
            else None,
        },
        status=status,
    )


@requires(Permission.TAKE_INTAKE)
@require_POST
def annotate(request, score_id):
    found = get_object_or_404(for_reading(), pk=score_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return show_score(request, found, note=form, status=422)
    services.annotate_score(
        by=request.user, score=found, now=timezone.now(), **form.cleaned_data
    )
    messages.success(request, _("The note is added."))
    return redirect("patients:score", score_id=found.pk)


@requires(Permission.TAKE_INTAKE)
@require_POST
def correct(request, score_id):
    found = get_object_or_404(for_reading(), pk=score_id)
    form = CorrectionForm(request.POST, scale=presenters.scale_of(found))
    if not form.is_valid():
        return show_score(request, found, correction=form, status=422)
    try:
        correction = services.correct_score(
            by=request.user, score=found, **form.cleaned_data
        )
    except services.PatientsOwn:
        messages.error(
            request, _("The patient entered this score: add a note instead.")
        )
        return show_score(request, found, status=409)
    except services.Withdrawn:
        messages.error(request, _("The score was withdrawn: it is not corrected."))
        return redirect("patients:score", score_id=found.pk)
    except Stale:
        messages.error(request, _("Somebody has corrected this score already."))
        return redirect("patients:score", score_id=found.corrected_by.pk)
    messages.success(request, _("The score is corrected."))
    return redirect("patients:score", score_id=correction.pk)
