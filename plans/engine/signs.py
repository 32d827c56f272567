"""Which patterns the signs suggest. The practitioner's finding alone decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.core.texts import Text
from clinic.rules.files import load_rules
from clinic.rules.machine import Facts, Rule, Verdict, judge
from clinic.rules.sources import load_sources
from patients.intake.questionnaire import vocabulary
from plans.engine.book import SHELF

FILE = Path(__file__).with_name("signs.toml")

FOR, AGAINST = "for", "against"
LIKELY = 2  # signs for a pattern, and more than speak against it; clinic policy


@dataclass(frozen=True)
class Sign:
    rule: str
    words: Text
    sources: tuple[str, ...]
    strength: str
    tag: str


@dataclass(frozen=True)
class Suggestion:
    """`unasked` are facts whose answer could add a sign, for or against."""

    pattern: str
    signs_for: tuple[Sign, ...]
    signs_against: tuple[Sign, ...]
    unasked: frozenset[str]

    @property
    def is_likely(self) -> bool:
        return len(self.signs_for) >= max(LIKELY, len(self.signs_against) + 1)

    @property
    def weight(self) -> int:
        return len(self.signs_for) - len(self.signs_against)


def suggest_patterns(facts: Facts) -> tuple[Suggestion, ...]:
    """Every pattern that a sign speaks for, the best supported first."""
    found = (_suggestion(pattern, facts) for pattern in _PATTERNS)
    spoken_for = [suggestion for suggestion in found if suggestion.signs_for]
    return tuple(sorted(spoken_for, key=lambda s: (-s.weight, len(s.signs_against))))


def _suggestion(pattern: str, facts: Facts) -> Suggestion:
    signs: Mapping[str, list[Sign]] = {FOR: [], AGAINST: []}
    unasked: set[str] = set()
    for rule in _RULES:
        if rule.then["pattern"] != pattern:
            continue
        judgement = judge(rule.when, facts)
        unasked |= judgement.unknown
        if judgement.verdict is Verdict.YES:
            signs[str(rule.then["speaks"])].append(_sign(rule))
    return Suggestion(
        pattern, tuple(signs[FOR]), tuple(signs[AGAINST]), frozenset(unasked)
    )


def _sign(rule: Rule) -> Sign:
    return Sign(rule.id, rule.because, rule.sources, rule.strength, rule.tag)


def _check_then(then: Mapping[str, object]) -> None:
    if then.keys() != {"pattern", "speaks"}:
        raise ValueError("a sign has a pattern and speaks for or against it")
    if then["pattern"] not in vocabulary()["patterns"].options:
        raise ValueError(f"no such pattern as {then['pattern']!r}")
    if then["speaks"] not in {FOR, AGAINST}:
        raise ValueError(f"speaks is for or against, not {then['speaks']!r}")


def load_signs(path: Path) -> tuple[Rule, ...]:
    """Raises RuleFileError naming file, line and rule for anything incomplete."""
    return load_rules(
        path,
        vocabulary=vocabulary(),
        sources=load_sources(SHELF),
        check_then=_check_then,
    ).rules


_RULES = load_signs(FILE)
_PATTERNS = tuple(dict.fromkeys(str(rule.then["pattern"]) for rule in _RULES))
