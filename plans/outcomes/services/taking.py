from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clinic.access.roles import Permission
from clinic.accounts.models import User
from clinic.audit.services import record
from plans.outcomes.models import TakeAway


@transaction.atomic
def take_courses(
    *,
    by: User,
    reason: str,
    with_names: bool,
    chosen: Mapping[str, str],
    submission: UUID,
    at: datetime,
) -> TakeAway:
    """Write down who takes what out, and why. Sent twice, it is the same one.

    Raises PermissionDenied for names that somebody may not take.
    """
    if with_names and not by.has_perm(Permission.TAKE_NAMES):
        raise PermissionDenied(str(Permission.TAKE_NAMES))
    taken, is_new = TakeAway.objects.get_or_create(
        submission=submission,
        defaults={
            "at": at,
            "by": by,
            "reason": reason,
            "with_names": with_names,
            "chosen": dict(chosen),
        },
    )
    if is_new:
        record("take_courses", by=by, subject=taken, with_names=with_names)
    return taken
