from uuid import uuid4

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
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
    ground_of,
    start_of,
    version_to_treat_by,
    visits_of,
)
from plans.sessions.rules import screen_today
from plans.sessions.views.about import about

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
