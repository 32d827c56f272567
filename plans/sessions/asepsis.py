"""The aseptic checklist, read from the file beside."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.core.texts import Text, check_text
from clinic.rules.sources import load_sources
from plans.engine.book import SHELF

FILE = Path(__file__).with_name("asepsis.toml")
TAGS = frozenset({"seen", "seen-2", "recalled"})
# What stands in place of a version where a session was signed before there was a list.
UNASKED = "unasked"


@dataclass(frozen=True)
class Item:
    id: str
    text: Text
    sources: tuple[str, ...]
    tag: str


@dataclass(frozen=True)
class Checklist:
    version: str
    items: Mapping[str, Item]


def load_checklist(path: Path) -> Checklist:
    """Raises ValueError for an item that is incomplete, stands twice, or cites a work
    that is not on the shelf.
    """
    with path.open("rb") as file:
        raw = tomllib.load(file)
    shelf = load_sources(SHELF)
    items: dict[str, Item] = {}
    for row in raw["item"]:
        where = f"{path.name}: {row['id']}"
        item = Item(
            row["id"], check_text(row["text"], where), tuple(row["sources"]), row["tag"]
        )
        if item.id in items:
            raise ValueError(f"{where} stands there twice")
        if item.tag not in TAGS or (item.tag != "recalled" and not item.sources):
            raise ValueError(f"{where} does not say where it was read")
        if strange := [source for source in item.sources if source not in shelf]:
            raise ValueError(f"{where} cites {strange[0]}, which is not on the shelf")
        items[item.id] = item
    return Checklist(raw["version"], items)


CHECKLIST = load_checklist(FILE)
