from uuid import uuid4

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from plans.corrections import presenters, queries, services
from plans.corrections.forms import NOWHERE, CorrectionForm, DayForm
from plans.scheduling.models import Appointment
from plans.sessions.models import Session
from plans.sessions.queries import appointments_to_log, entry_of, for_reading
from plans.sessions.services import NoPlan, PlanPaused

REFUSED = {
    services.ClockRuns: gettext_lazy(
        "Needles are in. Take them out and press “Needles out” first."
    ),
    services.WrittenUp: gettext_lazy("Somebody has begun the log of that appointment."),
    NoPlan: gettext_lazy("That patient has no approved plan to treat by."),
    PlanPaused: gettext_lazy("That patient’s plan is paused: settle that first."),
}


@requires(Permission.LOG_SESSION)
@require_http_methods(["GET", "POST"])
def correct(request, session_id):
    """Two steps: whose session it was and why; then both records side by side."""
    session = get_object_or_404(for_reading(), pk=session_id)
    if session.status == Session.Status.ERROR:  # pressed twice, or somebody else did
        return redirect("plans:session", session_id=session.pk)
    patient = session.appointment.patient
    day = day_of(request, session)
    places = list(queries.places_for(session, day))
    choices = presenters.choices(places)
    if request.method == "GET":
        record_opening(by=request.user, patient=patient)
        form = CorrectionForm(choices=choices, initial={"submission": uuid4()})
        return ask(request, session, form, day)
    form = CorrectionForm(request.POST, choices=choices)
    if not form.is_valid():
        return ask(request, session, form, day, status=422)
    chosen = form.cleaned_data["to"]
    to = next((p for p in places if str(p.pk) == chosen), None)
    if "again" in request.POST:
        return ask(request, session, form, day)
    if "confirmed" not in request.POST:
        return compare(request, session, to, form, day)
    return carry_out(request, session, to, form, day)


def day_of(request, session):
    """The day whose appointments are offered: the session’s own, or as asked."""
    form = DayForm(request.POST if "day" in request.POST else request.GET)
    asked = form.cleaned_data["day"] if form.is_valid() else None
    today = timezone.localdate()
    return min(asked or timezone.localdate(session.started_at), today)


def ask(request, session, form, day, status=200):
    context = {"form": form, "day": day, "nowhere": NOWHERE} | about(session)
    return render(request, "plans/corrections/ask.html", context, status=status)


def compare(request, session, to, form, day, status=200):
    if to:
        record_opening(by=request.user, patient=to.patient)
    there = queries.side_of(to) if to else None
    context = {
        "form": form,
        "day": day,
        "to": to,
        "rows": presenters.compared(queries.side_of(session.appointment), there),
        "moved": presenters.moved(entry_of(session)),
        "events": session.adverse_events.count(),
        "refused": REFUSED[NoPlan] if there and there.plan_number is None else "",
    }
    context |= about(session)
    return render(request, "plans/corrections/compare.html", context, status=status)


def about(session: Session) -> dict:
    episode = session.plan_version.plan.episode
    return {"session": session, "patient": episode.patient, "episode": episode}


def carry_out(request, session, to, form, day):
    try:
        correction = services.correct_session(
            by=request.user, session=session, to=to, now=timezone.now(), **form.told()
        )
    except services.CorrectedAlready:
        messages.warning(request, _("Somebody else has corrected it already."))
        return redirect("plans:session", session_id=session.pk)
    except tuple(REFUSED) as refused:
        form.add_error("to", REFUSED[type(refused)])
        return ask(request, session, form, day, status=409)
    return lead_on(request, session, correction, to)


def lead_on(request, session, correction, to: Appointment | None):
    """To the log of the right patient, where it is to be checked and signed."""
    if to is None:
        messages.success(request, _("The session counts no more."))
        return redirect("plans:session", session_id=session.pk)
    mine = appointments_to_log(request.user, timezone.localdate()).filter(pk=to.pk)
    if mine.exists():
        messages.success(
            request, _("The session is moved. Check it for this patient and sign it.")
        )
        return redirect("plans:log", appointment_id=to.pk)
    messages.success(
        request,
        _("The session is moved. %(who)s has to check and sign it.")
        % {"who": to.practitioner},
    )
    return redirect("plans:session", session_id=correction.copy_id)
