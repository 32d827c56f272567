"""A practitioner's day for the treatment room, a row a visit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clinic.core.texts import Text
from clinic.templatetags.clinic_ui import short_day, side_letter
from plans.engine.proposal import NOTE
from plans.exports.presenters.words import lying, prescriptions, proposal_of
from plans.exports.queries import Copied, LastTime
from plans.planning.models import PlanPoint, PlanVersion, Position, Prescription
from plans.scheduling.models import Appointment
from plans.sessions.entry import next_prescription
from plans.sessions.models import Needling

NOTE_LENGTH = 160  # letters of the last note; the rest stands in the session


@dataclass(frozen=True)
class Point:
    """`technique` is said where most have another; `planned` where the plan differs
    from what today's session starts from.
    """

    code: str
    hanzi: str
    side: str
    depth_mm: int
    technique: str
    planned: str = ""


@dataclass(frozen=True)
class Lying:
    position: str
    technique: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class TreatmentRow:
    """Without a version there is no plan yet. `since`: the session whose own choices
    today's starts from, where they are not the plan's.
    """

    visit: Appointment
    version: PlanVersion | None = None
    title: str = ""
    lying: tuple[Lying, ...] = ()
    since: str = ""
    left_out: str = ""
    minutes: int = 0
    ashi: int = 0
    cautions: tuple[Text, ...] = ()
    overruled: tuple[str, ...] = ()
    number: int = 0
    last: tuple[str, ...] = ()


def treatment_rows(
    visits: Sequence[Appointment],
    versions: Mapping[int, PlanVersion],
    last: Mapping[int, LastTime],
    copied: Mapping[int, Copied],
) -> list[TreatmentRow]:
    return [
        _row(visit, version, last.get(version.plan_id), copied.get(version.plan_id))
        if (version := versions.get(visit.pk))
        else TreatmentRow(visit)
        for visit in visits
    ]


def _row(
    visit: Appointment,
    version: PlanVersion,
    last: LastTime | None,
    copied: Copied | None,
) -> TreatmentRow:
    between = pgettext("between the items of a list", ", ")
    letter, points = _of_today(version, last)
    planned = {row.acupoint_id: row for row in points}
    rows = [_chosen(row, planned) for row in copied.needlings] if copied else points
    left_out = planned.keys() - {row.acupoint_id for row in rows}
    is_other = bool(left_out) or any(_planned_words(row, planned) for row in rows)
    return TreatmentRow(
        visit=visit,
        version=version,
        title=str(letter.label) if letter != Prescription.EVERY else "",
        lying=tuple(
            _lying(position, those, planned) for position, those in lying(rows)
        ),
        since=short_day(copied.at) if copied and is_other else "",
        left_out=between.join(code for code in planned if code in left_out),
        minutes=copied.retention_min if copied else version.retention_min,
        ashi=version.ashi,
        cautions=tuple(
            caution.text
            for caution in proposal_of(version).cautions
            if caution.level != NOTE
        ),
        overruled=tuple(
            f"{row.acupoint_id}: {row.override_reason}"
            for row in points
            if row.override_reason
        ),
        number=last.number + 1 if last else 1,
        last=tuple(_last_words(last)) if last else (),
    )


def _of_today(
    version: PlanVersion, last: LastTime | None
) -> tuple[Prescription, list[PlanPoint]]:
    """The prescription whose turn it is."""
    of = dict(prescriptions(version))
    letter = Prescription(next_prescription(of, last.prescription if last else None))
    return letter, of[letter]


def _chosen(row: Needling, planned: Mapping[str, PlanPoint]) -> PlanPoint:
    """What was needled, as a point of a plan; one added by hand suits any position."""
    point = planned.get(row.acupoint_id)
    return PlanPoint(
        acupoint=row.acupoint,
        side=row.side,
        depth_mm=row.depth_mm,
        technique=row.technique,
        position=point.position if point else Position.ANY,
    )


def _planned_words(row: PlanPoint, planned: Mapping[str, PlanPoint]) -> str:
    point = planned.get(row.acupoint_id)
    if point is None:
        return _("not in the plan")
    said = []
    if point.side != row.side:
        said.append(str(side_letter(point.side)))
    if point.depth_mm != row.depth_mm:
        said.append(_("%(mm)s mm") % {"mm": point.depth_mm})
    if point.technique != row.technique:
        said.append(str(point.get_technique_display()))
    return _("plan: %(words)s") % {"words": " ".join(said)} if said else ""


def _lying(
    position: str, rows: Sequence[PlanPoint], planned: Mapping[str, PlanPoint]
) -> Lying:
    """The technique that most have is said once."""
    techniques = Counter(str(row.get_technique_display()) for row in rows)
    ((usual, _times),) = techniques.most_common(1)
    return Lying(
        position=position,
        technique=usual,
        points=tuple(_point(row, usual, planned) for row in rows),
    )


def _point(row: PlanPoint, usual: str, planned: Mapping[str, PlanPoint]) -> Point:
    technique = str(row.get_technique_display())
    return Point(
        code=row.acupoint_id,
        hanzi=row.acupoint.hanzi,
        side=side_letter(row.side),
        depth_mm=row.depth_mm,
        technique="" if technique == usual else technique,
        planned=_planned_words(row, planned),
    )


def _last_words(last: LastTime) -> list[str]:
    said = [short_day(last.at)]
    for words, before, after in (
        (_("leg %(before)s → %(after)s"), "leg_before", "leg_after"),
        (_("back %(before)s → %(after)s"), "back_before", "back_after"),
    ):
        scores = last.scores[before], last.scores[after]
        if scores != (None, None):
            was, became = ("?" if s is None else str(int(s)) for s in scores)
            said.append(words % {"before": was, "after": became})
    if last.asked:
        said.append(
            ngettext(
                "de qi at %(felt)s of %(n)s point",
                "de qi at %(felt)s of %(n)s points",
                last.asked,
            )
            % {"felt": last.felt, "n": last.asked}
        )
    if last.note:
        said.append(Truncator(last.note).chars(NOTE_LENGTH))
    return said
