from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.conflicts import Stale
from clinic.core.paging import page_of
from patients.records.models import Patient
from plans.messages import queries, services
from plans.messages.models import Message
from plans.messages.policy import POLICY
from plans.messages.presenters import message_row, planned_rows

PAGE = 20  # messages
NEXT = 12  # of those that leave next
LATELY = 12  # of those that have gone
MOST_TO_SEE_TO = 50
AHEAD = timedelta(days=1)  # how far the reminders to come are shown


@requires(Permission.BOOK_COURSE)
@require_safe
def mailbox(request):
    """What somebody has to see to, what leaves next, what has gone."""
    now = timezone.now()
    waiting = [message_row(row, now) for row in queries.waiting()[:NEXT]]
    upcoming = queries.upcoming(now, ahead=AHEAD)
    page = page_of(upcoming, request.GET.get("page"), size=NEXT)
    patients = Patient.objects.in_bulk({row.patient for row in page.rows})
    context = {
        "to_see_to": [
            message_row(row, now) for row in queries.to_see_to(now)[:MOST_TO_SEE_TO]
        ],
        "waiting": waiting if page.number == 1 else [],
        "page": page,
        "rows": planned_rows(page.rows, patients, now),
        "due": len(waiting) + sum(row.leaves_at <= now for row in upcoming),
        "lately": [message_row(row, now) for row in queries.gone(now)[:LATELY]],
        "can_send": services.can_send(),
        "undo_minutes": int(POLICY.undo.total_seconds()) // 60,
        "now": now,
    }
    return render(request, "plans/messages/mailbox.html", context)


@requires(Permission.BOOK_COURSE)
@require_safe
def sent(request, patient_id=None):
    """To everybody, or to one patient."""
    now = timezone.now()
    patient, found = None, queries.gone(now)
    if patient_id is not None:
        patient = get_object_or_404(Patient, pk=patient_id)
        record_opening(by=request.user, patient=patient)
        found = found.filter(patient=patient)
    page = page_of(found, request.GET.get("page"), size=PAGE)
    context = {
        "page": page,
        "rows": [message_row(row, now) for row in page.rows],
        "patient": patient,
    }
    return render(request, "plans/messages/sent.html", context)


@requires(Permission.BOOK_COURSE)
@require_safe
def message(request, message_id):
    """One message as it was said."""
    row = get_object_or_404(queries.messages(), pk=message_id)
    record_opening(by=request.user, patient=row.patient)
    now = timezone.now()
    to_see_to = queries.to_see_to(now).filter(pk=row.pk).exists()
    context = {
        "row": message_row(row, now),
        "message": row,
        "patient": row.patient,
        "to_see_to": to_see_to,
    }
    return render(request, "plans/messages/message.html", context)


@requires(Permission.BOOK_COURSE)
@require_POST
def send(request):
    """In the demo nothing runs by the minute: the desk plays the clock."""
    if not settings.DEMO:
        raise Http404
    run = services.send_what_is_due(by=request.user, clock=timezone.now)
    said = ngettext(
        "%(count)d message has gone to the mailbox.",
        "%(count)d messages have gone to the mailbox.",
        run.sent,
    )
    messages.success(request, said % {"count": run.sent})
    return redirect("plans:mailbox")


@requires(Permission.BOOK_COURSE)
@require_POST
def told_by_phone(request, message_id):
    return see_to(request, message_id, services.told_by_phone, _("Told by phone."))


@requires(Permission.BOOK_COURSE)
@require_POST
def try_again(request, message_id):
    return see_to(
        request, message_id, services.try_again, _("It will be sent once more.")
    )


def see_to(request, message_id, deed, said):
    row = get_object_or_404(Message, pk=message_id)
    try:
        deed(by=request.user, message=row, now=timezone.now())
    except Stale:
        messages.warning(request, _("Somebody has seen to this message already."))
    else:
        messages.success(request, said)
    return redirect("plans:mailbox")
