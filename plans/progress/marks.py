"""From what stands in the records to a series: which score was taken on which occasion.

A score before or after needling belongs to the session of its day; of two sessions on
one day, to the one that had begun. Whatever else was scored is a review.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from patients.measures.scales import SCALES, Scale
from plans.progress.trend import BACK, LEG, Disability, Occasion, Pain, Reading

DISABILITY = (SCALES["odi"], SCALES["rmdq"])
# Of one day: the intake comes first, then what was done.
ORDER = tuple(Occasion)


@dataclass(frozen=True, slots=True)
class ScoreMark:
    """`moment` is intake, before, after or review; times are the wall clock's."""

    at: datetime
    scale: Scale
    moment: str
    value: float


@dataclass
class _Slot:
    """An occasion while its scores are gathered; the latest of a kind counts."""

    occasion: Occasion
    on: date
    before: dict[Scale, float]
    after: dict[Scale, float]

    def put(self, mark: ScoreMark) -> None:
        kept = self.after if mark.moment == "after" else self.before
        kept[mark.scale] = mark.value

    def reading(self, number: int | None) -> Reading:
        return Reading(
            self.on, self.occasion, _pain(self.before), _pain(self.after), number
        )


def readings(
    *,
    sessions: Iterable[datetime],
    scores: Iterable[ScoreMark],
    missed: Iterable[date] = (),
    ahead: Iterable[date] = (),
) -> tuple[Reading, ...]:
    """Return every occasion in the order of its day."""
    held = {at: _slot(Occasion.SESSION, at.date()) for at in sorted(sessions)}
    others: dict[tuple[date, Occasion], _Slot] = {}
    for mark in sorted(scores, key=lambda mark: mark.at):
        if mark.scale not in (LEG, BACK):
            continue
        slot = _session_of(mark, held) if mark.moment in ("before", "after") else None
        if slot is None:
            intake = mark.moment == "intake"
            occasion = Occasion.INTAKE if intake else Occasion.REVIEW
            day = mark.at.date()
            slot = others.setdefault((day, occasion), _slot(occasion, day))
        slot.put(mark)
    numbered = [slot.reading(number) for number, slot in enumerate(held.values(), 1)]
    found = [
        *numbered,
        *(slot.reading(None) for slot in others.values()),
        *(Reading(day, Occasion.MISSED) for day in missed),
        *(Reading(day, Occasion.AHEAD) for day in ahead),
    ]
    return tuple(sorted(found, key=lambda r: (r.on, ORDER.index(r.occasion))))


def disability(scores: Iterable[ScoreMark]) -> Disability | None:
    """Return the disability scale that was scored most often, one value a day."""
    known: dict[Scale, dict[date, float]] = {scale: {} for scale in DISABILITY}
    for mark in sorted(scores, key=lambda mark: mark.at):
        if mark.scale in DISABILITY:
            known[mark.scale][mark.at.date()] = mark.value
    scale = max(DISABILITY, key=lambda scale: len(known[scale]))
    return Disability(scale, tuple(known[scale].items())) if known[scale] else None


def _slot(occasion: Occasion, on: date) -> _Slot:
    return _Slot(occasion, on, {}, {})


def _session_of(mark: ScoreMark, held: Mapping[datetime, _Slot]) -> _Slot | None:
    """A patient may score on the tablet a little before the session begins."""
    same_day: Sequence[datetime] = [at for at in held if at.date() == mark.at.date()]
    if not same_day:
        return None
    begun = [at for at in same_day if at <= mark.at]
    return held[begun[-1] if begun else same_day[0]]


def _pain(values: Mapping[Scale, float]) -> Pain:
    return Pain(values.get(LEG), values.get(BACK))
