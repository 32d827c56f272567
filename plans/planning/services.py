from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.intake.models import Intake
from patients.intake.queries import facts_of, screen_of
from patients.intake.screen import State
from patients.intake.services import close_intake
from patients.records.models import Episode
from plans.engine.objections import Objection
from plans.engine.proposal import Dose, Proposal, proposal_to_json
from plans.engine.propose import propose
from plans.planning.course import check_weekly
from plans.planning.models import Plan, PlanPoint, PlanVersion, Prescription
from plans.planning.queries import (
    draft_of,
    intake_to_judge_by,
    open_objections,
    rule_book,
    version_in_force,
)

WRITTEN = (
    "sessions",
    "per_week",
    "weekly",
    "retention_min",
    "ashi",
    "goal",
    "note",
    "style",
    "response_sought",
    "needle",
    "setting",
    "change_reason",
)


class EpisodeClosed(Exception):
    """Nothing is planned for a complaint that is over."""


class ScreenNotClear(Exception):
    """No plan while a red flag is raised or a question of the screen is open."""


class NothingToPlan(Exception):
    """A contraindication blocks acupuncture altogether; `proposal` says which."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__()
        self.proposal = proposal


class NotApprovable(Exception):
    """`objections` are those without the recorded reason they ask for."""

    def __init__(self, objections: tuple[Objection, ...]) -> None:
        super().__init__()
        self.objections = objections


@dataclass(frozen=True)
class PointLine:
    """One line of a prescription as the form sends it; depth in mm."""

    code: str
    side: str
    depth_mm: int
    angle: str
    technique: str
    position: str
    origin: str
    override_reason: str = ""
    prescription: str = Prescription.EVERY


def line_of(point: PlanPoint) -> PointLine:
    """What stands in a version, to be written into another or again."""
    return PointLine(
        code=point.acupoint_id,
        side=point.side,
        depth_mm=point.depth_mm,
        angle=point.angle,
        technique=point.technique,
        position=point.position,
        origin=point.origin,
        override_reason=point.override_reason,
        prescription=point.prescription,
    )


def written_in(version: PlanVersion) -> dict[str, Any]:
    """What a version says besides its points, as `save_draft` takes it."""
    return {name: getattr(version, name) for name in WRITTEN}


@transaction.atomic
def draft_plan(*, by: User, intake: Intake, now: datetime, today: date) -> PlanVersion:
    """Make the first draft from an intake; sent twice, the version that stands.

    Raises ScreenNotClear, or NothingToPlan.
    """
    _alone_with(intake.episode_id)
    proposal, dose = _proposal_from(intake, by=by, today=today)
    plan, made = Plan.objects.get_or_create(
        episode=intake.episode, defaults={"opened_at": now}
    )
    if not made and (standing := draft_of(plan) or version_in_force(plan)):
        return standing
    version = _new_version(
        by=by,
        plan=plan,
        intake=intake,
        proposal=proposal,
        now=now,
        **_proposed_dose(proposal, dose),
        style=proposal.style[by.language] if proposal.style else "",
        response_sought=proposal.seek,
    )
    _write_points(version, _proposed_lines(proposal))
    close_intake(intake=intake, now=now)
    _record("draft_plan", by=by, version=version, intake=intake.pk)
    return version


@transaction.atomic
def save_draft(
    *,
    by: User,
    version: PlanVersion,
    revision: int,
    points: Sequence[PointLine],
    sessions: int,
    per_week: int,
    retention_min: int,
    weekly: Sequence[int],
    ashi: int,
    goal: str,
    note: str,
    style: str,
    response_sought: str,
    needle: str,
    setting: str,
    change_reason: str,
) -> None:
    """Replace what the draft says; `weekly` is empty where every week is alike.

    Raises CourseDoesNotAddUp, or Stale when it moved on since `revision`.
    """
    check_weekly(weekly, sessions=sessions, per_week=per_week)
    saved = PlanVersion.objects.filter(
        pk=version.pk, status=PlanVersion.Status.DRAFT, revision=revision
    ).update(
        sessions=sessions,
        per_week=per_week,
        retention_min=retention_min,
        weekly=list(weekly),
        ashi=ashi,
        goal=goal,
        note=note,
        style=style,
        response_sought=response_sought,
        needle=needle,
        setting=setting,
        change_reason=change_reason,
        revision=F("revision") + 1,
    )
    if not saved:
        raise Stale
    version.refresh_from_db()
    PlanPoint.objects.filter(version=version).delete()
    _write_points(version, points)
    _record("save_draft", by=by, version=version, points=[p.code for p in points])


@transaction.atomic
def propose_anew(
    *,
    by: User,
    version: PlanVersion,
    revision: int,
    intake: Intake,
    now: datetime,
    today: date,
) -> None:
    """Put points and dose of a newer intake's proposal in the draft's place.

    What is written in words stays. Raises ScreenNotClear, NothingToPlan; Stale when
    the draft moved on since `revision`.
    """
    _alone_with(version.plan.episode_id)
    proposal, dose = _proposal_from(intake, by=by, today=today)
    saved = PlanVersion.objects.filter(
        pk=version.pk, status=PlanVersion.Status.DRAFT, revision=revision
    ).update(
        intake=intake,
        proposal=proposal_to_json(proposal),
        rules_version=proposal.rules_version,
        weekly=[],
        **_proposed_dose(proposal, dose),
        revision=F("revision") + 1,
    )
    if not saved:
        raise Stale
    PlanPoint.objects.filter(version=version).delete()
    _write_points(version, _proposed_lines(proposal))
    close_intake(intake=intake, now=now)
    version.refresh_from_db()
    _record("propose_anew", by=by, version=version, intake=intake.pk)


@transaction.atomic
def approve(
    *, by: User, version: PlanVersion, revision: int, now: datetime, today: date
) -> None:
    """Put a draft in force under the approver's name; the one before is superseded.

    It is judged by the newest intake, whose answers then stand.

    Raises ScreenNotClear; NotApprovable when the rules object and no reason is
    recorded, or when a block stands; Stale when the draft moved on since `revision`.
    """
    _alone_with(version.plan.episode_id)
    intake = intake_to_judge_by(version)
    if screen_of(intake, on=today).state is not State.CLEAR:
        raise ScreenNotClear
    standing = open_objections(version, by=by, today=today)
    if standing:
        raise NotApprovable(standing)
    close_intake(intake=intake, now=now)
    PlanVersion.objects.in_force().filter(plan_id=version.plan_id).update(
        status=PlanVersion.Status.SUPERSEDED
    )
    saved = PlanVersion.objects.filter(
        pk=version.pk, status=PlanVersion.Status.DRAFT, revision=revision
    ).update(
        status=PlanVersion.Status.APPROVED,
        approved_by=by,
        approved_at=now,
        revision=F("revision") + 1,
    )
    if not saved:
        raise Stale
    version.refresh_from_db()
    _record(
        "approve_plan",
        by=by,
        version=version,
        overridden=[
            point.acupoint_id for point in version.points.all() if point.override_reason
        ],
    )


@transaction.atomic
def revise(
    *,
    by: User,
    plan: Plan,
    intake: Intake,
    reason: str,
    now: datetime,
    today: date,
) -> PlanVersion:
    """Begin the next version from the one in force, or return the draft that stands.

    The proposal is made anew from `intake`, so that reasons and limits are today's.
    Raises ScreenNotClear, NothingToPlan.
    """
    _alone_with(plan.episode_id)
    if standing := draft_of(plan):
        return standing
    before = version_in_force(plan)
    if before is None:
        raise PlanVersion.DoesNotExist
    proposal, _dose = _proposal_from(intake, by=by, today=today)
    version = _new_version(
        by=by,
        plan=plan,
        intake=intake,
        proposal=proposal,
        now=now,
        **written_in(before) | {"change_reason": reason},
    )
    _write_points(version, [line_of(point) for point in before.points.all()])
    close_intake(intake=intake, now=now)
    _record("revise_plan", by=by, version=version, intake=intake.pk)
    return version


def _alone_with(episode_id: int) -> None:
    """Until the transaction ends nobody else plans for the episode or takes an intake.

    The constraints stand behind that. Raises EpisodeClosed.
    """
    if Episode.objects.select_for_update().get(pk=episode_id).closed_on:
        raise EpisodeClosed


def _proposal_from(intake: Intake, *, by: User, today: date) -> tuple[Proposal, Dose]:
    if screen_of(intake, on=today).state is not State.CLEAR:
        raise ScreenNotClear
    facts = facts_of(intake, on=today)
    proposal = propose(facts, book=rule_book(), trained=by.trained)
    if proposal.blocked or proposal.dose is None:
        raise NothingToPlan(proposal)
    return proposal, proposal.dose


def _proposed_dose(proposal: Proposal, dose: Dose) -> dict[str, int]:
    return {
        "sessions": dose.sessions,
        "per_week": dose.per_week,
        "retention_min": dose.retention_min,
        "ashi": proposal.ashi.least if proposal.ashi else 0,
    }


def _proposed_lines(proposal: Proposal) -> list[PointLine]:
    return [
        PointLine(
            code=point.code,
            side=point.side,
            depth_mm=point.depth_mm,
            angle=point.angle,
            technique=point.technique,
            position=point.position,
            origin=PlanPoint.Origin.PROPOSED,
            prescription=point.prescription,
        )
        for point in proposal.points
    ]


def _new_version(
    *,
    by: User,
    plan: Plan,
    intake: Intake,
    proposal: Proposal,
    now: datetime,
    **written: Any,
) -> PlanVersion:
    last = plan.versions.aggregate(last=Max("number"))["last"] or 0
    return PlanVersion.objects.create(
        plan=plan,
        number=last + 1,
        intake=intake,
        proposal=proposal_to_json(proposal),
        rules_version=proposal.rules_version,
        created_at=now,
        created_by=by,
        **written,
    )


def _write_points(version: PlanVersion, lines: Sequence[PointLine]) -> None:
    PlanPoint.objects.bulk_create(
        PlanPoint(
            version=version,
            acupoint_id=line.code,
            side=line.side,
            depth_mm=line.depth_mm,
            angle=line.angle,
            technique=line.technique,
            position=line.position,
            order=order,
            origin=line.origin,
            override_reason=line.override_reason,
            prescription=line.prescription,
        )
        for order, line in enumerate(lines, 1)
    )


def _record(action: str, *, by: User, version: PlanVersion, **details: object) -> None:
    record(
        action,
        by=by,
        subject=version,
        patient_id=version.intake.episode.patient_id,
        number=version.number,
        **details,
    )
