"""What is other today than it was last time."""

from collections.abc import Sequence
from dataclasses import dataclass

from plans.sessions.entry import Line

ADDED, DROPPED, CHANGED = "added", "dropped", "changed"


@dataclass(frozen=True)
class Change:
    """`before` is None for a point that was added, `now` for one left out."""

    code: str
    before: Line | None
    now: Line | None

    @property
    def kind(self) -> str:
        if self.before is None:
            return ADDED
        return CHANGED if self.now else DROPPED


def changes(before: Sequence[Line], now: Sequence[Line]) -> tuple[Change, ...]:
    """In today's order, what was left out last."""
    was = {line.code: line for line in before}
    stays = {line.code for line in now}
    return (
        *(
            Change(line.code, was.get(line.code), line)
            for line in now
            if line.code not in was or was[line.code].given != line.given
        ),
        *(Change(line.code, line, None) for line in before if line.code not in stays),
    )
