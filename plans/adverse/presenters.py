from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from plans.adverse.models import GRADE_WORDS, GROUP_WORDS, KIND_WORDS, AdverseEvent
from plans.adverse.rules import KINDS


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
