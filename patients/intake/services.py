from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.intake.models import Clearance, Intake
from patients.intake.queries import (
    clearances_of,
    facts_of,
    latest_intake,
    screen_of,
)
from patients.intake.questionnaire import QUESTIONNAIRE, Answers
from patients.intake.screen import CLEARABLE, RED_FLAGS, lapsing
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
    seen: int | None = None,
) -> Intake:
    """Write a new intake with what the screen says of it. The same submission sent
    twice gives the same intake.

    Args:
        answers: as `check_answers` returns them.
        on: the clinic's local day; age and duration are counted to it.
        seen: the latest intake that `by` knows of, and takes this one after.

    Raises:
        Stale: There is a later one that no plan is built on. A second beside it would
            hide what that one says.
    """
    Episode.objects.select_for_update().get(pk=episode.pk)
    if sent := Intake.objects.filter(submission=submission).first():
        if sent.episode_id != episode.pk:
            raise Stale
        return sent
    latest = latest_intake(episode)
    if latest and latest.closed_at is None and latest.pk != seen:
        raise Stale
    intake = Intake.objects.create(
        submission=submission,
        episode=episode,
        taken_at=now,
        taken_by=by,
        answers=dict(answers),
        questionnaire_version=QUESTIONNAIRE.version,
        screen=Intake.Screen.UNANSWERED,
        screen_version=RED_FLAGS.version,
    )
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
    *,
    by: User,
    intake: Intake,
    answers: Answers,
    revision: int,
    now: datetime,
    on: date,
) -> None:
    """Change the answers of an intake that no plan is built on yet.

    A clearance whose flag reads a fact that is now another lapses: the doctor has not
    seen it. The answers as they stand, sent again, change nothing.

    Raises Stale when somebody saved it since `revision`, IntakeClosed when a plan
    rests on it.
    """
    standing = _locked(intake)
    if standing.revision != revision:
        if standing.answers == dict(answers):
            intake.refresh_from_db()
            return
        raise IntakeClosed if standing.closed_at else Stale
    if standing.closed_at:
        raise IntakeClosed
    before, names = facts_of(standing, on=on), standing.answers.keys() | answers.keys()
    changed = sorted(
        name for name in names if standing.answers.get(name) != answers.get(name)
    )
    standing.answers = dict(answers)
    standing.questionnaire_version = QUESTIONNAIRE.version
    standing.revision += 1
    standing.save(update_fields=["answers", "questionnaire_version", "revision"])
    after = facts_of(standing, on=on)
    for flag in sorted(lapsing(clearances_of(standing), before, after)):
        _lapse(by=by, intake=standing, flag=flag, now=now)
    _write_screen(standing, on=on)
    _write_scores(by=by, intake=standing)
    record(
        "complete_intake",
        by=by,
        subject=standing,
        patient_id=standing.episode.patient_id,
        changed=changed,
        screen=standing.screen,
        raised=standing.raised,
    )
    intake.refresh_from_db()


def close_intake(*, intake: Intake, now: datetime) -> None:
    """From now on a plan rests on these answers. Called inside its transaction.

    Raises Stale when the answers were changed since `intake` was read.
    """
    standing = _locked(intake)
    if standing.revision != intake.revision:
        raise Stale
    if standing.closed_at is None:
        Intake.objects.filter(pk=intake.pk).update(closed_at=now)


@transaction.atomic
def record_clearance(
    *,
    by: User,
    intake: Intake,
    revision: int,
    flag: str,
    cleared_by: str,
    cleared_on: date,
    note: str,
    on: date,
) -> Clearance:
    """Keep a doctor's word on one raised flag and screen again. Sent twice, the first
    stands.

    Raises Stale when the answers are not those of `revision` any more, NotClearable for
    a hard stop and for a flag that isn't raised.
    """
    standing = _locked(intake)
    if kept := standing.clearances.standing().filter(flag=flag).first():
        return kept
    if standing.revision != revision:
        raise Stale
    raised = {finding.rule.id for finding in screen_of(standing, on=on).raised}
    if flag not in CLEARABLE & raised:
        raise NotClearable(flag)
    clearance = Clearance.objects.create(
        intake=standing,
        flag=flag,
        cleared_by=cleared_by,
        cleared_on=cleared_on,
        note=note,
        recorded_by=by,
    )
    _write_screen(standing, on=on)
    record(
        "record_clearance",
        by=by,
        subject=standing,
        patient_id=standing.episode.patient_id,
        flag=flag,
        screen=standing.screen,
    )
    intake.refresh_from_db()
    return clearance


def _locked(intake: Intake) -> Intake:
    """The row as it stands, until the transaction ends nobody else's to change."""
    rows = Intake.objects.select_for_update(of=("self",))
    return rows.select_related("episode__patient").get(pk=intake.pk)


def _lapse(*, by: User, intake: Intake, flag: str, now: datetime) -> None:
    intake.clearances.standing().filter(flag=flag).update(lapsed_at=now)
    record(
        "lapse_clearance",
        by=by,
        subject=intake,
        patient_id=intake.episode.patient_id,
        flag=flag,
    )


def _write_screen(intake: Intake, *, on: date) -> None:
    found = screen_of(intake, on=on)
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
