from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.htmx import render_page_or_fragment
from patients.intake.queries import clearances_of
from patients.intake.screen import screen
from plans.engine.objections import PATIENT
from plans.engine.propose import propose
from plans.planning.forms.what_if import WhatIfForm
from plans.planning.models import Plan
from plans.planning.presenters import what_if as presenters
from plans.planning.queries import (
    draft_of,
    intake_to_judge_by,
    objections_given,
    rule_book,
    version_in_force,
)
from plans.planning.what_if import Known, difference, suppose


@requires(Permission.VIEW_PLAN)
@require_safe
def what_if(request, plan_id):
    """What would change if one fact were otherwise; the record stays as it is."""
    found = get_object_or_404(Plan, pk=plan_id)
    version = draft_of(found) or version_in_force(found)
    episode = version.plan.episode
    record_opening(by=request.user, patient=episode.patient)
    form = WhatIfForm(request.GET)
    context = {
        "plan": found,
        "version": version,
        "episode": episode,
        "patient": episode.patient,
        **panel(version, form),
    }
    if form.is_valid():
        context |= answer(version, timezone.localdate(), **form.cleaned_data)
    return render_page_or_fragment(
        request,
        "plans/planning/what_if.html",
        "plans/planning/_what_if.html",
        context,
    )


def panel(version, form):
    chosen = (form.data.get("fact", ""), form.data.get("value", ""))
    sex = version.plan.episode.patient.sex
    often = presenters.often(sex, *chosen)
    return {
        "what_if_form": form,
        "often": often,
        "is_often": any(fact.is_chosen for fact in often),
    }


def answer(version, today, *, fact, value):
    """Both proposals are made now, by the same rules: only the fact differs."""
    intake, book = intake_to_judge_by(version), rule_book()
    patient = version.plan.episode.patient
    known = Known(
        answers=intake.answers,
        birth_date=patient.birth_date,
        sex=patient.sex,
        onset=version.plan.episode.onset_on,
        on=today,
    )
    supposed = suppose(known, fact, value)
    if supposed is None:
        return {"cannot_be": True}
    trained = version.created_by.trained
    cleared = clearances_of(intake)
    judged = [
        (
            propose(facts, book=book, trained=trained),
            screen(facts, clearances=cleared),
            objections_given(facts, version, trained=trained),
        )
        for facts in (known.facts(), supposed)
    ]
    (before, was, objected), (after, would_be, objecting) = judged
    known_already = {(each.code, each.about, each.caution.rule) for each in objected}
    against = [
        each
        for each in objecting
        if (each.code, each.about, each.caution.rule) not in known_already
        and each.about != PATIENT  # told among the cautions
    ]
    found = difference(before, after, screens=(was, would_be))
    return {
        "is_so": supposed == known.facts(),
        "outcome": presenters.outcome(found, against, book),
    }
