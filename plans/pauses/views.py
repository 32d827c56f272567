from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.conflicts import Stale
from plans.pauses.forms import ResumeForm
from plans.pauses.queries import standing_pause
from plans.pauses.services import resume_plan
from plans.planning.models import Plan


@requires(Permission.VIEW_PLAN)
@require_http_methods(["GET", "POST"])
def pause(request, plan_id):
    """Why the plan waits, who let it wait before, and the way to let it go on."""
    plan = get_object_or_404(
        Plan.objects.select_related("episode__patient"), pk=plan_id
    )
    may_resume = request.user.has_perm(Permission.APPROVE_PLAN)
    if request.method == "POST" and not may_resume:
        raise PermissionDenied(str(Permission.APPROVE_PLAN))
    standing = standing_pause(plan)
    form = ResumeForm(request.POST if request.method == "POST" else None)
    if request.method == "GET":
        record_opening(by=request.user, patient=plan.episode.patient)
    elif standing is None:
        messages.info(request, _("The plan goes on already."))
        return redirect("plans:pause", plan.pk)
    elif form.is_valid():
        return go_on(request, plan, standing, form.cleaned_data["finding"])
    context = {
        "plan": plan,
        "episode": plan.episode,
        "patient": plan.episode.patient,
        "standing": standing,
        "earlier": plan.pauses.exclude(ended_at=None).select_related("ended_by")[:20],
        "form": form if may_resume and standing else None,
    }
    status = 422 if form.is_bound else 200
    return render(request, "plans/pauses/pause.html", context, status=status)


def go_on(request, plan, standing, finding):
    try:
        resume_plan(
            by=request.user, pause=standing, finding=finding, now=timezone.now()
        )
    except Stale:
        messages.info(request, _("The plan goes on already."))
        return redirect("plans:pause", plan.pk)
    messages.success(request, _("The plan goes on."))
    return redirect("plans:plan", plan.pk)
