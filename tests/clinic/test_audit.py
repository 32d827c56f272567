import ast
from pathlib import Path

import pytest

from clinic.access.roles import Role
from clinic.audit.presenters import ACTIONS
from clinic.audit.services import record
from tests.factories import make_patient, sign_in

ROOT = Path(__file__).parent.parent.parent


def recorded_actions():
    """The first argument of every call of `record`, or of a helper around it."""
    for package in ("clinic", "patients", "plans"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and getattr(node.func, "id", "").endswith(("record", "audit"))
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    yield node.args[0].value


def test_every_deed_has_words():
    assert set(recorded_actions()) == set(ACTIONS)


@pytest.fixture
def admin(client):
    return sign_in(client, Role.ADMIN)


@pytest.mark.django_db
@pytest.mark.parametrize("events", [1, 3])
def test_the_trail_costs_the_same_for_one_event_and_three(
    client, admin, django_assert_num_queries, events
):
    patient = make_patient()
    for _ in range(events):
        record("open_record", by=admin, subject=patient, patient_id=patient.pk)

    # Session, user, the events with who did them, the people to choose from.
    with django_assert_num_queries(4):
        page = client.get("/audit/")

    assert page.content.decode().count("opened a record</td>") == events


@pytest.mark.django_db
def test_the_trail_of_one_patient_is_of_that_patient_alone(client, admin):
    ana, bo = make_patient(), make_patient(given_name="Bo")
    record("open_record", by=admin, subject=ana, patient_id=ana.pk)
    record("register_patient", by=admin, subject=bo, patient_id=bo.pk)

    page = client.get("/audit/", {"patient": bo.pk}).content.decode()

    assert "registered a patient</td>" in page
    assert "opened a record</td>" not in page
    assert "Reyes" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("patient", ["x", "-1", "9" * 40, "\x00"])
def test_a_number_that_is_none_is_answered_beside_the_field(client, admin, patient):
    page = client.get("/audit/", {"patient": patient})

    assert page.status_code == 200
    assert "field__error" in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.ACUPUNCTURIST, Role.FRONT_DESK])
def test_only_the_admin_reads_the_trail(client, role):
    sign_in(client, role)

    assert client.get("/audit/").status_code == 403
