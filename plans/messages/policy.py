"""What this clinic decided about its messages; the file beside says it."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("policy.toml")


class Window(NamedTuple):
    """How long before an appointment its reminder leaves: first and last chance."""

    opens: timedelta
    closes: timedelta


class Policy(NamedTuple):
    undo: timedelta
    reminders: Mapping[str, Window]
    unsure_after: timedelta


def read_policy(path: Path = FILE) -> Policy:
    """Raises KeyError for what is missing, ValueError for what makes no sense."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    reminders = {
        name: Window(
            timedelta(hours=raw[name]["hours_before"]),
            timedelta(hours=raw[name]["not_later_than"]),
        )
        for name in ("early_reminder", "late_reminder")
    }
    for name, window in reminders.items():
        if not timedelta() <= window.closes < window.opens:
            raise ValueError(f"{path.name}: the hours of {name} are in disorder")
    undo = timedelta(minutes=raw["news"]["undo_minutes"])
    unsure_after = timedelta(minutes=raw["claims"]["unsure_minutes"])
    if undo < timedelta() or unsure_after <= timedelta():
        raise ValueError(f"{path.name}: a time can't be negative")
    return Policy(undo, reminders, unsure_after)


POLICY = read_policy()
