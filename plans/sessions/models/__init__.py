from plans.sessions.models.afterwards import (
    Amendment,
    Correction,
    PaperRecord,
)
from plans.sessions.models.clocks import MOST_MORE, NEEDLES, BedClock
from plans.sessions.models.session import (
    Needling,
    PointChange,
    Session,
    Stimulation,
)

__all__ = [
    "MOST_MORE",
    "NEEDLES",
    "Amendment",
    "BedClock",
    "Correction",
    "Needling",
    "PaperRecord",
    "PointChange",
    "Session",
    "Stimulation",
]
