"""What a rule may say in its `then`: the small language that `propose` interprets.

No rule is written in Python, and no point. `reading` refuses what is not in here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from clinic.core.texts import Text
from plans.engine.proposal import Review

SUBSTITUTES = ("named", "same rule", "same zone", "next zone", "any channel", "none")


@dataclass(frozen=True)
class Ensure:
    """At least one point in these zones; `missing` is said when there is none.

    `turned` is said of the one of two prescriptions that has none.
    """

    zones: tuple[str, ...]
    on_channel: bool
    missing: Text
    turned: Text


@dataclass(frozen=True)
class Size:
    """Coded points in a plan: never under `least` without saying so, `aim` usually.

    `filled` is said of a point that is there for the number; `turned` of one of two
    prescriptions that has too few.
    """

    least: int
    aim: int
    most: int
    short: Text
    filled: Text
    turned: Text


@dataclass(frozen=True)
class Positions:
    """`one` says which points were taken for which so that nobody need turn; `two` why
    two prescriptions alternate."""

    one: Text
    two: Text


@dataclass(frozen=True)
class Cap:
    """`cun` is the deepest the engine goes; `points` empty means any other point."""

    points: tuple[str, ...]
    cun: float | None
    angle: str


@dataclass(frozen=True)
class DoseChoice:
    per_week: int
    weeks: int
    retention_min: int
    per_week_range: tuple[int, int]
    weeks_range: tuple[int, int]


@dataclass(frozen=True)
class May:
    """A technique that may be added where all of one of the sets in `at` is needled.

    Without `at` the rule only speaks for the technique where another offers it.
    """

    technique: str
    at: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Then:
    """Every effect is optional; a rule gives those it means."""

    # Of the rules that decide the same thing only those of the lowest rank speak.
    decides: str = ""
    rank: int = 1
    # Which points. At least `need` of `offer`, in that order of preference; the rest
    # may fill the plan unless `either`, which makes them alternates of the chosen.
    offer: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    need: int = 0
    either: bool = False
    alternates: Mapping[str, tuple[str, ...]] | None = None
    favour: tuple[str, ...] = ()  # come first wherever there is a choice
    backs: str = ""  # supports the points of what is decided under this name
    role: str = ""
    channels: tuple[str, ...] = ()
    ashi: tuple[int, int] | None = None
    size: Size | None = None
    fewer: bool = False
    fewer_most: int | None = None  # what "fewer" means, and then on one side only
    ensure: tuple[Ensure, ...] = ()
    substitute: str = ""
    named: Mapping[str, tuple[str, ...]] | None = None
    # How they are needled.
    both_sides: tuple[str, ...] = ()
    turn: Mapping[str, str] | None = None
    positions: Positions | None = None
    technique: str = ""
    technique_zones: tuple[str, ...] = ()
    default_technique: str = ""
    disagree: Text | None = None  # said where patterns ask for different techniques
    may: tuple[May, ...] = ()
    start: float | None = None  # 0 the least usual depth, 1 the deepest allowed
    start_least: bool = False
    factor: float = 1.0
    zones: tuple[str, ...] = ()  # where the depth effects hold; empty: everywhere
    # What is not done. These hold until the rule's question is answered no; `ask`
    # makes the open question itself a caution.
    caution: str = ""
    ask: bool = False
    remove: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    set_aside_marked: tuple[str, ...] = ()  # all that carry a caution of the catalogue
    set_aside_in: tuple[str, ...] = ()  # all that lie in the zones named
    shallow: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    forbid_points: tuple[str, ...] = ()
    forbid_zones: tuple[str, ...] = ()
    cap: Cap | None = None
    # What is said, and how often it is done.
    note: bool = False
    note_with: tuple[str, ...] = ()
    note_with_uses: tuple[str, ...] = ()
    dose: DoseChoice | None = None
    dose_note: bool = False
    weekly: tuple[int, ...] = ()  # another course that may be chosen, week by week
    reviews: tuple[Review, ...] = ()
    # What a report on the treatment asks for (STRICTA items 1a and 2d).
    style: Text | None = None
    seek: str = ""
    # The bounds within which a clinic may change a number above.
    limits: Mapping[str, tuple[float, float]] | None = None
