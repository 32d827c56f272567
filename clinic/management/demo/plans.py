"""The demo's plans: as the rules propose them, approved with what they ask for."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from clinic.accounts.models import User
from clinic.management.demo.trail import at_the_time
from clinic.management.demo.words import CHANGED, GOALS, OVERRULED, SHORTER
from patients.intake.models import Intake
from plans.planning.models import PlanVersion
from plans.planning.queries import with_points
from plans.planning.services import (
    NotApprovable,
    approve,
    draft_plan,
    line_of,
    revise,
    save_draft,
    written_in,
)

SESSIONS = 8  # a first course: twice a week for four weeks


def drafted(intake: Intake, *, by: User, at: datetime) -> PlanVersion:
    with at_the_time(at):
        return draft_plan(by=by, intake=intake, now=at, today=timezone.localdate(at))


def put_in_force(version: PlanVersion, *, by: User, at: datetime) -> PlanVersion:
    """Approve a draft; where the rules object, with a reason beside the point.

    A first course is held to eight sessions, also where the rules propose more.
    """
    day = timezone.localdate(at)

    def sign() -> None:
        approve(by=by, version=version, revision=version.revision, now=at, today=day)

    with at_the_time(at):
        if version.number == 1:
            goals = GOALS[by.language]
            version.goal = goals[day.day % len(goals)]
            if version.sessions != SESSIONS:
                version.sessions, version.change_reason = SESSIONS, SHORTER[by.language]
            _write(version, by=by)
        try:
            sign()
        except NotApprovable as refused:
            _write(version, by=by, due={found.code for found in refused.objections})
            sign()
    return with_points().get(pk=version.pk)


def revised(version: PlanVersion, *, by: User, at: datetime) -> PlanVersion:
    """The next draft: two sessions more."""
    with at_the_time(at):
        draft = revise(
            by=by,
            plan=version.plan,
            intake=version.intake,
            reason=CHANGED[by.language],
            now=at,
            today=timezone.localdate(at),
        )
        draft.sessions += 2
        _write(draft, by=by)
    return draft


def _write(version: PlanVersion, *, by: User, due: Collection[str] = ()) -> None:
    """Save a draft as it stands, with reasons for the points that are due one."""
    reason = OVERRULED[by.language]
    save_draft(
        by=by,
        version=version,
        revision=version.revision,
        points=[
            replace(
                line_of(point),
                override_reason=reason if point.acupoint_id in due else "",
            )
            for point in version.points.all()
        ],
        **written_in(version)
        | {"change_reason": version.change_reason or (reason if "" in due else "")},
    )
