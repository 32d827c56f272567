"""What a patient is asked on the tablet, and in which order."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# One number each; the tap that gives it leads on.
NUMBERS: Mapping[str, str] = {
    "leg": "leg_nrs",
    "back": "back_nrs",
    "function": "function_nrs",
}
STATEMENTS, CHECK = "statements", "check"
STEPS = (*NUMBERS, STATEMENTS, CHECK)
FAREWELLS = ("thanks", "flagged", "already", "ask", "unknown")


@dataclass
class Told:
    """What one patient has said so far, before it is sent.

    `numbers` has None where they'd rather not say; `ticked` is None while the
    statements are not answered, or not today.
    """

    visit: int
    asks_statements: bool = False
    numbers: dict[str, int | None] = field(default_factory=dict)
    ticked: list[int] | None = None
    passed_statements: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        return tuple(s for s in STEPS if s != STATEMENTS or self.asks_statements)

    @property
    def next_step(self) -> str:
        """The first that is not answered."""
        for step in NUMBERS:
            if step not in self.numbers:
                return step
        if self.asks_statements and not self.passed_statements:
            return STATEMENTS
        return CHECK

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
