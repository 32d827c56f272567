from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record
from plans.sessions import presenters
from plans.sessions.models import Session
from plans.sessions.queries import entry_of, for_reading, ground_of
from plans.sessions.rules import screen_today
from plans.sessions.views.about import about


@requires(Permission.LOG_SESSION)
@require_safe
def letter(request, session_id):
    """What the patient said before needling that is for a doctor; to print."""
    standing = for_reading().exclude(status=Session.Status.ERROR)
    found = get_object_or_404(standing, pk=session_id)
    entry = entry_of(found)
    raised = presenters.stopped_by(found) or raised_today(found, entry)
    if not raised:
        return redirect("plans:session", session_id=found.pk)
    context = about(found.plan_version)
    record(
        "print_referral",
        by=request.user,
        subject=found,
        patient_id=context["patient"].pk,
    )
    context |= {
        "session": found,
        "appointment": found.appointment,
        "raised": raised,
        "answers": presenters.answers(entry.safety),
        "signer": found.appointment.practitioner,
        "today": timezone.localdate(),
    }
    return render(request, "plans/sessions/letter.html", context)


def raised_today(session, entry):
    appointment = session.appointment
    ground = ground_of(
        session.plan_version,
        practitioner=appointment.practitioner,
        day=timezone.localdate(appointment.starts_at),
    )
    return presenters.stops(screen_today(entry, ground))
