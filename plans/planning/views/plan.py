from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from plans.planning.forms import CompareForm, ReviseForm
from plans.planning.forms.what_if import WhatIfForm
from plans.planning.models import Plan
from plans.planning.presenters import prescription
from plans.planning.presenters.changes import compare as compare_versions
from plans.planning.presenters.changes import story
from plans.planning.queries import rule_book, with_points
from plans.planning.views.page import page_of
from plans.planning.views.what_if import panel


@requires(Permission.VIEW_PLAN)
@require_safe
def plan(request, plan_id):
    """The version in force and the story of all versions."""
    found = get_object_or_404(Plan, pk=plan_id)
    versions = list(with_points().filter(plan=found))
    by_status = {version.status: version for version in versions}
    in_force, draft = by_status.get("approved"), by_status.get("draft")
    if in_force is None and request.user.has_perm(Permission.APPROVE_PLAN):
        return redirect("plans:draft", plan_id=found.pk)
    shown = in_force or draft
    record_opening(by=request.user, patient=shown.plan.episode.patient)
    return render(
        request,
        "plans/planning/plan.html",
        read_page_of(shown)
        | {
            "plan": found,
            "draft": draft,
            "story": story(versions),
            "revise": ReviseForm(),
            **panel(shown, WhatIfForm(QueryDict())),
        },
    )


def read_page_of(version):
    shown = page_of(version)
    lines = prescription.lines(version, shown["proposal"], rule_book())
    return shown | {"groups": prescription.groups(prescription.read_only(lines))}


@requires(Permission.VIEW_PLAN)
@require_safe
def version(request, plan_id, number):
    """One version as it was, for the record."""
    of_plan = with_points().filter(plan=get_object_or_404(Plan, pk=plan_id))
    found = get_object_or_404(of_plan, number=number)
    record_opening(by=request.user, patient=found.plan.episode.patient)
    return render(
        request,
        "plans/planning/version.html",
        read_page_of(found) | {"plan": found.plan},
    )


@requires(Permission.VIEW_PLAN)
@require_safe
def compare(request, plan_id):
    """What changed from one version to a later one, when, by whom and why."""
    found = get_object_or_404(Plan, pk=plan_id)
    versions = list(with_points().filter(plan=found).order_by("number"))
    record_opening(by=request.user, patient=versions[0].plan.episode.patient)
    by_number = {str(version.number): version for version in versions}
    form = CompareForm(request.GET or None, numbers=list(by_number))
    if form.is_bound and not form.is_valid():
        raise Http404
    chosen = form.cleaned_data if form.is_bound else form.initial
    pair = (by_number[chosen["from"]], by_number[chosen["to"]])
    before, after = sorted(pair, key=lambda version: version.number)
    return render(
        request,
        "plans/planning/compare.html",
        {
            "plan": found,
            "episode": after.plan.episode,
            "patient": after.plan.episode.patient,
            "form": form,
            "versions": versions,
            "comparison": compare_versions(before, after, versions),
        },
    )
