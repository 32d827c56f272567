"""What an acupuncturist writes about one session, as plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

# The four scores of a session: the form's field, then the scale and the moment.
SCORES: Mapping[str, tuple[str, str]] = {
    "leg_before": ("leg_nrs", "before"),
    "back_before": ("back_nrs", "before"),
    "leg_after": ("leg_nrs", "after"),
    "back_after": ("back_nrs", "after"),
}
EVERY = "every"  # the prescription of a plan that does not alternate two
# A session is signed with this one, or with the reason why there is none.
NEEDED_SCORE = "leg_before"


@dataclass(frozen=True)
class Line:
    """One point. `de_qi` None: not asked. `reason`: why a caution was overruled.

    `count` is more than one for Ashi alone: so many tender points of one side.
    `pair`: with which other points a current joins it, by their common number.
    """

    code: str
    side: str
    depth_mm: int
    technique: str
    de_qi: bool | None = None
    reason: str = ""
    count: int = 1
    pair: int | None = None

    @property
    def needles(self) -> int:
        """Moxa alone, at depth 0, needs none."""
        if not self.depth_mm:
            return 0
        return self.count * (2 if self.side == "both" else 1)

    @property
    def given(self) -> tuple[str, str, int, str, int]:
        """What was chosen, without what was observed."""
        return self.code, self.side, self.depth_mm, self.technique, self.count


@dataclass(frozen=True)
class Stimulus:
    """How electro, moxa or cupping was set. A dense-disperse wave has two frequencies.

    `felt` and `milliamps` are of the day, the rest are choices.
    """

    form: str = ""
    minutes: int | None = None
    hz: Decimal | None = None
    hz_high: Decimal | None = None
    milliamps: Decimal | None = None
    felt: str = ""
    cones: int | None = None
    where: str = ""

    @property
    def choices(self) -> "Stimulus":
        return replace(self, milliamps=None, felt="")


@dataclass(frozen=True)
class Why:
    """Why a point is other than last time; `words` where no reason listed fits."""

    reason: str
    words: str = ""


@dataclass(frozen=True)
class Entry:
    """`safety` holds the answers of the short screen; absent is unknown.

    `incident` is what became of needles that were not as many out as in; `exceptions`
    say in words where the aseptic checklist was not kept, by its items. `why` goes by
    the point's code, of those left out too. `words` is what was typed among the points
    and not understood: kept, never guessed.
    """

    lines: tuple[Line, ...] = ()
    retention_min: int = 0
    needles_in: int | None = None
    needles_out: int | None = None
    incident: str = ""
    exceptions: Mapping[str, str] = field(default_factory=dict)
    safety: Mapping[str, bool] = field(default_factory=dict)
    scores: Mapping[str, int] = field(default_factory=dict)
    no_score_reason: str = ""
    why: Mapping[str, Why] = field(default_factory=dict)
    stimulation: Mapping[str, Stimulus] = field(default_factory=dict)
    note: str = ""
    words: str = ""

    @property
    def needles(self) -> int:
        """As many as the points on the list take."""
        return sum(line.needles for line in self.lines)


def as_told(
    entry: Entry, scores: Mapping[str, int], yeses: Iterable[str] = ()
) -> Entry:
    """With what the patient told a tablet: their scores stand, and a yes is a yes until
    the one who asks says otherwise.
    """
    return replace(
        entry,
        scores={**entry.scores, **scores},
        safety={**dict.fromkeys(yeses, True), **entry.safety},
    )


def carried_over(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """What the next session starts from: choices, never observations or reasons."""
    return tuple(replace(line, de_qi=None, reason="") for line in lines)


def next_prescription(letters: Iterable[str], last: str | None) -> str:
    """By turns, A first; `letters` are those the points of the plan stand in."""
    turns = sorted(set(letters) - {EVERY}) or [EVERY]
    place = turns.index(last) + 1 if last in turns else 0
    return turns[place % len(turns)]
