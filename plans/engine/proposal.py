"""What the engine answers: plain frozen values, each line with its reasons."""

from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from clinic.core.texts import Text

BLOCK = "block"  # no plan
WARN = "warn"  # the acupuncturist records a reason
NOTE = "note"
ASK = "ask"  # a question of safety stands open; it counts as yes until answered

# When a plan alternates two prescriptions, in which of them a point stands.
EVERY, A, B = "every", "a", "b"


@dataclass(frozen=True)
class Reason:
    """Why one thing is as it is.

    `about` is point, side, depth, technique, dose, option, removal, substitute or note.
    `facts` are the facts the rule looked at; `unanswered` those it lacked: the rule
    then holds only until they are answered. `sources` are ids of the shelf.
    """

    rule: str
    because: Text
    sources: tuple[str, ...]
    strength: str
    tag: str
    about: str
    facts: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProposedPoint:
    """`depth_mm` never passes `cap_mm`; `depth_cun` is textbook cun.

    `alternates` are codes the sources name in this point's stead. `prescription` is
    "every" time, or "a" or "b" of two that alternate.
    """

    code: str
    side: str
    depth_mm: int
    depth_cun: float
    cap_mm: int
    angle: str
    technique: str
    position: str
    order: int
    role: str
    alternates: tuple[str, ...]
    reasons: tuple[Reason, ...]
    prescription: str = EVERY


@dataclass(frozen=True)
class Ashi:
    """How many points of tenderness to add; they do not count among the coded ones."""

    least: int
    most: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class TechniqueOption:
    """A technique that may be added to the prescription, or why it may not.

    `at` are the points it takes, each set by itself: a pair for electroacupuncture.
    `withheld` is the rule against it in this patient, or for who needles.
    """

    technique: str
    at: tuple[tuple[str, ...], ...]
    reasons: tuple[Reason, ...]
    withheld: Reason | None


@dataclass(frozen=True)
class Removed:
    """A point the plan would hold but for a contraindication.

    `level` is "block" (may not be put back) or "warn" (may, with a recorded reason).
    """

    code: str
    level: str
    reason: Reason
    substitute: str | None
    substitute_reason: Reason


@dataclass(frozen=True)
class Caution:
    level: str
    rule: str
    text: Text
    sources: tuple[str, ...]
    strength: str
    tag: str
    facts: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Review:
    """Held after that session or at the end of that week, whichever comes first."""

    session: int | None
    week: int | None
    purpose: Text


@dataclass(frozen=True)
class DoseOption:
    """Another course: so many sessions in each of its weeks."""

    weekly: tuple[int, ...]
    sessions: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Dose:
    """`per_week_range` and `weeks_range` are what the rule lets a clinician choose."""

    per_week: int
    weeks: int
    sessions: int
    retention_min: int
    per_week_range: tuple[int, int]
    weeks_range: tuple[int, int]
    reviews: tuple[Review, ...]
    reasons: tuple[Reason, ...]
    options: tuple[DoseOption, ...] = ()


@dataclass(frozen=True)
class OpenFact:
    """A fact not known that could change the plan. `safety`: it could forbid."""

    fact: str
    rules: tuple[str, ...]
    safety: bool


@dataclass(frozen=True)
class Proposal:
    """When `blocked` is not empty there are no points and no dose.

    `channels` are the affected ones; `position` is how the patient lies for most
    points, and `position_note` says why there are two prescriptions, or what was left
    so that there is one. `style` and `seek` are the
    usual items of STRICTA: the style of acupuncture and the response sought.
    """

    blocked: tuple[Caution, ...]
    points: tuple[ProposedPoint, ...]
    ashi: Ashi | None
    removed: tuple[Removed, ...]
    cautions: tuple[Caution, ...]
    dose: Dose | None
    open_facts: tuple[OpenFact, ...]
    channels: tuple[str, ...]
    position: str
    position_note: Reason | None
    notes: tuple[Reason, ...]
    rules_version: str
    options: tuple[TechniqueOption, ...] = ()
    style: Text | None = None
    seek: str = ""


def said_otherwise(reason: Reason, text: Text, **named: str) -> Reason:
    """The same rule, with its words for one case, in which `named` are named."""
    words = {language: said.format(**named) for language, said in text.items()}
    return replace(reason, because=words)


def proposal_to_json(proposal: Proposal) -> dict[str, Any]:
    """Plain values that survive JSON; `proposal_from_json` gives the proposal back."""
    return asdict(proposal)


def proposal_from_json(data: dict[str, Any]) -> Proposal:
    """Raises TypeError for anything `proposal_to_json` did not make.

    What an earlier release did not know yet is as empty as it was then.
    """
    return _read(Proposal, data)


def _read(kind: Any, value: Any) -> Any:
    if is_dataclass(kind):
        make: Any = kind
        return make(
            **{
                name: _read(hint, value[name])
                for name, hint in _shape(make)
                if name in value
            }
        )
    if isinstance(kind, UnionType):
        if value is None:
            return None
        (kind,) = [part for part in get_args(kind) if part is not NoneType]
        return _read(kind, value)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], item) for item in value)
    return value


@cache
def _shape(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The fields of a class with their types, worked out once."""
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))
