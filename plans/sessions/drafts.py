"""A draft as it was typed: the fields as the page sent them, readable or not."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

# Field by field, a list each, since a point's field comes once for each point.
Sent = Mapping[str, list[str]]

MOST_CHARACTERS = 60_000
# What says how the form was sent, not what is in it.
APART = {"csrfmiddlewaretoken", "do", "revision", "page", "turn", "seen_report"}
CHOICE = "take-"  # before a part's name: which of two texts of it stands


class TooLong(Exception):
    """More than a draft holds."""


@dataclass(frozen=True)
class Hand:
    """Who holds the pen: an opened page, and how often it has saved.

    A page whose answer got lost saves again on an older revision. It is known by this
    and does not run into itself; nor does a save that was overtaken undo a later one.
    """

    page: str = ""
    turn: int = 0

    def wrote(self, last: Mapping[str, object]) -> bool:
        return bool(self.page) and last.get("page") == self.page

    def is_overtaken(self, last: Mapping[str, object]) -> bool:
        return self.wrote(last) and self.turn <= int(str(last.get("turn", 0)))


def as_typed(fields: Iterable[tuple[str, list[str]]]) -> dict[str, list[str]]:
    """The fields that say what is in it, in texts that a database takes."""
    return {
        plain(name): [plain(value) for value in values]
        for name, values in fields
        if name not in APART and not name.startswith(CHOICE)
    }


def plain(text: str) -> str:
    """Without nulls, which PostgreSQL refuses."""
    return text.replace("\x00", "")


def length(sent: Sent) -> int:
    return sum(len(name) + sum(map(len, said)) for name, said in sent.items())


def part_of(name: str, codes: Iterable[str]) -> str:
    """The part a field belongs to: all of a point's are one, told by its code."""
    return next((code for code in codes if name.startswith(f"{code}-")), name)


def merged(mine: Sent, theirs: Sent, taken: Collection[str]) -> dict[str, list[str]]:
    """Mine, with those parts of theirs that are taken; a part may be absent."""
    points = {"mine": mine.get("point", []), "theirs": theirs.get("point", [])}
    codes = list(dict.fromkeys([*points["mine"], *points["theirs"]]))

    def chosen(name: str) -> str:
        return "theirs" if part_of(name, codes) in taken else "mine"

    return {
        **{name: said for name, said in mine.items() if chosen(name) == "mine"},
        **{name: said for name, said in theirs.items() if chosen(name) == "theirs"},
        "point": [code for code in codes if code in points[chosen(code)]],
    }
