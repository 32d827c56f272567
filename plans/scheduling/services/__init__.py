from plans.scheduling.services.booking import (
    PAST,
    Clash,
    CourseClash,
    NoPlanInForce,
    Slot,
    TooMany,
    book_appointment,
    book_course,
    length_of,
)
from plans.scheduling.services.following import (
    CannotMove,
    StatusRefused,
    move_appointment,
    set_status,
)
from plans.scheduling.services.hours import (
    add_closure,
    remove_closure,
    save_bed,
    set_week,
)
from plans.scheduling.services.shifting import shift_rest

__all__ = [
    "PAST",
    "CannotMove",
    "Clash",
    "CourseClash",
    "NoPlanInForce",
    "Slot",
    "StatusRefused",
    "TooMany",
    "add_closure",
    "book_appointment",
    "book_course",
    "length_of",
    "move_appointment",
    "remove_closure",
    "save_bed",
    "set_status",
    "set_week",
    "shift_rest",
]
