from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from clinic.audit.models import AuditEvent

if TYPE_CHECKING:
    from clinic.accounts.models import User


def record(
    action: str,
    *,
    by: "User | None",
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
        subject_type=subject._meta.model_name or "",
        subject_id=str(subject.pk),
        patient_id=patient_id,
        details=details,
    )


def record_opening(*, by: "User", patient: models.Model) -> None:
    """Somebody looks at the record of a patient."""
    record("open_record", by=by, subject=patient, patient_id=patient.pk)


def record_openings(*, by: "User", patients: Iterable[models.Model]) -> None:
    """Somebody looks at the records of several patients at once. One query."""
    now = timezone.now()
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=now,
            by=by,
            action="open_record",
            subject_type=patient._meta.model_name or "",
            subject_id=str(patient.pk),
            patient_id=patient.pk,
        )
        for patient in patients
    )
