"""What somebody at the desk means by what they type into the search box."""

import re
from dataclasses import dataclass
from datetime import date

from patients.records.names import HAN, digits, fold, query_terms

MOST_LETTERS = 100
MOST_WORDS = 6
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
MONTH = rf"(?P<month>{'|'.join(MONTHS)})[a-z]*"
DATES = [
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})"
        r"\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)日?",
        r"(?<!\d)(?P<day>\d{1,2})\s*[-/.]\s*(?P<month>\d{1,2})"
        r"\s*[-/.]\s*(?P<year>\d{4}|\d{2})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s\-]+{MONTH}"
        r"\.?[\s\-,]+(?P<year>\d{4}|\d{2})(?!\d)",
        rf"\b{MONTH}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})(?!\d)",
    )
]


@dataclass(frozen=True)
class Search:
    """`birth_dates` are the days a typed date may mean; empty when none was typed."""

    terms: tuple[str, ...] = ()
    birth_dates: tuple[date, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms or self.birth_dates)


def possible_days(year: str, month: str, day: str) -> tuple[date, ...]:
    """The day comes first unless only the other order is a date; a year of two digits
    is one of either century.
    """
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    number = MONTHS.index(month) + 1 if month in MONTHS else int(month)
    for m, d in ((number, int(day)), (int(day), number)):
        found = [valid for y in years if (valid := valid_day(y, m, d))]
        if found:
            return tuple(found)
    return ()


def valid_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_search(text: str) -> Search:
    """Take the first date out of what was typed; the rest is a name or a phone."""
    folded = fold(text[:MOST_LETTERS])
    for pattern in DATES:
        if (match := pattern.search(folded)) and (
            days := possible_days(**match.groupdict())
        ):
            rest = folded[: match.start()] + " " + folded[match.end() :]
            return Search(query_terms(rest)[:MOST_WORDS], days)
    return Search(query_terms(folded)[:MOST_WORDS])


def as_typed_patient(text: str) -> dict[str, str]:
    """Start a registration with what was searched for in vain.

    >>> as_typed_patient("ana reyes")
    {'given_name': 'Ana', 'family_name': 'Reyes'}
    """
    text = " ".join(text[:MOST_LETTERS].replace("\x00", "").split())
    search = read_search(text)
    if search.birth_dates:
        day, *others = search.birth_dates
        return {} if others else {"birth_date": day.isoformat()}
    if digits(text) and not any(c.isalpha() for c in text):
        return {"phone": text[:40]}
    if HAN.search(text):
        family, given = text.split(" ", 1) if " " in text else (text[:1], text[1:])
    elif "," in text:
        family, given = (part.strip() for part in text.split(",", 1))
    else:
        given, _gap, family = text.rpartition(" ")
    if text == text.lower():
        family, given = family.title(), given.title()
    named = {"given_name": given[:80], "family_name": family[:80]}
    return {field: name for field, name in named.items() if name}
