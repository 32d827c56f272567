"""The rule book: every rule file of the engine, read and checked together."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from clinic.rules.files import RuleFile, RuleFileError, load_rules
from clinic.rules.machine import (
    Always,
    Facts,
    FactType,
    Rule,
    Verdict,
    facts_in,
    judge,
)
from clinic.rules.sources import Source, load_sources
from patients.intake.questionnaire import vocabulary
from plans.catalogue.points import Point
from plans.engine.effects import Then
from plans.engine.policy import Check, check_same_rules, kept_within
from plans.engine.proposal import Caution, Reason
from plans.engine.reading import Names, read_then
from plans.engine.terms import Terms, load_terms

HERE = Path(__file__).parent
RULES = HERE / "rules"
SHELF = HERE / "sources.toml"
# In the order in which their points take a place in the plan.
FILES = (
    "points",
    "patterns",
    "technique",
    "contraindications",
    "pregnancy",
    "caps",
    "policy",
    "dose",
)
# Facts that are not the patient's: the dose that is asked about, and who will needle.
ADDED_FACTS = {
    "per_week": FactType("integer", low=1, high=7),
    "weeks": FactType("integer", low=1, high=52),
    "trained": FactType(
        "several", frozenset({"electro", "moxa", "pricking", "cupping"})
    ),
}
# What some rule must say whatever the patient, or no proposal can be made.
NEEDED = "size fewer_most default_technique start dose positions cap".split()


@dataclass(frozen=True)
class Ruling:
    """A rule with what it says and how it was judged for one patient."""

    rule: Rule
    then: Then
    verdict: Verdict
    unknown: frozenset[str] = frozenset()

    @property
    def says_yes(self) -> bool:
        return self.verdict is Verdict.YES

    @property
    def may_hold(self) -> bool:
        return self.verdict is not Verdict.NO

    def reason(self, about: str) -> Reason:
        rule = self.rule
        return Reason(
            rule=rule.id,
            because=rule.because,
            sources=rule.sources,
            strength=rule.strength,
            tag=rule.tag,
            about=about,
            facts=tuple(sorted(facts_in(rule.when) - self.unknown)),
            unanswered=tuple(sorted(self.unknown)),
        )

    def caution(self, level: str) -> Caution:
        reason = self.reason("caution")
        return Caution(
            level=level,
            rule=reason.rule,
            text=reason.because,
            sources=reason.sources,
            strength=reason.strength,
            tag=reason.tag,
            facts=reason.facts,
            unanswered=reason.unanswered,
        )


@dataclass(frozen=True)
class RuleBook:
    """`version` names every file's version and what was in them."""

    rules: tuple[tuple[Rule, Then], ...]
    points: Mapping[str, Point]
    terms: Terms
    sources: Mapping[str, Source]
    version: str

    def judge(self, facts: Facts) -> tuple[Ruling, ...]:
        return tuple(self._ruling(rule, then, facts) for rule, then in self.rules)

    def judge_again(
        self, rulings: Iterable[Ruling], facts: Facts, more: Facts
    ) -> tuple[Ruling, ...]:
        """The same where `more` is known too: only what looks at it is judged anew."""
        known = {**facts, **more}
        return tuple(
            ruling if looks.isdisjoint(more) else self._ruling(rule, then, known)
            for ruling, looks, (rule, then) in zip(
                rulings, self._looks_at, self.rules, strict=True
            )
        )

    def _ruling(self, rule: Rule, then: Then, facts: Facts) -> Ruling:
        said = judge(rule.when, facts)
        return Ruling(rule, then, said.verdict, said.unknown)

    @cached_property
    def _looks_at(self) -> tuple[frozenset[str], ...]:
        return tuple(facts_in(rule.when) for rule, _ in self.rules)

    @cached_property
    def pool(self) -> tuple[str, ...]:
        """Every point that some rule offers, for whomever, in the book's order."""
        offers = (then.offer + then.optional for _, then in self.rules)
        return tuple(dict.fromkeys(code for codes in offers for code in codes))


def load_book(
    points: Mapping[str, Point],
    *,
    folder: Path = RULES,
    shelf: Path = SHELF,
    policy: Path | None = None,
) -> RuleBook:
    """Read the rule files; `policy` is a clinic's own in place of the one shipped.

    Raises:
        RuleFileError, SourceFileError: A file is incomplete, or names a point, fact,
            source or effect that does not exist, or a clinic's policy goes beyond what
            it may change. The message names file, line, rule.
    """
    paths = {name: folder / f"{name}.toml" for name in FILES}
    sources, terms = load_sources(shelf), load_terms(folder / "terms.toml")
    names = Names(points, terms)
    thens: list[Then] = []

    def read(path: Path, check: Check | None = None) -> RuleFile:
        def check_then(raw: Mapping[str, Any]) -> None:
            if check:
                check(raw)
            thens.append(read_then(raw, names))

        facts = {**vocabulary(), **ADDED_FACTS}
        return load_rules(
            path, vocabulary=facts, sources=sources, check_then=check_then
        )

    shipped = read(paths["policy"]).rules
    thens.clear()
    if policy is not None:
        paths["policy"] = policy
    files = [
        read(path, kept_within(shipped) if path == policy else None)
        for path in paths.values()
    ]
    _check_policy(files[FILES.index("policy")], shipped, paths["policy"])
    rules = (rule for file in files for rule in file.rules)
    ruled = tuple(zip(rules, thens, strict=True))
    _check_together(ruled, folder)
    return RuleBook(ruled, points, terms, sources, _version(files, paths.values()))


def _check_policy(own: RuleFile, shipped: tuple[Rule, ...], path: Path) -> None:
    try:
        check_same_rules(own.rules, shipped)
    except ValueError as problem:
        raise RuleFileError(f"{path}: {problem}") from problem


def _check_together(rules: tuple[tuple[Rule, Then], ...], folder: Path) -> None:
    counts = Counter(rule.id for rule, _ in rules)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise RuleFileError(f"{folder}: two files have a rule {twice[0]}")
    always = [then for rule, then in rules if isinstance(rule.when, Always)]
    for effect in NEEDED:
        if all(getattr(then, effect) in (None, "") for then in always):
            raise RuleFileError(f"{folder}: no rule always says {effect!r}")
    decided = {then.decides for _, then in rules}
    for rule, then in rules:
        if then.backs and then.backs not in decided:
            raise RuleFileError(f"{folder}: {rule.id} backs {then.backs!r}: undecided")


def _version(files: Iterable[RuleFile], paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
    return f"{' '.join(f'{file.id} {file.version}' for file in files)} #{digest[:8]}"


def speaking(rulings: Iterable[Ruling]) -> tuple[Ruling, ...]:
    """Those that say yes and are not silenced by one of a lower rank."""
    yes = [ruling for ruling in rulings if ruling.says_yes]
    best: dict[str, int] = {}
    for ruling in yes:
        name, rank = ruling.then.decides, ruling.then.rank
        best[name] = min(rank, best.get(name, rank))
    return tuple(
        ruling
        for ruling in yes
        if not ruling.then.decides or ruling.then.rank == best[ruling.then.decides]
    )
