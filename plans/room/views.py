from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.core.conflicts import Stale
from clinic.core.widgets import LARGEST
from plans.room import presenters, queries
from plans.room.forms import UNKNOWN, ClockForm
from plans.scheduling.models import Appointment
from plans.scheduling.queries import active_beds
from plans.scheduling.services import NotHere, take_over
from plans.sessions import services
from plans.sessions.queries import kinds_on

NO_CHANGE = 204


@requires(Permission.VIEW_DIARY)
@require_safe
def room(request):
    """The beds as they are now. A script counts down and looks for changes."""
    now = timezone.now()
    found = queries.stays(now)
    beside = queries.clocks_beside(found)
    may_time = request.user.has_perm(Permission.LOG_SESSION)
    with_needles = [stay.pk for stay in found if stay.timer]
    board = presenters.present(
        found,
        beds=active_beds(),
        coming=queries.coming(now),
        beside=beside,
        kinds=kinds_on(with_needles) if may_time and with_needles else {},
        reader_id=request.user.pk,
        may_follow=request.user.has_perm(Permission.BOOK_COURSE),
        now=now,
    )
    context = {
        "board": board,
        "now": now,
        "changes": urlencode({"seen": queries.stamp_of(found, beside, now)}),
    }
    return render(request, "plans/room/room.html", context)


@requires(Permission.VIEW_DIARY)
@require_safe
def changes(request):
    """Whether a board that was drawn says something else by now: 204, or what."""
    now = timezone.now()
    found = queries.stays(now)
    stamp = queries.stamp_of(found, queries.clocks_beside(found), now)
    if stamp == request.GET.get("seen"):
        return HttpResponse(status=NO_CHANGE)
    return HttpResponse(stamp, content_type="text/plain")


@requires(Permission.LOG_SESSION)
@require_POST
def take(request, appointment_id):
    """The reader answers for this patient from now on."""
    rows = Appointment.objects.select_related("patient", "bed")
    visit = get_object_or_404(rows, pk=appointment_id)
    sent = request.POST.get("revision", "")
    revision = int(sent) if sent.isdecimal() and len(sent) < 10 else LARGEST
    try:
        take_over(by=request.user, appointment=visit, revision=revision)
    except NotHere:
        messages.error(
            request, _("Only a patient who is in the house can be taken over.")
        )
    except Stale:
        messages.warning(
            request,
            _("Somebody else was quicker. Look at the board before you take over."),
        )
    else:
        messages.success(
            request,
            _("%(patient)s on %(bed)s is in your care now.")
            % {"patient": presenters.of_visit(visit), "bed": visit.bed},
        )
    return redirect("plans:room")


@requires(Permission.LOG_SESSION)
@require_POST
def clock(request, appointment_id):
    """Start or stop a clock beside the needles, or make one longer."""
    visit = get_object_or_404(Appointment, pk=appointment_id)
    form = ClockForm(request.POST)
    if not form.is_valid():
        messages.error(request, UNKNOWN)
        return redirect("plans:room")
    told = {"by": request.user, "appointment": visit}
    told["kind"] = form.cleaned_data["kind"]
    try:
        match form.cleaned_data["do"]:
            case "start":
                services.start_clock(**told, now=timezone.now())
            case "stop":
                services.stop_clock(**told, now=timezone.now())
            case "more":
                services.add_minutes(**told, seen=form.cleaned_data["seen"])
    except services.NoNeedlesIn:
        messages.error(request, _("The needles are out: no clock runs on that bed."))
    except services.LongEnough:
        messages.error(request, _("A clock is made longer by an hour at the most."))
    except Stale:
        messages.warning(request, _("Somebody else was quicker: look at the clock."))
    return redirect("plans:room")
