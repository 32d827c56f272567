"""What stands between a session and its signature. Everything is looked at at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clinic.rules.machine import Facts, Finding, facts_in
from patients.intake.screen import SHORT_SCREEN, Screen, State, screen_session
from plans.catalogue.words import Wanted
from plans.engine.book import RuleBook, speaking
from plans.engine.limits import read_limits
from plans.engine.needling import choose_depth, choose_side, choose_technique
from plans.engine.objections import Line as Chosen
from plans.engine.objections import Objection, objections
from plans.engine.proposal import BLOCK
from plans.sessions.entry import NEEDED_SCORE, Entry, Line, Stimulus
from plans.sessions.stimulation import lacking, unpaired, used


@dataclass(frozen=True)
class Ground:
    """What is known of the patient before the session.

    `facts` and `clearances` are of the latest intake; `planned` are the points of the
    plan in force, whose cautions were weighed when it was approved. `trained` is what
    the one who needles has been trained in.
    """

    facts: Facts
    clearances: frozenset[str]
    planned: Mapping[str, Line]
    book: RuleBook
    trained: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Problem:
    """`field` is the form's; `kind` says what is wrong and picks the sentence."""

    kind: str
    field: str
    have: int | None = None
    need: int | None = None
    objection: Objection | None = None
    finding: Finding | None = None


def screen_today(entry: Entry, ground: Ground) -> Screen:
    return screen_session(ground.facts, entry.safety, clearances=ground.clearances)


def objections_to(lines: Sequence[Line], ground: Ground) -> tuple[Objection, ...]:
    """What speaks against single points as they are to be needled.

    A line as the plan has it, or shallower, was weighed at approval; only what has
    become impossible since is said again. How many points is the plan's affair.
    """
    found = objections(
        [Chosen(line.code, line.depth_mm, line.technique) for line in lines],
        facts=ground.facts,
        book=ground.book,
        trained=ground.trained,
    )
    weighed = {line.code for line in lines if _as_planned(line, ground)}
    return tuple(
        objection
        for objection in found
        if objection.code
        and (objection.level == BLOCK or objection.code not in weighed)
    )


def _as_planned(line: Line, ground: Ground) -> bool:
    planned = ground.planned.get(line.code)
    return (
        planned is not None
        and line.technique == planned.technique
        and line.depth_mm <= planned.depth_mm
    )


def caps(codes: Sequence[str], ground: Ground) -> Mapping[str, int]:
    """The deepest of each point for this patient, in mm; the plan may go deeper."""
    limits = read_limits(ground.book.judge(ground.facts), ground.book)
    found = {code: limits.cap(ground.book.points[code])[0] for code in codes}
    planned = {code: line.depth_mm for code, line in ground.planned.items()}
    return {code: max(cap, planned.get(code, 0)) for code, cap in found.items()}


def suggest(wanted: Wanted, ground: Ground) -> Line:
    """A line for a point that was added: as typed, the rest as the engine would."""
    point = ground.book.points[wanted.code]
    rulings = ground.book.judge({**ground.facts, "trained": ground.trained})
    speaks = speaking(rulings)
    limits = read_limits(rulings, ground.book)
    depth = choose_depth(point, speaks, limits, ground.book.terms)
    side, _ = choose_side(point, speaks, ground.facts, fewer=False)
    technique, _ = choose_technique(point, speaks, limits, ground.book.terms)
    typed = wanted.side if point.side != "midline" else None
    return Line(
        code=wanted.code,
        side=typed or side,
        depth_mm=depth.mm if wanted.depth_mm is None else wanted.depth_mm,
        technique=wanted.technique or technique,
        count=wanted.count or 1,
    )


def problems(entry: Entry, ground: Ground) -> tuple[Problem, ...]:
    """Empty when the session may be signed; in the order of the page otherwise."""
    return (
        *_safety(entry, ground),
        *_points(entry, ground),
        *_stimulation(entry),
        *_scores(entry),
        *_needles(entry),
    )


def _safety(entry: Entry, ground: Ground) -> Iterable[Problem]:
    screen = screen_today(entry, ground)
    for finding in screen.raised:
        yield Problem("flag", _asked_in(finding, entry), finding=finding)
    unanswered = [name for name in SHORT_SCREEN if name not in entry.safety]
    for name in unanswered:
        yield Problem("unanswered", f"safety-{name}")
    # An intake that was clear when the plan was approved can have been changed since.
    if screen.state is State.UNANSWERED and not unanswered:
        yield Problem("intake_open", f"safety-{SHORT_SCREEN[0]}")


def _asked_in(finding: Finding, entry: Entry) -> str:
    """The question of the short screen that raised it; the first for an older flag."""
    facts = facts_in(finding.rule.when)
    raised = (n for n in SHORT_SCREEN if n in facts and entry.safety.get(n))
    return f"safety-{next(raised, SHORT_SCREEN[0])}"


def _points(entry: Entry, ground: Ground) -> Iterable[Problem]:
    if entry.words:
        yield Problem("words", "words")
    if not entry.lines:
        yield Problem("no_points", "words")
    reasons = {line.code: line.reason for line in entry.lines}
    for objection in objections_to(entry.lines, ground):
        if not objection.needs_reason:
            yield Problem(
                objection.level, f"{objection.code}-drop", objection=objection
            )
        elif not reasons[objection.code]:
            yield Problem("reason", f"{objection.code}-reason", objection=objection)


def _stimulation(entry: Entry) -> Iterable[Problem]:
    for kind in used(entry.lines):
        given = entry.stimulation.get(kind.id, Stimulus())
        for name, wrong in lacking(kind, given, entry.retention_min).items():
            yield Problem(wrong, f"{kind.id}-{name}")
    for code in unpaired(entry.lines):
        yield Problem("unpaired", f"{code}-pair")


def _scores(entry: Entry) -> Iterable[Problem]:
    if NEEDED_SCORE not in entry.scores and not entry.no_score_reason:
        yield Problem("no_score", NEEDED_SCORE)


def _needles(entry: Entry) -> Iterable[Problem]:
    given, taken = entry.needles_in, entry.needles_out
    if given is None:
        yield Problem("needles_in_open", "needles_in", need=entry.needles)
    elif given == 0 and entry.needles:
        yield Problem("needles_none", "needles_in", have=given, need=entry.needles)
    if taken is None:
        yield Problem("needles_out_open", "needles_out")
    elif given is not None and taken != given and not entry.incident:
        yield Problem("needles_differ", "incident", have=taken, need=given)
