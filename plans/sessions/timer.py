"""How long needles have been in, and when they are to come out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Timer:
    """Runs from the moment the needles are in. `minutes` None: nobody said how long."""

    began: datetime
    minutes: int | None

    @property
    def due(self) -> datetime | None:
        return None if self.minutes is None else self.began + self.minutes * MINUTE

    def is_due(self, now: datetime) -> bool:
        return self.due is not None and now >= self.due

    def left(self, now: datetime) -> int | None:
        """Whole minutes begun until the needles are due; below 0 they are over it."""
        return None if self.due is None else -((now - self.due) // MINUTE)

    def passed(self, now: datetime) -> int:
        return max((now - self.began) // MINUTE, 0)
