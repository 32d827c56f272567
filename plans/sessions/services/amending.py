from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.services import record
from plans.sessions.models import (
    Amendment,
    Session,
)


class NotSigned(Exception):
    """Only a signed session is amended; a draft is changed."""


@transaction.atomic
def amend(
    *,
    by: User,
    session: Session,
    text: str,
    submission: UUID,
    corrects: str = "",
    before: str = "",
    after: str = "",
) -> Amendment:
    """Add a later word; the same submission sent twice is one. Raises NotSigned.

    `corrects` names the part that is wrong, which was signed as `before` and should
    read as `after`.
    """
    if session.status != Session.Status.SIGNED:
        raise NotSigned
    amendment, made = Amendment.objects.get_or_create(
        submission=submission,
        defaults={
            "session": session,
            "text": text,
            "corrects": corrects,
            "before": before,
            "after": after,
            "written_at": timezone.now(),
            "written_by": by,
        },
    )
    if made:
        record(
            "amend_session",
            by=by,
            subject=session,
            patient_id=session.written_for.patient_id,
            amendment=amendment.pk,
            **({"corrects": corrects} if corrects else {}),
        )
    return amendment
