from datetime import date

from clinic.rules.machine import Facts
from patients.intake.models import Intake
from patients.intake.questionnaire import facts_from
from patients.intake.screen import Screen, screen
from patients.records.models import Episode


def latest_intake(episode: Episode) -> Intake | None:
    return (
        Intake.objects.filter(episode=episode)
        .select_related("taken_by", "episode__patient")
        .order_by("-taken_at", "-pk")
        .first()
    )


def facts_of(intake: Intake, *, on: date) -> Facts:
    """What the answers amount to on a day; age and duration move on with it."""
    episode = intake.episode
    return facts_from(
        intake.answers,
        birth_date=episode.patient.birth_date,
        sex=episode.patient.sex,
        onset=episode.onset_on,
        on=on,
    )


def clearances_of(intake: Intake) -> frozenset[str]:
    """The flags a doctor has looked into, with the answers as they are now."""
    return frozenset(intake.clearances.standing().values_list("flag", flat=True))


def screen_of(intake: Intake, *, on: date) -> Screen:
    """The screen as it stands on a day. `intake.screen` is what it said when written:
    a birthday, a corrected birth date or a new edition of the rules can change it.
    """
    return screen(facts_of(intake, on=on), clearances=clearances_of(intake))
