from uuid import uuid4

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.intake import services
from patients.intake.forms import ClearanceForm, IntakeForm, initial_of
from patients.intake.models import Intake
from patients.intake.presenters import flag, open_questions
from patients.intake.queries import clearances_of, facts_of, latest_intake
from patients.intake.screen import screen
from patients.records.models import Episode


@requires(Permission.TAKE_INTAKE)
@require_http_methods(["GET", "POST"])
def intake(request, episode_id):
    """Take an intake, or complete the latest one while no plan rests on it."""
    episode = get_object_or_404(
        Episode.objects.open().select_related("patient"), pk=episode_id
    )
    present = latest_intake(episode)
    if present and present.plan_versions.exists():
        present = None
    stored = present.answers if present else {}
    form = IntakeForm(
        request.POST if request.method == "POST" else None,
        initial={
            "submission": present.submission if present else uuid4(),
            "revision": present.revision if present else None,
            **initial_of(stored),
        },
    )
    theirs = None
    if form.is_valid():
        try:
            taken = save(request, form, episode, present)
        except Stale:
            # What was typed stays in the form; what stands is shown beside it.
            present.refresh_from_db()
            theirs = present
            form.data = form.data.copy()
            form.data["revision"] = present.revision
        else:
            return redirect("patients:screen", intake_id=taken.pk)
    return render(
        request,
        "patients/intake/intake.html",
        {
            "form": form,
            "episode": episode,
            "patient": episode.patient,
            "intake": present,
            "theirs": theirs,
            "changed": changed_by_others(form, theirs) if theirs else [],
        },
        status=409 if theirs else 200,
    )


def save(request, form, episode, present):
    now = timezone.now()
    today = timezone.localdate(now)
    submission = form.cleaned_data["submission"]
    if present and form.cleaned_data["revision"] is not None:
        services.complete_intake(
            by=request.user,
            intake=present,
            answers=form.answers,
            revision=form.cleaned_data["revision"],
            on=today,
        )
        return present
    return services.take_intake(
        by=request.user,
        episode=episode,
        answers=form.answers,
        now=now,
        on=today,
        submission=submission,
    )


def changed_by_others(form, theirs):
    """The questions whose saved answer differs from what was just typed."""
    return [
        form.fields[name].label
        for name in form.fields
        if name in form.fields
        and hasattr(form.fields[name], "question")
        and theirs.answers.get(name) != form.answers.get(name)
    ]


def opened(request, intake_id):
    found = get_object_or_404(
        Intake.objects.select_related("episode__patient", "taken_by"), pk=intake_id
    )
    return found, facts_of(found, on=timezone.localdate())


def show_screen(request, found, facts, form, status=200):
    said = screen(facts, clearances=clearances_of(found))
    return render(
        request,
        "patients/intake/screen.html",
        {
            "intake": found,
            "episode": found.episode,
            "patient": found.episode.patient,
            "screen": said,
            "raised": [flag(finding) for finding in said.raised],
            "cleared": list(found.clearances.select_related("recorded_by")),
            "open_questions": open_questions(said),
            "form": form,
            "has_plan": found.plan_versions.exists(),
        },
        status=status,
    )


@requires(Permission.VIEW_CLINICAL)
@require_safe
def screen_page(request, intake_id):
    found, facts = opened(request, intake_id)
    return show_screen(request, found, facts, ClearanceForm())


@requires(Permission.TAKE_INTAKE)
@require_http_methods(["POST"])
def clearance(request, intake_id):
    found, facts = opened(request, intake_id)
    form = ClearanceForm(request.POST)
    if not form.is_valid():
        return show_screen(request, found, facts, form, status=422)
    try:
        services.record_clearance(
            by=request.user,
            intake=found,
            on=timezone.localdate(),
            **form.cleaned_data,
        )
    except services.NotClearable:
        messages.error(request, _("This flag takes no clearance."))
    else:
        messages.success(request, _("The clearance is recorded."))
    return redirect("patients:screen", intake_id=found.pk)


@requires(Permission.VIEW_CLINICAL)
@require_safe
def letter(request, intake_id):
    """The referral letter, to print and hand over."""
    found, facts = opened(request, intake_id)
    said = screen(facts, clearances=clearances_of(found))
    record(
        "print_referral",
        by=request.user,
        subject=found,
        patient_id=found.episode.patient_id,
    )
    return render(
        request,
        "patients/intake/letter.html",
        {
            "intake": found,
            "episode": found.episode,
            "patient": found.episode.patient,
            "raised": [flag(finding) for finding in said.raised],
            "facts": facts,
            "today": timezone.localdate(),
        },
    )
