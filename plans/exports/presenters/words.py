"""What more than one sheet says of a plan."""

from collections.abc import Sequence
from itertools import groupby

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.catalogue.depth import usual_cun
from plans.engine.proposal import Proposal, proposal_from_json
from plans.planning.course import weeks_of
from plans.planning.models import PlanPoint, PlanVersion, Position, Prescription
from plans.sessions.queries import lines_of


def proposal_of(version: PlanVersion) -> Proposal:
    return proposal_from_json(version.proposal)


def rhythm(version: PlanVersion) -> str:
    """2 a week for 4 weeks; 3 a week for 2 weeks, then 2 a week for 3 weeks."""
    weekly = version.weekly or [version.per_week] * weeks_of(version)
    stretches = [
        ngettext(
            "%(per_week)s a week for %(weeks)s week",
            "%(per_week)s a week for %(weeks)s weeks",
            weeks,
        )
        % {"per_week": per_week, "weeks": weeks}
        for per_week, weeks in (
            (number, len(list(same))) for number, same in groupby(weekly)
        )
    ]
    return _(", then ").join(stretches)


def depth_words(row: PlanPoint) -> str:
    """24 mm (1.0 cun), of the thumb that is usual."""
    cun = number_format(usual_cun(row.depth_mm))
    return _("%(mm)s mm (%(cun)s cun)") % {"mm": row.depth_mm, "cun": cun}


def needles(rows: Sequence[PlanPoint]) -> int:
    return sum(line.needles for line in lines_of(rows))


def prescriptions(version: PlanVersion) -> list[tuple[Prescription, list[PlanPoint]]]:
    """What is needled at one time: one prescription, or two that alternate."""
    rows = list(version.points.all())
    of_two = [
        letter
        for letter in (Prescription.A, Prescription.B)
        if any(row.prescription == letter for row in rows)
    ]
    return [
        (letter, [r for r in rows if r.prescription in {Prescription.EVERY, letter}])
        for letter in of_two or [Prescription.EVERY]
    ]


def lying(rows: Sequence[PlanPoint]) -> list[tuple[str, list[PlanPoint]]]:
    """By how the patient lies; what any position suits joins the first of them."""
    fixed = [row.position for row in rows if row.position != Position.ANY]
    first = fixed[0] if fixed else Position.ANY
    found: dict[str, list[PlanPoint]] = {}
    for row in rows:
        position = first if row.position == Position.ANY else row.position
        found.setdefault(position, []).append(row)
    return [(_position_words(position), those) for position, those in found.items()]


def _position_words(position: str) -> str:
    label = Position(position).label
    if position == Position.ANY:
        return capfirst(label)
    return _("Patient %(position)s") % {"position": label}
