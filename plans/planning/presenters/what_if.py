"""What would change if one fact were otherwise, ready to read."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from clinic.core.texts import Text
from patients.intake.questionnaire import QUESTIONNAIRE, Question
from plans.catalogue.points import Point
from plans.engine.book import RuleBook
from plans.engine.objections import Objection
from plans.engine.proposal import ProposedPoint, Reason
from plans.planning.presenters.changes import ChangeWords, needle_words, words
from plans.planning.presenters.prescription import Warned, Why, warned, why
from plans.planning.what_if import AGE, ONSET_WEEKS, Difference

# What is asked most; any other fact can be chosen by name.
OFTEN = (
    ("pregnant", "yes", _("pregnant")),
    ("anticoagulant", "yes", _("on blood thinners")),
    (AGE, "80", _("80 years old")),
    (ONSET_WEEKS, "26", _("chronic: half a year")),
    (ONSET_WEEKS, "2", _("acute: two weeks")),
    ("electronic_implant", "yes", _("electronic implant")),
)


@dataclass(frozen=True)
class Often:
    id: str
    query: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Leaves:
    """`whys` is the rule against the point, or what asked for it before."""

    point: Point
    side: str
    is_removed: bool
    substitute: str | None
    whys: tuple[Why, ...]


@dataclass(frozen=True)
class Comes:
    point: Point
    side: str
    words: str
    whys: tuple[Why, ...]


@dataclass(frozen=True)
class Turns:
    point: Point
    changes: tuple[ChangeWords, ...]
    whys: tuple[Why, ...]
    lapsed: tuple[Why, ...]


@dataclass(frozen=True)
class Flagged:
    name: Text
    action: Text


@dataclass(frozen=True)
class Outcome:
    nothing: bool
    plan_stays: bool
    raised: tuple[Flagged, ...]
    asked: tuple[Question, ...]
    blocked: tuple[Warned, ...]
    leaves: tuple[Leaves, ...]
    comes: tuple[Comes, ...]
    turns: tuple[Turns, ...]
    dose: tuple[ChangeWords, ...]
    against: tuple[tuple[str, Warned], ...]
    cautions: tuple[Warned, ...]
    eased: tuple[Warned, ...]
    notes: tuple[Why, ...]


def often(sex: str, fact: str, value: str) -> list[Often]:
    """Links for what is asked most, but for what can't be of this patient."""
    return [
        Often(
            id=f"what-if-{name}-{worth}",
            query=urlencode({"fact": name, "value": worth}),
            label=label,
            is_chosen=(name, worth) == (fact, value),
        )
        for name, worth, label in OFTEN
        if _can_be(name, sex)
    ]


def _can_be(fact: str, sex: str) -> bool:
    question = QUESTIONNAIRE.questions.get(fact)
    return question is None or question.is_asked({"sex": sex})


def outcome(found: Difference, against: Iterable[Objection], book: RuleBook) -> Outcome:
    """`against` is what the rules would say of the plan as it was edited."""
    told = {each.point.code for each in found.gone}
    told |= {each.code for each in found.altered}
    objecting = tuple(
        (objection.code, warned(objection.caution, book))
        for objection in against
        if objection.code not in told
    )
    return Outcome(
        nothing=found.nothing and not objecting,
        plan_stays=found.plan_stays,
        raised=tuple(
            Flagged(flag.rule.then["name"], flag.rule.then["action"])
            for flag in found.raised
        ),
        asked=found.asked,
        blocked=tuple(warned(caution, book) for caution in found.blocked),
        leaves=tuple(
            Leaves(
                point=book.points[gone.point.code],
                side=gone.point.side,
                is_removed=gone.removed is not None,
                substitute=gone.removed.substitute if gone.removed else None,
                whys=whys([gone.removed.reason] if gone.removed else gone.was, book),
            )
            for gone in found.gone
        ),
        comes=tuple(_comes(point, book) for point in found.come),
        turns=tuple(
            Turns(
                point=book.points[altered.code],
                changes=tuple(map(words, altered.changes)),
                whys=whys(altered.because, book),
                lapsed=whys(altered.lapsed, book),
            )
            for altered in found.altered
        ),
        dose=tuple(map(words, found.dose)),
        against=() if found.blocked else objecting,
        cautions=tuple(warned(caution, book) for caution in found.cautions),
        eased=tuple(warned(caution, book) for caution in found.eased),
        notes=whys(found.notes, book),
    )


def whys(reasons: Iterable[Reason], book: RuleBook) -> tuple[Why, ...]:
    return tuple(why(reason, book) for reason in reasons)


def _comes(point: ProposedPoint, book: RuleBook) -> Comes:
    asking = [reason for reason in point.reasons if reason.about != "side"]
    return Comes(
        point=book.points[point.code],
        side=point.side,
        words=needle_words(point),
        whys=whys(asking, book),
    )
