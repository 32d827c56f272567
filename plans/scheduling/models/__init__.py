from plans.scheduling.models.appointments import (
    Appointment,
    Handover,
    Hold,
    StatusChange,
)
from plans.scheduling.models.hours import (
    QUARTERS,
    Bed,
    Closure,
    VisitLength,
    WorkingHours,
)
from plans.scheduling.models.waiting import (
    FreedPlace,
    WaitEntry,
)

__all__ = [
    "QUARTERS",
    "Appointment",
    "Bed",
    "Closure",
    "FreedPlace",
    "Handover",
    "Hold",
    "StatusChange",
    "VisitLength",
    "WaitEntry",
    "WorkingHours",
]
