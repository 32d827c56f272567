"""The acupoint catalogue as plain values, read from `data/acupoints.csv`."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from plans.catalogue.vocabulary import WORDS

CATALOGUE = Path(__file__).parent / "data" / "acupoints.csv"

DEEPEST_MM = 75  # a three-cun needle; nothing in the catalogue goes deeper


@dataclass(frozen=True)
class Point:
    """One row of the catalogue. `docs/catalogue.md` says what each value rests on.

    Depths are the usual textbook range along the needle, in millimetres; both are 0
    where a point is not needled. `verified` counts the origins that agree with the row.
    """

    code: str
    channel: str
    number: int
    pinyin: str
    pinyin_tones: str
    hanzi: str
    english_name: str
    body_region: str
    side: str
    location: str
    depth_min_mm: float
    depth_max_mm: float
    angle: str
    other_angles: tuple[str, ...]
    position: str
    categories: tuple[str, ...]
    cautions: tuple[str, ...]
    pregnancy_contraindicated: bool
    source: tuple[str, ...]
    verified: int

    @property
    def needled(self) -> bool:
        return self.depth_max_mm > 0


class CatalogueError(ValueError):
    """A row that cannot be trusted; the message names the file and the line."""


@cache
def read_catalogue(path: Path = CATALOGUE) -> Mapping[str, Point]:
    """Every point by its code, in the order of the file. A file is read once.

    Raises:
        CatalogueError: A cell is missing, outside its range or not a known word, or a
            code comes twice.
    """
    points: dict[str, Point] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            try:
                point = _point(row)
                _check(point)
                if point.code in points:
                    raise ValueError(f"{point.code} comes twice")
            except (KeyError, TypeError, ValueError) as problem:
                where = f"{path.name}, line {reader.line_num}"
                raise CatalogueError(f"{where}: {problem}") from problem
            points[point.code] = point
    return MappingProxyType(points)


def _point(row: dict[str, str]) -> Point:
    angle, *other_angles = row["angle"].split(";")
    return Point(
        code=row["code"],
        channel=row["channel"],
        number=int(row["number"]),
        pinyin=row["pinyin"],
        pinyin_tones=row["pinyin_tones"],
        hanzi=row["hanzi"],
        english_name=row["english_name"],
        body_region=row["body_region"],
        side=row["side"],
        location=row["location"],
        depth_min_mm=float(row["depth_min_mm"]),
        depth_max_mm=float(row["depth_max_mm"]),
        angle=angle,
        other_angles=tuple(other_angles),
        position=row["position"],
        categories=_words(row["categories"], ";"),
        cautions=_words(row["cautions"], ";"),
        pregnancy_contraindicated={"yes": True, "no": False}[
            row["pregnancy_contraindicated"]
        ],
        source=_words(row["source"], "|"),
        verified=int(row["verified"]),
    )


def _words(cell: str, separator: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in cell.split(separator) if word.strip())


def _check(point: Point) -> None:
    for name in ("code", "pinyin", "pinyin_tones", "hanzi", "english_name", "location"):
        if not getattr(point, name):
            raise ValueError(f"{point.code} has no {name}")
    known = {
        "channel": (point.channel,),
        "body_region": (point.body_region,),
        "side": (point.side,),
        "position": (point.position,),
        "angle": (point.angle, *point.other_angles),
        "caution": point.cautions,
        "category": point.categories,
    }
    for kind, words in known.items():
        for word in words:
            if word not in WORDS[kind]:
                raise ValueError(f"{point.code}: no such {kind} as {word!r}")
    if not 0 <= point.depth_min_mm <= point.depth_max_mm <= DEEPEST_MM:
        raise ValueError(
            f"{point.code}: depth {point.depth_min_mm:g}-{point.depth_max_mm:g} mm "
            f"is not a range within 0-{DEEPEST_MM} mm"
        )
    if not point.source:
        raise ValueError(f"{point.code} names no source")
