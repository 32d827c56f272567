"""The Roland-Morris questionnaire: its statements, and when it is due."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

from clinic.core.texts import Text, check_text

FILE = Path(__file__).with_name("rmdq.toml")

# Weeks after the first session; at baseline as well. P02's time points, at second hand.
WEEKS = (2, 4, 8, 26, 52)
EARLY = timedelta(days=7)  # so long before its day one counts for it


def _read(path: Path) -> dict:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    for number, text in enumerate([raw["intro"], *raw["statements"]]):
        check_text(text, f"{path.name}: statement {number}")
    return raw


_FORM = _read(FILE)
CITATION: str = _FORM["citation"]
INTRO: Text = _FORM["intro"]
STATEMENTS: tuple[Text, ...] = tuple(_FORM["statements"])
UNVALIDATED: frozenset[str] = frozenset(_FORM["unvalidated"])  # languages


def is_due(began: date | None, last: date | None, today: date) -> bool:
    """Whether the questionnaire is to be answered, one being answered in `last`.

    `began` is the first session of the course, None before it.
    """
    if last is None:
        return True
    if began is None:
        return False
    days = [began + timedelta(weeks=week) for week in WEEKS]
    passed = [day for day in days if day <= today]
    return bool(passed) and last < passed[-1] - EARLY
