"""What a plan's pages show: every line with the reasons it was given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.core.body import Figure
from clinic.core.texts import Text
from clinic.rules.machine import Facts
from patients.intake.questionnaire import QUESTIONNAIRE, Question
from plans.catalogue.depth import usual_cun
from plans.catalogue.figure import Mark, figures
from plans.catalogue.models import Acupoint
from plans.engine.book import RuleBook
from plans.engine.objections import Objection
from plans.engine.proposal import (
    NOTE,
    Caution,
    Proposal,
    ProposedPoint,
    Reason,
    proposal_from_json,
)
from plans.planning.forms import SHORT_TECHNIQUES, PointForm, PointFormSet
from plans.planning.models import PlanPoint, PlanVersion, Prescription

ABOUT = {
    "point": _("Why this point"),
    "side": _("Side"),
    "depth": _("Depth"),
    "technique": _("Technique"),
    "dose": _("Dose"),
    "removal": _("Why it was left out"),
    "substitute": _("What stands in for it"),
    "note": pgettext_lazy("advice", "Note"),
}
CAUTION_TONES = {"block": "danger", "ask": "warning", "warn": "warning", "note": "info"}
CAUTION_WORDS = {
    "block": _("No acupuncture"),
    "ask": _("Answer this first"),
    "warn": _("Caution"),
    "note": pgettext_lazy("advice", "Note"),
}
VIEW_WORDS = {
    "front": pgettext_lazy("view of the body", "Front"),
    "back": pgettext_lazy("view of the body", "Back"),
    "left": pgettext_lazy("view of the body", "Left"),
    "right": pgettext_lazy("view of the body", "Right"),
}
GOAL_RULE = "D06"
LETTERS = {Prescription.A: "A", Prescription.B: "B"}
GROUP_WORDS = {
    Prescription.EVERY: _("Every time"),
    Prescription.A: _("Prescription A"),
    Prescription.B: _("Prescription B"),
}


@dataclass(frozen=True)
class Why:
    """A reason, ready to read."""

    about: str
    rule: str
    because: Text
    strength: str
    tag: str
    citations: tuple[tuple[str, str], ...]  # the source's id, and how it is cited
    unanswered: tuple[Question, ...]


@dataclass(frozen=True)
class Line:
    row: PlanPoint
    acupoint: Acupoint
    proposed: ProposedPoint | None
    whys: tuple[Why, ...]
    warned: tuple["Warned", ...] = ()

    @property
    def cap_mm(self) -> int | None:
        return self.proposed.cap_mm if self.proposed else None

    @property
    def cun(self) -> float:
        return usual_cun(self.row.depth_mm)

    @property
    def technique(self) -> str:
        return str(SHORT_TECHNIQUES[self.row.technique])


@dataclass(frozen=True)
class Warned:
    tone: str
    word: str
    why: Why


@dataclass(frozen=True)
class LeftOut:
    """A point the plan would hold but for a contraindication, or that was dropped."""

    code: str
    level: str
    why: Why
    substitute: str | None
    substitute_why: Why


@dataclass(frozen=True)
class Row:
    """A line, in a draft with the form that edits it; `number` is its place."""

    number: int
    line: Line
    form: PointForm | None = None


@dataclass(frozen=True)
class Group:
    """Points that are needled together; untitled where nothing alternates."""

    letter: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class View:
    """A view of the body; `count` is how many lines of the plan it shows."""

    name: str
    word: str
    figure: Figure
    count: int


@dataclass(frozen=True)
class Picture:
    """All views, those that carry points first."""

    views: tuple[View, ...]
    not_shown: tuple[str, ...]


def proposal_of(version: PlanVersion) -> Proposal:
    return proposal_from_json(version.proposal)


def questions(facts: Iterable[str]) -> tuple[Question, ...]:
    known = QUESTIONNAIRE.questions
    return tuple(known[fact] for fact in facts if fact in known)


def why(reason: Reason, book: RuleBook) -> Why:
    shelf = book.sources
    return Why(
        about=ABOUT.get(reason.about, ""),
        rule=reason.rule,
        because=reason.because,
        strength=reason.strength,
        tag=reason.tag,
        # A plan keeps its reasons for good; a source may have left the shelf since.
        citations=tuple(
            (s, shelf[s].citation if s in shelf else s) for s in reason.sources
        ),
        unanswered=questions(reason.unanswered),
    )


def lines(
    version: PlanVersion,
    proposal: Proposal,
    book: RuleBook,
    objections: Sequence[Objection] = (),
) -> list[Line]:
    """What stands in the version, with the reasons of its proposal."""
    proposed = {point.code: point for point in proposal.points}
    return [
        Line(
            row=row,
            acupoint=row.acupoint,
            proposed=proposed.get(row.acupoint_id),
            whys=tuple(
                why(reason, book)
                for reason in (
                    proposed[row.acupoint_id].reasons
                    if row.acupoint_id in proposed
                    else ()
                )
            ),
            warned=tuple(
                warned(objection.caution, book)
                for objection in objections
                if objection.code == row.acupoint_id
            ),
        )
        for row in version.points.all()
    ]


def warnings(proposal: Proposal, book: RuleBook) -> list[Warned]:
    """The cautions that somebody has to decide on or act by."""
    return [warned(c, book) for c in proposal.cautions if c.level != NOTE]


def reminders(proposal: Proposal, book: RuleBook) -> list[Warned]:
    return [warned(c, book) for c in proposal.cautions if c.level == NOTE]


def warned(caution: Caution, book: RuleBook) -> Warned:
    return Warned(
        tone=CAUTION_TONES[caution.level],
        word=CAUTION_WORDS[caution.level],
        why=why(as_reason(caution), book),
    )


def as_reason(caution: Caution) -> Reason:
    return Reason(
        rule=caution.rule,
        because=caution.text,
        sources=caution.sources,
        strength=caution.strength,
        tag=caution.tag,
        about="note",
        facts=caution.facts,
        unanswered=caution.unanswered,
    )


def left_out(proposal: Proposal, book: RuleBook) -> list[LeftOut]:
    return [
        LeftOut(
            code=removed.code,
            level=removed.level,
            why=why(removed.reason, book),
            substitute=removed.substitute,
            substitute_why=why(removed.substitute_reason, book),
        )
        for removed in proposal.removed
    ]


def dropped(proposal: Proposal, version: PlanVersion) -> list[str]:
    """Codes that were proposed and that the acupuncturist took out."""
    kept = {row.acupoint_id for row in version.points.all()}
    return [point.code for point in proposal.points if point.code not in kept]


def dose_whys(proposal: Proposal, book: RuleBook) -> list[Why]:
    return (
        [why(reason, book) for reason in proposal.dose.reasons] if proposal.dose else []
    )


def goal_why(proposal: Proposal, book: RuleBook) -> Why | None:
    """The measured goal, beside which the patient's own stands."""
    said = (why for why in dose_whys(proposal, book) if why.rule == GOAL_RULE)
    return next(said, None)


def position_why(proposal: Proposal, book: RuleBook) -> Why | None:
    """Why the patient turns, or has two prescriptions that alternate."""
    note = proposal.position_note
    return why(note, book) if note else None


def notes(proposal: Proposal, book: RuleBook) -> list[Why]:
    said = [*proposal.notes]
    if proposal.position_note:
        said.append(proposal.position_note)
    return [why(reason, book) for reason in said]


def picture(version: PlanVersion) -> Picture:
    """The prescription on the body; each point leads to its line in the list."""
    rows = list(version.points.all())
    alternates = _alternates(rows)
    drawn = figures(
        [
            Mark(
                code=row.acupoint_id,
                side=row.side,
                label=f"{row.acupoint_id} {LETTERS.get(row.prescription, '')}".strip(),
                hollow=row.prescription == Prescription.B,
                href=f"#point-{row.acupoint_id}",
                group=row.prescription if alternates else "",
            )
            for row in rows
        ],
        key=f"plan-{version.pk}",
    )
    return Picture(
        views=tuple(
            View(
                name=figure.view,
                word=str(VIEW_WORDS[figure.view]),
                figure=figure,
                count=len({drawn.spot.code for drawn in figure.spots}),
            )
            for figure in (*drawn.figures, *drawn.others)
        ),
        not_shown=tuple(dict.fromkeys(mark.code for mark in drawn.not_shown)),
    )


def rows(
    version: PlanVersion,
    proposal: Proposal,
    forms: PointFormSet,
    book: RuleBook,
    objections: Sequence[Objection],
) -> list[Row]:
    """Form and line by code: what was sent may hold what the draft no longer does."""
    found = lines(version, proposal, book, objections)
    by_code = {line.row.acupoint_id: line for line in found}
    standing = [
        (form, by_code[code])
        for form in forms
        if (code := form["code"].value()) in by_code
    ]
    return [Row(number, line, form) for number, (form, line) in enumerate(standing, 1)]


def groups(rows: Sequence[Row]) -> list[Group]:
    """One group, or those of two prescriptions that alternate and what they share."""
    if not _alternates(row.line.row for row in rows):
        return [Group("", "", tuple(rows))]
    place = count(1)
    return [
        Group(
            letter, str(title), tuple(replace(row, number=next(place)) for row in own)
        )
        for letter, title in GROUP_WORDS.items()
        if (own := [row for row in rows if row.line.row.prescription == letter])
    ]


def read_only(lines: Sequence[Line]) -> list[Row]:
    return [Row(number, line) for number, line in enumerate(lines, 1)]


def experience(facts: Facts) -> list[Text]:
    """Acupuncture before, and how it was."""
    asked = (
        questions([name])[0] for name in ("needle_experience", "previous_response")
    )
    return [
        question.options[str(facts[question.id])]
        for question in asked
        if facts.get(question.id) in question.options
    ]


def _alternates(rows: Iterable[PlanPoint]) -> bool:
    return any(row.prescription != Prescription.EVERY for row in rows)


def open_questions(proposal: Proposal) -> list[Question]:
    """Questions of the intake whose answer could change the plan, safety first."""
    return list(questions(fact.fact for fact in proposal.open_facts))
