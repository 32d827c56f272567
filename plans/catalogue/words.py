"""Points typed as words: `bl23 gb30 L 25mm, 委中 泻 留针30分`.

A point may be a code in any style, a pinyin, a Chinese name or an alias; several lumbar
levels at once, or the name of a saved combination. What follows belongs to it: a side,
a depth, a technique. Minutes are the retention, wherever they stand. What isn't
understood comes back as it was typed; nothing is guessed and nothing dropped.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from plans.catalogue.codes import Names, canonical, find_codes, fold, level_codes
from plans.catalogue.depth import usual_mm
from plans.catalogue.points import DEEPEST_MM, read_catalogue

LONGEST_MIN = 90
LONGEST_NAME = 6  # words, as in "Hua Tuo Jia Ji L4 L5"
LONGEST_PIECE = 12  # signs of what is written without a space: 华佗夹脊（腰4）
ASHI = "ASHI"
MOST_ASHI = 9

SIDES = {
    **dict.fromkeys(("l", "left", "左", "左侧", "左側"), "left"),
    **dict.fromkeys(("r", "right", "右", "右侧", "右側"), "right"),
    **dict.fromkeys(
        ("b", "lr", "both", "bilateral", "双", "双侧", "雙", "雙側"), "both"
    ),
}
TECHNIQUES = {
    **dict.fromkeys(("even", "平补平泻", "平補平瀉"), "even"),
    **dict.fromkeys(
        ("reinforcing", "reinforce", "补", "补法", "補", "補法"), "reinforcing"
    ),
    **dict.fromkeys(("reducing", "reduce", "泻", "泻法", "瀉", "瀉法"), "reducing"),
    **dict.fromkeys(
        ("warm", "warmneedle", "温针", "温针灸", "温針", "温針灸"), "warm_needle"
    ),
    **dict.fromkeys(
        ("moxa", "reinforcingmoxa", "灸", "艾灸", "补法加灸"), "reinforcing_moxa"
    ),
    **dict.fromkeys(("ea", "electro", "电针", "電針"), "electro"),
    **dict.fromkeys(("pricking", "prick", "点刺", "刺络"), "pricking"),
    **dict.fromkeys(("cupping", "cups", "拔罐"), "cupping"),
}

_BETWEEN = r"\s,;/+&|()\[\]，；、。（）【】"
_GAP = re.compile(rf"[{_BETWEEN}]+")
_WORD = re.compile(rf"[^{_BETWEEN}]+")
_DEPTH = re.compile(r"([0-9]{1,2})(?:mm|毫米)", re.IGNORECASE)
_CUN = re.compile(r"([0-9](?:\.[0-9]{1,2})?)(?:cun|寸)", re.IGNORECASE)
_STAYING = r"留针|留針|retention|retain|ret"
_MINUTES = re.compile(
    rf"(?:{_STAYING})?([0-9]{{1,2}})(?:m|min|mins|minutes|分|分钟|分鐘)"
    rf"|(?:{_STAYING})([0-9]{{1,2}})",
    re.IGNORECASE,
)
_TIMES = re.compile(r"[x×*]([1-9])|([1-9])(?:[x×个個处處]|pcs)", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_UNIT = re.compile(
    r"mm|cun|min|mins|minutes|毫米|寸|分|分钟|分鐘|[个個处處]", re.IGNORECASE
)
_BEFORE_A_NUMBER = re.compile(rf"{_STAYING}|[x×*]", re.IGNORECASE)
_LEVEL = re.compile(r"(?:l|腰)?[1-5]", re.IGNORECASE)
_DASH = re.compile(r"[-–—~至到]|to", re.IGNORECASE)
_SIDE_AT_END = re.compile(r"(.*[0-9])([lrb])", re.IGNORECASE)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SIGNS = re.compile(
    r"[\u4e00-\u9fff]|[^\W\d\u4e00-\u9fff]+|[0-9]+(?:\.[0-9]+)?|.", re.DOTALL
)


@dataclass(frozen=True)
class Wanted:
    """None where nothing was said about it. Only Ashi has a `count`."""

    code: str
    side: str | None = None
    depth_mm: int | None = None
    technique: str | None = None
    count: int | None = None


Combinations = Mapping[str, tuple[Wanted, ...]]  # by folded name


@dataclass(frozen=True)
class Unclear:
    """`said` is what was typed about it; `candidates` are the points of that name."""

    name: str
    candidates: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return " ".join((self.name, *self.said))

    @property
    def is_loose(self) -> bool:
        """A side, a depth, a technique that follows no point."""
        return _tells(self.name)


@dataclass(frozen=True)
class Parsed:
    points: tuple[Wanted, ...]
    retention_min: int | None
    unclear: tuple[Unclear, ...]

    @property
    def left(self) -> str:
        """What is asked about."""
        return ", ".join(item.text for item in self.unclear)


def parse(text: str, names: Names, combinations: Combinations | None = None) -> Parsed:
    known = combinations or {}
    words = list(_words(text, names))
    points: dict[str, Wanted] = {}
    unclear: list[Unclear] = []
    retention: int | None = None
    told: tuple[str, ...] = ()  # the codes that a side, depth or technique belongs to
    at = 0
    while at < len(words):
        taken, found = _points(words[at : at + LONGEST_NAME], names, known)
        if found:
            told = tuple(wanted.code for wanted in found)
            for wanted in found:
                points[wanted.code] = _merged(points.get(wanted.code), wanted)
        elif (minutes := _minutes(words[at])) is not None:
            retention = minutes
        elif said := _said_of([points[code] for code in told], words[at]):
            points.update((point.code, point) for point in said)
        elif unclear and not told and _tells(words[at]):
            asked = unclear[-1]
            unclear[-1] = replace(asked, said=(*asked.said, words[at]))
        else:
            taken, candidates = _shared(words[at : at + LONGEST_NAME], names)
            unclear.append(Unclear(" ".join(words[at : at + taken]), candidates))
            told = ()  # what follows may belong to the word that wasn't understood
        at += taken
    return Parsed(tuple(points.values()), retention, tuple(unclear))


def write(points: Sequence[Wanted], retention_min: int | None = None) -> str:
    """The same as words; `parse` gives it back."""
    said = []
    for point in points:
        depth = None if point.depth_mm is None else f"{point.depth_mm}mm"
        times = None if point.count is None else f"x{point.count}"
        parts = (point.code, times, point.side, depth, point.technique)
        said.append(" ".join(part.replace("_", "") for part in parts if part))
    if retention_min is not None:
        said.append(f"{retention_min}m")
    return ", ".join(said)


def split_last(text: str) -> Iterator[tuple[str, str]]:
    """What may be the beginning of a name at the end, the longest first, and what
    stands before it; nothing where the last word tells something of a point.
    """
    starts = [found.start() for found in _WORD.finditer(text)]
    if not starts or (len(starts) > 1 and _tells(text[starts[-1] :].strip())):
        return
    for start in starts[-LONGEST_NAME:]:
        yield text[:start], text[start:].strip()


def has_side(code: str) -> bool:
    return read_catalogue()[code].side != "midline"


def _words(text: str, names: Names) -> Iterator[str]:
    """`25 mm`, `warm needle` and `L4 - L5` are one word each; 委中左 is two."""
    before = ""
    for word in _GAP.split(text):
        if before and _belong(before, word):
            before += word
        elif word:
            yield from _pieces(before, names)
            before = word
    yield from _pieces(before, names)


def _belong(before: str, word: str) -> bool:
    left, right = _plain(before), _plain(word)
    return bool(
        (_NUMBER.fullmatch(left) and _UNIT.fullmatch(right))
        or (_BEFORE_A_NUMBER.fullmatch(left) and _NUMBER.match(right))
        or (_is_staying(left) and _UNIT.fullmatch(right))
        or (_LEVEL.fullmatch(left) and _DASH.fullmatch(right))
        or (
            _DASH.fullmatch(left[-1:])
            and _LEVEL.fullmatch(left[:-1])
            and _LEVEL.fullmatch(right)
        )
        or (fold(before), fold(word)) == ("warm", "needle")
    )


def _is_staying(word: str) -> bool:
    return re.fullmatch(rf"(?:{_STAYING})[0-9]+", word, re.IGNORECASE) is not None


def _pieces(word: str, names: Names) -> list[str]:
    """What Chinese writes without a space, taken apart; whole if a piece is strange."""
    if not word or not _CHINESE.search(word) or _means(word, names):
        return [word] if word else []
    signs = _SIGNS.findall(word)
    pieces = []
    while signs:
        for length in range(min(LONGEST_PIECE, len(signs)), 0, -1):
            piece = "".join(signs[:length])
            if _means(piece, names):
                break
        else:
            return [word]
        pieces.append(piece)
        signs = signs[length:]
    return pieces


def _means(word: str, names: Names) -> bool:
    return bool(
        _tells(word)
        or _minutes(word) is not None
        or find_codes(word, names)
        or level_codes(word, names)
    )


def _points(
    words: Sequence[str], names: Names, combinations: Combinations
) -> tuple[int, tuple[Wanted, ...]]:
    """How many words make a name, and what it names."""
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        if code := canonical(name, names):
            return length, (Wanted(code),)
        if codes := level_codes(name, names):
            return length, tuple(map(Wanted, codes))
        if points := combinations.get(fold(name)):
            return length, points
    if joined := _SIDE_AT_END.fullmatch(words[0]):
        code = canonical(joined[1], names)
        if code and has_side(code):
            return 1, (Wanted(code, side=SIDES[joined[2].lower()]),)
    return 1, ()


def _plain(word: str) -> str:
    """Full-width figures and letters are the same as the others."""
    return unicodedata.normalize("NFKC", word)


def _minutes(word: str) -> int | None:
    found = _MINUTES.fullmatch(_plain(word))
    minutes = int(found[1] or found[2]) if found else LONGEST_MIN + 1
    return minutes if minutes <= LONGEST_MIN else None


def _depth(word: str) -> int | None:
    """Millimetres; None too where no needle goes so deep."""
    plain = _plain(word)
    depth, cun = _DEPTH.fullmatch(plain), _CUN.fullmatch(plain)
    if depth:
        mm = int(depth[1])
    elif cun:
        mm = round(usual_mm(float(cun[1])))
    else:
        return None
    return mm if mm <= DEEPEST_MM else None


def _times(word: str) -> int | None:
    times = _TIMES.fullmatch(_plain(word))
    return int(times[1] or times[2]) if times else None


def _tells(word: str) -> bool:
    """Whether the word says something of a point, and names none."""
    folded = fold(word)
    known = folded in SIDES or folded in TECHNIQUES
    return known or _depth(word) is not None or _times(word) is not None


def _merged(before: Wanted | None, now: Wanted) -> Wanted:
    """Named twice: the later word counts. Ashi twice is two."""
    if before is None:
        return now
    if now == Wanted(ASHI):
        return replace(before, count=min((before.count or 1) + 1, MOST_ASHI))
    return replace(
        before,
        side=now.side or before.side,
        technique=now.technique or before.technique,
    )


def _said_of(points: Sequence[Wanted], word: str) -> list[Wanted]:
    """Those of the points that the word can be said of, as it has them then."""
    folded = fold(word)
    if folded in SIDES:
        sided = [point for point in points if has_side(point.code)]
        return [replace(point, side=SIDES[folded]) for point in sided]
    if folded in TECHNIQUES:
        return [replace(point, technique=TECHNIQUES[folded]) for point in points]
    if (depth := _depth(word)) is not None:
        return [replace(point, depth_mm=depth) for point in points]
    if times := _times(word):
        ashi = [point for point in points if point.code == ASHI]
        return [replace(point, count=times) for point in ashi]
    return []


def _shared(words: Sequence[str], names: Names) -> tuple[int, tuple[str, ...]]:
    """How many words make a name that several points bear; else the one word."""
    for length in range(len(words), 0, -1):
        if codes := names.get(fold(" ".join(words[:length])), ()):
            return length, codes
    return 1, ()
