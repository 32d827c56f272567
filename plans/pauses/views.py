from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from plans.pauses.queries import standing_pause
from plans.planning.models import Plan


@requires(Permission.VIEW_PLAN)
@require_safe
def pause(request, plan_id):
    """Why the plan waits, and when it waited before. A review lets it go on."""
    plan = get_object_or_404(
        Plan.objects.select_related("episode__patient"), pk=plan_id
    )
    record_opening(by=request.user, patient=plan.episode.patient)
    context = {
        "plan": plan,
        "episode": plan.episode,
        "patient": plan.episode.patient,
        "standing": standing_pause(plan),
        "earlier": plan.pauses.exclude(ended_at=None).select_related("ended_by")[:20],
    }
    return render(request, "plans/pauses/pause.html", context)
