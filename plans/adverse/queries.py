from django.db.models import QuerySet

from patients.records.models import Episode
from plans.adverse.models import AdverseEvent, AdverseEventQuerySet


def events_of(episode: Episode) -> QuerySet[AdverseEvent]:
    """As they stand now, the newest first: one query a page."""
    return for_reading().current().filter(episode=episode)


def for_reading() -> AdverseEventQuerySet:
    return AdverseEvent.objects.select_related(
        "episode__patient", "episode__plan", "session", "recorded_by", "corrects"
    )
