from plans.scheduling.services.booking import (
    PAST,
    Clash,
    CourseClash,
    NoPlanInForce,
    Slot,
    TooMany,
    book_appointment,
    book_course,
)
from plans.scheduling.services.following import (
    LONGEST_STAY,
    CannotMove,
    NotHere,
    StatusRefused,
    move_appointment,
    set_status,
    take_over,
)
from plans.scheduling.services.holding import (
    HoldGone,
    hold_place,
    let_go,
)
from plans.scheduling.services.hours import (
    add_closure,
    remove_closure,
    save_bed,
    set_day,
    set_lengths,
    set_week,
)
from plans.scheduling.services.shifting import shift_rest
from plans.scheduling.services.waiting import (
    join_wait_list,
    leave_wait_list,
    take_place,
)

__all__ = [
    "LONGEST_STAY",
    "PAST",
    "CannotMove",
    "Clash",
    "CourseClash",
    "HoldGone",
    "NoPlanInForce",
    "NotHere",
    "Slot",
    "StatusRefused",
    "TooMany",
    "add_closure",
    "book_appointment",
    "book_course",
    "hold_place",
    "join_wait_list",
    "leave_wait_list",
    "let_go",
    "move_appointment",
    "remove_closure",
    "save_bed",
    "set_day",
    "set_lengths",
    "set_status",
    "set_week",
    "shift_rest",
    "take_over",
    "take_place",
]
