"""The questionnaire as data, its answers checked, and the facts they amount to.

Answers are what is stored: question id to True or False, a number, an option, or a
list of options (`[NONE]` for "none of these"). A question without an answer is unknown.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from clinic.core.dates import full_years
from clinic.core.texts import Text, check_text
from clinic.rules.machine import (
    Condition,
    Fact,
    Facts,
    FactType,
    Verdict,
    Vocabulary,
    check_condition,
    judge,
    parse_condition,
)
from patients.intake.regions import REGIONS, SIDES, Region, sided, split_sided

FILE = Path(__file__).with_name("questions.toml")

NONE = "none"
Answer = bool | int | str | list[str]
Answers = Mapping[str, Answer]

_NUMBER = re.compile(r"[+-]?\d{1,9}")
_ID = re.compile(r"[A-Za-z]\w*")
_KINDS = frozenset({"yes_no", "integer", "choice", "several", "map"})
_KEYS = frozenset(
    "id kind label help options none range unit asked_when otherwise".split()
)
_MESSAGES = frozenset("strange yes_no integer range option none both_legs".split())

# Facts that the record or other answers give, and no question asks for.
DERIVED: Vocabulary = {
    "age": FactType("integer", low=0, high=130),  # full years
    "sex": FactType("choice", frozenset({"female", "male", "other", "unknown"})),
    "onset_weeks": FactType("integer", low=0),  # full weeks since the pain began
    "bmi": FactType("number", low=0),  # kg/m2, one decimal
    "side": FactType("choice", frozenset({"left", "right", "both"})),
    "pain_regions": FactType("several", frozenset(region.id for region in REGIONS)),
}


class QuestionFileError(Exception):
    """The message names the file and the question."""


@dataclass(frozen=True)
class Question:
    """`low` and `high` are both allowed answers.

    `otherwise` is the fact when `asked_when` says the question doesn't arise.
    """

    id: str
    kind: str
    label: Text
    help: Text | None
    options: Mapping[str, Text]
    none: Text | None
    low: int | None
    high: int | None
    unit: Text | None
    asked_when: Condition | None
    otherwise: bool | None

    @property
    def fact_type(self) -> FactType:
        return FactType(self.kind, frozenset(self.options), self.low, self.high)

    def is_asked(self, facts: Facts) -> bool:
        """Asked unless the facts rule it out; what is unknown rules out nothing."""
        if self.asked_when is None:
            return True
        return judge(self.asked_when, facts).verdict is not Verdict.NO


@dataclass(frozen=True)
class Section:
    id: str
    title: Text
    note: Text | None
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questionnaire:
    """`session_questions` are asked before a session, never at intake."""

    version: str
    sections: tuple[Section, ...]
    session_questions: tuple[Question, ...]
    regions: tuple[Region, ...]
    messages: Mapping[str, Text]

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by id, in the order asked, session questions last."""
        at_intake = [question for part in self.sections for question in part.questions]
        return {
            question.id: question for question in (*at_intake, *self.session_questions)
        }


def load_questionnaire(path: Path) -> Questionnaire:
    """Read a question file whole, or raise QuestionFileError."""
    known = dict(DERIVED)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return Questionnaire(
            version=raw["version"],
            sections=tuple(_section(row, known) for row in raw["section"]),
            session_questions=tuple(
                _question(row, known) for row in raw["session_question"]
            ),
            regions=REGIONS,
            messages={
                name: check_text(raw["messages"].get(name), f"message {name}")
                for name in _MESSAGES
            },
        )
    except KeyError as error:
        raise QuestionFileError(f"{path} lacks {error}") from error
    except ValueError as error:
        raise QuestionFileError(f"{path}: {error}") from error


def _section(row: dict, known: dict[str, FactType]) -> Section:
    where = f"section {row['id']}"
    return Section(
        id=row["id"],
        title=check_text(row.get("title"), f"{where}: title"),
        note=check_text(row["note"], f"{where}: note") if "note" in row else None,
        questions=tuple(_question(question, known) for question in row["question"]),
    )


def _question(row: dict, known: dict[str, FactType]) -> Question:
    """Read one question and add its fact to those a later one may depend on."""
    where = f"question {row['id']}"
    _check_shape(row, known, where)
    texts = {
        key: check_text(row[key], f"{where}: {key}")
        for key in ("label", "help", "none", "unit")
        if key in row
    }
    low, high = row.get("range", (None, None))
    otherwise = row.get("otherwise")
    question = Question(
        id=row["id"],
        kind=row["kind"],
        label=texts["label"],
        help=texts.get("help"),
        options=_options(row, where),
        none=texts.get("none"),
        low=low,
        high=high,
        unit=texts.get("unit"),
        asked_when=_asked_when(row, known, where),
        otherwise=None if otherwise is None else otherwise == "yes",
    )
    if question.kind != "map":  # its facts are derived: side and pain_regions
        known[question.id] = question.fact_type
    return question


def _check_shape(row: dict, known: Mapping[str, FactType], where: str) -> None:
    if not _ID.fullmatch(row["id"]) or row["id"] in known:
        raise ValueError(f"{where}: the id is taken or not a word")
    if strange := sorted(row.keys() - _KEYS):
        raise ValueError(f"{where}: no such key as {strange[0]!r}")
    if row.get("kind") not in _KINDS:
        raise ValueError(f"{where}: kind is none of {', '.join(sorted(_KINDS))}")
    if "label" not in row:
        raise ValueError(f"{where}: label is missing")
    if ("range" in row) != (row["kind"] == "integer"):
        raise ValueError(f"{where}: an integer has a range, nothing else has")
    if ("options" in row) != (row["kind"] in {"choice", "several"}):
        raise ValueError(f"{where}: a choice has options, nothing else has")
    if "none" in row and (row["kind"] != "several" or NONE in row["options"]):
        raise ValueError(f"{where}: none is for several, and no option of its own")
    if row.get("otherwise", "no") not in {"yes", "no"}:
        raise ValueError(f"{where}: otherwise is yes or no")


def _options(row: dict, where: str) -> Mapping[str, Text]:
    if row["kind"] == "map":
        return {
            sided(region.id, side): region.sided_labels[side]
            for region in REGIONS
            for side in SIDES
        }
    return {
        option: check_text(text, f"{where}: option {option}")
        for option, text in row.get("options", {}).items()
    }


def _asked_when(row: dict, known: Vocabulary, where: str) -> Condition | None:
    if "asked_when" not in row:
        return None
    try:
        condition = parse_condition(row["asked_when"])
        check_condition(condition, known)
    except ValueError as error:
        raise ValueError(f"{where}: asked_when: {error}") from error
    return condition


QUESTIONNAIRE = load_questionnaire(FILE)


def vocabulary() -> Vocabulary:
    """Every fact an intake can give, for the rule files to be checked against."""
    asked = {
        question.id: question.fact_type
        for question in QUESTIONNAIRE.questions.values()
        if question.kind != "map"
    }
    return {**DERIVED, **asked}


# ---------------------------------------------------------------- answers to facts


def facts_from(
    answers: Answers,
    *,
    birth_date: date | None,
    sex: str | None,
    onset: date | None,
    on: date,
) -> Facts:
    """Return what checked answers and the record amount to on the day `on`.

    A fact that isn't known is left out. A date after `on` tells nothing. Pain marked
    in both legs makes `bilateral_leg_pain` true whatever was answered; one leg marked
    does not make it false, for only the answer can.
    """
    facts: dict[str, Fact] = {
        "age": _full_years(birth_date, on),
        "sex": sex or None,
        "onset_weeks": _full_weeks(onset, on),
    }
    for question in QUESTIONNAIRE.questions.values():
        if question.kind == "map":
            facts |= _facts_of_map(answers.get(question.id))
        elif question.is_asked(facts):
            facts[question.id] = facts.get(question.id) or _fact(answers, question)
        else:
            facts[question.id] = question.otherwise
    facts["bmi"] = _bmi(facts.get("height_cm"), facts.get("weight_kg"))
    return {name: fact for name, fact in facts.items() if fact is not None}


def _fact(answers: Answers, question: Question) -> Fact:
    answer = answers.get(question.id)
    if isinstance(answer, list):
        return frozenset(answer) - {NONE}
    return answer


def _facts_of_map(marked: Any) -> dict[str, Fact]:
    if not marked:
        return {}
    pairs = {split_sided(place) for place in marked}
    return {
        "pain_regions": frozenset(region for _, region in pairs),
        "side": _side(pairs),
        "bilateral_leg_pain": _both_legs(pairs) or None,
    }


def _side(pairs: set[tuple[str, str]]) -> str:
    """The side of the leg pain; of the back pain only where no leg pain is marked."""
    lower = {side for side, region in pairs if _PART[region] != "back"}
    sides = lower or {side for side, _ in pairs}
    return "both" if len(sides) > 1 else next(iter(sides))


def _both_legs(pairs: set[tuple[str, str]]) -> bool:
    return len({side for side, region in pairs if _PART[region] == "leg"}) > 1


_PART = {region.id: region.part for region in REGIONS}


def _full_years(born: date | None, on: date) -> int | None:
    if born is None or born > on:
        return None
    return full_years(born, on)


def _full_weeks(since: date | None, on: date) -> int | None:
    return None if since is None or since > on else (on - since).days // 7


def _bmi(height_cm: Any, weight_kg: Any) -> float | None:
    if height_cm is None or weight_kg is None:
        return None
    return round(weight_kg / (height_cm / 100) ** 2, 1)


# ---------------------------------------------------------------- what was sent


class _Refused(Exception):
    def __init__(self, message: str, **values: object):
        super().__init__(message)
        self.text: Text = {
            language: words.format(
                **{
                    name: value[language] if isinstance(value, Mapping) else value
                    for name, value in values.items()
                }
            )
            for language, words in QUESTIONNAIRE.messages[message].items()
        }


def check_answers(
    raw: Mapping[str, object],
) -> tuple[dict[str, Answer], dict[str, Text]]:
    """Return the answers that can be kept, and what is wrong with the others.

    Takes what a form sends or what was stored, question by question and nothing else;
    an empty answer is unknown and kept out. Both results are by question id.
    """
    clean: dict[str, Answer] = {}
    errors: dict[str, Text] = {}
    for name in raw.keys() - QUESTIONNAIRE.questions.keys():
        errors[name] = _Refused("strange").text
    for name, question in QUESTIONNAIRE.questions.items():
        try:
            answer = _READERS[question.kind](question, raw.get(name))
        except _Refused as refused:
            errors[name] = refused.text
        else:
            if answer is not None:
                clean[name] = answer
    derived = _facts_of_map(clean.get("pain_map"))
    if derived.get("bilateral_leg_pain") and clean.get("bilateral_leg_pain") is False:
        del clean["bilateral_leg_pain"]
        errors["bilateral_leg_pain"] = _Refused("both_legs").text
    return clean, errors


def _read_yes_no(question: Question, value: object) -> bool | None:
    match value:
        case True | "yes":
            return True
        case False | "no":
            return False
        case None | "" | "unknown":
            return None
    raise _Refused("yes_no")


def _read_integer(question: Question, value: object) -> int | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Refused("integer")
    if question.low is None or question.high is None:
        return value
    if not question.low <= value <= question.high:
        raise _Refused("range", low=question.low, high=question.high)
    return value


def _read_choice(question: Question, value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or value not in question.options:
        raise _Refused("option")
    return value


def _read_several(question: Question, value: object) -> list[str] | None:
    """Return the options in the questionnaire's order, each once."""
    values = [value] if isinstance(value, str) else value
    if values is None:
        return None
    if not isinstance(values, list | tuple | set | frozenset):
        raise _Refused("option")
    chosen = {item for item in values if isinstance(item, str) and item}
    allowed = question.options.keys() | ({NONE} if question.none else set())
    if not chosen <= allowed or not all(isinstance(item, str) for item in values):
        raise _Refused("option")
    if NONE in chosen and len(chosen) > 1:
        raise _Refused("none", none=question.none)
    if chosen == {NONE}:
        return [NONE]
    return [option for option in question.options if option in chosen] or None


_READERS: Mapping[str, Callable[[Question, object], Answer | None]] = {
    "yes_no": _read_yes_no,
    "integer": _read_integer,
    "choice": _read_choice,
    "several": _read_several,
    "map": _read_several,
}
