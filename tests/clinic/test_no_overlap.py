"""Nobody in two places at once, whatever writes the row."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from plans.scheduling.models import Appointment
from tests.factories import (
    MONDAY_NINE,
    make_appointment,
    make_bed,
    make_patient,
    make_user,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def held():
    """09:00, the practitioner until 09:15, bed and patient until 09:45."""
    return make_appointment()


def refused(**fields):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        make_appointment(**fields)
    return str(error.value)


@pytest.mark.parametrize("minutes", [-14, -1, 0, 14])
def test_a_practitioner_needles_one_patient_at_a_time(held, minutes):
    start = MONDAY_NINE + minutes * MINUTE

    said = refused(practitioner=held.practitioner, starts_at=start)

    assert "practitioner_in_one_place_at_a_time" in said


@pytest.mark.parametrize("minutes", [-15, 15])
def test_needlings_may_touch_while_the_first_patient_rests(held, minutes):
    make_appointment(
        practitioner=held.practitioner, starts_at=MONDAY_NINE + minutes * MINUTE
    )

    assert Appointment.objects.count() == 2


@pytest.mark.parametrize("minutes", [-44, 0, 44])
def test_a_bed_holds_one_patient_for_the_whole_stay(held, minutes):
    said = refused(bed=held.bed, starts_at=MONDAY_NINE + minutes * MINUTE)

    assert "bed_in_one_place_at_a_time" in said


def test_a_patient_is_in_one_place(held):
    said = refused(patient=held.patient, starts_at=MONDAY_NINE + 44 * MINUTE)

    assert "patient_in_one_place_at_a_time" in said


@pytest.mark.parametrize("status", ["cancelled", "late_cancel"])
def test_a_cancelled_appointment_frees_its_time_and_cannot_take_it_back(held, status):
    row = Appointment.objects.filter(pk=held.pk)
    row.update(status=status, cancel_reason="Ill")
    make_appointment(practitioner=held.practitioner, bed=held.bed)

    with pytest.raises(IntegrityError, match="in_one_place"), transaction.atomic():
        row.update(status="booked", cancel_reason="")


@pytest.mark.parametrize(
    ("status", "reason"), [("cancelled", ""), ("late_cancel", ""), ("booked", "Ill")]
)
def test_an_appointment_is_cancelled_for_a_reason_and_no_other_is(held, status, reason):
    with pytest.raises(IntegrityError, match="for_a_reason"), transaction.atomic():
        Appointment.objects.update(status=status, cancel_reason=reason)


def test_moving_onto_a_held_time_is_refused_by_bare_sql_too(held):
    other = make_appointment(
        practitioner=held.practitioner, starts_at=MONDAY_NINE + timedelta(hours=2)
    )

    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE plans_appointment SET starts_at = (SELECT starts_at FROM "
            "plans_appointment WHERE id = %s) WHERE id = %s",
            [held.pk, other.pk],
        )


def test_an_appointment_may_move_within_its_own_time(held):
    held.starts_at += 5 * MINUTE
    held.save()

    held.refresh_from_db()
    assert held.starts_at == MONDAY_NINE + 5 * MINUTE


def test_the_form_hears_it_as_a_sentence(held):
    second = Appointment(
        patient=make_patient(),
        practitioner=held.practitioner,
        bed=make_bed(),
        kind=Appointment.Kind.TREATMENT,
        starts_at=MONDAY_NINE,
        needling_ends_at=MONDAY_NINE + 15 * MINUTE,
        ends_at=MONDAY_NINE + 45 * MINUTE,
        status_since=MONDAY_NINE,
        created_at=MONDAY_NINE,
        created_by=make_user(),
    )

    with pytest.raises(ValidationError, match="already booked then"):
        second.full_clean()


@pytest.mark.django_db(transaction=True)
def test_the_rule_survives_a_remade_table(held):
    """SQLite forgets triggers when Django remakes a table; the constraint is back."""
    with connection.schema_editor() as editor:
        if connection.vendor == "sqlite":
            editor._remake_table(Appointment)

    refused(practitioner=held.practitioner)
