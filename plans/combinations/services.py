from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from plans.catalogue.codes import fold
from plans.catalogue.words import Wanted
from plans.combinations.models import Combination, CombinedPoint


class NameTaken(Exception):
    """The owner has one of this name, or the clinic a shared one."""


@transaction.atomic
def save_combination(
    *,
    by: User,
    name: str,
    is_shared: bool,
    points: Sequence[Wanted],
    submission: UUID,
) -> Combination:
    """A new one; the same submission sent twice is one. Raises NameTaken."""
    sent = Combination.objects.filter(submission=submission, owner=by)
    if standing := sent.first():
        return standing
    try:
        with transaction.atomic():
            combination = Combination.objects.create(
                owner=by,
                submission=submission,
                name=name,
                key=fold(name),
                is_shared=is_shared,
            )
    except IntegrityError as taken:
        if standing := sent.first():  # by the other of two clicks, at this moment
            return standing
        raise NameTaken from taken
    _write_points(by, combination, points)
    return combination


@transaction.atomic
def change_combination(
    *,
    by: User,
    combination: Combination,
    revision: int,
    name: str,
    is_shared: bool,
    points: Sequence[Wanted],
) -> Combination:
    """Its name, its points, who may use it. Raises NameTaken; Stale when it was changed
    or deleted since `revision`.
    """
    try:
        with transaction.atomic():
            saved = Combination.objects.filter(
                pk=combination.pk, revision=revision
            ).update(
                name=name,
                key=fold(name),
                is_shared=is_shared,
                revision=F("revision") + 1,
            )
    except IntegrityError as taken:
        raise NameTaken from taken
    if not saved:
        raise Stale
    combination.refresh_from_db()
    combination.points.all().delete()
    _write_points(by, combination, points)
    return combination


@transaction.atomic
def delete_combination(*, by: User, combination: Combination, revision: int) -> None:
    """Sessions that were given by it keep their points. Raises Stale."""
    held = Combination.objects.select_for_update().filter(pk=combination.pk).first()
    if held is None or held.revision != revision:
        raise Stale
    record("delete_combination", by=by, subject=held)
    held.delete()


def _write_points(by: User, combination: Combination, points: Sequence[Wanted]) -> None:
    CombinedPoint.objects.bulk_create(
        CombinedPoint(
            combination=combination,
            acupoint_id=point.code,
            side=point.side or "",
            depth_mm=point.depth_mm,
            technique=point.technique or "",
            order=order,
        )
        for order, point in enumerate(points)
    )
    record(
        "save_combination",
        by=by,
        subject=combination,
        points=[point.code for point in points],
        shared=combination.is_shared,
    )
