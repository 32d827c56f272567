"""What a page below the pauses says of them."""

from django import template

from plans.pauses.models import Pause
from plans.pauses.queries import standing_pause
from plans.planning.models import Plan

register = template.Library()


@register.simple_tag
def pause_of(plan: Plan) -> Pause | None:
    """{% pause_of plan as pause %}: what keeps the plan from being treated by."""
    return standing_pause(plan)
