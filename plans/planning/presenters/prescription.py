"""What a plan's pages show: every line with the reasons it was given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.core.texts import Text
from patients.intake.questionnaire import QUESTIONNAIRE, Question
from plans.catalogue.figure import Figures, Mark, figures
from plans.catalogue.models import Acupoint
from plans.engine.book import RuleBook
from plans.engine.objections import Objection
from plans.engine.proposal import (
    Caution,
    Proposal,
    ProposedPoint,
    Reason,
    proposal_from_json,
)
from plans.planning.forms import PointForm, PointFormSet
from plans.planning.models import PlanPoint, PlanVersion

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
    """A line of the draft beside the form that edits it."""

    form: PointForm
    line: Line


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
    version: PlanVersion, book: RuleBook, objections: Sequence[Objection] = ()
) -> list[Line]:
    proposed = {point.code: point for point in proposal_of(version).points}
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


def cautions(proposal: Proposal, book: RuleBook) -> list[Warned]:
    return [warned(caution, book) for caution in proposal.cautions]


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


def notes(proposal: Proposal, book: RuleBook) -> list[Why]:
    said = [*proposal.notes]
    if proposal.position_note:
        said.append(proposal.position_note)
    return [why(reason, book) for reason in said]


def picture(version: PlanVersion) -> Figures:
    """The prescription on the body; each point leads to its line in the list."""
    return figures(
        [
            Mark(row.acupoint_id, row.side, href=f"#point-{row.acupoint_id}")
            for row in version.points.all()
        ],
        key=f"plan-{version.pk}",
    )


def rows(
    version: PlanVersion,
    forms: PointFormSet,
    book: RuleBook,
    objections: Sequence[Objection],
) -> list[Row]:
    """Form and line by code: what was sent may hold what the draft no longer does."""
    by_code = {line.row.acupoint_id: line for line in lines(version, book, objections)}
    found = []
    for form in forms:
        code = form["code"].value()
        if code in by_code:
            found.append(Row(form, by_code[code]))
    return found


def open_questions(version: PlanVersion) -> list[Question]:
    """Questions of the intake whose answer could change the plan, safety first."""
    return list(questions(fact.fact for fact in proposal_of(version).open_facts))
