"""Read rule files: TOML, complete, or refused with the file, the line and the rule.

[file]
id = "red_flags"
version = "2026.1"
author = "..."            # a rule may give its own author, reviewer, review_date
reviewer = ""             # both empty until a clinician has confirmed the rules
review_date = ""          # or 2026-11-20

[[rule]]
id = "RF2"
when = { any = ["foot_drop is yes", "leg_weakness_progressive is yes"] }
then = { level = "urgent" }                     # opaque here: see `check_then`
because = { en = "...", zh-hans = "..." }
sources = ["GIRFT"]
strength = "A"
tag = "seen"
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NoReturn

from clinic.core.texts import check_text
from clinic.rules.machine import Rule, Vocabulary, check_condition, parse_condition

STRENGTHS = frozenset("ABCD")
TAGS = frozenset({"seen", "seen-2", "derived", "recalled", "proposal"})
# What was only recalled or is our own proposal has no source to name.
TAGS_WITHOUT_SOURCE = frozenset({"recalled", "proposal"})

_FILE_KEYS = frozenset({"id", "version", "author"})
_RULE_KEYS: Mapping[str, tuple[type, ...]] = {
    "id": (str,),
    "when": (str, dict),
    "then": (dict,),
    "because": (dict,),
    "sources": (list,),
    "strength": (str,),
    "tag": (str,),
}
_SHARED_KEYS: Mapping[str, tuple[type, ...]] = {
    "author": (str,),
    "reviewer": (str,),
    "review_date": (str, date),
}

CheckThen = Callable[[Mapping[str, object]], None]


class RuleFileError(Exception):
    """The message names the file, the line and, where there is one, the rule."""


@dataclass(frozen=True)
class RuleFile:
    id: str
    version: str
    rules: tuple[Rule, ...]


def load_rules(
    path: Path,
    *,
    vocabulary: Vocabulary,
    sources: Collection[str],
    check_then: CheckThen | None = None,
) -> RuleFile:
    """Read a rule file whole, or raise RuleFileError at the first thing wrong.

    `check_then` is given each rule's `then` and raises ValueError to refuse it.
    """
    page = _Page(path)
    header = page.table("file")
    for key in sorted(_FILE_KEYS):
        if not isinstance(header.get(key), str) or not header[key]:
            page.refuse(f"[file] lacks {key!r}", page.line_of("file"))
    for key in header.keys() - _FILE_KEYS:
        if not isinstance(header[key], _SHARED_KEYS.get(key, ())):
            page.refuse(f"[file] cannot take {key!r} so", page.line_of(key))
    for key in _SHARED_KEYS.keys() - header.keys():
        page.refuse(f"[file] lacks {key!r}", page.line_of("file"))
    rules = []
    for number, raw in enumerate(page.rules()):
        try:
            rules.append(_rule(raw, header, vocabulary, sources, check_then))
        except _Fault as fault:
            page.refuse_rule(fault, raw, number)
    for name, count in Counter(rule.id for rule in rules).items():
        if count > 1:
            last = max(n for n, rule in enumerate(rules) if rule.id == name)
            taken = _Fault("id", "this id is taken by another rule")
            page.refuse_rule(taken, {"id": name}, last)
    return RuleFile(header["id"], header["version"], tuple(rules))


class _Fault(Exception):
    """What is wrong with a rule, and under which of its keys."""

    def __init__(self, key: str, message: object):
        super().__init__(f"{key}: {message}")
        self.key = key


def _rule(
    raw: dict,
    header: dict,
    vocabulary: Vocabulary,
    sources: Collection[str],
    check_then: CheckThen | None,
) -> Rule:
    _check_keys(raw)
    shared = {key: header[key] for key in _SHARED_KEYS} | raw
    _check_review(shared["reviewer"], shared["review_date"])
    if not raw["id"]:
        raise _Fault("id", "this id is empty")
    if raw["strength"] not in STRENGTHS:
        raise _Fault("strength", f"{raw['strength']!r} is none of A, B, C, D")
    if raw["tag"] not in TAGS:
        raise _Fault("tag", f"{raw['tag']!r} is none of {', '.join(sorted(TAGS))}")
    for source in raw["sources"]:
        if not isinstance(source, str) or source not in sources:
            raise _Fault("sources", f"unknown source {source!r}")
    if not raw["sources"] and raw["tag"] not in TAGS_WITHOUT_SOURCE:
        raise _Fault("sources", f"a rule tagged {raw['tag']!r} names its source")
    try:
        because = check_text(raw["because"], raw["id"])
    except ValueError as error:
        raise _Fault("because", error) from error
    try:
        when = parse_condition(raw["when"])
        check_condition(when, vocabulary)
    except ValueError as error:
        raise _Fault("when", error) from error
    try:
        if check_then is not None:
            check_then(raw["then"])
    except ValueError as error:
        raise _Fault("then", error) from error
    return Rule(
        id=raw["id"],
        when=when,
        then=raw["then"],
        because=because,
        sources=tuple(raw["sources"]),
        strength=raw["strength"],
        tag=raw["tag"],
        author=shared["author"],
        reviewer=shared["reviewer"],
        review_date=shared["review_date"] or None,
    )


def _check_review(reviewer: str, day: date | str) -> None:
    if day and not isinstance(day, date):
        raise _Fault("review_date", f"{day!r} is not a date")
    if bool(reviewer) != bool(day):
        raise _Fault("review_date", "a reviewer and the day of review go together")


def _check_keys(raw: dict) -> None:
    for key, kinds in _RULE_KEYS.items():
        if key not in raw:
            raise _Fault(key, "this key is missing")
        if not isinstance(raw[key], kinds):
            raise _Fault(key, f"not the kind of value this key takes: {raw[key]!r}")
    for key in raw.keys() - _RULE_KEYS.keys():
        if key not in _SHARED_KEYS:
            raise _Fault(key, "no such key")
        if not isinstance(raw[key], _SHARED_KEYS[key]):
            raise _Fault(key, f"not the kind of value this key takes: {raw[key]!r}")


class _Page:
    """A TOML file with its lines: the standard reader forgets where things stood."""

    def __init__(self, path: Path):
        self.path = path
        text = path.read_text(encoding="utf-8")
        self.lines = text.splitlines()
        self.starts = [n for n, line in enumerate(self.lines) if _HEADER.match(line)]
        try:
            self.data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise RuleFileError(f"{path}: {error}") from error

    def table(self, name: str) -> dict:
        if not isinstance(self.data.get(name), dict):
            self.refuse(f"there is no [{name}]", 1)
        return self.data[name]

    def rules(self) -> list[dict]:
        rules = self.data.get("rule")
        if not isinstance(rules, list) or len(rules) != len(self.starts):
            self.refuse("write each rule under its own [[rule]]", 1)
        if strange := sorted(self.data.keys() - {"file", "rule"}):
            self.refuse(f"no such table as {strange[0]!r}", 1)
        return rules

    def line_of(self, key: str, start: int = 0, end: int | None = None) -> int:
        """The line, counted from 1, where the key or table stands; else `start`'s."""
        opening = re.compile(rf"\s*(\[(rule\.)?)?{re.escape(key)}\b")
        for number, line in enumerate(self.lines[start:end], start):
            if opening.match(line):
                return number + 1
        return start + 1

    def refuse(self, message: str, line: int) -> NoReturn:
        raise RuleFileError(f"{self.path}, line {line}: {message}")

    def refuse_rule(self, fault: _Fault, raw: dict, number: int) -> NoReturn:
        start, *later = self.starts[number:]
        line = self.line_of(fault.key, start, later[0] if later else None)
        name = raw.get("id", f"number {number + 1}")
        self.refuse(f"rule {name}: {fault}", line)


_HEADER = re.compile(r"\s*\[\[\s*rule\s*\]\]")
