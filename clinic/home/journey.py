"""Where a patient stands on the line from the door to the outcome, and what is next."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    OPEN_EPISODE = "open_episode"
    TAKE_INTAKE = "take_intake"
    ANSWER_SCREEN = "answer_screen"
    SEE_SCREEN = "see_screen"
    MAKE_PLAN = "make_plan"
    FINISH_PLAN = "finish_plan"
    BOOK_COURSE = "book_course"
    LOG_SESSION = "log_session"
    HOLD_REVIEW = "hold_review"
    SEE_PROGRESS = "see_progress"
    BOOK_VISIT = "book_visit"
    SEE_VISIT = "see_visit"


@dataclass(frozen=True)
class Standing:
    """What is known of one episode; the start is a patient who has none.

    Args:
        screen: What the newest intake's screen said; empty before the first intake.
        plan: "approved" when a version is in force, "draft" before that, else empty.
        visit_ahead: An appointment is held today or later.
        visit_to_log: One of today's is the reader's own and not signed yet.
    """

    is_open: bool = False
    screen: str = ""
    plan: str = ""
    prescribed: int = 0
    attended: int = 0
    booked: int = 0
    visit_ahead: bool = False
    visit_to_log: bool = False
    review_due: bool = False

    @property
    def to_book(self) -> int:
        if self.plan != "approved":
            return 0
        return max(self.prescribed - self.attended - self.booked, 0)

    @property
    def is_stopped(self) -> bool:
        return self.is_open and self.screen == "raised"


def step(standing: Standing) -> str:
    """One of `clinic.core.course.STEPS`."""
    if not standing.screen:
        return "intake"
    if not standing.is_open:
        return "outcome"
    if standing.screen != "clear":
        return "screen"
    if standing.plan != "approved":
        return "plan"
    if standing.attended >= standing.prescribed:
        return "outcome"
    return "sessions" if standing.attended or standing.booked else "course"


def clinicians_next(standing: Standing) -> Action:
    if not standing.is_open:
        return Action.OPEN_EPISODE
    at = step(standing)
    if at == "screen":
        return Action.SEE_SCREEN if standing.is_stopped else Action.ANSWER_SCREEN
    if at == "intake":
        return Action.TAKE_INTAKE
    if at == "plan":
        return Action.FINISH_PLAN if standing.plan == "draft" else Action.MAKE_PLAN
    if standing.visit_to_log:
        return Action.LOG_SESSION
    if standing.review_due:
        return Action.HOLD_REVIEW
    return Action.BOOK_COURSE if standing.to_book else Action.SEE_PROGRESS


def desks_next(standing: Standing) -> Action:
    """The desk books; what the visit is for is not its concern."""
    if standing.is_open and standing.to_book:
        return Action.BOOK_COURSE
    return Action.SEE_VISIT if standing.visit_ahead else Action.BOOK_VISIT


def readers_next(standing: Standing) -> Action | None:
    """For those who look on and neither treat nor book."""
    return Action.SEE_PROGRESS if standing.plan == "approved" else None
