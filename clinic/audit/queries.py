from django.db.models import QuerySet

from clinic.audit.models import AuditEvent


def trail(
    *, patient: int | None = None, by: int | None = None, action: str = ""
) -> QuerySet[AuditEvent]:
    """Newest first; each filter narrows."""
    wanted = {
        name: value
        for name, value in (("patient_id", patient), ("by", by), ("action", action))
        if value
    }
    return AuditEvent.objects.filter(**wanted).select_related("by")
