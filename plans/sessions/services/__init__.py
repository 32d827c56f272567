from plans.sessions.services.amending import (
    NotSigned,
    amend,
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
    "NeedlesGiven",
    "NoPlan",
    "NotReady",
    "NotSigned",
    "NothingRaised",
    "PlanPaused",
    "amend",
    "follow_needles",
    "open_session",
    "save_draft",
    "sign",
    "stop",
]
