from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils import timezone

from clinic.audit.models import AuditEvent


def record(
    action: str,
    *,
    by: AbstractBaseUser | None,
    subject: models.Model,
    patient_id: int | None = None,
    **details: object,
) -> AuditEvent:
    """Write one event; call it inside the transaction of what it tells of.

    Args:
        action: verb and noun in snake case, for example "approve_plan".
        by: None for the system itself (a command).
        details: JSON values. Ids, codes and numbers; never a name or a free text.
    """
    return AuditEvent.objects.create(
        at=timezone.now(),
        by=by,
        action=action,
        subject_type=subject._meta.model_name,
        subject_id=str(subject.pk),
        patient_id=patient_id,
        details=details,
    )
