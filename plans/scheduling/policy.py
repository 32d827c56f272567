"""What this clinic decided about its diary; the file beside says it."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from plans.scheduling.free import GRID, Length
from plans.scheduling.wishes import Weekly

LONGEST_STAY = 240  # minutes that the diary draws as one visit
FILE = Path(__file__).with_name("policy.toml")


class Gaps(NamedTuple):
    """Days from one session to the next."""

    smallest: int
    largest: int


class Policy(NamedTuple):
    lengths: Mapping[str, Length]
    gaps: Mapping[int, Gaps]
    taper: tuple[int, ...]
    late_within: timedelta
    hold: timedelta


def read_policy(path: Path = FILE) -> Policy:
    """Raises KeyError for what is missing, ValueError for what makes no sense."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    lengths = {
        kind: Length(raw[kind]["needling_min"], raw[kind]["stay_min"])
        for kind in ("first", "treatment")
    }
    for kind, (needling, stay) in lengths.items():
        if needling % GRID or stay % GRID or not 0 < needling <= stay:
            raise ValueError(f"{path.name}: the minutes of {kind} don't fit the diary")
    gaps = {
        per_week: Gaps(entry["smallest_days"], entry["largest_days"])
        for per_week in (1, 2, 3)
        for entry in [raw["gaps"][str(per_week)]]
    }
    for per_week, (smallest, largest) in gaps.items():
        if not 1 <= smallest <= largest:
            raise ValueError(f"{path.name}: the gaps for {per_week} a week are wrong")
    taper = tuple(raw["taper"]["weekly"])
    if not taper or not set(taper) <= set(gaps):
        raise ValueError(f"{path.name}: the taper has a week without gaps of its own")
    late = timedelta(hours=raw["cancelling"]["late_within_hours"])
    hold = timedelta(minutes=raw["waiting"]["hold_min"])
    return Policy(lengths, gaps, taper, late, hold)


POLICY = read_policy()


def policy_gaps(per_week: Weekly) -> tuple[Weekly, Weekly]:
    """The smallest and the largest gap, for a taper week by week."""
    if isinstance(per_week, int):
        return POLICY.gaps[per_week]
    weeks = [POLICY.gaps[week] for week in per_week]
    return tuple(gap.smallest for gap in weeks), tuple(gap.largest for gap in weeks)


def visit_length(
    kind: str,
    retention_min: int = 0,
    lengths: Mapping[str, Length] = POLICY.lengths,
) -> Length:
    """The clinic's length, and never less bed than the plan leaves the needles in."""
    needling, stay = lengths[kind]
    needed = -(-(needling + retention_min) // GRID) * GRID
    return Length(needling, max(stay, needed))
