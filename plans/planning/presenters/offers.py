"""What a plan leaves open: other courses, techniques, likely patterns, what to tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.core.texts import Text
from clinic.rules.machine import Facts
from patients.intake.questionnaire import QUESTIONNAIRE
from plans.engine.advice import Advice, Position, advice, positions
from plans.engine.book import RuleBook
from plans.engine.proposal import Proposal, Reason
from plans.engine.signs import Sign, suggest_patterns
from plans.planning.forms import PROPOSED, course_choices
from plans.planning.models import Technique
from plans.planning.presenters.prescription import Why, why

STANCES = {
    "for": (pgettext_lazy("guideline", "For"), "success"),
    "against": (pgettext_lazy("guideline", "Against"), "warning"),
    "apart": (_("Of back pain"), "info"),
}


@dataclass(frozen=True)
class Course:
    """A course that may be chosen, and its reasons; `weekly` where the weeks differ."""

    key: str
    sessions: int
    per_week: int
    weekly: str
    whys: tuple[Why, ...]

    @property
    def is_proposed(self) -> bool:
        return self.key == PROPOSED


@dataclass(frozen=True)
class Offer:
    """A technique that may be added at these points, or why not."""

    name: str
    at: tuple[str, ...]
    whys: tuple[Why, ...]
    withheld: Why | None


@dataclass(frozen=True)
class Likely:
    name: Text
    signs_for: tuple[Why, ...]
    signs_against: tuple[Why, ...]
    is_found: bool


@dataclass(frozen=True)
class Stand:
    """A guideline's position."""

    position: Position
    word: str
    tone: str
    why: Why


@dataclass(frozen=True)
class Told:
    """Advice, with what each source says where they differ."""

    advice: Advice
    why: Why
    beside: tuple[tuple[str, Text], ...]


def beside(proposal: Proposal, facts: Facts, book: RuleBook) -> Mapping[str, Any]:
    """What the pages of a plan show beside its prescription, by name."""
    counsel = advice(facts)
    now = (*counsel.emergency, *counsel.now)
    return {
        "courses": courses(proposal, book),
        "offers": offers(proposal, book),
        "likely": likely(facts, book),
        "stands": stands(book),
        "told_now": told(now, book),
        "told_later": told(counsel.later, book),
        "told_count": len(now) + len(counsel.later),
        "told_for_consent": told(counsel.consent, book),
    }


def courses(proposal: Proposal, book: RuleBook) -> list[Course]:
    return [
        Course(
            key=choice.key,
            sessions=choice.sessions,
            per_week=choice.per_week,
            weekly=" + ".join(map(str, choice.weekly)),
            whys=tuple(why(reason, book) for reason in choice.reasons),
        )
        for choice in course_choices(proposal.dose)
    ]


def offers(proposal: Proposal, book: RuleBook) -> list[Offer]:
    return [
        Offer(
            name=str(Technique(option.technique).label),
            at=tuple("–".join(codes) for codes in option.at),
            whys=tuple(why(reason, book) for reason in option.reasons),
            withheld=why(option.withheld, book) if option.withheld else None,
        )
        for option in proposal.options
    ]


def likely(facts: Facts, book: RuleBook) -> list[Likely]:
    """Those that the signs support; `is_found` is the acupuncturist's own finding."""
    names = QUESTIONNAIRE.questions["patterns"].options
    found = facts.get("patterns")
    chosen = found if isinstance(found, frozenset) else frozenset()
    return [
        Likely(
            name=names[suggestion.pattern],
            signs_for=tuple(_sign(sign, book) for sign in suggestion.signs_for),
            signs_against=tuple(_sign(sign, book) for sign in suggestion.signs_against),
            is_found=suggestion.pattern in chosen,
        )
        for suggestion in suggest_patterns(facts)
        if suggestion.is_likely
    ]


def stands(book: RuleBook) -> list[Stand]:
    return [
        Stand(
            position=position,
            word=str(STANCES[position.stance][0]),
            tone=STANCES[position.stance][1],
            why=_why(position.id, position.text, position, book),
        )
        for position in positions()
    ]


def told(items: Iterable[Advice], book: RuleBook) -> list[Told]:
    return [
        Told(
            advice=item,
            why=_why(item.id, item.because, item, book),
            beside=tuple(
                (book.sources[said.source].citation, said.says) for said in item.beside
            ),
        )
        for item in items
    ]


def _sign(sign: Sign, book: RuleBook) -> Why:
    return _why(sign.rule, sign.words, sign, book)


def _why(rule: str, words: Text, said: Advice | Position | Sign, book: RuleBook) -> Why:
    reason = Reason(
        rule=rule,
        because=words,
        sources=said.sources,
        strength=said.strength,
        tag=said.tag,
        about="note",
    )
    return why(reason, book)
