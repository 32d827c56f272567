"""Scales as data: range, direction, the change that matters, source, licence."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from clinic.core.texts import Text, check_text

FILE = Path(__file__).with_name("scales.toml")


class ScoreOutOfRange(ValueError):
    """A score lies outside its scale."""


@dataclass(frozen=True)
class Scale:
    """On every scale here lower is better.

    `important_change` is in the scale's own points, `important_share` in per cent of
    baseline; `target` is the score with which patients call themselves well, if known.
    """

    code: str
    name: Text = field(hash=False)
    low: int
    high: int
    step: int
    important_change: int
    important_share: int
    source: str
    licence: Text = field(hash=False)
    target: float | None = None

    def check(self, value: float) -> None:
        if not self.low <= value <= self.high:
            raise ScoreOutOfRange(f"{self.code}: {value}")


def read_scales(path: Path) -> Mapping[str, Scale]:
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    for code, row in rows.items():
        for text in ("name", "licence"):
            check_text(row[text], f"{path.name}: {code}.{text}")
    return {code: Scale(code=code, **row) for code, row in rows.items()}


SCALES = read_scales(FILE)
