from functools import cache

from django.conf import settings
from django.db.models import Max, Prefetch

from patients.intake.models import Intake
from patients.intake.queries import latest_intake
from plans.catalogue.points import read_catalogue
from plans.engine.book import RuleBook, load_book
from plans.planning.models import Plan, PlanPoint, PlanVersion


@cache
def rule_book() -> RuleBook:
    """The rules of this release with the clinic's policy, read once a process."""
    return load_book(read_catalogue(), policy=settings.POLICY_FILE)


def with_points():
    """Versions with what a page shows of them, in two queries."""
    points = PlanPoint.objects.select_related("acupoint").order_by("order", "pk")
    return PlanVersion.objects.select_related(
        "plan__episode__patient",
        "intake__episode__patient",
        "created_by",
        "approved_by",
    ).prefetch_related(Prefetch("points", queryset=points))


def version_in_force(plan: Plan) -> PlanVersion | None:
    return with_points().in_force().filter(plan=plan).first()


def draft_of(plan: Plan) -> PlanVersion | None:
    return with_points().filter(plan=plan, status=PlanVersion.Status.DRAFT).first()


def used_before(field: str, limit: int = 5) -> list[str]:
    """What plans of this clinic say there, the latest first."""
    said = PlanVersion.objects.exclude(**{field: ""}).values(field)
    return list(
        said.annotate(last=Max("created_at"))
        .order_by("-last")
        .values_list(field, flat=True)[:limit]
    )


def intake_to_judge_by(version: PlanVersion) -> Intake:
    """The newest of the episode: more may be known than when the plan was proposed."""
    return latest_intake(version.plan.episode) or version.intake
