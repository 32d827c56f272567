"""Which adverse events stop a plan for review, and what is to be done at once."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import cast

from clinic.core.texts import Text, check_text
from clinic.rules.files import RuleFile, load_rules
from clinic.rules.machine import Facts, FactType, Rule, Verdict, judge_all
from clinic.rules.sources import load_sources
from plans.engine.book import SHELF

FILE = Path(__file__).with_name("adverse.toml")

TRAUMATIC, INFECTIOUS, OTHER = "traumatic", "infectious", "other"
KINDS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("bleeding", "haematoma", "needling_pain", "broken_needle"),
            *("pneumothorax", "nerve_injury", "spinal_injury", "organ_injury"),
            "vessel_injury",
        ),
        TRAUMATIC,
    ),
    **dict.fromkeys(
        ("local_infection", "abscess", "septic_arthritis", "hepatitis"), INFECTIOUS
    ),
    **dict.fromkeys(
        (
            *("fainting", "tiredness", "drowsiness", "aggravation", "headache"),
            *("nausea", "allergy", "burn", "stuck_needle", "forgotten_needle"),
            "other",
        ),
        OTHER,
    ),
}
GRADES = range(1, 6)
VOCABULARY = {
    "kind": FactType("choice", options=frozenset(KINDS)),
    "group": FactType("choice", options=frozenset({TRAUMATIC, INFECTIOUS, OTHER})),
    "grade": FactType("integer", low=min(GRADES), high=max(GRADES)),
}


@cache
def rules() -> RuleFile:
    return load_rules(
        FILE,
        vocabulary=VOCABULARY,
        sources=load_sources(SHELF),
        check_then=_check_then,
    )


def _check_then(raw: Mapping[str, object]) -> None:
    if raw == {"pause": True}:
        return
    if raw.keys() != {"steps"} or not isinstance(raw["steps"], list):
        raise ValueError("an adverse event asks for `pause = true` or for `steps`")
    for step in raw["steps"]:
        check_text(step, "a step")


def pausing(kind: str, grade: int) -> tuple[Rule, ...]:
    """The rules by which the plan waits for a review."""
    return tuple(rule for rule in _speaking(kind, grade) if "pause" in rule.then)


def first_aid(kind: str, grade: int) -> list[tuple[Rule, list[Text]]]:
    """What to do at once, with the rule it stands in; often nothing."""
    return _steps(_speaking(kind, grade))


def all_first_aid() -> list[tuple[Rule, list[Text]]]:
    """To have at hand before anything is written."""
    return _steps(rules().rules)


def _steps(found: Iterable[Rule]) -> list[tuple[Rule, list[Text]]]:
    return [
        (rule, cast(list[Text], rule.then["steps"]))
        for rule in found
        if "steps" in rule.then
    ]


def _speaking(kind: str, grade: int) -> tuple[Rule, ...]:
    facts: Facts = {"kind": kind, "group": KINDS[kind], "grade": grade}
    found = judge_all(rules().rules, facts)
    return tuple(each.rule for each in found if each.verdict is Verdict.YES)
