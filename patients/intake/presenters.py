from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from django.forms import BoundField
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from clinic.core.body import Figure, Region, draw
from clinic.core.texts import Text
from clinic.rules.machine import Facts, Finding, grounds
from clinic.templatetags.clinic_ui import in_language
from patients.intake.forms import ClearanceForm
from patients.intake.models import Clearance, Intake
from patients.intake.questionnaire import (
    NONE,
    QUESTIONNAIRE,
    Answer,
    Answers,
    Question,
)
from patients.intake.regions import REGIONS, sided
from patients.intake.screen import CLEARABLE, READS, RED_FLAGS, SOURCES, Screen

TONES = {
    "emergency": "danger",
    "urgent": "danger",
    "refer": "warning",
    "clearance": "warning",
    "review": "warning",
}
LEVELS = {
    "emergency": _("Hospital now"),
    "urgent": _("Specialist, urgently"),
    "refer": _("Doctor first"),
    "clearance": _("Doctor’s clearance"),
    "review": _("Doctor’s review"),
}
# The questions that the screen asks; its section is the one where open means not clear.
SCREENED = frozenset().union(*READS.values())
VIEWS = (
    ("back", _("From behind")),
    ("front", _("From the front")),
    ("left", _("Left side")),
    ("right", _("Right side")),
)


# ---------------------------------------------------------------- the form


@dataclass(frozen=True)
class Part:
    """A section of the form. `waiting` of the screen's questions are open in it."""

    id: str
    title: Text
    note: Text | None
    fields: Sequence[BoundField]
    screened: bool
    waiting: int
    errors: int


def parts(form, facts: Facts) -> list[Part]:
    return [
        Part(
            id=section.id,
            title=section.title,
            note=section.note,
            fields=fields,
            screened=any(field.name in SCREENED for field in fields),
            waiting=sum(is_waiting(field, facts) for field in fields),
            errors=sum(bool(field.errors) for field in fields),
        )
        for section, fields in form.sections()
    ]


def is_waiting(field: BoundField, facts: Facts) -> bool:
    return (
        field.name in SCREENED
        and field.field.question.is_asked(facts)
        and field.value() not in ("yes", "no")
    )


@dataclass(frozen=True)
class MapRow:
    label: Text
    boxes: tuple


@dataclass(frozen=True)
class Map:
    """The figure in its views, and the same places as rows of left and right."""

    figures: Sequence[tuple[str, Figure]]
    rows: Sequence[MapRow]


def pain_map(field: BoundField) -> Map:
    boxes = {str(box.data["value"]): box for box in field}
    marked = {value for value, box in boxes.items() if box.data["selected"]}
    return Map(
        figures=[(words, figure(view, marked)) for view, words in VIEWS],
        rows=[
            MapRow(
                label=region.label,
                boxes=tuple(
                    (boxes[sided(region.id, side)], region.sided_labels[side])
                    for side in ("left", "right")
                ),
            )
            for region in REGIONS
        ],
    )


def figure(view: str, marked: Iterable[str]) -> Figure:
    bare = unmarked(view, get_language() or "en")
    return replace(
        bare,
        regions=tuple(
            replace(drawn, region=replace(drawn.region, selected=True))
            if drawn.region.id in marked
            else drawn
            for drawn in bare.regions
        ),
    )


@cache
def unmarked(view: str, language: str) -> Figure:
    """The same on every page, and dear to draw."""
    return draw(
        view,
        crop="lower",
        key=f"map-{view}",
        regions=[
            Region(
                id=sided(region.id, place.side),
                label=region.sided_labels[place.side][language],
                polygon=place.polygon,
            )
            for region in REGIONS
            for place in region.places
            if place.view == view
        ],
    )


@dataclass(frozen=True)
class Difference:
    label: Text
    saved: str
    typed: str
    taken_over: bool


def differences(theirs: Answers, typed: Answers) -> list[Difference]:
    """What somebody else saved beside what was typed; what was left open is theirs."""
    return [
        Difference(
            label=question.label,
            saved=words(question, theirs.get(name)),
            typed=words(question, typed.get(name)),
            taken_over=name not in typed,
        )
        for name, question in QUESTIONNAIRE.questions.items()
        if theirs.get(name) != typed.get(name)
    ]


def words(question: Question, answer: Answer | None) -> str:
    """An answer as one reads it."""
    if answer is None:
        return str(_("Not known"))
    if isinstance(answer, bool):
        return str(_("Yes") if answer else _("No"))
    if isinstance(answer, list):
        between = pgettext("between the items of a list", ", ")
        return between.join(option(question, item) for item in answer)
    if isinstance(answer, str):
        return option(question, answer)
    return f"{answer} {in_language(question.unit)}" if question.unit else str(answer)


def option(question: Question, code: str) -> str:
    if code == NONE and question.none:
        return in_language(question.none)
    # A stored answer may be of an earlier edition of the questionnaire.
    return in_language(question.options.get(code, code))


# ---------------------------------------------------------------- the screen


@dataclass(frozen=True)
class Flag:
    """A red flag as the page shows it.

    `grounds` are what raised it, in words; `questions` of it that are still open.
    """

    id: str
    name: Text
    because: Text
    action: Text
    level: str
    tone: str
    clearable: bool
    strength: str
    tag: str
    sources: tuple[str, ...]
    grounds: tuple[tuple[str, str], ...]
    questions: tuple[Question, ...]
    form: ClearanceForm | None = None


def flag(
    finding: Finding, facts: Facts, answers: Answers, form: ClearanceForm | None = None
) -> Flag:
    rule = finding.rule
    level = str(rule.then["level"])
    return Flag(
        id=rule.id,
        name=rule.then["name"],  # type: ignore[arg-type]
        because=rule.because,
        action=rule.then["action"],  # type: ignore[arg-type]
        level=str(LEVELS[level]),
        tone=TONES[level],
        clearable=rule.id in CLEARABLE,
        strength=rule.strength,
        tag=rule.tag,
        sources=tuple(SOURCES[source].citation for source in rule.sources),
        grounds=tuple(
            ground(fact, facts, answers)
            for fact in dict.fromkeys(test.fact for test in grounds(rule.when, facts))
        ),
        questions=tuple(asked_still(READS[rule.id], facts)),
        form=form if rule.id in CLEARABLE else None,
    )


def ground(fact: str, facts: Facts, answers: Answers) -> tuple[str, str]:
    """What was asked and what was answered, or what the record says."""
    question = QUESTIONNAIRE.questions.get(fact)
    if question is None:
        return str(_("Age")), str(facts[fact])
    if fact not in answers:
        return in_language(question.label), str(_("Yes, by the pain map"))
    return in_language(question.label), words(question, answers[fact])


def asked_still(names: Iterable[str], facts: Facts) -> list[Question]:
    """Those of the questions that arise and are open, in the order asked."""
    wanted = frozenset(names)
    return [
        question
        for name, question in QUESTIONNAIRE.questions.items()
        if name in wanted and facts.get(name) is None and question.is_asked(facts)
    ]


def open_questions(found: Screen, facts: Facts) -> list[Question]:
    return asked_still(found.unanswered, facts)


def named(rows: Iterable[Clearance]) -> list[tuple[object, Clearance]]:
    """Clearances with the names of their flags; an id the rules gave up stays one."""
    names = {rule.id: rule.then["name"] for rule in RED_FLAGS.rules}
    return [(names.get(row.flag, row.flag), row) for row in rows]


# ---------------------------------------------------------------- the letter


@dataclass(frozen=True)
class Letter:
    """What a doctor is told: found, answered yes, no, and not established."""

    raised: Sequence[Flag]
    cleared: Sequence[tuple[Flag, Clearance]]
    findings: Sequence[tuple[Text, str]]
    history: Sequence[Text]
    denied: Sequence[Text]
    open: Sequence[Text]


def letter(
    intake: Intake, said: Screen, facts: Facts, clearances: Mapping[str, Clearance]
) -> Letter:
    answers = intake.answers
    sections = {section.id: section for section in QUESTIONNAIRE.sections}
    asked = [
        question
        for question in sections["red_flags"].questions
        if question.is_asked(facts)
    ]
    return Letter(
        raised=[flag(finding, facts, answers) for finding in said.raised],
        cleared=[
            (flag(finding, facts, answers), clearances[finding.rule.id])
            for finding in said.cleared
        ],
        findings=[
            (question.label, words(question, answers[question.id]))
            for question in sections["pain"].questions
            if question.id in answers
        ],
        history=[
            question.label
            for question in sections["history"].questions
            if facts.get(question.id) is True
        ],
        denied=[q.label for q in asked if facts.get(q.id) is False],
        open=[q.label for q in asked if facts.get(q.id) is None],
    )
