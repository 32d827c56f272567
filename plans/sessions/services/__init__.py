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

__all__ = [
    "NoPlan",
    "NotReady",
    "NotSigned",
    "PlanPaused",
    "amend",
    "follow_needles",
    "open_session",
    "save_draft",
    "sign",
]
