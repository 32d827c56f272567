from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.intake.queries import latest_intake
from patients.records.models import Episode
from patients.records.services import close_episode
from plans.pauses.queries import standing_pause
from plans.pauses.services import pause_plan, resume_plan
from plans.planning.models import Plan, PlanVersion
from plans.planning.queries import draft_of
from plans.planning.services import (
    EpisodeClosed,
    line_of,
    propose_anew,
    revise,
    save_draft,
    written_in,
)
from plans.reviews.decisions import Decision, Judgement
from plans.reviews.due import Why
from plans.reviews.models import Review
from plans.reviews.next_course import NextDose, longer, tapered
from plans.reviews.queries import Newest, booked_ahead, newest_of
from plans.scheduling.models import Appointment
from plans.scheduling.services import set_status
from plans.scheduling.standing import CourseState

REFERRED = {
    "en": "Referred at a review: the plan waits for the answer.",
    "zh-hans": "复评时已转诊：治疗方案暂停，待回复。",
}
# The desk reads it; why the course ends is not for the desk.
CANCELLED = {"en": "Decided at a review", "zh-hans": "复评时决定"}
LETS_GO_ON = {Decision.CONTINUE, Decision.TAPER}


@transaction.atomic
def hold_review(
    *,
    by: User,
    version: PlanVersion,
    course: CourseState,
    judgement: Judgement,
    why: Sequence[Why],
    decision: Decision,
    reason: str,
    goal_reached: int | None,
    goal_words: str,
    cancel: bool,
    booked: str,
    read: str,
    submission: UUID,
    now: datetime,
    today: date,
) -> Review:
    """Write a review and do what it decides; sent twice it is one.

    To go on resumes a paused plan. A change leaves it paused until the new points are
    approved and looked back on; a referral pauses it.

    Args:
        version: The version in force, which was looked at.
        cancel: Cancel what is booked ahead; `booked` is what the page said that is, as
            `as_booked` has it.
        read: What the page said when it was decided on, as `as_read` has it.

    Raises:
        Stale: Since then somebody else has held a review, approved another version or
            told of harm, the course stands otherwise, or what is to be cancelled does.
        EpisodeClosed, ScreenNotClear, NothingToPlan: The next version can't be begun.
    """
    plan = version.plan
    episode = Episode.objects.select_for_update().get(pk=plan.episode_id)
    if known := Review.objects.filter(submission=submission).first():
        return known
    if episode.closed_on:
        raise EpisodeClosed
    newest = newest_of(plan)
    if newest.version != version.pk or read != as_read(newest, course, judgement, why):
        raise Stale
    review = Review.objects.create(
        plan=plan,
        version=version,
        held_at=now,
        held_by=by,
        due_for=list(why),
        attended=course.attended,
        standing=judgement.standing,
        rules=[rule.id for rule in judgement.said],
        leg_before=judgement.leg.base,
        leg_now=judgement.leg.now,
        goal=version.goal,
        goal_reached=goal_reached,
        goal_words=goal_words,
        decision=decision,
        reason=reason,
        submission=submission,
    )
    record(
        "hold_review",
        by=by,
        subject=review,
        patient_id=episode.patient_id,
        decision=str(decision),
        standing=str(judgement.standing),
    )
    if decision in LETS_GO_ON and (pause := standing_pause(plan)):
        resume_plan(by=by, pause=pause, finding=reason, now=now)
    if decision is Decision.REFER:
        pause_plan(by=by, plan=plan, reason=REFERRED, now=now)
    elif decision is Decision.FINISH:
        close_episode(by=by, episode=episode, on=today)
    elif decision is Decision.CHANGE or next_dose(version, course, decision):
        _begin_next(
            by=by,
            version=version,
            dose=next_dose(version, course, decision),
            anew=decision is Decision.CHANGE,
            reason=reason,
            now=now,
            today=today,
        )
    if cancel:
        _cancel(by=by, plan=plan, booked=booked, now=now)
    return review


def _cancel(*, by: User, plan: Plan, booked: str, now: datetime) -> None:
    ahead = booked_ahead(plan, now)
    if as_booked(ahead) != booked:
        raise Stale
    for appointment in ahead:
        set_status(
            by=by,
            appointment=appointment,
            status=Appointment.Status.CANCELLED,
            revision=appointment.revision,
            reason=CANCELLED[by.language],
            by_clinic=True,
        )


def as_booked(ahead: Iterable[Appointment]) -> str:
    """To tell whether it is still what somebody agreed to cancel."""
    return " ".join(f"{row.pk}.{row.revision}" for row in ahead)


def as_read(
    newest: Newest, course: CourseState, judgement: Judgement, why: Sequence[Why]
) -> str:
    """All that a decision rests on, to tell whether it is still so when it comes."""
    leg = judgement.leg
    rules = "-".join(rule.id for rule in judgement.said)
    seen = (*newest, course.attended, judgement.standing, leg.base, leg.now, leg.on)
    return " ".join(map(str, (*seen, rules, *why)))


def next_dose(
    version: PlanVersion, course: CourseState, decision: Decision
) -> NextDose | None:
    """The course that a decision writes into the next version, if it writes one."""
    if decision is Decision.TAPER:
        return tapered(version, course.attended)
    if decision is Decision.CONTINUE and course.finished:
        return longer(version, course.attended)
    return None


def _begin_next(
    *,
    by: User,
    version: PlanVersion,
    dose: NextDose | None,
    anew: bool,
    reason: str,
    now: datetime,
    today: date,
) -> None:
    """A draft that stands already gets dose and reason; its points stay."""
    plan = version.plan
    intake = latest_intake(plan.episode)
    if intake is None:
        raise PlanVersion.DoesNotExist
    was_there = draft_of(plan) is not None
    draft = revise(by=by, plan=plan, intake=intake, reason=reason, now=now, today=today)
    if anew and not was_there and intake.pk != version.intake_id:
        propose_anew(
            by=by,
            version=draft,
            revision=draft.revision,
            intake=intake,
            now=now,
            today=today,
        )
    if dose or was_there:
        draft = draft_of(plan) or draft
        said = written_in(draft) | {"change_reason": reason}
        if dose:
            said |= {
                "sessions": dose.sessions,
                "per_week": dose.per_week,
                "weekly": dose.weekly,
            }
        save_draft(
            by=by,
            version=draft,
            revision=draft.revision,
            points=[line_of(point) for point in draft.points.all()],
            **said,
        )
