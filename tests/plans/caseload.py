"""A caseload written row by row, so that a test can count it by hand."""

from datetime import timedelta

from patients.measures.models import Score
from plans.scheduling.models import Appointment
from plans.sessions.models import Session
from tests.factories import MONDAY_NINE, make_appointment, make_bed, settle

DAY = timedelta(days=1)


def make_score(episode, value, *, at, moment="before", scale="leg_nrs", **fields):
    return Score.objects.create(
        episode=episode, scale=scale, value=value, moment=moment, taken_at=at, **fields
    )


def make_visit(version, at, *, status=Appointment.Status.BOOKED, **fields):
    """With a practitioner and a bed of its own, so that any may be at one time."""
    return make_appointment(
        patient=version.plan.episode.patient,
        plan=version.plan,
        starts_at=at,
        status=status,
        **fields,
    )


def make_session(
    version, at, *, leg=None, back=None, after=None, signed=True, **fields
):
    """A session with its appointment; leg and back on arrival, `after` the leg's."""
    visit = make_visit(version, at, status=Appointment.Status.DONE, **fields)
    session = Session.objects.create(
        appointment=visit,
        plan_version=version,
        started_at=at,
        retention_min=30,
        no_score_reason="" if leg is not None or not signed else "Could not say",
    )
    episode = version.plan.episode
    for value, scale, moment, taken_at in (
        (leg, "leg_nrs", "before", at),
        (back, "back_nrs", "before", at),
        (after, "leg_nrs", "after", visit.ends_at),
    ):
        if value is not None:
            session.scores.add(
                make_score(episode, value, at=taken_at, moment=moment, scale=scale)
            )
    return sign(session, at=at) if signed else session


def sign(session, *, at, **fields):
    by = session.plan_version.created_by
    signature = {
        "status": Session.Status.SIGNED,
        "signed_at": at,
        "signed_by": by,
        "needles_in": 6,
        "needles_out": 6,
        "checklist": "2026.1",
    }
    return settle(session, **signature | fields)


__all__ = [
    "DAY",
    "MONDAY_NINE",
    "make_bed",
    "make_score",
    "make_session",
    "make_visit",
    "sign",
]
