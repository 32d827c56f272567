"""What a patient is told to do, and what guidelines say of acupuncture, as data.

Where the clinic's own text and a guideline differ, both stand side by side in `beside`;
`text` is what the patient reads. Medicines are never spoken of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.core.texts import Text, check_text
from clinic.rules.files import load_rules
from clinic.rules.machine import Facts, Rule, Verdict, judge
from clinic.rules.sources import load_sources
from patients.intake.questionnaire import vocabulary
from plans.engine.book import SHELF

FILE = Path(__file__).with_name("advice.toml")

ACUTE, RECOVERY = "acute", "recovery"
PHASES = frozenset({ACUTE, RECOVERY})
STANCES = frozenset({"for", "against", "apart"})


@dataclass(frozen=True)
class Saying:
    """What one source says of the matter, in its own sense."""

    source: str
    says: Text


@dataclass(frozen=True)
class Advice:
    """`text` is for the patient, `because` for the acupuncturist.

    `beside` is empty where the sources agree.
    """

    id: str
    phases: frozenset[str]
    text: Text
    because: Text
    beside: tuple[Saying, ...]
    sources: tuple[str, ...]
    strength: str
    tag: str


@dataclass(frozen=True)
class Position:
    """A guideline on acupuncture for sciatica: for, against, or of something apart."""

    id: str
    body: Text
    stance: str
    text: Text
    sources: tuple[str, ...]
    strength: str
    tag: str


@dataclass(frozen=True)
class Counsel:
    """`later` is what changes once the acute phase is over; `emergency` holds always.

    `phase_rule` says how the phase was told.
    """

    phase: str
    phase_rule: Rule
    now: tuple[Advice, ...]
    later: tuple[Advice, ...]
    emergency: tuple[Advice, ...]
    consent: tuple[Advice, ...]


def advice(facts: Facts) -> Counsel:
    """Advice for the patient's phase; acute until the facts say that it is over."""
    phase = phase_of(facts)
    over = phase == RECOVERY
    rules = [rule for rule in _RULES if judge(rule.when, facts).verdict is Verdict.YES]
    usual = [_advice(rule) for rule in rules if rule.then["kind"] == "advice"]
    return Counsel(
        phase=phase,
        phase_rule=_PHASE,
        now=tuple(item for item in usual if phase in item.phases),
        later=tuple(item for item in usual if phase not in item.phases and not over),
        emergency=_of_kind(rules, "emergency"),
        consent=_of_kind(rules, "consent"),
    )


def phase_of(facts: Facts) -> str:
    over = judge(_PHASE.when, facts).verdict is Verdict.NO
    return RECOVERY if over else ACUTE


def positions() -> tuple[Position, ...]:
    """For the consent conversation: every guideline that was read, whatever it says."""
    return tuple(
        Position(
            id=rule.id,
            body=rule.then["body"],  # type: ignore[arg-type]
            stance=str(rule.then["stance"]),
            text=rule.because,
            sources=rule.sources,
            strength=rule.strength,
            tag=rule.tag,
        )
        for rule in _RULES
        if rule.then["kind"] == "position"
    )


def _of_kind(rules: list[Rule], kind: str) -> tuple[Advice, ...]:
    return tuple(_advice(rule) for rule in rules if rule.then["kind"] == kind)


def _advice(rule: Rule) -> Advice:
    then = rule.then
    return Advice(
        id=rule.id,
        phases=frozenset(then["phases"]),  # type: ignore[call-overload]
        text=then["text"],  # type: ignore[arg-type]
        because=rule.because,
        beside=tuple(
            Saying(said["source"], said["says"])
            for said in then.get("beside", ())  # type: ignore[attr-defined]
        ),
        sources=rule.sources,
        strength=rule.strength,
        tag=rule.tag,
    )


_KEYS: Mapping[str, frozenset[str]] = {
    "phase": frozenset({"kind"}),
    "advice": frozenset({"kind", "phases", "text"}),
    "emergency": frozenset({"kind", "phases", "text"}),
    "consent": frozenset({"kind", "phases", "text"}),
    "position": frozenset({"kind", "body", "stance"}),
}


def _check_then(then: Mapping[str, object]) -> None:
    wanted = _KEYS.get(str(then.get("kind")))
    if wanted is None:
        raise ValueError(f"kind is none of {', '.join(sorted(_KEYS))}")
    if lacking := sorted(wanted - then.keys()):
        raise ValueError(f"{lacking[0]!r} is missing")
    optional = {"beside"} if "text" in wanted else set()
    if strange := sorted(then.keys() - wanted - optional):
        raise ValueError(f"no such key as {strange[0]!r}")
    for key in ("text", "body"):
        if key in wanted:
            check_text(then[key], key)
    if "stance" in wanted and then["stance"] not in STANCES:
        raise ValueError(f"stance is none of {', '.join(sorted(STANCES))}")
    if "phases" in wanted:
        _check_phases(then["phases"])
    for said in then.get("beside", ()):  # type: ignore[attr-defined]
        if said.get("source") not in _SHELF:
            raise ValueError(f"beside: unknown source {said.get('source')!r}")
        check_text(said.get("says"), "beside")


def _check_phases(phases: object) -> None:
    if not isinstance(phases, list) or not phases or not PHASES.issuperset(phases):
        raise ValueError(f"phases are some of {', '.join(sorted(PHASES))}")


def load_advice(path: Path) -> tuple[Rule, ...]:
    """Raises RuleFileError naming file, line and rule for anything incomplete."""
    return load_rules(
        path, vocabulary=vocabulary(), sources=_SHELF, check_then=_check_then
    ).rules


_SHELF = load_sources(SHELF)
_RULES = load_advice(FILE)
(_PHASE,) = (rule for rule in _RULES if rule.then["kind"] == "phase")
