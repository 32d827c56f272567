"""What the pages of patient mode ask."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.patient_mode.answers import NUMBERS, STATEMENTS, Told


@dataclass(frozen=True)
class Ask:
    """One question answered by a number from 0 to 10; `low` and `high` are its ends."""

    title: object
    help: object
    low: object
    high: object
    label: object


ASKS = {
    "leg": Ask(
        gettext_lazy("How strong is the pain in your leg now?"),
        gettext_lazy("Buttock, thigh, calf or foot."),
        gettext_lazy("no pain"),
        gettext_lazy("the worst you can imagine"),
        gettext_lazy("Leg pain"),
    ),
    "back": Ask(
        gettext_lazy("How strong is the pain in your back now?"),
        "",
        gettext_lazy("no pain"),
        gettext_lazy("the worst you can imagine"),
        gettext_lazy("Back pain"),
    ),
    "function": Ask(
        gettext_lazy("How much does the pain keep you from what you do in a day?"),
        gettext_lazy("Work, the house, walking, sitting, sleeping."),
        gettext_lazy("not at all"),
        gettext_lazy("I can do nothing"),
        gettext_lazy("Hindered by it"),
    ),
}


@dataclass(frozen=True)
class Said:
    """One answer as it is shown before it is sent, and the step to change it."""

    label: object
    value: str
    step: str


def said(told: Told) -> list[Said]:
    numbers = [
        Said(ASKS[name].label, _shown(told.numbers.get(name)), name) for name in NUMBERS
    ]
    if not told.asks_statements:
        return numbers
    ticked = None if told.ticked is None else len(told.ticked)
    return [*numbers, Said(_("Sentences ticked"), _shown(ticked), STATEMENTS)]


def _shown(value: int | None) -> str:
    return "–" if value is None else str(value)


def step_of(told: Told, step: str) -> tuple[int, int]:
    """Which of how many pages."""
    return told.steps.index(step) + 1, len(told.steps)
