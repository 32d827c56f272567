"""A patient with a clear screen, an approved plan and an appointment today."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from patients.intake.screen import SHORT_SCREEN
from plans.scheduling.models import Appointment
from plans.sessions import services
from plans.sessions.entry import Entry
from plans.sessions.queries import entry_of
from tests.cases import CASES
from tests.factories import (
    make_appointment,
    make_episode,
    make_intake,
    make_patient,
    make_plan,
)

ALL_NO = dict.fromkeys(SHORT_SCREEN, False)


def make_course(*, codes=("GB30", "BL40"), intake=None, **plan_fields):
    """A plan in force of a man whose every safety question was answered no."""
    case = CASES["slr30_45m"]
    patient = make_patient(sex=case.sex, birth_date=case.birth_date)
    intake = make_intake(
        episode=make_episode(patient=patient),
        **{"answers": case.answers} | (intake or {}),
    )
    return make_plan(intake=intake, codes=codes, **plan_fields)


def make_visit(version, *, days_ago=0, **fields):
    """An appointment of the course, `days_ago` at noon."""
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    return make_appointment(
        patient=version.plan.episode.patient,
        plan=version.plan,
        status=Appointment.Status.ARRIVED,
        **{
            "practitioner": version.created_by,
            "starts_at": noon - timedelta(days=days_ago),
        }
        | fields,
    )


def ready(session, **changes) -> Entry:
    """What is on the draft with everything a signature needs."""
    entry = entry_of(session)
    complete = {
        "safety": ALL_NO,
        "scores": {"leg_before": 6, "back_before": 4},
        "needles_in": entry.needles,
        "needles_out": entry.needles,
    }
    return replace(entry, **complete | changes)


def sign(appointment, *, by=None, **changes):
    by = by or appointment.practitioner
    session = services.open_session(by=by, appointment=appointment)
    return services.sign(
        by=by,
        session=session,
        revision=session.revision,
        entry=ready(session, **changes),
        now=timezone.now(),
    )


def attempt(session, entry, revision=None):
    services.sign(
        by=session.appointment.practitioner,
        session=session,
        revision=session.revision if revision is None else revision,
        entry=entry,
        now=timezone.now(),
    )


def open_draft(version=None, **fields):
    visit = make_visit(version or make_course(), **fields)
    return services.open_session(by=visit.practitioner, appointment=visit)
