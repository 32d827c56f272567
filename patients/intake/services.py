from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.intake.models import Clearance, Intake
from patients.intake.queries import clearances_of, facts_of
from patients.intake.questionnaire import QUESTIONNAIRE, Answers
from patients.intake.screen import CLEARABLE, RED_FLAGS, screen
from patients.measures.models import Score
from patients.measures.services import correct_score, record_score
from patients.records.models import Episode

NRS = ("leg_nrs", "back_nrs")


class NotClearable(Exception):
    """A hard stop, or a flag that isn't raised, takes no clearance."""


class IntakeClosed(Exception):
    """A plan was built on this intake; a new one is taken instead."""


@transaction.atomic
def take_intake(
    *,
    by: User,
    episode: Episode,
    answers: Answers,
    now: datetime,
    on: date,
    submission: UUID,
) -> Intake:
    """Write a new intake with what the screen says of it. The same submission sent
    twice gives the same intake.

    Args:
        answers: as `check_answers` returns them.
        on: the clinic's local day; age and duration are counted to it.
    """
    intake, made = Intake.objects.get_or_create(
        submission=submission,
        defaults={
            "episode": episode,
            "taken_at": now,
            "taken_by": by,
            "answers": dict(answers),
            "questionnaire_version": QUESTIONNAIRE.version,
            "screen": Intake.Screen.UNANSWERED,
            "screen_version": RED_FLAGS.version,
        },
    )
    if made:
        _write_screen(intake, on=on)
        _write_scores(by=by, intake=intake)
        record(
            "take_intake",
            by=by,
            subject=intake,
            patient_id=episode.patient_id,
            screen=intake.screen,
            raised=intake.raised,
        )
    return intake


@transaction.atomic
def complete_intake(
    *, by: User, intake: Intake, answers: Answers, revision: int, on: date
) -> None:
    """Change the answers of an intake that no plan is built on yet.

    Raises Stale when somebody saved it since `revision`, IntakeClosed when a plan
    version rests on it.
    """
    if intake.plan_versions.exists():
        raise IntakeClosed
    changed = sorted(
        name
        for name in intake.answers.keys() | answers.keys()
        if intake.answers.get(name) != answers.get(name)
    )
    saved = Intake.objects.filter(pk=intake.pk, revision=revision).update(
        answers=dict(answers),
        questionnaire_version=QUESTIONNAIRE.version,
        revision=F("revision") + 1,
    )
    if not saved:
        raise Stale
    intake.refresh_from_db()
    _write_screen(intake, on=on)
    _write_scores(by=by, intake=intake)
    record(
        "complete_intake",
        by=by,
        subject=intake,
        patient_id=intake.episode.patient_id,
        changed=changed,
        screen=intake.screen,
        raised=intake.raised,
    )


@transaction.atomic
def record_clearance(
    *,
    by: User,
    intake: Intake,
    flag: str,
    cleared_by: str,
    cleared_on: date,
    note: str,
    on: date,
) -> Clearance:
    """Keep a doctor's word on one raised flag and screen again.

    Raises NotClearable for a hard stop and for a flag that isn't raised.
    """
    facts = facts_of(intake, on=on)
    found = screen(facts, clearances=clearances_of(intake))
    if flag not in CLEARABLE & {finding.rule.id for finding in found.raised}:
        raise NotClearable(flag)
    clearance, made = Clearance.objects.get_or_create(
        intake=intake,
        flag=flag,
        defaults={
            "cleared_by": cleared_by,
            "cleared_on": cleared_on,
            "note": note,
            "recorded_by": by,
        },
    )
    if made:
        _write_screen(intake, on=on)
        record(
            "record_clearance",
            by=by,
            subject=intake,
            patient_id=intake.episode.patient_id,
            flag=flag,
            screen=intake.screen,
        )
    return clearance


def _write_screen(intake: Intake, *, on: date) -> None:
    found = screen(facts_of(intake, on=on), clearances=clearances_of(intake))
    intake.screen = Intake.Screen(found.state)
    intake.raised = [finding.rule.id for finding in found.raised]
    intake.screen_version = found.version
    intake.save(update_fields=["screen", "raised", "screen_version"])


def _write_scores(*, by: User, intake: Intake) -> None:
    """Baseline pain. A value that was changed is a correction of the first."""
    for scale in NRS:
        value = intake.answers.get(scale)
        if value is None:
            continue
        last = (
            Score.objects.current()
            .filter(
                episode=intake.episode,
                scale=scale,
                moment=Score.Moment.INTAKE,
                taken_at=intake.taken_at,
            )
            .first()
        )
        if last is None:
            record_score(
                by=by,
                episode=intake.episode,
                scale=scale,
                value=value,
                moment=Score.Moment.INTAKE,
                taken_at=intake.taken_at,
            )
        elif last.value != value:
            correct_score(by=by, score=last, value=value)
