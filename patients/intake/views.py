import json

from django.contrib import messages
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
from clinic.audit.services import record, record_opening
from clinic.core.conflicts import Stale
from patients.intake import presenters, services
from patients.intake.forms import ClearanceForm, IntakeForm, hidden_of, initial_of
from patients.intake.models import Intake
from patients.intake.queries import facts_of, latest_intake, screen_of
from patients.intake.questionnaire import facts_from
from patients.records.models import Episode


@requires(Permission.TAKE_INTAKE)
@require_http_methods(["GET", "POST"])
def intake(request, episode_id):
    """Take an intake, or complete the latest one while no plan rests on it."""
    episode = get_object_or_404(
        Episode.objects.open().select_related("patient"), pk=episode_id
    )
    latest = latest_intake(episode)
    present = None if latest and latest.closed_at else latest
    if request.method == "POST":
        return save(request, episode, latest, present)
    if "new" in request.GET:
        present = None
    record_opening(by=request.user, patient=episode.patient)
    form = IntakeForm(
        initial={
            **hidden_of(present, seen=latest),
            **initial_of(present.answers if present else {}),
        }
    )
    return show_intake(request, form, episode, present)


def save(request, episode, latest, present):
    form = IntakeForm(request.POST)
    if not form.is_valid():
        if "submission" in form.errors or "revision" in form.errors:
            form.aim_at(present, seen=latest)
        return show_intake(request, form, episode, present, status=422)
    try:
        taken = write(request, form, episode)
    except services.IntakeClosed:
        form.aim_at(None, seen=latest)
        return show_intake(request, form, episode, None, closed=True, status=409)
    except Stale:
        theirs = latest_intake(episode)
        if theirs is None or theirs.closed_at:
            form.aim_at(None, seen=theirs)
            return show_intake(request, form, episode, None, status=409)
        # What was typed stays; what was left open is filled with what they saved.
        form.aim_at(theirs)
        form.fill_in(theirs.answers)
        differs = presenters.differences(theirs.answers, form.answers)
        return show_intake(request, form, episode, theirs, differs=differs, status=409)
    return redirect("patients:screen", intake_id=taken.pk)


def write(request, form, episode):
    """Complete the intake the form was opened on, or take a new one."""
    now = timezone.now()
    sent = form.cleaned_data
    given = {
        "by": request.user,
        "answers": form.answers,
        "now": now,
        "on": timezone.localdate(now),
    }
    opened_on = Intake.objects.filter(
        episode=episode, submission=sent["submission"]
    ).first()
    if opened_on is None or sent["revision"] is None:
        return services.take_intake(
            episode=episode, submission=sent["submission"], seen=sent["seen"], **given
        )
    services.complete_intake(intake=opened_on, revision=sent["revision"], **given)
    return opened_on


def show_intake(
    request, form, episode, present, *, differs=None, closed=False, status=200
):
    today = timezone.localdate()
    patient = episode.patient
    recorded = facts_from(
        {},
        birth_date=patient.birth_date,
        sex=patient.sex,
        onset=episode.onset_on,
        on=today,
    )
    parts = presenters.parts(form, recorded)
    return render(
        request,
        "patients/intake/intake.html",
        {
            "form": form,
            "parts": parts,
            "map": presenters.pain_map(form["pain_map"]),
            "waiting": sum(part.waiting for part in parts),
            "facts": json.dumps({"age": recorded["age"], "sex": recorded["sex"]}),
            "episode": episode,
            "patient": patient,
            "intake": present,
            "of_another_day": present
            and timezone.localdate(present.taken_at) != today
            and not form.is_bound,
            "differs": differs,
            "closed": closed,
        },
        status=status,
    )


def find_intake(intake_id):
    return get_object_or_404(
        Intake.objects.select_related("episode__patient", "taken_by"), pk=intake_id
    )


@requires(Permission.VIEW_CLINICAL)
@require_safe
def screen_page(request, intake_id):
    """What the screen says, and the one way on."""
    found = find_intake(intake_id)
    record_opening(by=request.user, patient=found.episode.patient)
    return show_screen(request, found)


def show_screen(request, found, sent=None, *, status=200):
    """`sent` is a clearance form with something wrong in it."""
    today = timezone.localdate()
    facts, said = facts_of(found, on=today), screen_of(found, on=today)
    newest = latest_intake(found.episode)
    is_latest = newest is None or newest.pk == found.pk
    may_write = (
        is_latest
        and not found.episode.closed_on
        and request.user.has_perm(Permission.TAKE_INTAKE)
    )
    clearances = list(found.clearances.select_related("recorded_by"))
    return render(
        request,
        "patients/intake/screen.html",
        {
            "intake": found,
            "episode": found.episode,
            "patient": found.episode.patient,
            "screen": said,
            "raised": [
                presenters.flag(
                    finding,
                    facts,
                    found.answers,
                    clearance_form(finding, found, today, sent) if may_write else None,
                )
                for finding in said.raised
            ],
            "has_clearance": bool(said.cleared),
            "clearances": presenters.named(r for r in clearances if not r.lapsed_at),
            "lapsed": presenters.named(r for r in clearances if r.lapsed_at),
            "open_questions": presenters.open_questions(said, facts),
            "age_unknown": "age" in said.unanswered,
            "newest": None if is_latest else newest,
            "may_write": may_write,
            "may_answer": may_write and found.closed_at is None,
        },
        status=status,
    )


def clearance_form(finding, found, today, sent):
    """Each flag's own form; the one that was sent keeps what was typed."""
    if sent and sent.data.get("flag") == finding.rule.id:
        return sent
    return ClearanceForm(
        today=today,
        auto_id=f"id_{finding.rule.id}_%s",
        initial={"flag": finding.rule.id, "revision": found.revision},
    )


@requires(Permission.TAKE_INTAKE)
@require_POST
def clearance(request, intake_id):
    """Record a doctor's word on one flag."""
    found = find_intake(intake_id)
    today = timezone.localdate()
    flags = {finding.rule.id for finding in screen_of(found, on=today).raised}
    flag = request.POST.get("flag")
    is_shown = flag in flags & presenters.CLEARABLE
    # The id is a format: only a flag of ours may stand in it.
    auto_id = f"id_{flag}_%s" if is_shown else "id_%s"
    form = ClearanceForm(request.POST, today=today, auto_id=auto_id)
    if is_shown and not form.is_valid():
        return show_screen(request, found, form, status=422)
    try:
        if not form.is_valid():
            raise services.NotClearable(flag)
        services.record_clearance(
            by=request.user, intake=found, on=today, **form.cleaned_data
        )
    except services.NotClearable:
        messages.error(request, _("This flag takes no clearance."))
    except Stale:
        messages.error(
            request,
            _("The answers were changed meanwhile: look again, then clear it."),
        )
    else:
        messages.success(request, _("The clearance is recorded."))
    return redirect("patients:screen", intake_id=found.pk)


@requires(Permission.VIEW_CLINICAL)
@require_safe
def letter(request, intake_id):
    """The referral letter, to print and hand over."""
    found = find_intake(intake_id)
    today = timezone.localdate()
    facts, said = facts_of(found, on=today), screen_of(found, on=today)
    standing = {row.flag: row for row in found.clearances.standing()}
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
            "letter": presenters.letter(found, said, facts, standing),
            "signer": found.taken_by,
            "today": today,
        },
    )
