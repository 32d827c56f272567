from django.db.models import Q, QuerySet

from clinic.accounts.models import User
from plans.catalogue.words import Combinations, Wanted
from plans.combinations.models import Combination


def combinations_for(user: User) -> QuerySet[Combination]:
    """One's own and those that colleagues share, by name. Two queries."""
    return (
        Combination.objects.filter(Q(owner=user) | Q(is_shared=True))
        .select_related("owner")
        .prefetch_related("points")
    )


def points_of(combination: Combination) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(
            code=row.acupoint_id,
            side=row.side or None,
            depth_mm=row.depth_mm,
            technique=row.technique or None,
        )
        for row in combination.points.all()
    )


def by_name(user: User) -> Combinations:
    """What each name stands for; one's own before a colleague's of the same name."""
    found = sorted(combinations_for(user), key=lambda each: each.owner_id == user.pk)
    return {each.key: points_of(each) for each in found}
