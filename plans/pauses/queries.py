from plans.pauses.models import Pause
from plans.planning.models import Plan


def standing_pause(plan: Plan | int) -> Pause | None:
    """What keeps the plan from being treated by, until a review has resumed it."""
    pauses = Pause.objects.select_related("begun_by")
    return pauses.filter(plan=plan, ended_at=None).first()
