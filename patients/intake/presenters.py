from dataclasses import dataclass

from clinic.core.texts import Text
from clinic.rules.machine import Finding
from patients.intake.questionnaire import QUESTIONNAIRE, Question
from patients.intake.screen import CLEARABLE, SOURCES, Screen

TONES = {
    "emergency": "danger",
    "urgent": "danger",
    "refer": "warning",
    "clearance": "warning",
    "review": "warning",
}


@dataclass(frozen=True)
class Flag:
    """A raised or open red flag as the page shows it."""

    id: str
    name: Text
    because: Text
    action: Text
    tone: str
    clearable: bool
    to_confirm: bool
    strength: str
    sources: tuple[str, ...]
    questions: tuple[Question, ...]


def flag(finding: Finding) -> Flag:
    rule = finding.rule
    return Flag(
        id=rule.id,
        name=rule.then["name"],
        because=rule.because,
        action=rule.then["action"],
        tone=TONES[str(rule.then["level"])],
        clearable=rule.id in CLEARABLE,
        to_confirm=rule.tag in {"recalled", "proposal"},
        strength=rule.strength,
        sources=tuple(SOURCES[source].citation for source in rule.sources),
        questions=tuple(
            QUESTIONNAIRE.questions[name]
            for name in sorted(finding.unknown)
            if name in QUESTIONNAIRE.questions
        ),
    )


def open_questions(found: Screen) -> list[Question]:
    """What has to be answered, in the order of the questionnaire."""
    return [
        question
        for name, question in QUESTIONNAIRE.questions.items()
        if name in found.unanswered
    ]
