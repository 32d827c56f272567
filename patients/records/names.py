"""Names as people write them, and as they look for them."""

import re
import unicodedata

# Letters that Unicode does not take apart into a base letter and an accent.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
WORD = re.compile(r"\w+")
SHORTEST_PHONE_PART = 4  # digits; people remember how a number ends


def fold(text: str) -> str:
    """Lower case without accents, width variants or typographic letters."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).translate(PLAIN)


def full_name(family_name: str, given_name: str) -> str:
    """Both names in the order of their script: 王小明, Ana Reyes."""
    if HAN.search(family_name) or (not family_name and HAN.search(given_name)):
        return f"{family_name}{given_name}"
    return f"{given_name} {family_name}".strip()


def digits(text: str) -> str:
    return "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())


def search_terms(*names: str, phone: str = "") -> frozenset[str]:
    """What a person can be found by, each from its beginning.

    A Chinese name has no gaps, so it can also be found from any of its characters; a
    phone number from any of its digits but the last three.
    """
    terms: set[str] = set()
    for name in names:
        for word in WORD.findall(fold(name)):
            terms.add(word)
            if HAN.search(word):
                terms |= {word[start:] for start in range(1, len(word))}
    number = digits(phone)
    last = len(number) - SHORTEST_PHONE_PART
    terms |= {number[start:] for start in range(last + 1)}
    return frozenset(term[:TERM_LENGTH] for term in terms)


TERM_LENGTH = 40


def query_terms(text: str) -> tuple[str, ...]:
    """The words of a search, folded; a phone number typed with gaps is one word."""
    folded = fold(text)
    if digits(folded) and not any(c.isalpha() for c in folded):
        return (digits(folded)[:TERM_LENGTH],)
    return tuple(word[:TERM_LENGTH] for word in WORD.findall(folded))
