"""Two wordings of the same thing, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# A Chinese character is a word of its own.
_WORDS = re.compile(r"\s+|[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")


@dataclass(frozen=True)
class Piece:
    """`changed`: the other wording doesn't have it."""

    text: str
    changed: bool


def compared(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both in full, each with what only it has told apart."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    was = [Piece("".join(old[a:b]), tag != "equal") for tag, a, b, _, _ in steps]
    now = [Piece("".join(new[a:b]), tag != "equal") for tag, _, _, a, b in steps]
    return tuple(p for p in was if p.text), tuple(p for p in now if p.text)
