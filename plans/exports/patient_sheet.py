"""What the patient's page says beside the engine's advice, as data."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from clinic.core.texts import Text, check_text
from clinic.rules.files import RuleFile, load_rules
from clinic.rules.machine import Facts, Rule, Verdict, judge
from clinic.rules.sources import load_sources
from patients.intake.questionnaire import vocabulary
from patients.intake.screen import SOURCES
from plans.engine.book import SHELF

FILE = Path(__file__).with_name("patient_sheet.toml")
EXPECT, CALL, HOSPITAL = "expect", "call", "hospital"
KINDS = (EXPECT, CALL, HOSPITAL)


@cache
def rules() -> RuleFile:
    return load_sheet(FILE)


def load_sheet(path: Path) -> RuleFile:
    """Raises RuleFileError for a text without a language, a source or a kind."""
    return load_rules(
        path,
        vocabulary=vocabulary(),
        sources={**SOURCES, **load_sources(SHELF)},
        check_then=_check_then,
    )


def said(kind: str, facts: Facts) -> tuple[Rule, ...]:
    """Unless the facts rule it out: a warning is not kept for want of an answer."""
    return tuple(
        rule
        for rule in rules().rules
        if rule.then["kind"] == kind
        and judge(rule.when, facts).verdict is not Verdict.NO
    )


def text_of(rule: Rule) -> Text:
    return rule.then["text"]  # type: ignore[return-value]


def _check_then(then: Mapping[str, object]) -> None:
    if then.keys() != {"kind", "text"} or then["kind"] not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, with a text")
    check_text(then["text"], "text")
