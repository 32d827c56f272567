"""The items of STRICTA 2010, read from its file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from clinic.core.texts import Text, check_text

FILE = Path(__file__).with_name("stricta.toml")


@dataclass(frozen=True)
class Item:
    id: str
    label: Text


@dataclass(frozen=True)
class Part:
    number: str
    title: Text
    items: tuple[Item, ...]


@cache
def parts() -> tuple[Part, ...]:
    return load_parts(FILE)


def load_parts(path: Path) -> tuple[Part, ...]:
    """Raises ValueError for a label without a language."""
    with path.open("rb") as file:
        raw = tomllib.load(file)["part"]
    return tuple(
        Part(
            number=part["number"],
            title=check_text(part["title"], f"part {part['number']}"),
            items=tuple(
                Item(row["id"], check_text(row["label"], f"item {row['id']}"))
                for row in part["items"]
            ),
        )
        for part in raw
    )
