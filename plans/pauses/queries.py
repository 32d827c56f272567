from plans.pauses.models import Pause
from plans.planning.models import Plan


def standing_pause(plan: Plan | int) -> Pause | None:
    """What keeps the plan from being treated by, until a review has resumed it."""
    pauses = Pause.objects.select_related("begun_by")
    return pauses.filter(plan=plan, ended_at=None).first()


def may_not_needle(*, plan_id: int | None, patient_id: int) -> bool:
    """Whether the plan of a visit is paused; without one, any that is in force."""
    standing = Pause.objects.filter(ended_at=None)
    if plan_id:
        return standing.filter(plan=plan_id).exists()
    open_ones = {"plan__episode__patient": patient_id, "plan__episode__closed_on": None}
    return standing.filter(**open_ones).exists()
