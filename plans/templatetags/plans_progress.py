"""Tags with which a page shows what a feature of this package presents."""

from collections.abc import Sequence

from django import template

from plans.progress.presenters.course import present, present_small
from plans.progress.presenters.picture import picture, score_cells, small_picture
from plans.progress.queries import series_of_visits
from plans.progress.trend import ProgressSeries
from plans.sessions.queries import Visit

register = template.Library()
register.simple_tag(picture)
register.filter(small_picture)
register.filter(score_cells)


@register.inclusion_tag("plans/progress/_chart.html")
def progress_chart(series: ProgressSeries, *, key: str, table: bool = False):
    """{% progress_chart series key="now" %}: finding and picture, without the table;
    with `table=True` the table too.

    The series is `plans.progress.queries.series_of`; `key` is unique on the page. The
    page loads clinic/css/chart.css. Nothing is drawn before the first score.
    """
    return {"progress": present(series, table=table), "key": key}


@register.inclusion_tag("plans/progress/_sparkline.html")
def progress_line(series: ProgressSeries):
    """{% progress_line series %}: leg pain as a small line for a list."""
    return {"small": present_small(series)}


@register.inclusion_tag("plans/progress/_sparkline.html")
def visits_line(visits: Sequence[Visit]):
    """{% visits_line visits %}: the same of sessions that the page has read already."""
    return {"small": present_small(series_of_visits(visits))}
