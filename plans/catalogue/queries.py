from django.db.models import Case, IntegerField, QuerySet, Value, When

from plans.catalogue.codes import fold
from plans.catalogue.models import Acupoint


def find_points(text: str, limit: int = 10) -> QuerySet[Acupoint]:
    """Points for a type-ahead, best first: whole spelling, then its start, then within.

    `text` may be the start of a code in any style, a pinyin, Chinese or English name.
    A spelling that two points share brings both. One query; nothing for an empty text.
    """
    folded = fold(text)
    if not folded:
        return Acupoint.objects.none()
    closeness = Case(
        When(search_key__contains=f" {folded} ", then=Value(0)),
        When(search_key__contains=f" {folded}", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = Acupoint.objects.filter(search_key__contains=folded)
    return found.order_by(closeness, "channel", "number", "code")[:limit]
