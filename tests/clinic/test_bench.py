"""The clinic of the benchmark stands by the rules, whatever its size."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from clinic.core.fixed import standing, wanted
from clinic.management.bench.generate import generate
from clinic.management.bench.operations import OPERATIONS
from patients.records.models import Patient
from plans.outcomes.caseload import Selection
from plans.outcomes.queries import totals_of
from plans.outcomes.services.rows import bring_into_line
from plans.planning.models import PlanVersion
from plans.scheduling.models import Appointment
from plans.scheduling.queries import course_state
from plans.sessions.models import Needling, Session

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 4, 12, 10, tzinfo=UTC)
SIZE = 70


@pytest.fixture(scope="module")
def rows(django_db_setup, django_db_blocker):
    """Made once for all tests of this file and taken back after them."""
    with django_db_blocker.unblock():
        block = transaction.atomic()
        block.__enter__()
        yield generate(SIZE, NOW, written=lambda _rows: None)
        transaction.set_rollback(True)
        block.__exit__(None, None, None)


def test_it_has_what_a_clinic_has_and_the_database_agrees(rows):
    connection.check_constraints()
    for model in (Patient, PlanVersion, Appointment, Session, Needling):
        assert rows[model._meta.db_table] == model.objects.count()
        for row in model.objects.all()[::97]:
            row.validate_constraints()
    assert Patient.objects.count() == SIZE
    sessions = Session.objects.filter(status="signed").count()
    assert 4 * SIZE < sessions < 13 * SIZE
    assert Needling.objects.count() > 5 * sessions


def test_nobody_is_in_two_places(rows):
    """The triggers are off while it is written, so they cannot have seen to it."""
    for who, ends in (
        ("practitioner_id", "needling_ends_at"),
        ("bed_id", "ends_at"),
        ("patient_id", "ends_at"),
    ):
        last = {}
        for visit in Appointment.objects.order_by("starts_at"):
            key = getattr(visit, who)
            assert last.get(key, visit.starts_at) <= visit.starts_at
            last[key] = getattr(visit, ends)


def test_courses_run_now_and_ran_before(rows):
    statuses = Counter(Appointment.objects.values_list("status", flat=True))
    assert set(statuses) == {"booked", "done", "no_show", "late_cancel", "cancelled"}
    assert not Appointment.objects.filter(status="booked", ends_at__lte=NOW).exists()
    assert not Session.objects.filter(started_at__gt=NOW).exists()
    assert not PlanVersion.objects.filter(approved_at__gt=NOW).exists()
    today = Appointment.objects.filter(starts_at__date=timezone.localdate(NOW))
    assert today.count() > 5
    running = PlanVersion.objects.filter(plan__episode__closed_on=None)
    states = [course_state(version.plan, NOW) for version in running]
    assert any(state.attended and state.booked for state in states)


def test_the_outcomes_count_it(rows):
    bring_into_line()
    assert totals_of(Selection(), NOW.date()).flow.treated > SIZE / 2


def test_afterwards_what_is_signed_is_kept_again(rows):
    names = {trigger.name for trigger in wanted(connection)}
    assert names
    assert names <= set(standing(connection))
    more = Patient.objects.create(
        family_name="Next", birth_date="1980-01-01", sex="other", registered_at=NOW
    )
    assert more.pk == SIZE + 1


def test_every_operation_is_measured(rows, monkeypatch, capsys):
    command = "clinic.management.commands.bench."
    monkeypatch.setattr(f"{command}collect_static_files", lambda: None)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    # A page, and whoever forks, closes the connection; the tests' holds a transaction.
    monkeypatch.setattr(
        connections["default"], "close_if_unusable_or_obsolete", lambda: None
    )
    for beside in ("day_alone_and_beside", "chart_alone_and_among_others"):
        monkeypatch.setattr(f"{command}{beside}", lambda *_all: [])
    booked = Appointment.objects.count()

    call_command("bench", rounds=2)

    said = capsys.readouterr().out
    for operation in OPERATIONS:
        assert f"| {operation.name} |" in said
    assert "propose(facts)" in said
    assert "95% full" in said
    assert Appointment.objects.count() == booked


def test_it_fills_no_database_that_somebody_is_in(rows):
    with pytest.raises(CommandError, match="Somebody"):
        call_command("bench", patients=5)


def test_it_measures_no_clinic_but_its_own(monkeypatch):
    monkeypatch.setattr("clinic.management.commands.bench.STAFF", "nobody")
    with pytest.raises(CommandError, match="give --patients"):
        call_command("bench")
