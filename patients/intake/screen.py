"""The red-flag screen: raised, unanswered or clear. Only clear goes on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from clinic.core.texts import check_text
from clinic.rules.files import RuleFile, load_rules
from clinic.rules.machine import Facts, Finding, Verdict, facts_in, judge_all
from clinic.rules.sources import load_sources
from patients.intake.questionnaire import vocabulary

FILE = Path(__file__).with_name("red_flags.toml")

# The most pressing first.
LEVELS = ("emergency", "urgent", "refer", "clearance", "review")

# Asked again before every session. That it is these five is our own proposal, to be
# confirmed by a clinician: the sources ask for a repeated screen, not for its wording.
SHORT_SCREEN = (
    "symptoms_changed",
    "bladder_bowel_change",
    "saddle_numbness",
    "leg_weakness_progressive",
    "fever_unwell",
)


class State(StrEnum):
    RAISED = "raised"
    UNANSWERED = "unanswered"
    CLEAR = "clear"


@dataclass(frozen=True)
class Screen:
    """`raised` has the most pressing first; `cleared` was raised and has a clearance.

    `open` are the flags that an unanswered question could still raise.
    """

    state: State
    raised: tuple[Finding, ...]
    open: tuple[Finding, ...]
    cleared: tuple[Finding, ...]
    version: str

    @property
    def is_hard(self) -> bool:
        """A flag is raised that no clearance lets through."""
        return any(finding.rule.then["hard"] for finding in self.raised)

    @property
    def unanswered(self) -> frozenset[str]:
        """The questions that keep it open."""
        return frozenset[str]().union(*(finding.unknown for finding in self.open))


def _check_then(then: Mapping[str, object]) -> None:
    if strange := sorted(then.keys() - {"level", "hard", "name", "action", "at"}):
        raise ValueError(f"no such key as {strange[0]!r}")
    if then.get("level") not in LEVELS:
        raise ValueError(f"level is none of {', '.join(LEVELS)}")
    if not isinstance(then.get("hard"), bool):
        raise ValueError("hard is neither true nor false")
    if then.get("at", "session") != "session":
        raise ValueError("at can only be 'session'")
    for key in ("name", "action"):
        check_text(then.get(key), key)


SOURCES = load_sources(FILE.with_name("sources.toml"))


def load_red_flags(path: Path) -> RuleFile:
    return load_rules(
        path, vocabulary=vocabulary(), sources=SOURCES, check_then=_check_then
    )


RED_FLAGS = load_red_flags(FILE)
# The flags that may go on with a recorded medical clearance.
CLEARABLE = frozenset(rule.id for rule in RED_FLAGS.rules if not rule.then["hard"])
READS: Mapping[str, frozenset[str]] = {
    rule.id: facts_in(rule.when) for rule in RED_FLAGS.rules
}


def lapsing(flags: Iterable[str], before: Facts, after: Facts) -> frozenset[str]:
    """Of the flags that were cleared, those whose facts a doctor has not seen as they
    are after. A flag the rules no longer know is among them.
    """
    return frozenset(
        flag
        for flag in flags
        if flag not in READS
        or any(before.get(fact) != after.get(fact) for fact in READS[flag])
    )


def screen(facts: Facts, *, clearances: frozenset[str] = frozenset()) -> Screen:
    """Screen an intake. `clearances` are ids of flags a doctor has looked into.

    A clearance of a hard stop has no effect. A clearance speaks for the flag as a
    whole: whoever records it must have seen the answers it stands beside.
    """
    return _screen(facts, clearances, at_session=False)


def screen_session(
    facts: Facts, answers: Facts, *, clearances: frozenset[str] = frozenset()
) -> Screen:
    """Screen before a session: the latest intake's facts, and the five asked again.

    Of the short screen only today's `answers` count; one left open is unanswered.
    RF9 is settled by asking the whole screen again: `facts` are then of that new
    intake, and "RF9" is among the clearances.
    """
    today = {question: answers.get(question) for question in SHORT_SCREEN}
    return _screen({**facts, **today}, clearances, at_session=True)


def _screen(facts: Facts, clearances: frozenset[str], *, at_session: bool) -> Screen:
    rules = [rule for rule in RED_FLAGS.rules if at_session or "at" not in rule.then]
    findings = sorted(judge_all(rules, facts), key=_press)
    flagged = [finding for finding in findings if finding.verdict is Verdict.YES]
    excused = CLEARABLE & clearances
    raised = tuple(finding for finding in flagged if finding.rule.id not in excused)
    open_ = tuple(finding for finding in findings if finding.verdict is Verdict.UNKNOWN)
    return Screen(
        state=State.RAISED if raised else State.UNANSWERED if open_ else State.CLEAR,
        raised=raised,
        open=open_,
        cleared=tuple(finding for finding in flagged if finding.rule.id in excused),
        version=RED_FLAGS.version,
    )


def _press(finding: Finding) -> int:
    return LEVELS.index(str(finding.rule.then["level"]))
