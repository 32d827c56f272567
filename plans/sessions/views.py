from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
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
from patients.intake.queries import latest_intake
from patients.records.models import Episode
from plans.pauses.queries import standing_pause
from plans.scheduling.services import StatusRefused
from plans.sessions import presenters, services
from plans.sessions.forms import AmendmentForm, SessionForm, as_sent
from plans.sessions.models import Session
from plans.sessions.queries import (
    appointments_to_log,
    entry_of,
    for_reading,
    ground_of,
    sessions_of,
    start_of,
    version_to_treat_by,
    visits_of,
)
from plans.sessions.rules import screen_today

PAGE = 20  # sessions
RECENT = 6  # visits beside the form


@requires(Permission.LOG_SESSION)
@require_http_methods(["GET", "POST"])
def log(request, appointment_id):
    """Write up an appointment: only the signed-in practitioner's own."""
    today = timezone.localdate()
    appointment = get_object_or_404(
        appointments_to_log(request.user, today), pk=appointment_id
    )
    session = getattr(appointment, "session", None)
    if request.method == "POST":
        return write_up(request, appointment, session)
    if session and session.status == Session.Status.SIGNED:
        return redirect("plans:session", session_id=session.pk)
    version = session.plan_version if session else version_to_treat_by(appointment)
    record_opening(by=request.user, patient=appointment.patient)
    if version is None:
        return show_no_plan(request, appointment)
    if session is None and (pause := standing_pause(version.plan_id)):
        return show_paused(request, appointment, version, pause)
    desk = Desk(appointment, version, session)
    entry = entry_of(session) if session else desk.start
    revision = session.revision if session else 0
    form = SessionForm(entry=entry, ground=desk.ground, revision=revision)
    return show_form(request, desk, form, entry, session)


class Desk:
    """What lies ready beside one appointment while it is written up."""

    def __init__(self, appointment, version, session=None):
        self.appointment = appointment
        self.version = version
        self.begun = start_of(
            version,
            before=appointment.starts_at,
            prescription=session.prescription if session else "",
        )
        self.start = self.begun.entry
        self.ground = ground_of(
            version,
            practitioner=appointment.practitioner,
            day=timezone.localdate(appointment.starts_at),
        )


def write_up(request, appointment, session):
    try:
        session = session or services.open_session(
            by=request.user, appointment=appointment
        )
    except services.NoPlan:
        return show_no_plan(request, appointment)
    except services.PlanPaused:
        version = version_to_treat_by(appointment)
        pause = standing_pause(version.plan_id)
        return show_paused(request, appointment, version, pause)
    desk = Desk(appointment, session.plan_version, session)
    form = SessionForm(
        request.POST, entry=entry_of(session), ground=desk.ground, revision=0
    )
    if not form.is_valid():
        return show_form(request, desk, form, None, session, status=422)
    entry = form.entry
    try:
        return keep(request, desk, session, form.cleaned_data["revision"], entry)
    except Stale:
        return show_both(request, desk, session, entry)


def keep(request, desk, session, revision, entry):
    """Save or sign. What can't be signed is saved, so that nothing typed is lost."""
    signing = request.POST.get("do") == "sign"
    kept = {"by": request.user, "session": session, "revision": revision}
    try:
        if signing:
            services.sign(**kept, entry=entry, now=timezone.now())
            messages.success(request, _("The session is signed."))
            return redirect("plans:session", session_id=session.pk)
    except services.NotReady as refused:
        services.save_draft(**kept, entry=entry)
        return show_problems(request, desk, session, entry, refused.problems)
    except StatusRefused:
        services.save_draft(**kept, entry=entry)
        messages.error(request, _("The appointment was cancelled meanwhile."))
        return redirect("plans:session", session_id=session.pk)
    services.save_draft(**kept, entry=entry)
    messages.success(request, _("The draft is saved."))
    place = "#points" if request.POST.get("do") == "add" else ""
    return redirect(reverse("plans:log", args=[desk.appointment.pk]) + place)


def show_problems(request, desk, session, entry, problems):
    form = SessionForm(
        as_sent(entry, session.revision),
        entry=entry,
        ground=desk.ground,
        revision=session.revision,
    )
    form.is_valid()
    for problem in problems:
        part, name = form.find(problem.field)
        part.add_error(name, presenters.sentence(problem, entry))
    return show_form(request, desk, form, entry, session, status=422)


def show_both(request, desk, session, entry):
    """Somebody saved or signed first: both texts, and nothing typed is lost."""
    standing = Session.objects.get(pk=session.pk)
    theirs = entry_of(standing)
    found = presenters.differences(entry, theirs)
    signed = standing.status == Session.Status.SIGNED
    if signed and not found:
        return redirect("plans:session", session_id=standing.pk)
    if not found:
        return keep(request, desk, standing, standing.revision, entry)
    if signed:
        text = "\n".join(f"{part.label}: {part.mine}" for part in found if part.mine)
        amendment = AmendmentForm(initial={"submission": uuid4(), "text": text})
        context = {"session": standing, "differences": found, "form": amendment}
        context |= about(desk.version)
        return render(request, "plans/sessions/too_late.html", context, status=409)
    form = SessionForm(
        as_sent(entry, standing.revision),
        entry=entry,
        ground=desk.ground,
        revision=standing.revision,
    )
    form.is_valid()
    return show_form(
        request, desk, form, entry, standing, differences=found, status=409
    )


def about(version):
    episode = version.plan.episode
    return {"patient": episode.patient, "episode": episode, "plan": version.plan}


def show_form(request, desk, form, entry, session, *, differences=(), status=200):
    rows = presenters.rows(form, desk.start, desk.ground)
    stops = presenters.stops(screen_today(entry, desk.ground)) if entry else []
    last = entry_of(desk.begun.last) if desk.begun.last else None
    return render(
        request,
        "plans/sessions/log.html",
        about(desk.version)
        | {
            "appointment": desk.appointment,
            "version": desk.version,
            "session": session,
            "form": form,
            "rows": rows,
            "start": desk.start,
            "mistakes": presenters.mistakes(form),
            "unclear": presenters.unclear(entry.words) if entry else [],
            "stops": stops,
            "needles": entry.needles if entry else desk.start.needles,
            "last": desk.begun.last,
            "prescription": desk.begun.prescription,
            "last_points": presenters.given(last.lines) if last else [],
            "last_scores": presenters.score_pairs(last.scores) if last else [],
            "visits": visits_of(desk.version.plan.episode_id)[-RECENT:],
            "cautions": desk.version.proposal.get("cautions", []),
            "differences": differences,
        },
        status=status,
    )


def show_no_plan(request, appointment):
    episode = Episode.objects.open().filter(patient=appointment.patient_id).first()
    return render(
        request,
        "plans/sessions/no_plan.html",
        {
            "appointment": appointment,
            "patient": appointment.patient,
            "episode": episode,
            "intake": latest_intake(episode) if episode else None,
        },
    )


def show_paused(request, appointment, version, pause):
    context = {"appointment": appointment, "pause": pause}
    return render(
        request, "plans/sessions/paused.html", about(version) | context, status=409
    )


@requires(Permission.VIEW_CLINICAL)
@require_safe
def session(request, session_id):
    """What was done, and every later word on it."""
    found = get_object_or_404(for_reading(), pk=session_id)
    record_opening(by=request.user, patient=found.appointment.patient)
    return show_session(request, found, AmendmentForm(initial={"submission": uuid4()}))


def show_session(request, found, form, status=200):
    entry = entry_of(found)
    return render(
        request,
        "plans/sessions/session.html",
        about(found.plan_version)
        | {
            "session": found,
            "appointment": found.appointment,
            "points": presenters.given(entry.lines),
            "scores": presenters.score_pairs(entry.scores),
            "answers": presenters.answers(entry.safety),
            "form": form,
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
    form = AmendmentForm(request.POST)
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
