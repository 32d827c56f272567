from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from plans.paper import services
from plans.paper.forms import PaperDayForm, PaperForm
from plans.paper.queries import LIMIT, visits_to_type
from plans.sessions.services import NoPlan, PlanPaused

REFUSED = {
    services.WrittenUp: _("Somebody has written this visit up by now."),
    services.OtherDay: _("It is typed in for the day of the visit, and afterwards."),
    NoPlan: _("That patient has no approved plan to treat by."),
    PlanPaused: _("That patient’s plan is paused: settle that first."),
}


@requires(Permission.LOG_SESSION)
@require_http_methods(["GET", "POST"])
def paper(request):
    """Which visit, when and by whom; what was done is typed in on its log."""
    now = timezone.now()
    today = timezone.localdate(now)
    sent = request.POST if request.method == "POST" else request.GET
    days = PaperDayForm({"day": sent.get("day") or today}, today=today)
    day = days.cleaned_data["day"] if days.is_valid() else None
    form = None
    if day:
        visits = visits_to_type(day, request.user)
        form = PaperForm(request.POST or None, day=day, now=now, visits=visits)
    if form is None or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return show(request, days, form, status)
    told = form.told()
    try:
        services.begin_paper(by=request.user, now=now, **told)
    except tuple(REFUSED) as refused:
        form.add_error("visit", REFUSED[type(refused)])
        return show(request, days, form, 409)
    return redirect("plans:log", appointment_id=told["appointment"].pk)


def show(request, days, form, status):
    context = {"days": days, "form": form, "limit": LIMIT.days}
    return render(request, "plans/paper/paper.html", context, status=status)
