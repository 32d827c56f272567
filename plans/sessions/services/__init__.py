from plans.sessions.services.amending import (
    NotSigned,
    amend,
)
from plans.sessions.services.clocks import (
    LongEnough,
    NoNeedlesIn,
    add_minutes,
    start_clock,
    stop_clock,
)
from plans.sessions.services.drafts import (
    NoPlan,
    PlanPaused,
    open_session,
    save_draft,
)
from plans.sessions.services.signing import (
    NotReady,
    follow_needles,
    sign,
)
from plans.sessions.services.stopping import NeedlesGiven, NothingRaised, stop

__all__ = [
    "LongEnough",
    "NeedlesGiven",
    "NoNeedlesIn",
    "NoPlan",
    "NotReady",
    "NotSigned",
    "NothingRaised",
    "PlanPaused",
    "add_minutes",
    "amend",
    "follow_needles",
    "open_session",
    "save_draft",
    "sign",
    "start_clock",
    "stop",
    "stop_clock",
]
