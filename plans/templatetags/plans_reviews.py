"""What pages below the reviews show of them."""

from django import template
from django.utils import timezone

from plans.planning.models import Plan
from plans.progress.trend import ProgressSeries
from plans.reviews.presenters.held import point_rows
from plans.reviews.queries import held_of_plan

register = template.Library()


@register.inclusion_tag("plans/reviews/_points.html", takes_context=True)
def course_reviews(context, plan: Plan, series: ProgressSeries):
    """{% course_reviews plan series %}: the three points of a course. One query."""
    rows = point_rows(series, held_of_plan(plan=plan.pk), timezone.localdate())
    is_open = plan.episode.closed_on is None
    return {
        "rows": rows,
        "plan": plan,
        "is_open": is_open,
        "perms": context.get("perms"),
    }
