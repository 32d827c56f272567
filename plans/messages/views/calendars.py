from hashlib import sha256

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from plans.messages import queries, services
from plans.messages.ical import calendar_file
from plans.messages.letters import event_words
from plans.messages.models import CalendarAddress, Message
from plans.planning.models import Plan


def download(text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="appointments.ics"'
    return response


@requires(Permission.VIEW_DIARY)
@require_safe
def course(request, plan_id):
    """The dates to come of a plan, for the patient's own calendar."""
    plan = get_object_or_404(
        Plan.objects.select_related("episode__patient"), pk=plan_id
    )
    patient = plan.episode.patient
    events = queries.patients_events(
        queries.appointments_ahead(plan, timezone.now()), patient.language
    )
    if not events:
        raise Http404
    record_opening(by=request.user, patient=patient)
    name = event_words(patient.language, settings.CLINIC_NAME)
    return download(calendar_file(events, name=name, organizer=queries.organizer()))


@requires(Permission.BOOK_COURSE)
@require_safe
def message_file(request, message_id):
    """What was attached to a message."""
    row = get_object_or_404(
        Message.objects.select_related("patient").exclude(calendar=""), pk=message_id
    )
    record_opening(by=request.user, patient=row.patient)
    return download(row.calendar)


# ------------------------------------------------------------------ one's own diary


@requires(Permission.LOG_SESSION)
@require_safe
def address(request):
    found = CalendarAddress.objects.filter(practitioner=request.user).first()
    context = {"address": found}
    if found is not None:
        path = reverse("plans:calendar_feed", args=[found.token])
        context["url"] = request.build_absolute_uri(path)
    return render(request, "plans/messages/calendar_address.html", context)


@requires(Permission.LOG_SESSION)
@require_POST
def make_address(request):
    services.make_calendar_address(by=request.user, now=timezone.now())
    messages.success(request, _("This is your address now. An older one has ended."))
    return redirect("plans:calendar_address")


@requires(Permission.LOG_SESSION)
@require_POST
def end_address(request):
    services.end_calendar_address(by=request.user)
    messages.success(request, _("Your calendar address has ended."))
    return redirect("plans:calendar_address")


@login_not_required
@require_safe
def feed(request, token):
    """A practitioner's diary for a calendar that can't sign in; initials only."""
    practitioner = queries.practitioner_at(token)
    if practitioner is None:
        raise Http404
    with translation.override(practitioner.language):
        name = _("Diary, %(clinic)s") % {"clinic": settings.CLINIC_NAME}
    events = queries.practitioners_events(practitioner, timezone.now())
    text = calendar_file(events, name=name)
    etag = f'"{sha256(text.encode()).hexdigest()}"'
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)
