"""What became different from one version of a plan to another."""

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Needle:
    """One line of a prescription; depth in mm."""

    code: str
    side: str
    depth_mm: int
    angle: str
    technique: str
    position: str


@dataclass(frozen=True)
class Dose:
    sessions: int
    per_week: int
    retention_min: int
    ashi: int


@dataclass(frozen=True)
class Prescription:
    needles: tuple[Needle, ...]
    dose: Dose
    note: str


@dataclass(frozen=True)
class Change:
    """`what` is the name of the field that differs."""

    what: str
    before: int | str
    after: int | str


@dataclass(frozen=True)
class Altered:
    """A point that both hold, and what differs at it."""

    code: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Changes:
    dropped: tuple[Needle, ...]
    added: tuple[Needle, ...]
    altered: tuple[Altered, ...]
    dose: tuple[Change, ...]
    note: Change | None

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


def changes(before: Prescription, after: Prescription) -> Changes:
    """In the order of each prescription; the order itself is no change."""
    dropped, added, altered = change_of_needles(before.needles, after.needles)
    noted = before.note != after.note
    return Changes(
        dropped=dropped,
        added=added,
        altered=altered,
        dose=differing(before.dose, after.dose),
        note=Change("note", before.note, after.note) if noted else None,
    )


def change_of_needles(
    before: Iterable[Needle], after: Iterable[Needle]
) -> tuple[tuple[Needle, ...], tuple[Needle, ...], tuple[Altered, ...]]:
    """What is dropped, what is added, and what both hold but not alike."""
    old = {needle.code: needle for needle in before}
    new = {needle.code: needle for needle in after}
    both = ((code, differing(old[code], new[code])) for code in new if code in old)
    return (
        tuple(needle for code, needle in old.items() if code not in new),
        tuple(needle for code, needle in new.items() if code not in old),
        tuple(Altered(code, found) for code, found in both if found),
    )


def differing(before: Needle | Dose, after: Needle | Dose) -> tuple[Change, ...]:
    pairs = (
        (field.name, getattr(before, field.name), getattr(after, field.name))
        for field in fields(before)
    )
    return tuple(Change(name, old, new) for name, old, new in pairs if old != new)
