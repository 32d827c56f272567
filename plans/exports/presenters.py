"""A plan on paper: for the patient, for the room, for whoever reports on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.core.texts import Text
from clinic.rules.machine import Facts, Rule
from clinic.templatetags.clinic_ui import in_language, side_words
from plans.catalogue.depth import usual_cun
from plans.engine.advice import advice
from plans.engine.proposal import BLOCK, Proposal, proposal_from_json
from plans.exports.patient_sheet import CALL, EXPECT, HOSPITAL, said, text_of
from plans.exports.queries import Done, Visit
from plans.exports.stricta import Item, parts
from plans.planning.course import weeks_of
from plans.planning.models import PlanPoint, PlanVersion

READ = {
    "seen": gettext_lazy("read in the work itself"),
    "seen-2": gettext_lazy("read in another’s report of it"),
    "recalled": gettext_lazy("to be confirmed by a clinician"),
}
TO_CONFIRM = ("recalled", "proposal", "derived")


@dataclass(frozen=True)
class PatientSheet:
    """`to_confirm` are the rules whose words no clinician has confirmed yet."""

    visits: Sequence[Visit]
    sessions: int
    weeks: int
    reviews: tuple[str, ...]
    now: tuple[Text, ...]
    later: tuple[Text, ...]
    expect: tuple[Text, ...]
    call: tuple[Text, ...]
    hospital: tuple[Text, ...]
    to_confirm: tuple[str, ...]


def patient_sheet(
    version: PlanVersion, facts: Facts, visits: Sequence[Visit]
) -> PatientSheet:
    counsel = advice(facts)
    expect, call, hospital = (said(kind, facts) for kind in (EXPECT, CALL, HOSPITAL))
    told = (*counsel.emergency, *counsel.now, *counsel.later)
    return PatientSheet(
        visits=visits,
        sessions=version.sessions,
        weeks=weeks_of(version),
        reviews=reviews(proposal_of(version)),
        now=tuple(item.text for item in counsel.now),
        later=tuple(item.text for item in counsel.later),
        expect=_texts(expect),
        call=_texts(call),
        hospital=(*(item.text for item in counsel.emergency), *_texts(hospital)),
        to_confirm=tuple(
            item.id for item in (*told, *expect, *call, *hospital) if _is_open(item.tag)
        ),
    )


def _texts(rules: Sequence[Rule]) -> tuple[Text, ...]:
    return tuple(map(text_of, rules))


def _is_open(tag: str) -> bool:
    return tag in TO_CONFIRM


def proposal_of(version: PlanVersion) -> Proposal:
    return proposal_from_json(version.proposal)


def reviews(proposal: Proposal) -> tuple[str, ...]:
    """When we look back, in the patient's words; what for is the clinician's."""
    found = proposal.dose.reviews if proposal.dose else ()
    return tuple(
        _("after session %(number)s") % {"number": review.session}
        if review.session
        else _("in week %(number)s") % {"number": review.week}
        for review in found
    )


# ---------------------------------------------------------------- for the room


@dataclass(frozen=True)
class Line:
    row: PlanPoint
    cun: str
    needles: int


@dataclass(frozen=True)
class Position:
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class ClinicalSheet:
    positions: tuple[Position, ...]
    needles: int
    cautions: tuple[Text, ...]
    left_out: tuple[str, ...]


def clinical_sheet(version: PlanVersion) -> ClinicalSheet:
    proposal = proposal_of(version)
    rows = version.points.all()
    lying = groupby(rows, key=lambda row: row.get_position_display())
    return ClinicalSheet(
        positions=tuple(
            Position(str(name), tuple(map(_line, lines))) for name, lines in lying
        ),
        needles=planned_needles(version),
        cautions=tuple(caution.text for caution in proposal.cautions),
        left_out=tuple(
            removed.code for removed in proposal.removed if removed.level == BLOCK
        ),
    )


def _line(row: PlanPoint) -> Line:
    return Line(row, cun(row), needles_at(row.side))


def cun(row: PlanPoint) -> str:
    return str(number_format(usual_cun(row.depth_mm)))


def needles_at(side: str) -> int:
    return 2 if side == "both" else 1


def planned_needles(version: PlanVersion) -> int:
    coded = sum(needles_at(row.side) for row in version.points.all())
    return coded + version.ashi


# ---------------------------------------------------------------- STRICTA


@dataclass(frozen=True)
class ItemRow:
    """Without `said` it is missing, unless it does not apply."""

    item: Item
    said: tuple[str, ...]
    applies: bool


@dataclass(frozen=True)
class PartRows:
    number: str
    title: Text
    rows: tuple[ItemRow, ...]


def stricta(
    version: PlanVersion, done: Done, facts: Facts, citations: Mapping[str, str]
) -> tuple[PartRows, ...]:
    """`citations` by the id of their source. Care of one patient has no comparator."""
    told = _stricta(version, done, facts, citations)
    return tuple(
        PartRows(
            number=part.number,
            title=part.title,
            rows=tuple(
                ItemRow(item, tuple(told.get(item.id, ())), part.number != "6")
                for item in part.items
            ),
        )
        for part in parts()
    )


def missing(found: Sequence[PartRows]) -> int:
    return sum(row.applies and not row.said for part in found for row in part.rows)


def _stricta(
    version: PlanVersion, done: Done, facts: Facts, citations: Mapping[str, str]
) -> Mapping[str, Sequence[str]]:
    rows = list(version.points.all())
    techniques = dict.fromkeys(str(row.get_technique_display()) for row in rows)
    weeks = weeks_of(version)
    by = version.approved_by
    return {
        "1b": _reasoning(version, citations),
        "1c": _varied(version, rows),
        "2a": _insertions(version, done),
        "2b": [f"{row.acupoint_id} {side_words(row.side)}".strip() for row in rows],
        "2c": [
            f"{row.acupoint_id} {row.depth_mm} mm ({cun(row)} {_('cun')}), "
            f"{row.get_angle_display()}"
            for row in rows
        ],
        "2d": _response(done),
        "2e": list(techniques),
        "2f": [_("%(minutes)s min") % {"minutes": version.retention_min}],
        "3a": [
            _("%(planned)s planned, %(done)s done")
            % {"planned": version.sessions, "done": done.sessions}
        ],
        "3b": [
            _("%(per_week)s a week for %(weeks)s weeks, %(minutes)s min each")
            % {
                "per_week": version.per_week,
                "weeks": weeks,
                "minutes": version.retention_min,
            }
        ],
        "4a": [in_language(item.text) for item in advice(facts).now],
        "5": [f"{by.name}, {by.qualification}"] if by and by.qualification else [],
    }


def _reasoning(version: PlanVersion, citations: Mapping[str, str]) -> list[str]:
    reasons = [
        reason for point in proposal_of(version).points for reason in point.reasons
    ]
    if not reasons:
        return []
    rules = dict.fromkeys(reason.rule for reason in reasons)
    cited = dict.fromkeys(source for reason in reasons for source in reason.sources)
    return [
        _("Rules: %(rules)s") % {"rules": ", ".join(rules)},
        *(f"{source}: {citations.get(source, source)}" for source in cited),
    ]


def _varied(version: PlanVersion, rows: Sequence[PlanPoint]) -> list[str]:
    proposed = {point.code for point in proposal_of(version).points}
    kept = {row.acupoint_id for row in rows}
    return [
        _("Proposed from this patient’s own facts, then edited by the acupuncturist."),
        ngettext("%(n)s point added", "%(n)s points added", len(kept - proposed))
        % {"n": len(kept - proposed)},
        ngettext("%(n)s point left out", "%(n)s points left out", len(proposed - kept))
        % {"n": len(proposed - kept)},
    ]


def _insertions(version: PlanVersion, done: Done) -> list[str]:
    planned = [_("%(n)s planned") % {"n": planned_needles(version)}]
    if not done.needles:
        return planned
    mean, least, most = done.needles
    counted = _("mean %(mean)s, from %(least)s to %(most)s, in %(n)s sessions") % {
        "mean": number_format(mean, 1),
        "least": least,
        "most": most,
        "n": done.sessions,
    }
    return [*planned, counted]


def _response(done: Done) -> list[str]:
    if not done.asked:
        return []
    return [
        _("De qi felt at %(felt)s of %(asked)s needlings")
        % {"felt": done.de_qi, "asked": done.asked}
    ]
