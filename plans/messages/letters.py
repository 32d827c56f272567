"""The words of a message, in the patient's language. The file beside has the texts."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from clinic.core.texts import LANGUAGES, Text, check_text
from plans.messages.due import NEWS, Kind

FILE = Path(__file__).with_name("letters.toml")
WITH_FILE = {Kind.BOOKING, Kind.MOVED}
SINGLE = {
    name: f"[{name}]"
    for name in (
        "weekdays months start greeting instead file absence late_absence by_phone "
        "why event"
    ).split()
}


class Clinic(NamedTuple):
    name: str
    phone: str
    notice_hours: int  # before an appointment, for who can't come


class Date(NamedTuple):
    """When, on the clinic's wall clock, and what it was before where it was moved."""

    start: datetime
    was: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Texts:
    single: Mapping[str, Text]
    subjects: Mapping[tuple[str, bool], Text]  # by kind, and whether there are several
    says: Mapping[tuple[str, bool], Text]


@cache
def texts(path: Path = FILE) -> Texts:
    """Raises ValueError for a text that is missing in a language."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    single = {name: check_text(raw.get(name), where) for name, where in SINGLE.items()}
    subjects, says = {}, {}
    for kind in Kind:
        for several in (False, True) if kind in NEWS else (False,):
            number = "many" if several else "one"
            entry = raw.get(kind, {}).get(number, {})
            where = f"[{kind}.{number}]"
            subjects[kind.value, several] = check_text(entry.get("subject"), where)
            says[kind.value, several] = check_text(entry.get("says"), where)
    for language in LANGUAGES:
        if len(single["weekdays"][language].split()) != 7:
            raise ValueError(f"[weekdays]: not seven in {language}")
        if len(single["months"][language].split()) != 12:
            raise ValueError(f"[months]: not twelve in {language}")
    return Texts(single, subjects, says)


def letter(
    kind: str,
    dates: Sequence[Date],
    *,
    first_name: str,
    language: str,
    clinic: Clinic,
) -> Letter:
    """One message about one date or several of one patient."""

    def say(text: str, /, **values: object) -> str:
        return texts().single[text][language].format(**values)

    key = (kind, len(dates) > 1)
    first = dates[0].start
    numbers = {
        "count": len(dates),
        "first": start_words(first, language),
        "hour": f"{first:%H:%M}",
    }
    rows = []
    for date in dates:
        row = start_words(date.start, language)
        if date.was is not None:
            was = say("instead", was=start_words(date.was, language))
            row += f" ({was})" if language == "en" else f"（{was}）"
        rows.append(row)
    ends = []
    if kind == Kind.LATE:
        ends.append(say("late_absence"))
    elif kind != Kind.CANCELLED:
        ends.append(say("absence", hours=clinic.notice_hours))
    if clinic.phone:
        ends.append(say("by_phone", phone=clinic.phone))
    parts = [
        say("greeting", name=" ".join(first_name.split())),
        texts().says[key][language].format(**numbers),
        "\n".join(rows),
        *([say("file")] if kind in WITH_FILE else []),
        "\n".join(ends),
        clinic.name,
        say("why"),
    ]
    subject = texts().subjects[key][language].format(**numbers)
    body = "\n\n".join(part for part in parts if part)
    return Letter(subject, f"{body}\n")


def start_words(at: datetime, language: str) -> str:
    """Tuesday 3 March 2026, 09:00"""
    single = texts().single
    return single["start"][language].format(
        weekday=single["weekdays"][language].split()[at.weekday()],
        day=at.day,
        month=single["months"][language].split()[at.month - 1],
        year=at.year,
        hour=f"{at:%H:%M}",
    )


def event_words(language: str, clinic: str) -> str:
    """How an appointment stands in the patient's own calendar."""
    return texts().single["event"][language].format(clinic=clinic)
