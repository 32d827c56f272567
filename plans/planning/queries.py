from datetime import date
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, Max, Prefetch, QuerySet

from clinic.accounts.models import User
from clinic.core.prepared import Given, prepared
from clinic.rules.machine import Facts
from patients.intake.models import Intake
from patients.intake.queries import facts_of, latest_intake
from plans.catalogue.points import read_catalogue
from plans.engine.book import RuleBook, load_book
from plans.engine.dose import dose_cautions
from plans.engine.objections import DOSE, Line, Objection, objections
from plans.engine.proposal import NOTE
from plans.planning.course import weeks_of
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


def version_to_treat_by(patient_id: int) -> PlanVersion | None:
    """Of the patient's open episodes the latest approved, with episode and patient."""
    return next(iter(_to_treat_by(patient=patient_id)), None)


@prepared
def _to_treat_by() -> QuerySet:
    patient: Any = Given("patient", BigIntegerField())
    found = PlanVersion.objects.in_force().of_open_episodes(patient)
    return found.select_related("plan__episode__patient").defer("proposal")[:1]


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


def all_objections(
    version: PlanVersion, *, by: User, today: date
) -> tuple[Objection, ...]:
    """What the rules say against a version that `by` answers for, reason or none."""
    facts = facts_of(intake_to_judge_by(version), on=today)
    return objections_given(facts, version, trained=by.trained)


def objections_given(
    facts: Facts, version: PlanVersion, *, trained: frozenset[str]
) -> tuple[Objection, ...]:
    """The same for facts that the record may not hold."""
    book = rule_book()
    of_lines = objections(
        [
            Line(row.acupoint_id, row.depth_mm, row.technique, row.prescription)
            for row in version.points.all()
        ],
        facts=facts,
        book=book,
        trained=trained,
    )
    of_dose = dose_cautions(
        per_week=version.per_week,
        weeks=weeks_of(version),
        facts=facts,
        book=book,
    )
    return (*of_lines, *(Objection("", DOSE, caution) for caution in of_dose))


def open_objections(
    version: PlanVersion, *, by: User, today: date
) -> tuple[Objection, ...]:
    """What still keeps a draft from being approved by `by`."""
    reasons = {row.acupoint_id: row.override_reason for row in version.points.all()}
    reasons[""] = version.change_reason
    return tuple(
        objection
        for objection in all_objections(version, by=by, today=today)
        if objection.level != NOTE
        and not (objection.needs_reason and reasons[objection.code])
    )
