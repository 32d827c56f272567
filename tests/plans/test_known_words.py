"""Words with a meaning are the database's to keep, not the forms' alone."""

import pytest
from django.db import IntegrityError, transaction

from plans.planning.models import PlanPoint
from plans.scheduling.models import Appointment
from plans.scheduling.statuses import MOVES
from plans.sessions.models import Needling
from plans.sessions.services import open_session
from tests.factories import make_appointment, make_plan

pytestmark = pytest.mark.django_db


def refused(rows, **fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**fields)


def test_a_status_without_moves_is_refused():
    make_appointment()

    refused(Appointment.objects.all(), status="vanished")

    assert sorted(MOVES) == sorted(Appointment.Status.values)


@pytest.mark.parametrize("field", ["side", "angle", "technique", "position"])
def test_a_point_of_a_plan_takes_no_unknown_word(field):
    make_plan(codes=("BL40",))

    refused(PlanPoint.objects.all(), **{field: "other"})


@pytest.mark.parametrize("field", ["side", "technique"])
def test_a_needling_takes_no_unknown_word(field):
    version = make_plan(codes=("BL40",))
    visit = make_appointment(plan=version.plan, patient=version.plan.episode.patient)
    open_session(by=visit.practitioner, appointment=visit)

    refused(Needling.objects.all(), **{field: "other"})
