"""The shelf: what the rules cite, read from a TOML file of [[source]] tables."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from clinic.core.texts import Text, check_text


class SourceFileError(Exception):
    """The message names the file and the source."""


@dataclass(frozen=True)
class Source:
    """`tag` is "seen" (read in the work itself), "seen-2" (read in another's report).

    `not_shown` says what the source does not show, where that matters.
    """

    id: str
    citation: str
    tag: str
    doi: str = ""
    address: str = ""
    design: Text | None = None
    n: str = ""
    dose: Text | None = None
    not_shown: Text | None = None


_KEYS = frozenset(field.name for field in fields(Source))
_TEXTS = ("design", "dose", "not_shown")


def load_sources(path: Path) -> Mapping[str, Source]:
    with path.open("rb") as file:
        rows = tomllib.load(file).get("source", [])
    shelf: dict[str, Source] = {}
    for number, row in enumerate(rows, 1):
        where = f"{path}: source {row.get('id', f'number {number}')}"
        if lacking := [key for key in ("id", "citation", "tag") if not row.get(key)]:
            raise SourceFileError(f"{where} lacks {lacking[0]!r}")
        if strange := sorted(row.keys() - _KEYS):
            raise SourceFileError(f"{where} has no such key as {strange[0]!r}")
        if row["tag"] not in {"seen", "seen-2", "recalled"}:
            raise SourceFileError(f"{where} has a tag {row['tag']!r}")
        if row["id"] in shelf:
            raise SourceFileError(f"{where} stands there twice")
        try:
            for key in row.keys() & _TEXTS:
                check_text(row[key], key)
        except ValueError as error:
            raise SourceFileError(f"{where}: {error}") from error
        shelf[row["id"]] = Source(**row)
    return shelf
