from dataclasses import asdict
from pathlib import Path

from django.db import transaction

from plans.catalogue.codes import spellings
from plans.catalogue.models import Acupoint
from plans.catalogue.points import CATALOGUE, Point, read_catalogue

_COLUMNS = [field.name for field in Acupoint._meta.fields if not field.primary_key]


@transaction.atomic
def load_acupoints(path: Path = CATALOGUE) -> int:
    """Add new points and correct changed ones; never delete one a plan may name.

    Safe to run on every start. Returns the number of points in the file; raises
    CatalogueError, and changes nothing, where a row cannot be trusted.
    """
    points = read_catalogue(path).values()
    Acupoint.objects.bulk_create(
        map(_row, points),
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=_COLUMNS,
    )
    return len(points)


def _row(point: Point) -> Acupoint:
    return Acupoint(**asdict(point), search_key=f" {' '.join(spellings(point))} ")
