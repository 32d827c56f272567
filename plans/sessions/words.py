"""Points typed as words: `bl23 gb30 L 25mm, 委中 泻 30m`.

A point may be a code in any style, a pinyin, a Chinese name or an alias. What follows
it belongs to it: a side, a depth, a technique. Minutes are the retention. What isn't
understood comes back as it was typed; nothing is guessed and nothing dropped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from plans.catalogue.codes import Names, canonical, fold
from plans.catalogue.depth import usual_mm
from plans.catalogue.points import DEEPEST_MM

LONGEST_MIN = 90
LONGEST_NAME = 4  # words, as in "EX-B2 Jiaji L4 right"

SIDES = {
    **dict.fromkeys(("l", "left", "左", "左侧"), "left"),
    **dict.fromkeys(("r", "right", "右", "右侧"), "right"),
    **dict.fromkeys(("b", "lr", "both", "bilateral", "双", "双侧"), "both"),
}
TECHNIQUES = {
    **dict.fromkeys(("even", "平补平泻"), "even"),
    **dict.fromkeys(("reinforcing", "reinforce", "补", "补法"), "reinforcing"),
    **dict.fromkeys(("reducing", "reduce", "泻", "泻法"), "reducing"),
    **dict.fromkeys(("warm", "warmneedle", "温针", "温针灸"), "warm_needle"),
    **dict.fromkeys(
        ("moxa", "reinforcingmoxa", "灸", "艾灸", "补法加灸"), "reinforcing_moxa"
    ),
    **dict.fromkeys(("ea", "electro", "电针"), "electro"),
    **dict.fromkeys(("pricking", "prick", "点刺", "刺络"), "pricking"),
    **dict.fromkeys(("cupping", "cups", "拔罐"), "cupping"),
}

_GAP = re.compile(r"[\s,;，；、]+")
_DEPTH = re.compile(r"([0-9]{1,2})(?:mm|毫米)", re.IGNORECASE)
_CUN = re.compile(r"([0-9](?:\.[0-9]{1,2})?)(?:cun|寸)", re.IGNORECASE)
_MINUTES = re.compile(r"([0-9]{1,2})(?:m|min|mins|分|分钟)", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SIDE_AT_END = re.compile(r"(.*[0-9])([lrb])", re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """None where nothing was said about it."""

    code: str
    side: str | None = None
    depth_mm: int | None = None
    technique: str | None = None


@dataclass(frozen=True)
class Unclear:
    """`candidates` are the points that share the name."""

    text: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parsed:
    points: tuple[Wanted, ...]
    retention_min: int | None
    unclear: tuple[Unclear, ...]

    @property
    def left(self) -> str:
        """What stays in the field."""
        return ", ".join(item.text for item in self.unclear)


def parse(text: str, names: Names) -> Parsed:
    words = _join_units([word for word in _GAP.split(text) if word])
    points: dict[str, Wanted] = {}
    unclear: list[Unclear] = []
    retention: int | None = None
    last = ""  # the code that a side, depth or technique belongs to
    while words:
        taken, found = _point(words, names)
        if found is not None:
            last = found.code
            points[last] = _merged(points.get(last), found)
        elif (minutes := _minutes(words[0])) is not None:
            retention = minutes
        elif last and (said := _said_of(points[last], words[0])):
            points[last] = said
        else:
            taken, candidates = _shared(words, names)
            unclear.append(Unclear(" ".join(words[:taken]), candidates))
            last = ""  # what follows may belong to the word that wasn't understood
        del words[:taken]
    return Parsed(tuple(points.values()), retention, tuple(unclear))


def write(points: Sequence[Wanted], retention_min: int | None = None) -> str:
    """The same as words; `parse` gives it back."""
    said = []
    for point in points:
        depth = None if point.depth_mm is None else f"{point.depth_mm}mm"
        parts = (point.code, point.side, depth, point.technique)
        said.append(" ".join(part.replace("_", "") for part in parts if part))
    if retention_min is not None:
        said.append(f"{retention_min}m")
    return ", ".join(said)


def _join_units(words: list[str]) -> list[str]:
    """`25 mm` and `warm needle` are one word each."""
    joined: list[str] = []
    for word in words:
        before = joined[-1] if joined else ""
        unit = _NUMBER.fullmatch(before) and re.fullmatch("mm|cun|min|mins", word, re.I)
        if unit or (fold(before), fold(word)) == ("warm", "needle"):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _point(words: Sequence[str], names: Names) -> tuple[int, Wanted | None]:
    for length in range(min(LONGEST_NAME, len(words)), 0, -1):
        if code := canonical(" ".join(words[:length]), names):
            return length, Wanted(code)
    if (joined := _SIDE_AT_END.fullmatch(words[0])) and (
        code := canonical(joined[1], names)
    ):
        return 1, Wanted(code, side=SIDES[joined[2].lower()])
    return 1, None


def _minutes(word: str) -> int | None:
    minutes = _MINUTES.fullmatch(word)
    return int(minutes[1]) if minutes and int(minutes[1]) <= LONGEST_MIN else None


def _depth(word: str) -> int | None:
    """Millimetres; None too where no needle goes so deep."""
    depth, cun = _DEPTH.fullmatch(word), _CUN.fullmatch(word)
    if depth:
        mm = int(depth[1])
    elif cun:
        mm = round(usual_mm(float(cun[1])))
    else:
        return None
    return mm if mm <= DEEPEST_MM else None


def _merged(before: Wanted | None, now: Wanted) -> Wanted:
    """Named twice: the later word counts."""
    if before is None:
        return now
    return replace(before, side=now.side or before.side)


def _said_of(point: Wanted, word: str) -> Wanted | None:
    """The point with a side, technique or depth; None if the word is none of these."""
    folded = fold(word)
    if folded in SIDES:
        return replace(point, side=SIDES[folded])
    if folded in TECHNIQUES:
        return replace(point, technique=TECHNIQUES[folded])
    if (depth := _depth(word)) is not None:
        return replace(point, depth_mm=depth)
    return None


def _shared(words: Sequence[str], names: Names) -> tuple[int, tuple[str, ...]]:
    """How many words make a name that several points bear; else the one word."""
    for length in range(min(LONGEST_NAME, len(words)), 0, -1):
        if codes := names.get(fold(" ".join(words[:length])), ()):
            return length, codes
    return 1, ()
