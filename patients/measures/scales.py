"""Scales as data: range, direction, how they are scored, the change that matters."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from clinic.core.texts import Text, check_text

FILE = Path(__file__).with_name("scales.toml")
CENT = Decimal("0.01")


class ScoreOutOfRange(ValueError):
    """A score lies outside its scale."""


class NoKnownChange(ValueError):
    """Nobody has said how much of a change on this scale matters."""


@dataclass(frozen=True)
class Matters:
    """The change that matters: in the scale's points, in per cent of baseline."""

    points: int
    share: int


@dataclass(frozen=True)
class Parts:
    """What a total is the sum of: so many parts, each rated from 0 to `worst`.

    With fewer than `least` parts answered there is no score.
    """

    number: int
    worst: int
    least: int


@dataclass(frozen=True)
class Scale:
    """On every scale here lower is better.

    `target` is the score with which patients call themselves well, if known. `parts` is
    None where one number is the answer. The wording of a scale that is not `shipped`
    belongs to somebody: only its total is typed in.
    """

    code: str
    name: Text = field(hash=False)
    low: int
    high: int
    rule: Text = field(hash=False)
    licence: Text = field(hash=False)
    shipped: bool
    source: str = ""
    matters: Matters | None = None
    parts: Parts | None = None
    target: float | None = None

    @property
    def important_change(self) -> int:
        return self._matters.points

    @property
    def important_share(self) -> int:
        return self._matters.share

    @property
    def _matters(self) -> Matters:
        if self.matters is None:
            raise NoKnownChange(self.code)
        return self.matters

    def check(self, value: float) -> None:
        if not self.low <= value <= self.high:
            raise ScoreOutOfRange(f"{self.code}: {value}")

    def total(self, points: int, answered: int) -> Decimal:
        """The score of a sum of parts, those left out taken as the mean of the others.

        Raises ScoreOutOfRange when too few were answered, or the sum can't be.
        """
        parts = self.parts
        if parts is None or not parts.least <= answered <= parts.number:
            raise ScoreOutOfRange(f"{self.code}: {answered} answered")
        if not 0 <= points <= parts.worst * answered:
            raise ScoreOutOfRange(f"{self.code}: {points} of {answered}")
        share = Decimal(points) / (parts.worst * answered)
        return (share * self.high).quantize(CENT, ROUND_HALF_UP)


def read_scales(path: Path) -> Mapping[str, Scale]:
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    return {code: _scale(code, row, path.name) for code, row in rows.items()}


def _scale(code: str, row: dict, file: str) -> Scale:
    for text in ("name", "rule", "licence"):
        check_text(row.get(text), f"{file}: {code}.{text}")
    matters, parts = row.pop("matters", None), row.pop("parts", None)
    return Scale(
        code=code,
        matters=Matters(**matters) if matters else None,
        parts=Parts(**parts) if parts else None,
        **row,
    )


SCALES = read_scales(FILE)
