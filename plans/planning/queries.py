from functools import cache

from django.db.models import Prefetch

from patients.records.models import Episode
from plans.catalogue.points import read_catalogue
from plans.engine.book import RuleBook, load_book
from plans.planning.models import Plan, PlanPoint, PlanVersion


@cache
def rule_book() -> RuleBook:
    """The rules as they stand in this release, read once a process."""
    return load_book(read_catalogue())


def with_points():
    """Versions with what a page shows of them, in two queries."""
    points = PlanPoint.objects.select_related("acupoint").order_by("order", "pk")
    return PlanVersion.objects.select_related(
        "plan__episode__patient", "intake", "created_by", "approved_by"
    ).prefetch_related(Prefetch("points", queryset=points))


def version_in_force(plan: Plan) -> PlanVersion | None:
    return with_points().in_force().filter(plan=plan).first()


def draft_of(plan: Plan) -> PlanVersion | None:
    return with_points().filter(plan=plan, status=PlanVersion.Status.DRAFT).first()


def newest_version(episode: Episode) -> PlanVersion | None:
    """The version in force, or the draft where none was approved yet."""
    return (
        with_points()
        .filter(plan__episode=episode)
        .exclude(status=PlanVersion.Status.SUPERSEDED)
        .order_by("approved_at", "number")
        .first()
    )
