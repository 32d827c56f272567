"""Judge rules against facts, in Kleene's three-valued logic.

Knows no medicine: what a fact means is the vocabulary's affair, and what follows
from a rule (`then`) is its reader's. A fact that is absent or None is unknown, and a
verdict is "unknown" exactly when the missing facts could still turn it either way.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from clinic.core.texts import Text

Fact = bool | int | float | str | frozenset[str] | None
Facts = Mapping[str, Fact]


class Verdict(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FactType:
    """What a fact may hold. `low` and `high` are both allowed values.

    `kind` is yes_no, integer, number, choice (one option) or several (a set of them).
    """

    kind: str
    options: frozenset[str] = frozenset()
    low: float | None = None
    high: float | None = None


Vocabulary = Mapping[str, FactType]


@dataclass(frozen=True)
class Always:
    pass


@dataclass(frozen=True)
class Test:
    """One fact set against one or more values."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    fact: str
    op: str
    wanted: tuple[str, ...] | tuple[float]


@dataclass(frozen=True)
class All:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    part: "Condition"


Condition = Always | Test | All | AnyOf | Not


@dataclass(frozen=True)
class Judgement:
    """`unknown` names the facts whose absence kept the verdict open; else empty."""

    verdict: Verdict
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """`strength` runs from A (consensus or trial) to D (our own proposal).

    `tag` says how the source was read: seen, seen-2, derived, recalled, proposal.
    `reviewer` is empty until a clinician has confirmed the rule.
    """

    id: str
    when: Condition
    then: Mapping[str, object]
    because: Text
    sources: tuple[str, ...]
    strength: str
    tag: str
    author: str
    reviewer: str = ""
    review_date: date | None = None


@dataclass(frozen=True)
class Finding:
    rule: Rule
    verdict: Verdict
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Op:
    kinds: frozenset[str]
    holds: Callable[[Any, tuple[Any, ...]], bool]
    several_values: bool = False


_EXACT = frozenset({"yes_no", "choice"})
_NUMBERS = frozenset({"integer", "number"})
_SETS = frozenset({"several"})

# Longer spellings first: the expression below takes the first that fits.
OPS: Mapping[str, _Op] = {
    "is not": _Op(_EXACT, lambda known, wanted: known != wanted[0]),
    "is": _Op(_EXACT, lambda known, wanted: known == wanted[0]),
    ">=": _Op(_NUMBERS, lambda known, wanted: known >= wanted[0]),
    "<=": _Op(_NUMBERS, lambda known, wanted: known <= wanted[0]),
    ">": _Op(_NUMBERS, lambda known, wanted: known > wanted[0]),
    "<": _Op(_NUMBERS, lambda known, wanted: known < wanted[0]),
    "has any": _Op(_SETS, lambda known, wanted: not known.isdisjoint(wanted), True),
    "has all": _Op(_SETS, lambda known, wanted: known.issuperset(wanted), True),
    "has": _Op(_SETS, lambda known, wanted: wanted[0] in known),
}
_TEST = re.compile(rf"(\w+) ({'|'.join(OPS)}) (.+)")


def parse_condition(raw: object) -> Condition:
    """Read "always", "<fact> <op> <value...>", `{all|any = [...]}` or `{not = ...}`.

    Raises ValueError for anything else. Whether the facts and values exist is
    `check_condition`'s question.
    """
    if isinstance(raw, str):
        return Always() if raw == "always" else _parse_test(raw)
    if not isinstance(raw, Mapping) or len(raw) != 1:
        raise ValueError(f"not a condition: {raw!r}")
    ((joint, inner),) = raw.items()
    if joint == "not":
        return Not(parse_condition(inner))
    if joint not in {"all", "any"} or not isinstance(inner, list) or not inner:
        raise ValueError(f"not a condition: {raw!r}")
    parts = tuple(parse_condition(part) for part in inner)
    return All(parts) if joint == "all" else AnyOf(parts)


def _parse_test(raw: str) -> Test:
    match = _TEST.fullmatch(raw)
    if match is None:
        raise ValueError(f"unknown op in {raw!r}: use one of {', '.join(OPS)}")
    fact, op, values = match[1], match[2], tuple(match[3].split())
    if len(values) > 1 and not OPS[op].several_values:
        raise ValueError(f"{op!r} takes one value: {raw!r}")
    if OPS[op].kinds is not _NUMBERS:
        return Test(fact, op, values)
    try:
        return Test(fact, op, (float(values[0]),))
    except ValueError:
        raise ValueError(f"{op!r} takes a number: {raw!r}") from None


def tests_in(condition: Condition) -> tuple[Test, ...]:
    """Return every test of the condition, in the order written."""
    match condition:
        case Test():
            return (condition,)
        case All(parts) | AnyOf(parts):
            return tuple(test for part in parts for test in tests_in(part))
        case Not(part):
            return tests_in(part)
        case Always():
            return ()


def facts_in(condition: Condition) -> frozenset[str]:
    return frozenset(test.fact for test in tests_in(condition))


def check_condition(condition: Condition, vocabulary: Vocabulary) -> None:
    """Raise ValueError if a test could never be judged under this vocabulary."""
    for test in tests_in(condition):
        fact_type = vocabulary.get(test.fact)
        if fact_type is None:
            raise ValueError(f"unknown fact {test.fact!r}")
        if fact_type.kind not in OPS[test.op].kinds:
            raise ValueError(f"{test.op!r} does not suit {test.fact!r}")
        for value in test.wanted:
            _check_value(test.fact, fact_type, value)


def _check_value(fact: str, fact_type: FactType, value: str | float) -> None:
    if isinstance(value, float):
        low, high = fact_type.low, fact_type.high
        if (low is not None and value < low) or (high is not None and value > high):
            raise ValueError(f"{value:g} is outside the range of {fact!r}")
        return
    options = {"yes", "no"} if fact_type.kind == "yes_no" else fact_type.options
    if value not in options:
        raise ValueError(f"{fact!r} has no value {value!r}")


def judge(condition: Condition, facts: Facts) -> Judgement:
    match condition:
        case Always():
            return Judgement(Verdict.YES)
        case Test():
            return _judge_test(condition, facts)
        case All(parts):
            return _join([judge(part, facts) for part in parts], Verdict.NO)
        case AnyOf(parts):
            return _join([judge(part, facts) for part in parts], Verdict.YES)
        case Not(part):
            judgement = judge(part, facts)
            return Judgement(_OPPOSITE[judgement.verdict], judgement.unknown)


_OPPOSITE = {
    Verdict.YES: Verdict.NO,
    Verdict.NO: Verdict.YES,
    Verdict.UNKNOWN: Verdict.UNKNOWN,
}


def _join(judgements: list[Judgement], decisive: Verdict) -> Judgement:
    """One decisive part settles it; otherwise one unknown part leaves it open."""
    if any(judgement.verdict is decisive for judgement in judgements):
        return Judgement(decisive)
    unknown = frozenset[str]().union(*(judgement.unknown for judgement in judgements))
    if unknown:
        return Judgement(Verdict.UNKNOWN, unknown)
    return Judgement(_OPPOSITE[decisive])


def _judge_test(test: Test, facts: Facts) -> Judgement:
    known = facts.get(test.fact)
    if known is None:
        return Judgement(Verdict.UNKNOWN, frozenset({test.fact}))
    if isinstance(known, bool):
        known = "yes" if known else "no"
    holds = OPS[test.op].holds(known, test.wanted)
    return Judgement(Verdict.YES if holds else Verdict.NO)


def grounds(condition: Condition, facts: Facts) -> tuple[Test, ...]:
    """Return the tests that make the verdict what it is; none while it is unknown."""
    return _grounds(condition, facts, judge(condition, facts).verdict)


def _grounds(condition: Condition, facts: Facts, said: Verdict) -> tuple[Test, ...]:
    if said is Verdict.UNKNOWN or judge(condition, facts).verdict is not said:
        return ()
    match condition:
        case Always():
            return ()
        case Test():
            return (condition,)
        case All(parts) | AnyOf(parts):
            return tuple(test for part in parts for test in _grounds(part, facts, said))
        case Not(part):
            return _grounds(part, facts, _OPPOSITE[said])


def judge_all(rules: Iterable[Rule], facts: Facts) -> tuple[Finding, ...]:
    """Judge every rule, in the order given."""
    judgements = [(rule, judge(rule.when, facts)) for rule in rules]
    return tuple(Finding(rule, said.verdict, said.unknown) for rule, said in judgements)
