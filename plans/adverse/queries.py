from django.db.models import QuerySet

from patients.records.models import Episode
from plans.adverse.models import AdverseEvent


def events_of(episode: Episode) -> QuerySet[AdverseEvent]:
    """As they stand now, the newest first: one query a page."""
    return for_reading().filter(episode=episode, corrected_by=None)


def for_reading() -> QuerySet[AdverseEvent]:
    return AdverseEvent.objects.select_related(
        "episode__patient", "episode__plan", "session", "recorded_by", "corrects"
    )
