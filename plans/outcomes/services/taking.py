from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clinic.access.roles import Permission
from clinic.accounts.models import User
from clinic.audit.services import record, record_openings
from plans.outcomes.models import CourseOutcome, TakeAway


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
    _allow(by, with_names)
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


@transaction.atomic
def fetch_courses(*, by: User, taken: TakeAway, rows: Sequence[CourseOutcome]) -> None:
    """Write down that its file leaves, and beside each patient whom it names.

    Raises PermissionDenied for names that somebody may no longer take.
    """
    _allow(by, taken.with_names)
    record("fetch_courses", by=by, subject=taken, courses=len(rows))
    if taken.with_names:
        named = {row.episode.patient_id: row.episode.patient for row in rows}
        record_openings(by=by, patients=named.values())


def _allow(by: User, with_names: bool) -> None:
    if with_names and not by.has_perm(Permission.TAKE_NAMES):
        raise PermissionDenied(str(Permission.TAKE_NAMES))
