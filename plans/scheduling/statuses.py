"""Which status may follow which, and when. The words are those of the model."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from plans.scheduling.policy import POLICY

AHEAD = ("booked", "confirmed")
HERE = ("arrived", "in_bed", "needles_in", "needles_out")
FREED = ("cancelled", "late_cancel")
# Nobody was treated: these count as no session of a course.
NO_SESSION = (*FREED, "no_show", "untreated")
OVER = ("done", "untreated")
HELD = "held"  # only offered: no visit yet, so nothing below speaks of it

# Backward steps put a mistake right. A session may be signed without the desk having
# followed the patient from door to bed, so `done` can be reached from each of them; and
# so can `untreated`, which is set where a session is stopped before needling.
MOVES: Mapping[str, tuple[str, ...]] = {
    "booked": ("confirmed", *HERE, *OVER, "no_show", *FREED),
    "confirmed": ("booked", *HERE, *OVER, "no_show", *FREED),
    "arrived": (*AHEAD, "in_bed", "needles_in", "needles_out", *OVER),
    "in_bed": (*AHEAD, "arrived", "needles_in", "needles_out", *OVER),
    "needles_in": (*AHEAD, "arrived", "in_bed", "needles_out", "done"),
    "needles_out": (*AHEAD, "arrived", "in_bed", "needles_in", "done"),
    "done": (*AHEAD, *HERE),
    "untreated": (*AHEAD, "arrived", "in_bed"),
    "no_show": (*AHEAD, *HERE),
    "cancelled": AHEAD,
    "late_cancel": AHEAD,
}

# What one press does as a visit goes on.
NEXT: Mapping[str, str] = {
    "booked": "arrived",
    "confirmed": "arrived",
    "arrived": "in_bed",
    "in_bed": "needles_in",
    "needles_in": "needles_out",
    "needles_out": "done",
}


class Refusal(StrEnum):
    NO_SUCH_MOVE = "no_such_move"
    NOT_YET = "not_yet"  # the day of the visit has not come
    NOT_LATE = "not_late"  # nobody has failed to come before the hour
    WRITTEN_UP = "written_up"  # a session tells that it took place
    NO_REASON = "no_reason"
    PAUSED = "paused"  # the plan waits for a review


def refusal(
    status: str,
    wished: str,
    *,
    starts_at: datetime,
    now: datetime,
    reason: str = "",
    written_up: bool = False,
    is_paused: bool = False,
) -> Refusal | None:
    """Say why a status may not follow, or None. The times are the wall clock's."""
    if wished not in MOVES[status]:
        return Refusal.NO_SUCH_MOVE
    if wished in {*HERE, *OVER} and now.date() < starts_at.date():
        return Refusal.NOT_YET
    if wished == "needles_in" and is_paused:
        return Refusal.PAUSED
    if wished == "no_show" and now < starts_at:
        return Refusal.NOT_LATE
    if written_up and (status == "untreated" or wished not in {*HERE, *OVER}):
        return Refusal.WRITTEN_UP
    if wished in FREED and not reason:
        return Refusal.NO_REASON
    return None


def cancelled_as(*, starts_at: datetime, now: datetime) -> str:
    """A cancellation shortly before the visit is a late one, by the clinic's policy."""
    return "late_cancel" if starts_at - now < POLICY.late_within else "cancelled"
