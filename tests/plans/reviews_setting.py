"""A course of four weeks that is looked back on at day 28."""

from datetime import UTC, datetime
from uuid import uuid4

from django.urls import reverse

from plans.adverse.services import record_event
from plans.reviews import views
from plans.reviews.models import Review
from tests.factories import MONDAY_NINE
from tests.plans.caseload import DAY, make_session
from tests.plans.sessions_setting import make_course

NOW = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)  # day 28 of the course


def make_done_course():
    """Eight sessions in four weeks, all had; leg pain from 8 to 7."""
    found = make_course(
        sessions=8, per_week=2, goal="Walk to the shops", intake={"screen": "clear"}
    )
    for number in range(8):
        make_session(found, MONDAY_NINE + number * 4 * DAY, leg=8 - (number == 7))
    return found


def page_of(version):
    return reverse("plans:review", args=[version.plan_id])


def sent(version, decision="continue", **fields):
    """As the form is sent by who has just opened the page."""
    seen = views.look_back(version.plan, NOW)
    return {
        "decision": decision,
        "reason": "Seen with the patient",
        "goal_reached": "4",
        "goal_words": "Half way there",
        "read": seen["read"],
        "booked": views.as_booked(seen["booked"]),
        "submission": uuid4(),
    } | fields


def text_of(answer):
    return answer.content.decode()


def record_harm(version, *, by):
    return record_event(
        by=by,
        episode=version.plan.episode,
        session=None,
        submission=uuid4(),
        now=NOW,
        kind="pneumothorax",
        grade=4,
        happened_on=NOW.date(),
        timing="day",
        relation="probable",
        description="Short of breath",
        action="Hospital",
        outcome="recovering",
    )


def make_review(version, *, by, **fields):
    return Review.objects.create(
        **{
            "plan": version.plan,
            "version": version,
            "held_at": NOW,
            "held_by": by,
            "due_for": ["week_4"],
            "attended": 8,
            "standing": "watch",
            "rules": ["D09", "gone"],
            "leg_before": 8,
            "leg_now": 7,
            "decision": "continue",
            "reason": "As agreed",
        }
        | fields
    )
