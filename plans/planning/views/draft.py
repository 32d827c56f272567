from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.conflicts import Stale
from patients.intake.queries import facts_of, latest_intake
from patients.records.models import Episode
from plans.planning import services
from plans.planning.forms import (
    AnewForm,
    DraftForm,
    PointFormSet,
    ReviseForm,
    edited_lines,
    lines_of,
)
from plans.planning.forms.what_if import WhatIfForm
from plans.planning.models import Plan
from plans.planning.presenters import offers, prescription
from plans.planning.queries import (
    all_objections,
    draft_of,
    intake_to_judge_by,
    rule_book,
    used_before,
    version_in_force,
)
from plans.planning.views.page import page_of
from plans.planning.views.points import read_added
from plans.planning.views.what_if import panel


@requires(Permission.APPROVE_PLAN)
@require_http_methods(["GET", "POST"])
def new(request, episode_id):
    """Propose a plan from the latest intake; its draft is the next page."""
    episode = get_object_or_404(
        Episode.objects.open().select_related("patient"), pk=episode_id
    )
    standing = Plan.objects.filter(episode=episode).first()
    if standing:
        return redirect("plans:plan", plan_id=standing.pk)
    intake = latest_intake(episode)
    context = {"episode": episode, "patient": episode.patient, "intake": intake}
    now = timezone.now()
    if request.method == "GET" or intake is None:
        record_opening(by=request.user, patient=episode.patient)
        facts = facts_of(intake, on=timezone.localdate(now)) if intake else {}
        context["likely"] = offers.likely(facts, rule_book())
        return render(request, "plans/planning/new.html", context)
    try:
        version = services.draft_plan(
            by=request.user, intake=intake, now=now, today=timezone.localdate(now)
        )
    except services.EpisodeClosed:
        return to_closed(request, episode)
    except (services.ScreenNotClear, Stale):
        return redirect("patients:screen", intake_id=intake.pk)
    except services.NothingToPlan as blocked:
        context["cautions"] = [
            prescription.why(prescription.as_reason(caution), rule_book())
            for caution in blocked.proposal.blocked
        ]
        return render(request, "plans/planning/new.html", context, status=422)
    return redirect("plans:draft", plan_id=version.plan_id)


def to_closed(request, episode):
    messages.error(
        request, _("This episode is closed. Open it again before you plan for it.")
    )
    return redirect("patient", patient_id=episode.patient_id)


@requires(Permission.APPROVE_PLAN)
@require_http_methods(["GET", "POST"])
def draft(request, plan_id):
    """Edit the draft; each button saves, one of them also approves."""
    found = get_object_or_404(Plan, pk=plan_id)
    version = draft_of(found)
    if version is None:
        return redirect("plans:plan", plan_id=found.pk)
    if request.method == "GET":
        record_opening(by=request.user, patient=version.plan.episode.patient)
        form = draft_form(version)
        points = PointFormSet(initial=lines_of(version), prefix="points")
        return show_draft(request, version, form, points)
    form = draft_form(version, request.POST)
    points = PointFormSet(request.POST, prefix="points")
    if not (form.is_valid() and points.is_valid()):
        return show_draft(request, version, form, points, status=422)
    return keep_draft(request, version, form, points)


def draft_form(version, sent=None):
    dose = prescription.proposal_of(version).dose
    return DraftForm(sent, version=version, dose=dose)


def keep_draft(request, version, form, points):
    now = timezone.now()
    today = timezone.localdate(now)
    written = form.cleaned_data
    revision, wanted = written.pop("revision"), written.pop("add")
    added = read_added(form, version, wanted, today) if wanted else None
    if form.errors:
        return show_draft(request, version, form, points, status=422)
    lines = edited_lines(version, [row.cleaned_data for row in points], added)
    try:
        services.save_draft(
            by=request.user,
            version=version,
            revision=revision,
            points=lines,
            **written,
        )
        if request.POST.get("do") == "approve":
            services.approve(
                by=request.user,
                version=version,
                revision=version.revision,
                now=now,
                today=today,
            )
    except Stale:
        # What was typed stays in the form; the next save is knowingly over theirs.
        standing = draft_of(version.plan)
        if standing is None:
            messages.error(request, _("Somebody else has approved this draft."))
            return redirect("plans:plan", plan_id=version.plan_id)
        form.data = form.data.copy()
        form.data["revision"] = standing.revision
        return show_draft(request, standing, form, points, stale=True, status=409)
    except services.NotApprovable:
        messages.error(
            request, _("Saved, but not approved: see what the rules object to below.")
        )
        return redirect("plans:draft", plan_id=version.plan_id)
    except services.EpisodeClosed:
        return to_closed(request, version.plan.episode)
    except services.ScreenNotClear:
        messages.error(request, _("The latest intake does not allow a plan."))
        return redirect("patients:screen", intake_id=intake_to_judge_by(version).pk)
    if request.POST.get("do") == "approve":
        messages.success(request, _("The plan is approved in your name."))
        return redirect("plans:plan", plan_id=version.plan_id)
    messages.success(request, _("The draft is saved."))
    address = reverse("plans:draft", args=[version.plan_id])
    return redirect(f"{address}#point-{added.code}" if added else address)


def show_draft(request, version, form, points, *, stale=False, status=200):
    today = timezone.localdate()
    found = all_objections(version, by=request.user, today=today)
    shown = page_of(version)
    told = {caution.why.rule for caution in shown["warnings"]}
    return render(
        request,
        "plans/planning/draft.html",
        shown
        | {
            "plan": version.plan,
            "form": form,
            "points": points,
            "groups": prescription.groups(
                prescription.rows(
                    version, shown["proposal"], points, rule_book(), found
                )
            ),
            "against_all": [
                prescription.warned(objection.caution, rule_book())
                for objection in found
                if not objection.code and objection.caution.rule not in told
            ],
            "asks_reason": any(each.needs_reason and not each.code for each in found),
            **panel(version, WhatIfForm(QueryDict())),
            "open_questions": prescription.open_questions(shown["proposal"]),
            "newer": newer_intake(version),
            "styles_used": used_before("style"),
            "needles_used": used_before("needle"),
            "stale": stale,
        },
        status=status,
    )


def newer_intake(version):
    newest = intake_to_judge_by(version)
    return newest if newest.pk != version.intake_id else None


@requires(Permission.APPROVE_PLAN)
@require_POST
def propose_anew(request, plan_id):
    """Put the proposal of the newest intake in the place of what the draft says."""
    version = draft_of(get_object_or_404(Plan, pk=plan_id))
    if version is None:
        return redirect("plans:plan", plan_id=plan_id)
    form = AnewForm(request.POST)
    now = timezone.now()
    intake = intake_to_judge_by(version)
    try:
        if not form.is_valid():
            raise Stale
        services.propose_anew(
            by=request.user,
            version=version,
            revision=form.cleaned_data["revision"],
            intake=intake,
            now=now,
            today=timezone.localdate(now),
        )
    except services.EpisodeClosed:
        return to_closed(request, version.plan.episode)
    except Stale:
        messages.error(request, _("The draft was saved meanwhile: look at it first."))
    except (services.ScreenNotClear, services.NothingToPlan):
        messages.error(request, _("The latest intake does not allow a plan."))
        return redirect("patients:screen", intake_id=intake.pk)
    else:
        messages.success(
            request, _("Points and dose are proposed anew from the latest intake.")
        )
    return redirect("plans:draft", plan_id=plan_id)


@requires(Permission.APPROVE_PLAN)
@require_POST
def revise(request, plan_id):
    """Begin the next version of a plan in force."""
    found = get_object_or_404(Plan.objects.select_related("episode"), pk=plan_id)
    if version_in_force(found) is None:
        return redirect("plans:draft", plan_id=found.pk)
    form = ReviseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the plan changes."))
        return redirect("plans:plan", plan_id=found.pk)
    now = timezone.now()
    intake = latest_intake(found.episode)
    try:
        services.revise(
            by=request.user,
            plan=found,
            intake=intake,
            reason=form.cleaned_data["reason"],
            now=now,
            today=timezone.localdate(now),
        )
    except services.EpisodeClosed:
        return to_closed(request, found.episode)
    except (services.ScreenNotClear, services.NothingToPlan, Stale):
        messages.error(request, _("The latest intake does not allow a plan."))
        return redirect("patients:screen", intake_id=intake.pk)
    return redirect("plans:draft", plan_id=found.pk)
