"""What the diary and the plan's page print of appointments."""

from django import template

from plans.planning.models import Plan
from plans.scheduling.presenters.visits import free_rows, lit_rows, visit_rows
from plans.scheduling.queries import standing

register = template.Library()
register.filter(visit_rows)
register.filter(free_rows)
register.filter(lit_rows)


@register.simple_tag
def course_booked(plan: Plan) -> int:
    """{% course_booked plan as booked %}: sessions of the course, had or to come."""
    return standing(plan).count()
