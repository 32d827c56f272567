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
    prescription: str


@dataclass(frozen=True)
class Dose:
    sessions: int
    per_week: int
    weekly: tuple[int, ...]
    retention_min: int
    ashi: int


@dataclass(frozen=True)
class Said:
    """What is written of a plan in words."""

    goal: str = ""
    note: str = ""
    style: str = ""
    response_sought: str = ""
    needle: str = ""
    setting: str = ""


@dataclass(frozen=True)
class Prescription:
    needles: tuple[Needle, ...]
    dose: Dose
    said: Said


@dataclass(frozen=True)
class Change:
    """`what` is the name of the field that differs."""

    what: str
    before: int | str | tuple[int, ...]
    after: int | str | tuple[int, ...]


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
    said: tuple[Change, ...]

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


_Part = Needle | Dose | Said


def changes(before: Prescription, after: Prescription) -> Changes:
    """In the order of each prescription; the order itself is no change."""
    dropped, added, altered = change_of_needles(before.needles, after.needles)
    return Changes(
        dropped=dropped,
        added=added,
        altered=altered,
        dose=differing(before.dose, after.dose),
        said=differing(before.said, after.said),
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


def differing(before: _Part, after: _Part) -> tuple[Change, ...]:
    pairs = (
        (field.name, getattr(before, field.name), getattr(after, field.name))
        for field in fields(before)
    )
    return tuple(Change(name, old, new) for name, old, new in pairs if old != new)
