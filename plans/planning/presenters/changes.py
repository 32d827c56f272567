"""Two versions of a plan side by side, in words."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from plans.catalogue.models import Acupoint
from plans.planning.changes import (
    Change,
    Changes,
    Dose,
    Needle,
    Prescription,
    Said,
    changes,
)
from plans.planning.models import (
    Angle,
    PlanVersion,
    Position,
    Response,
    Side,
    Technique,
)
from plans.planning.models import Prescription as Letter

FIELDS = {
    "side": _("Side"),
    "depth_mm": _("Depth (mm)"),
    "angle": _("Angle"),
    "technique": _("Technique"),
    "position": _("Position"),
    "prescription": _("Prescription"),
    "sessions": _("Sessions"),
    "per_week": _("Sessions a week"),
    "weekly": _("Sessions week by week"),
    "weeks": _("Weeks"),
    "retention_min": _("Retention (min)"),
    "ashi": _("Ashi points"),
    "goal": _("Goal in the patient’s words"),
    "note": _("Note"),
    "style": _("Style of acupuncture"),
    "response_sought": _("Response sought"),
    "needle": _("Needle: diameter, length, make"),
    "setting": _("Setting, and what the patient was told"),
}
WORDS = {
    "side": Side,
    "angle": Angle,
    "technique": Technique,
    "position": Position,
    "prescription": Letter,
    "response_sought": Response,
}


@dataclass(frozen=True)
class ChangeWords:
    """`before` or `after` is empty where there is nothing."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class PointChanges:
    acupoint: Acupoint
    changes: tuple[ChangeWords, ...]


@dataclass(frozen=True)
class NeedleWords:
    acupoint: Acupoint
    side: str
    words: str


@dataclass(frozen=True)
class Step:
    """One version on the way: who wrote it, who put it in force, and why."""

    version: PlanVersion
    who: str
    when: datetime


@dataclass(frozen=True)
class Chapter:
    """A version in the story of its plan; `changed` is against the one before."""

    version: PlanVersion
    who: str
    when: datetime
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    before: PlanVersion
    after: PlanVersion
    story: tuple[Step, ...]
    dropped: tuple[NeedleWords, ...]
    added: tuple[NeedleWords, ...]
    altered: tuple[PointChanges, ...]
    dose: tuple[ChangeWords, ...]
    said: tuple[ChangeWords, ...]
    anything: bool


def prescription_of(version: PlanVersion) -> Prescription:
    return Prescription(
        needles=tuple(
            Needle(
                code=row.acupoint_id,
                side=row.side,
                depth_mm=row.depth_mm,
                angle=row.angle,
                technique=row.technique,
                position=row.position,
                prescription=row.prescription,
            )
            for row in version.points.all()
        ),
        dose=Dose(
            sessions=version.sessions,
            per_week=version.per_week,
            weekly=tuple(version.weekly),
            retention_min=version.retention_min,
            ashi=version.ashi,
        ),
        said=Said(
            **{field.name: getattr(version, field.name) for field in fields(Said)}
        ),
    )


def compare(
    before: PlanVersion, after: PlanVersion, versions: Sequence[PlanVersion]
) -> Comparison:
    """`versions` are all of the plan, with their points."""
    found: Changes = changes(prescription_of(before), prescription_of(after))
    acupoints = {
        row.acupoint_id: row.acupoint
        for version in (before, after)
        for row in version.points.all()
    }
    return Comparison(
        before=before,
        after=after,
        story=tuple(
            _step(version)
            for version in sorted(versions, key=lambda version: version.number)
            if before.number < version.number <= after.number
        ),
        dropped=tuple(_needle(n, acupoints) for n in found.dropped),
        added=tuple(_needle(n, acupoints) for n in found.added),
        altered=tuple(
            PointChanges(acupoints[point.code], tuple(map(words, point.changes)))
            for point in found.altered
        ),
        dose=tuple(map(words, found.dose)),
        said=tuple(map(words, found.said)),
        anything=bool(found),
    )


def story(versions: Sequence[PlanVersion]) -> list[Chapter]:
    """All versions of a plan with their points, the newest first."""
    ordered = sorted(versions, key=lambda version: version.number)
    told = []
    for before, version in zip([None, *ordered], ordered, strict=False):
        step = _step(version)
        changed = _in_short(before, version) if before else ()
        told.append(Chapter(version, step.who, step.when, changed))
    return told[::-1]


def _in_short(before: PlanVersion, after: PlanVersion) -> tuple[str, ...]:
    found = changes(prescription_of(before), prescription_of(after))
    said = []
    if found.dropped:
        codes = ", ".join(needle.code for needle in found.dropped)
        said.append(_("Dropped: %(codes)s") % {"codes": codes})
    if found.added:
        codes = ", ".join(needle.code for needle in found.added)
        said.append(_("Added: %(codes)s") % {"codes": codes})
    for point in found.altered:
        at_point = ", ".join(_arrow(words(change)) for change in point.changes)
        said.append(f"{point.code}: {at_point}")
    said += [_arrow(words(change)) for change in found.dose]
    said += [
        _("Written anew: %(what)s") % {"what": words(change).what}
        for change in found.said
    ]
    return tuple(str(words) for words in said)


def _arrow(change: ChangeWords) -> str:
    return f"{change.what} {change.before or '–'} → {change.after or '–'}"


def words(change: Change) -> ChangeWords:
    return ChangeWords(
        what=FIELDS[change.what],
        before=_value(change.what, change.before),
        after=_value(change.what, change.after),
    )


def needle_words(needle: Needle) -> str:
    parts = (
        f"{needle.depth_mm} mm",
        Angle(needle.angle).label,
        Technique(needle.technique).label,
        Position(needle.position).label,
    )
    return " · ".join(str(part) for part in parts)


def _needle(needle: Needle, acupoints: dict[str, Acupoint]) -> NeedleWords:
    return NeedleWords(acupoints[needle.code], needle.side, needle_words(needle))


def _step(version: PlanVersion) -> Step:
    """A draft is its writer's until somebody puts it in force."""
    if version.approved_by:
        return Step(version, str(version.approved_by), version.approved_at)
    return Step(version, str(version.created_by), version.created_at)


def _value(what: str, value: int | str | tuple[int, ...]) -> str:
    """Nothing where nothing was said."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(WORDS[what](value).label) if value and what in WORDS else str(value)
