from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record
from patients.intake.queries import facts_of
from plans.exports import queries
from plans.exports.presenters.calendar import calendar as present_calendar
from plans.exports.presenters.clinical_sheet import clinical_sheet as present_clinical
from plans.exports.presenters.patient_page import patient_page, tell_us
from plans.exports.presenters.stricta import missing
from plans.exports.presenters.stricta import stricta as present_stricta
from plans.planning.models import Plan, PlanVersion
from plans.planning.queries import (
    intake_to_judge_by,
    rule_book,
    version_in_force,
)

DRAFT = PlanVersion.Status.DRAFT


def in_force(request, plan_id):
    """The version to print, or None with a word to the reader."""
    version = version_in_force(get_object_or_404(Plan, pk=plan_id))
    if version is None:
        messages.error(request, _("Approve the plan first: a draft is not printed."))
    return version


def printing_record(action, request, version):
    record(
        action,
        by=request.user,
        subject=version,
        patient_id=version.plan.episode.patient_id,
    )


def context_of(version):
    episode = version.plan.episode
    return {
        "version": version,
        "plan": version.plan,
        "episode": episode,
        "patient": episode.patient,
    }


@requires(Permission.VIEW_PLAN)
@require_safe
def patient_sheet(request, plan_id):
    """The patient's page, in the patient's language inside the reader's."""
    version = in_force(request, plan_id)
    if version is None:
        return redirect("plans:plan", plan_id=plan_id)
    printing_record("print_patient_sheet", request, version)
    now = timezone.now()
    today = timezone.localdate(now)
    facts = facts_of(intake_to_judge_by(version), on=today)
    course = queries.course_ahead(version.plan, now)
    context = context_of(version)
    language = context["patient"].language
    with translation.override(language):
        sheet = patient_page(version, facts, course, today)
        type_size = sheet.type_size
        paper = render_to_string(
            "plans/exports/_patient_sheet.html",
            context | {"sheet": sheet, "today": today},
            request,
        )
    return render(
        request,
        "plans/exports/patient_sheet.html",
        context
        | {
            "paper": paper,
            "language": language,
            "type_size": type_size,
            "to_confirm": sheet.to_confirm,
        },
    )


@requires(Permission.VIEW_PLAN)
@require_safe
def clinical_sheet(request, plan_id):
    """The prescription for the room."""
    version = in_force(request, plan_id)
    if version is None:
        return redirect("plans:plan", plan_id=plan_id)
    printing_record("print_clinical_sheet", request, version)
    return render(
        request,
        "plans/exports/clinical_sheet.html",
        context_of(version) | {"sheet": present_clinical(version)},
    )


@requires(Permission.VIEW_PLAN)
@require_safe
def stricta(request, plan_id):
    """The plan by the items of STRICTA 2010, what is missing named."""
    version = in_force(request, plan_id)
    if version is None:
        return redirect("plans:plan", plan_id=plan_id)
    printing_record("print_stricta", request, version)
    facts = facts_of(intake_to_judge_by(version), on=timezone.localdate())
    citations = {key: s.citation for key, s in rule_book().sources.items()}
    found = present_stricta(
        version,
        queries.done_of(version.plan),
        facts,
        citations,
        clinic=settings.CLINIC_NAME,
    )
    return render(
        request,
        "plans/exports/stricta.html",
        context_of(version)
        | {
            "parts": found,
            "missing": missing(found),
            "draft": version.plan.versions.filter(status=DRAFT).first(),
        },
    )


@requires(Permission.VIEW_DIARY)
@require_safe
def calendar(request, plan_id):
    """The dates to come on a page for the patient, in their language; no plan of it."""
    plan = get_object_or_404(
        Plan.objects.select_related("episode__patient"), pk=plan_id
    )
    patient, now = plan.episode.patient, timezone.now()
    record("print_calendar", by=request.user, subject=plan, patient_id=patient.pk)
    context = {"plan": plan, "patient": patient, "language": patient.language}
    with translation.override(patient.language):
        paper = render_to_string(
            "plans/exports/_calendar.html",
            context
            | {
                "calendar": present_calendar(queries.course_ahead(plan, now)),
                "weekdays": list(WEEKDAYS_ABBR.values()),
                "today": timezone.localdate(now),
                "tell_us": tell_us(),
            },
            request,
        )
    return render(request, "plans/exports/calendar.html", context | {"paper": paper})
