"""From what people type to the catalogue's code: `UB 40`, `委中`, `wěizhōng` are BL40.

Nine pinyin spellings, and some short names, belong to two points. They give both
codes, for the reader to choose; nothing here guesses.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from plans.catalogue.points import Point, read_catalogue

Names = Mapping[str, tuple[str, ...]]  # folded name or code -> the codes that bear it

ALIASES = Path(__file__).parent / "data" / "aliases.toml"
with ALIASES.open("rb") as _file:
    _ALIASES = tomllib.load(_file)
_SIMPLIFIED = str.maketrans(dict(_ALIASES["characters"]["pairs"].split()))

# Abbreviations of a channel in common use, folded, the WHO's first.
PREFIXES = {
    "LU": ("lu",),
    "LI": ("li", "co"),
    "ST": ("st", "s"),
    "SP": ("sp",),
    "HT": ("ht", "h"),
    "SI": ("si",),
    "BL": ("bl", "ub", "b"),
    "KI": ("ki", "kid", "k"),
    "PC": ("pc", "hc", "p"),
    "TE": ("te", "sj", "tb", "tw", "th"),
    "GB": ("gb", "g"),
    "LR": ("lr", "liv", "lv"),
    "GV": ("gv", "du", "dm"),
    "CV": ("cv", "ren", "rn"),
}
_WHO_PREFIX = {
    prefix: channel.lower()
    for channel, prefixes in PREFIXES.items()
    for prefix in prefixes
}

_CODE = re.compile(r"([a-z]+)0*([1-9][0-9]?)")
_EXTRA = re.compile(r"(ex(?:hn|ca|b|ue|le))0*([1-9][0-9]?)(l[1-5])?")
_LEVEL = re.compile(r"(?:l|腰)([1-5])(?![0-9])")
_LEVELS = re.compile(
    r"(?:l|腰)\s*([1-5])\s*(?:-|–|—|~|至|到|to)\s*(?:l|腰)?\s*([1-5])(?![0-9])",
    re.IGNORECASE,
)
_CJK = r"[\u4e00-\u9fff]"
_GAPS = re.compile(
    rf"[\s,;/()\uff08\uff09]+|(?<={_CJK})(?=[A-Za-z])|(?<=[A-Za-z0-9])(?={_CJK})"
)

LONGEST = 60  # letters; no name is longer, and a longer text is not looked through
# For get_close_matches: one wrong letter in a short name, or one sign of two.
ALIKE, ALIKE_SIGNS = 0.7, 0.5


def fold(text: str) -> str:
    """The same name typed any way folds to the same letters.

    Tone marks, case, width, spaces and punctuation go; traditional characters become
    the simplified ones of the catalogue.
    """
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_SIMPLIFIED)
    return "".join(sign for sign in plain if sign.isalnum())


def names_of(points: Iterable[Point]) -> Names:
    """Every code, pinyin, Chinese name and alias of `points`, folded."""
    found: dict[str, tuple[str, ...]] = {}
    for point in points:
        aliases = _ALIASES["names"].get(point.code, ())
        for name in (point.code, point.pinyin, point.hanzi, *aliases):
            codes = found.get(fold(name), ())
            if point.code not in codes:
                found[fold(name)] = (*codes, point.code)
    return found


@cache
def catalogue_names() -> Names:
    return names_of(read_catalogue().values())


def find_codes(text: str, names: Names) -> tuple[str, ...]:
    """The codes that `text` may mean: none, the one, or several to choose from.

    A code and a name together ("BL40 Weizhong") give the point on which they agree,
    and all that either could mean where they do not.
    """
    if len(text) > LONGEST:
        return ()
    if codes := _one_name(fold(text), names):
        return codes
    words = [word for word in _GAPS.split(text) if word]
    for cut in range(1, len(words)):
        left = _one_name(fold("".join(words[:cut])), names)
        right = _one_name(fold("".join(words[cut:])), names)
        if left and right:
            agreed = tuple(code for code in left if code in right)
            return agreed or tuple(dict.fromkeys(left + right))
    return ()


def canonical(text: str, names: Names) -> str | None:
    """The one code that `text` means; None where there is none, or more than one."""
    codes = find_codes(text, names)
    return codes[0] if len(codes) == 1 else None


def level_codes(text: str, names: Names) -> tuple[str, ...]:
    """The codes of several lumbar levels at once: "Jiaji L4-L5", "夹脊 L3 L5"."""
    if len(text) > LONGEST:
        return ()
    levels: set[int] = set()
    rest = text
    if between := _LEVELS.search(text):
        first, last = sorted(map(int, between.groups()))
        levels.update(range(first, last + 1))
        rest = text[: between.start()] + text[between.end() :]
    folded = fold(rest)
    levels.update(map(int, _LEVEL.findall(folded)))
    if len(levels) < 2 or _one_name(_LEVEL.sub("", folded), names) != ("EX-B2",):
        return ()
    return tuple(f"EX-B2-L{level}" for level in sorted(levels))


def near_codes(text: str, names: Names, limit: int = 3) -> tuple[str, ...]:
    """Points whose code or name is nearly `text`, the nearest first: to be asked about,
    never taken.
    """
    folded = _who_form(fold(text[:LONGEST]))
    if not folded:
        return ()
    begun = [name for name in names if name.startswith(folded)]
    # A Latin name from two letters on; one Chinese sign says enough.
    begun = begun if len(folded) > 1 or not folded.isascii() else []
    cutoff = ALIKE if folded.isascii() else ALIKE_SIGNS
    alike = get_close_matches(folded, names, n=2 * limit, cutoff=cutoff)
    codes = (code for name in (*begun, *alike) for code in names[name])
    return tuple(dict.fromkeys(codes))[:limit]


def spellings(point: Point) -> tuple[str, ...]:
    """Everything a search should find `point` by, folded."""
    prefixes = PREFIXES.get(point.channel, ())
    aliases = _ALIASES["names"].get(point.code, ())
    names = (
        point.code,
        *(f"{prefix}{point.number}" for prefix in prefixes),
        point.pinyin,
        point.hanzi,
        *aliases,
        point.english_name,
    )
    return tuple(dict.fromkeys(fold(name) for name in names))


def _one_name(folded: str, names: Names) -> tuple[str, ...]:
    if codes := names.get(_who_form(folded)):
        return codes
    # A lumbar level with any name of the paraspinal points: "Yao Jiaji L4", "腰4夹脊".
    levels = _LEVEL.findall(folded)
    if len(levels) == 1 and names.get(_LEVEL.sub("", folded)) == ("EX-B2",):
        return names.get(f"exb2l{levels[0]}", ())
    return ()


def _who_form(folded: str) -> str:
    if extra := _EXTRA.fullmatch(folded):
        return "".join(part or "" for part in extra.groups())
    if code := _CODE.fullmatch(folded):
        prefix, number = code.groups()
        return _WHO_PREFIX.get(prefix, prefix) + number
    return folded
