"""Points found while somebody types, with what the rules say of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinic.core.texts import Text
from clinic.rules.machine import Facts
from plans.catalogue.models import Acupoint
from plans.catalogue.vocabulary import in_words
from plans.engine.book import RuleBook
from plans.engine.objections import Line, objections


@dataclass(frozen=True)
class Found:
    """`word` and `because` are what stands against the point here, if anything."""

    point: Acupoint
    region: Text
    can_be_added: bool
    word: str = ""
    because: Text | str = ""


def found_points(
    points: Iterable[Acupoint], *, standing: set[str], facts: Facts, book: RuleBook
) -> list[Found]:
    """`standing` are the codes that the draft holds already."""
    found = list(points)
    needled = [p for p in found if book.points[p.code].needled and p.code != "ASHI"]
    said = objections(
        [Line(point.code, 0, "even") for point in needled], facts=facts, book=book
    )
    # A block speaks before a warning.
    against = {
        each.code: each for each in sorted(said, key=lambda each: not each.needs_reason)
    }
    rows = []
    for point in found:
        where = in_words("body_region", point.body_region)
        objection = against.get(point.code)
        if point not in needled:
            rows.append(Found(point, where, False, _("Not needled as a coded point")))
        elif point.code in standing:
            rows.append(Found(point, where, False, _("In the plan already")))
        elif objection is None:
            rows.append(Found(point, where, True))
        else:
            can = objection.needs_reason
            word = _("Asks for a reason") if can else _("Not here")
            rows.append(Found(point, where, can, word, objection.caution.text))
    return rows
