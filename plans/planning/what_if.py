"""What a proposal would be if one fact were otherwise. Nothing is kept.

An answer of the intake is changed, not the fact itself, so that what follows from it
changes with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.rules.machine import Facts, Finding, tests_in
from patients.intake.questionnaire import QUESTIONNAIRE, Answer, Question, facts_from
from patients.intake.screen import Screen
from plans.engine.proposal import (
    Caution,
    Dose,
    Proposal,
    ProposedPoint,
    Reason,
    Removed,
)
from plans.planning.changes import Change, Needle, change_of_needles

# What the record tells and no question asks for, with the limits of what is supposed.
AGE, ONSET_WEEKS = "age", "onset_weeks"
OF_RECORD: Mapping[str, tuple[int, int]] = {AGE: (0, 120), ONSET_WEEKS: (0, 2600)}
WEEK = timedelta(weeks=1)
REASONS_OF = {"depth_mm": "depth", "side": "side", "technique": "technique"}


@dataclass(frozen=True)
class Known:
    """What an intake and the record say of a patient on the day `on`."""

    answers: Mapping[str, Answer]
    birth_date: date | None
    sex: str
    onset: date | None
    on: date

    def facts(self) -> Facts:
        return facts_from(
            self.answers,
            birth_date=self.birth_date,
            sex=self.sex,
            onset=self.onset,
            on=self.on,
        )


@dataclass(frozen=True)
class Gone:
    """`removed` names the rule against the point, if there is one.

    Otherwise no rule asks for it any more; `was` is why it stood there.
    """

    point: ProposedPoint
    removed: Removed | None
    was: tuple[Reason, ...]


@dataclass(frozen=True)
class Altered:
    """`because` holds now; where it is empty, `lapsed` no longer does."""

    code: str
    changes: tuple[Change, ...]
    because: tuple[Reason, ...]
    lapsed: tuple[Reason, ...]


@dataclass(frozen=True)
class Difference:
    """When `blocked` is not empty there would be no plan at all, nor is one compared.

    `raised` are red flags and `asked` the questions that would first have to be
    settled; `eased` are cautions that would fall away.
    """

    raised: tuple[Finding, ...]
    asked: tuple[Question, ...]
    blocked: tuple[Caution, ...]
    gone: tuple[Gone, ...]
    come: tuple[ProposedPoint, ...]
    altered: tuple[Altered, ...]
    dose: tuple[Change, ...]
    cautions: tuple[Caution, ...]
    eased: tuple[Caution, ...]
    notes: tuple[Reason, ...]

    @property
    def plan_stays(self) -> bool:
        return not (self.blocked or self.gone or self.come or self.altered or self.dose)

    @property
    def nothing(self) -> bool:
        said = (self.raised, self.asked, self.cautions, self.eased, self.notes)
        return self.plan_stays and not any(said)


def suppose(known: Known, fact: str, answer: Answer) -> Facts | None:
    """The facts if `fact` were `answer`; None when that can't be of this patient."""
    if fact == AGE:
        born = known.on.replace(day=1, year=known.on.year - int(answer))  # type: ignore[arg-type]
        return _told(known, birth_date=born)
    if fact == ONSET_WEEKS:
        return _told(known, onset=known.on - int(answer) * WEEK)  # type: ignore[arg-type]
    told = {**known.answers, **_needed_for(fact), fact: answer}
    facts = _told(known, answers=told)
    return facts if QUESTIONNAIRE.questions[fact].is_asked(facts) else None


def _told(known: Known, **otherwise: object) -> Facts:
    parts = {name: getattr(known, name) for name in known.__dataclass_fields__}
    return Known(**parts | otherwise).facts()


def _needed_for(fact: str) -> Mapping[str, Answer]:
    """The yes without which the question would not be asked."""
    condition = QUESTIONNAIRE.questions[fact].asked_when
    return {
        test.fact: True
        for test in (tests_in(condition) if condition else ())
        if test.wanted == ("yes",) and test.op == "is"
    }


def difference(
    before: Proposal, after: Proposal, *, screens: tuple[Screen, Screen]
) -> Difference:
    """What the second proposal and screen say that the first don't."""
    was, would_be = screens
    known = {finding.rule.id for finding in was.raised}
    asked = would_be.unanswered - was.unanswered
    stays = not after.blocked
    gone, come, altered = _points(before, after) if stays else ((), (), ())
    return Difference(
        raised=tuple(f for f in would_be.raised if f.rule.id not in known),
        asked=tuple(QUESTIONNAIRE.questions[fact] for fact in sorted(asked)),
        blocked=after.blocked,
        gone=gone,
        come=come,
        altered=altered,
        dose=_dose(before.dose, after.dose) if stays else (),
        cautions=_new(before.cautions, after.cautions),
        eased=_new(after.cautions, before.cautions) if stays else (),
        notes=tuple(_without(after.notes, before.notes)),
    )


def _points(
    before: Proposal, after: Proposal
) -> tuple[tuple[Gone, ...], tuple[ProposedPoint, ...], tuple[Altered, ...]]:
    old = {point.code: point for point in before.points}
    new = {point.code: point for point in after.points}
    removed = {each.code: each for each in after.removed}
    dropped, added, altered = change_of_needles(
        map(_needle, before.points), map(_needle, after.points)
    )
    return (
        tuple(
            Gone(old[n.code], removed.get(n.code), _about(old[n.code], {"point"}))
            for n in dropped
        ),
        tuple(new[needle.code] for needle in added),
        tuple(_altered(old[a.code], new[a.code], a.changes) for a in altered),
    )


def _altered(
    old: ProposedPoint, new: ProposedPoint, changes: tuple[Change, ...]
) -> Altered:
    about = {REASONS_OF[each.what] for each in changes if each.what in REASONS_OF}
    was, now = _about(old, about), _about(new, about)
    return Altered(
        code=new.code,
        changes=changes,
        because=tuple(_without(now, was)),
        lapsed=tuple(_without(was, now)),
    )


def _about(point: ProposedPoint, about: set[str]) -> tuple[Reason, ...]:
    return tuple(reason for reason in point.reasons if reason.about in about)


def _needle(point: ProposedPoint) -> Needle:
    return Needle(
        code=point.code,
        side=point.side,
        depth_mm=point.depth_mm,
        angle=point.angle,
        technique=point.technique,
        position=point.position,
        prescription=point.prescription,
    )


def _dose(before: Dose | None, after: Dose | None) -> tuple[Change, ...]:
    if before is None or after is None:
        return ()
    pairs = (
        (name, getattr(before, name), getattr(after, name))
        for name in ("sessions", "per_week", "weeks", "retention_min")
    )
    return tuple(Change(name, old, new) for name, old, new in pairs if old != new)


def _without(reasons: Iterable[Reason], known: Iterable[Reason]) -> list[Reason]:
    """Told by the words, for one rule may say more than one thing."""
    said = [(reason.rule, reason.because) for reason in known]
    return [each for each in reasons if (each.rule, each.because) not in said]


def _new(before: Iterable[Caution], after: Iterable[Caution]) -> tuple[Caution, ...]:
    """A caution that only awaited an answer is new once it is given."""
    known = {(caution.rule, caution.level) for caution in before}
    return tuple(c for c in after if (c.rule, c.level) not in known)
