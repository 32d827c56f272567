from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plans.adverse.models import KIND_WORDS, AdverseEvent
from plans.adverse.rules import (
    INFECTIOUS,
    KINDS,
    OTHER,
    TRAUMATIC,
)

GROUP_WORDS = {
    TRAUMATIC: _("Injury"),
    INFECTIOUS: _("Infection"),
    OTHER: pgettext_lazy("adverse event", "Other"),
}
# Recalled, after the grading used in trials; no source was read.
GRADE_WORDS = {
    1: _("1 – mild, no treatment"),
    2: _("2 – moderate, little local treatment"),
    3: _("3 – severe, hospital or disabling"),
    4: _("4 – life-threatening"),
    5: _("5 – death"),
}


def kind_choices() -> list[tuple[object, object]]:
    """By group, as a select takes them."""
    groups = [
        (
            words,
            [(kind, KIND_WORDS[kind]) for kind, own in KINDS.items() if own == group],
        )
        for group, words in GROUP_WORDS.items()
    ]
    return [("", _("Choose")), *groups]


@dataclass(frozen=True)
class EventRow:
    event: AdverseEvent
    kind: object
    grade: object
    severe: bool


def row(event: AdverseEvent) -> EventRow:
    return EventRow(
        event, KIND_WORDS[event.kind], GRADE_WORDS[event.grade], event.grade >= 3
    )


def facts(event: AdverseEvent) -> Mapping[object, object]:
    return {
        _("Grade"): GRADE_WORDS[event.grade],
        _("When"): event.get_timing_display(),
        _("Point"): event.acupoint_id or "–",
        _("Caused by the needling"): event.get_relation_display(),
        _("What was done"): event.action,
        _("Outcome"): event.get_outcome_display(),
        _("Reported to"): event.reported_to or "–",
    }
