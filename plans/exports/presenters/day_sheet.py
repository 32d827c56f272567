"""A practitioner's day for the treatment room, a row a visit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.core.texts import Text
from clinic.templatetags.clinic_ui import short_day, side_letter
from plans.engine.proposal import NOTE
from plans.exports.presenters.words import lying, prescriptions, proposal_of
from plans.exports.queries import LastTime
from plans.planning.models import PlanPoint, PlanVersion, Prescription
from plans.scheduling.models import Appointment
from plans.sessions.entry import next_prescription

NOTE_LENGTH = 160  # letters of the last note; the rest stands in the session


@dataclass(frozen=True)
class Point:
    """`technique` is said where most have another."""

    code: str
    hanzi: str
    side: str
    depth_mm: int
    technique: str


@dataclass(frozen=True)
class Lying:
    position: str
    technique: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class TreatmentRow:
    """Without a version there is no plan yet."""

    visit: Appointment
    version: PlanVersion | None = None
    title: str = ""
    lying: tuple[Lying, ...] = ()
    ashi: int = 0
    cautions: tuple[Text, ...] = ()
    overruled: tuple[str, ...] = ()
    number: int = 0
    last: tuple[str, ...] = ()


def treatment_rows(
    visits: Sequence[Appointment],
    versions: Mapping[int, PlanVersion],
    last: Mapping[int, LastTime],
) -> list[TreatmentRow]:
    return [
        _row(visit, version, last.get(version.plan_id))
        if (version := versions.get(visit.pk))
        else TreatmentRow(visit)
        for visit in visits
    ]


def _row(
    visit: Appointment, version: PlanVersion, last: LastTime | None
) -> TreatmentRow:
    letter, points = _of_today(version, last)
    return TreatmentRow(
        visit=visit,
        version=version,
        title=str(letter.label) if letter != Prescription.EVERY else "",
        lying=tuple(_lying(position, those) for position, those in lying(points)),
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


def _lying(position: str, rows: Sequence[PlanPoint]) -> Lying:
    """The technique that most have is said once."""
    techniques = Counter(str(row.get_technique_display()) for row in rows)
    ((usual, _times),) = techniques.most_common(1)
    return Lying(
        position=position,
        technique=usual,
        points=tuple(_point(row, usual) for row in rows),
    )


def _point(row: PlanPoint, usual: str) -> Point:
    technique = str(row.get_technique_display())
    return Point(
        code=row.acupoint_id,
        hanzi=row.acupoint.hanzi,
        side=side_letter(row.side),
        depth_mm=row.depth_mm,
        technique="" if technique == usual else technique,
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
