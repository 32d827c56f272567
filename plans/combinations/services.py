from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction

from clinic.accounts.models import User
from clinic.audit.services import record
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
    if standing := Combination.objects.filter(submission=submission, owner=by).first():
        return standing
    combination = Combination(owner=by, submission=submission)
    return _write(by, combination, name, is_shared, points)


@transaction.atomic
def change_combination(
    *,
    by: User,
    combination: Combination,
    name: str,
    is_shared: bool,
    points: Sequence[Wanted],
) -> Combination:
    """Its name, its points, who may use it. Raises NameTaken."""
    return _write(by, combination, name, is_shared, points)


@transaction.atomic
def delete_combination(*, by: User, combination: Combination) -> None:
    """Sessions that were given by it keep their points."""
    record("delete_combination", by=by, subject=combination)
    combination.delete()


def _write(
    by: User,
    combination: Combination,
    name: str,
    is_shared: bool,
    points: Sequence[Wanted],
) -> Combination:
    combination.name, combination.key = name, fold(name)
    combination.is_shared = is_shared
    try:
        with transaction.atomic():
            combination.save()
    except IntegrityError as taken:
        raise NameTaken from taken
    combination.points.all().delete()
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
        shared=is_shared,
    )
    return combination
