from plans.sessions.models.afterwards import (
    Amendment,
    Correction,
    PaperRecord,
)
from plans.sessions.models.session import (
    Needling,
    PointChange,
    Session,
    Stimulation,
)

__all__ = [
    "Amendment",
    "Correction",
    "Needling",
    "PaperRecord",
    "PointChange",
    "Session",
    "Stimulation",
]
