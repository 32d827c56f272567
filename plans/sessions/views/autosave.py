from http import HTTPStatus

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.core.conflicts import Stale
from plans.sessions import services
from plans.sessions.drafts import TooLong, as_typed
from plans.sessions.forms import SessionForm
from plans.sessions.presenters import texts
from plans.sessions.queries import (
    appointments_to_write,
    bare_ground,
    entry_of,
    standing_session,
)
from plans.sessions.views.desk import Desk, as_read, standing_form


@requires(Permission.LOG_SESSION)
@require_POST
def autosave(request, appointment_id):
    """Keep what stands on the page as it stands, while somebody goes on typing.

    Answered once it is committed; `why` names the sentence of the page that says what
    is the matter.
    """
    appointment = get_object_or_404(
        appointments_to_write(request.user, timezone.localdate()), pk=appointment_id
    )
    try:
        session = getattr(appointment, "session", None) or services.open_session(
            by=request.user, appointment=appointment
        )
    except (services.NoPlan, services.PlanPaused):
        return JsonResponse({"why": "paused"}, status=422)
    form = SessionForm(
        request.POST, entry=entry_of(session), ground=bare_ground(), revision=0
    )
    if form.has_error("revision"):  # not sent by a page of ours
        return JsonResponse({"why": "refused"}, status=422)
    typed = {
        "by": request.user,
        "session": session,
        "entry": form.what_is_typed(),
        "sent": as_typed(request.POST.lists()),
        "hand": form.hand,
        "is_automatic": True,
    }
    try:
        kept = services.save_draft(revision=form.cleaned_data["revision"], **typed)
    except TooLong:
        return JsonResponse({"why": "long"}, status=422)
    except Stale:
        standing = standing_session(session)
        found = differences_from(standing, request, appointment)
        if found or standing.is_written:
            return tell_both(request, standing, found)
        try:
            kept = services.save_draft(revision=standing.revision, **typed)
        except Stale:  # saved once more at this moment: the page asks again
            return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
    return JsonResponse(
        {
            "revision": kept.revision,
            "saved": saved_words(kept),
            "why": "" if appointment.may_sign else "cancelled",
        }
    )


def saved_words(session):
    at = time_format(timezone.localtime(session.saved_at), "H:i")
    return _("Saved %(time)s") % {"time": at}


def differences_from(standing, request, appointment):
    desk = Desk(appointment, standing.plan_version, standing, by=request.user)
    mine = as_read(desk.form(dict(request.POST.lists())))
    theirs = as_read(standing_form(desk))
    return texts.differences(desk.form(mine), desk.form(theirs))


def tell_both(request, standing, found):
    """Somebody else was first: their text beside this one, to be put into the page."""
    return render(
        request,
        "plans/sessions/_differences.html",
        {"session": standing, "differences": found},
        status=409,
    )
