"""The line every course runs along, from the door to the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    DONE = "done"
    HERE = "here"
    AHEAD = "ahead"
    STOPPED = "stopped"


STEPS = ("intake", "screen", "plan", "course", "sessions", "outcome")


@dataclass(frozen=True)
class Step:
    key: str
    state: State
    url: str = ""
    note: str = ""


def course_steps(
    here: str,
    *,
    stopped: bool = False,
    urls: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
) -> tuple[Step, ...]:
    """All steps in order, for a patient who stands at `here`.

    Args:
        here: One of `STEPS`; those before it are done.
        stopped: The line ends at `here`: a red flag, or a course that was given up.
        urls: Where a step's page is, for those that have one.
        notes: A few words under a step ("5 of 8").

    Raises:
        ValueError: `here`, `urls` or `notes` names no step.
    """
    urls, notes = urls or {}, notes or {}
    for key in (here, *urls, *notes):
        if key not in STEPS:
            raise ValueError(f"no such step of a course as {key!r}")
    at = STEPS.index(here)
    steps = []
    for index, key in enumerate(STEPS):
        state = State.DONE if index < at else State.AHEAD
        if index == at:
            state = State.STOPPED if stopped else State.HERE
        steps.append(Step(key, state, urls.get(key, ""), notes.get(key, "")))
    return tuple(steps)
