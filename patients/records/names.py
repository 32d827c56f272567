"""Names as people write them, and as they look for them."""

import re
import unicodedata
from difflib import SequenceMatcher

# Letters that Unicode does not take apart into a base letter and an accent.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
WORD = re.compile(r"[^\W_]+")
JOINERS = re.compile(r"['’ʼ`´‘\-‐‑]")
SHORTEST_PHONE_PART = 4  # digits; people remember how a number ends
TERM_LENGTH = 40
NEAR = 0.8  # of 1, how alike two spellings of one name are (Reyes, Reyez)


def fold(text: str) -> str:
    """Lower case without accents, width variants or typographic letters."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    # A compatibility form (℡) may have come apart into capitals.
    return unicodedata.normalize("NFC", bare).casefold().translate(PLAIN)


def full_name(family_name: str, given_name: str) -> str:
    """Both names in the order of their script: 王小明, Ana Reyes."""
    if HAN.search(family_name) or (not family_name and HAN.search(given_name)):
        return f"{family_name}{given_name}"
    return f"{given_name} {family_name}".strip()


def digits(text: str) -> str:
    return "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())


def words(*names: str) -> frozenset[str]:
    """The folded words; O’Brien and Mary-Jane also in one piece, as people type them.

    >>> sorted(words("O’Brien"))
    ['brien', 'o', 'obrien']
    """
    found: set[str] = set()
    for name in names:
        folded = fold(name)
        found |= {*WORD.findall(folded), *WORD.findall(JOINERS.sub("", folded))}
    return frozenset(found)


def search_terms(*names: str, phone: str = "") -> frozenset[str]:
    """What a person can be found by, each from its beginning.

    A Chinese name has no gaps, so it can also be found from any of its characters; a
    phone number from any of its digits but the last three.
    """
    terms: set[str] = set()
    for word in words(*names):
        terms.add(word)
        if HAN.search(word):
            terms |= {word[start:] for start in range(1, len(word))}
    number = digits(phone)
    last = len(number) - SHORTEST_PHONE_PART
    terms |= {number[start:] for start in range(last + 1)}
    return frozenset(term[:TERM_LENGTH] for term in terms)


def patient_terms(
    family_name: str, given_name: str, preferred_name: str, phone: str
) -> frozenset[str]:
    """The whole name counts as well, since 王小明 is typed in one piece."""
    whole = full_name(family_name, given_name)
    return search_terms(family_name, given_name, preferred_name, whole, phone=phone)


def query_terms(text: str) -> tuple[str, ...]:
    """The words of a search, folded; a phone number typed with gaps is one word."""
    folded = fold(text)
    if digits(folded) and not any(c.isalpha() for c in folded):
        return (digits(folded)[:TERM_LENGTH],)
    return tuple(word[:TERM_LENGTH] for word in WORD.findall(folded))


def share_a_word(one: str, other: str) -> bool:
    return not words(one).isdisjoint(words(other))


def near(one: str, other: str) -> bool:
    """Whether both look like spellings of the same name, whatever the order."""
    first, second = (
        " ".join(sorted(WORD.findall(fold(name)))) for name in (one, other)
    )
    return SequenceMatcher(None, first, second).ratio() >= NEAR
