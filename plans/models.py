"""Gathers the models of this package; they live in the feature folders."""

from plans.adverse.models import AdverseEvent
from plans.catalogue.models import Acupoint
from plans.combinations.models import Combination, CombinedPoint
from plans.messages.models import CalendarAddress, Mention, Message
from plans.outcomes.models import CourseOutcome, OutcomeMark, TakeAway
from plans.patient_mode.models import SelfReport, Tablet
from plans.pauses.models import Pause
from plans.planning.models import Plan, PlanPoint, PlanVersion
from plans.progress.models import FlareUp
from plans.reviews.models import Review
from plans.scheduling.models import (
    Appointment,
    Bed,
    Closure,
    FreedPlace,
    Handover,
    Hold,
    StatusChange,
    VisitLength,
    WaitEntry,
    WorkingHours,
)
from plans.sessions.models import (
    Amendment,
    BedClock,
    Correction,
    Needling,
    PaperRecord,
    Session,
)

__all__ = [
    "Acupoint",
    "AdverseEvent",
    "Amendment",
    "Appointment",
    "Bed",
    "BedClock",
    "CalendarAddress",
    "Closure",
    "Combination",
    "CombinedPoint",
    "Correction",
    "CourseOutcome",
    "FlareUp",
    "FreedPlace",
    "Handover",
    "Hold",
    "Mention",
    "Message",
    "Needling",
    "OutcomeMark",
    "PaperRecord",
    "Pause",
    "Plan",
    "PlanPoint",
    "PlanVersion",
    "Review",
    "SelfReport",
    "Session",
    "StatusChange",
    "Tablet",
    "TakeAway",
    "VisitLength",
    "WaitEntry",
    "WorkingHours",
]
