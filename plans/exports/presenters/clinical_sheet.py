"""The prescription for the room."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.core.texts import Text
from plans.engine.proposal import NOTE, Proposal
from plans.exports.presenters.words import (
    depth_words,
    lying,
    needles,
    prescriptions,
    proposal_of,
    rhythm,
)
from plans.planning.models import PlanPoint, PlanVersion, Prescription


@dataclass(frozen=True)
class Line:
    row: PlanPoint
    depth: str
    needles: int
    every_time: bool  # of two prescriptions that alternate, in both


@dataclass(frozen=True)
class Lying:
    """Points that are needled while the patient lies so."""

    position: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Sheet:
    """One prescription; untitled where nothing alternates."""

    title: str
    lying: tuple[Lying, ...]
    needles: int


@dataclass(frozen=True)
class LeftOut:
    code: str
    because: Text
    substitute: str | None


@dataclass(frozen=True)
class ClinicalSheet:
    rhythm: str
    sheets: tuple[Sheet, ...]
    warnings: tuple[Text, ...]
    reminders: tuple[Text, ...]
    left_out: tuple[LeftOut, ...]


def clinical_sheet(version: PlanVersion) -> ClinicalSheet:
    proposal = proposal_of(version)
    return ClinicalSheet(
        rhythm=rhythm(version),
        sheets=tuple(
            _sheet(letter, rows, version.ashi)
            for letter, rows in prescriptions(version)
        ),
        warnings=tuple(c.text for c in proposal.cautions if c.level != NOTE),
        reminders=tuple(c.text for c in proposal.cautions if c.level == NOTE),
        left_out=_left_out(proposal, version),
    )


def _sheet(letter: Prescription, rows: Sequence[PlanPoint], ashi: int) -> Sheet:
    alternates = letter != Prescription.EVERY
    return Sheet(
        title=str(letter.label) if alternates else "",
        lying=tuple(
            Lying(position, tuple(_line(row, alternates) for row in those))
            for position, those in lying(rows)
        ),
        needles=needles(rows) + ashi,
    )


def _line(row: PlanPoint, alternates: bool) -> Line:
    shared = alternates and row.prescription == Prescription.EVERY
    return Line(row, depth_words(row), needles([row]), shared)


def _left_out(proposal: Proposal, version: PlanVersion) -> tuple[LeftOut, ...]:
    """But for those that the acupuncturist put back."""
    kept = {row.acupoint_id for row in version.points.all()}
    return tuple(
        LeftOut(removed.code, removed.reason.because, removed.substitute)
        for removed in proposal.removed
        if removed.code not in kept
    )
