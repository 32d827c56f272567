from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db.models import Max

from clinic.audit.models import AuditEvent


@contextmanager
def at_the_time(moment: datetime) -> Iterator[None]:
    """Date what is audited inside to when it is said to have happened."""
    last = AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0
    yield
    AuditEvent.objects.filter(pk__gt=last).update(at=moment)
