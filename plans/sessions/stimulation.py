"""How a technique beyond the hand is set, and which points a current joins."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from clinic.core.texts import Text, check_text
from clinic.rules.sources import load_sources
from plans.engine.book import SHELF
from plans.sessions.entry import Line, Stimulus

FILE = Path(__file__).with_name("stimulation.toml")
ELECTRO = "electro"
TAGS = frozenset({"seen", "seen-2", "recalled", "proposal"})
TWO_FREQUENCIES = "dense_disperse"
MOST_PAIRS = 4


@dataclass(frozen=True)
class Kind:
    """`needs` is what a signature asks for; `bounds` catch a slip and are no dose."""

    id: str
    name: Text
    techniques: frozenset[str]
    forms: Mapping[str, Text]
    bounds: Mapping[str, tuple[float, float]]
    needs: tuple[str, ...]
    usual: Text
    sources: tuple[str, ...]
    tag: str

    @cached_property
    def fields(self) -> tuple[str, ...]:
        return ("form", *self.bounds)

    def is_used(self, lines: Sequence[Line]) -> bool:
        return any(line.technique in self.techniques for line in lines)


def load_kinds(path: Path) -> Mapping[str, Kind]:
    """Raises ValueError for what is incomplete or cites a work not on the shelf."""
    with path.open("rb") as file:
        raw = tomllib.load(file)
    raw.pop("version")
    shelf = load_sources(SHELF)
    kinds = {}
    for name, row in raw.items():
        where = f"{path.name}: {name}"
        bounds = {field: (low, high) for field, (low, high) in row["bounds"].items()}
        if any(low >= high for low, high in bounds.values()):
            raise ValueError(f"{where}: bounds are in disorder")
        if strange := sorted(set(row["needs"]) - {"form", *bounds}):
            raise ValueError(f"{where}: needs {strange[0]}, which is not asked")
        if strange := sorted(set(row["sources"]) - shelf.keys()):
            raise ValueError(f"{where} cites {strange[0]}, which is not on the shelf")
        if row["tag"] not in TAGS or (row["tag"] != "proposal" and not row["sources"]):
            raise ValueError(f"{where} does not say where it was read")
        kinds[name] = Kind(
            id=name,
            name=check_text(row["name"], where),
            techniques=frozenset(row["techniques"]),
            forms={key: check_text(text, where) for key, text in row["forms"].items()},
            bounds=bounds,
            needs=tuple(row["needs"]),
            usual=check_text(row["usual"], where),
            sources=tuple(row["sources"]),
            tag=row["tag"],
        )
    return kinds


KINDS = load_kinds(FILE)


def used(lines: Sequence[Line]) -> list[Kind]:
    return [kind for kind in KINDS.values() if kind.is_used(lines)]


def lacking(kind: Kind, stimulus: Stimulus, retention_min: int) -> dict[str, str]:
    """By field, what keeps a session from being signed."""
    wrong = {
        name: "stimulus_open" for name in kind.needs if not getattr(stimulus, name)
    }
    if kind.id == ELECTRO:
        if stimulus.form == TWO_FREQUENCIES and not stimulus.hz_high:
            wrong["hz_high"] = "stimulus_open"
        if stimulus.hz and stimulus.hz_high and stimulus.hz_high <= stimulus.hz:
            wrong["hz_high"] = "hz_order"
        if stimulus.minutes and stimulus.minutes > retention_min:
            wrong["minutes"] = "electro_longer"
    if kind.id == "moxa" and not (stimulus.minutes or stimulus.cones):
        wrong["minutes"] = "moxa_open"
    return wrong


def pairs(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """What the current joins: two points, or the two sides of one.

    By their numbers; without any, two points are a pair, and so are the sides of one.
    """
    electro = [line for line in lines if line.technique == ELECTRO]
    if not any(line.pair for line in electro):
        return [tuple(line.code for line in electro)] if _is_joined(electro) else []
    numbers = sorted({line.pair for line in electro if line.pair})
    groups = [[line for line in electro if line.pair == n] for n in numbers]
    return [tuple(line.code for line in group) for group in groups if _is_joined(group)]


def unpaired(lines: Sequence[Line]) -> list[str]:
    """Points with current that is joined to nothing, or to too much."""
    joined = {code for pair in pairs(lines) for code in pair}
    electro = [line.code for line in lines if line.technique == ELECTRO]
    return [code for code in electro if code not in joined]


def tidy(number: Decimal) -> str:
    """2 rather than 2.0, and 100 rather than 1E+2."""
    return f"{number.normalize():f}"


def frequencies(stimulus: Stimulus) -> str:
    found = [tidy(hz) for hz in (stimulus.hz, stimulus.hz_high) if hz]
    return f"{'/'.join(found)} Hz" if found else ""


def _is_joined(group: Sequence[Line]) -> bool:
    return len(group) == 2 or (len(group) == 1 and group[0].side == "both")
