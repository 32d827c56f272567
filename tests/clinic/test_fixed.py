"""What is written once stays so, by bare SQL too, on both engines."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import ConnectionHandler
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.core import fixed
from patients.intake.models import Intake
from patients.measures.models import Score
from plans.outcomes.services import marks
from plans.planning.models import PlanPoint, PlanVersion
from plans.sessions.models import Amendment, Needling, Session
from plans.sessions.services import amend, open_session
from tests.factories import make_intake, make_plan
from tests.plans.sessions_setting import make_course, make_visit, sign

pytestmark = pytest.mark.django_db

SCORED = "plans_session_scores"


@pytest.fixture
def signed():
    session = sign(make_visit(make_course()))
    amend(
        by=session.signed_by,
        session=session,
        text="The left side, not the right.",
        submission="00000000-0000-0000-0000-000000000001",
    )
    make_intake(closed_at=timezone.now())
    return session


def run(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(sql, *values):
    with pytest.raises(IntegrityError) as error:
        run(sql, *values)
    return str(error.value)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (f"UPDATE {model._meta.db_table} SET {change}", says)
        for model, change, says in (
            (AuditEvent, "action = 'nothing'", "audit_is_written_once"),
            (Score, "value = 1", "score_is_written_once"),
            (Amendment, "text = ''", "amendment_is_written_once"),
            (Session, "note = 'all well'", "signed_session_is_fixed"),
            (Session, "status = 'draft', signed_at = NULL", "signed_session_is_fixed"),
            (Needling, "depth_mm = depth_mm + 1", "signed_session_is_fixed"),
            (PlanVersion, "note = 'never said'", "approved_version_is_fixed"),
            (PlanVersion, "status = 'draft'", "approved_version_is_fixed"),
            (PlanPoint, "depth_mm = depth_mm + 1", "approved_version_is_fixed"),
            (Intake, "answers = '[1]'", "closed_intake_is_fixed"),
            (Intake, "closed_at = NULL", "closed_intake_is_fixed"),
        )
    ],
)
def test_it_is_not_changed(signed, sql, says):
    closed = " WHERE closed_at IS NOT NULL" if "patients_intake" in sql else ""

    assert says in refused(sql + closed)


@pytest.mark.parametrize(
    "table",
    [
        *(
            model._meta.db_table
            for model in (AuditEvent, Score, Amendment, Session, Needling, PlanPoint)
        ),
        SCORED,
    ],
)
def test_it_is_not_deleted(signed, table):
    said = refused(f"DELETE FROM {table}")

    assert "_written_once" in said or "_is_fixed" in said


def placed(model, row, how="INSERT OR REPLACE", **other):
    """SQL that writes a row as this one, but for these columns."""
    columns = [field.column for field in model._meta.concrete_fields]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(other.get(name, f'"{name}"') for name in columns)
    table = model._meta.db_table
    return f"{how} INTO {table} ({names}) SELECT {values} FROM {table} WHERE id = {row}"


@pytest.mark.only_on("sqlite")
class TestReplacing:
    """SQLite calls no trigger of a row that OR REPLACE deletes."""

    @pytest.mark.parametrize(
        ("model", "other", "says"),
        [
            (AuditEvent, {"action": "'nothing'"}, "audit_is_written_once"),
            (Score, {"value": "1"}, "score_is_written_once"),
            # Of the same moment, which only first scores have for themselves.
            (Score, {"value": "1", "id": "NULL"}, "score_is_written_once"),
            (Amendment, {"text": "'x'", "id": "NULL"}, "amendment_is_written_once"),
            (Session, {"note": "'all well'"}, "signed_session_is_fixed"),
            (
                Session,
                {"status": "'draft'", "signed_at": "NULL", "id": "NULL"},
                "signed_session_is_fixed",
            ),
            (PlanVersion, {"note": "'never'"}, "approved_version_is_fixed"),
            (
                PlanVersion,
                {"number": "9", "id": "NULL"},
                "approved_version_is_fixed",
            ),
        ],
    )
    def test_no_fixed_row_is_replaced(self, signed, model, other, says):
        row = model.objects.order_by("pk").first().pk

        assert says in refused(placed(model, row, **other))

    @pytest.mark.parametrize("column", ["id", "appointment_id"])
    def test_no_draft_takes_the_place_of_what_is_signed(self, signed, column):
        plan = make_course()
        draft = open_session(by=plan.created_by, appointment=make_visit(plan))

        assert "signed_session_is_fixed" in refused(
            f"UPDATE OR REPLACE plans_session SET {column} = "
            f"(SELECT {column} FROM plans_session WHERE id = %s) WHERE id = %s",
            signed.pk,
            draft.pk,
        )

    def test_a_needling_of_a_draft_replaces_none_of_what_is_signed(self, signed):
        plan = make_course()
        draft = open_session(by=plan.created_by, appointment=make_visit(plan))
        needling = signed.needlings.first()

        assert "signed_session_is_fixed" in refused(
            placed(Needling, needling.pk, session_id=str(draft.pk))
        )

    def test_what_is_new_or_not_fixed_is_written(self, signed):
        version = PlanVersion.objects.get(pk=signed.plan_version_id)
        run(placed(PlanVersion, version.pk, "INSERT", **DRAFTED))
        draft = PlanVersion.objects.latest("pk")

        run(placed(PlanVersion, draft.pk, note="'written anew'"))

        draft.refresh_from_db()
        assert draft.note == "written anew"
        assert draft.plan_id == version.plan_id


DRAFTED = {"id": "NULL", "number": "9", "status": "'draft'"} | dict.fromkeys(
    ("approved_at", "approved_by_id"), "NULL"
)


def test_nothing_is_added_to_a_signed_session(signed):
    needling = signed.needlings.first()
    score = signed.scores.first()

    assert "signed_session_is_fixed" in refused(
        "INSERT INTO plans_needling (session_id, acupoint_id, side, depth_mm, "
        'technique, "order", reason) '
        "VALUES (%s, 'BL57', 'left', 10, 'even', 9, '')",
        needling.session_id,
    )
    assert "signed_session_is_fixed" in refused(
        f"INSERT INTO {SCORED} (session_id, score_id) VALUES (%s, %s)",
        signed.pk,
        score.pk,
    )


def test_a_needling_is_not_carried_into_a_signed_session(signed):
    plan = make_course()
    draft = open_session(by=plan.created_by, appointment=make_visit(plan))

    assert "signed_session_is_fixed" in refused(
        "UPDATE plans_needling SET session_id = %s WHERE session_id = %s",
        signed.pk,
        draft.pk,
    )


def test_what_is_not_fixed_yet_moves():
    plan = make_course()
    draft = open_session(by=plan.created_by, appointment=make_visit(plan))

    run("UPDATE plans_needling SET depth_mm = 11")
    run("DELETE FROM plans_needling")
    run("UPDATE plans_session SET note = 'still typing'")

    draft.refresh_from_db()
    assert draft.note == "still typing"
    assert not draft.needlings.exists()


def test_a_version_in_force_may_be_superseded():
    version = make_plan()

    run("UPDATE plans_planversion SET status = 'superseded'")

    version.refresh_from_db()
    assert version.status == PlanVersion.Status.SUPERSEDED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["clinic_auditevent", SCORED, "plans_planpoint"])
def test_no_table_is_emptied_at_a_stroke(signed, table):
    said = refused(
        f"TRUNCATE {table} CASCADE"
        if connection.vendor == "postgresql"
        else f"DELETE FROM {table}"
    )

    assert "_written_once" in said or "_is_fixed" in said


@pytest.mark.django_db(transaction=True)
def test_the_triggers_survive_a_remade_table(signed):
    with connection.schema_editor() as editor:
        if connection.vendor == "sqlite":
            fixed.loosen_before_migrations(using="default", plan=[Session])
            marks.loosen_before_migrations(using="default", plan=[Session])
            editor._remake_table(Session)
    call_command("migrate", verbosity=0)

    assert "signed_session_is_fixed" in refused("UPDATE plans_session SET note = 'x'")
    assert not fixed.check_all_stand(databases=["default"])
    assert not marks.check_all_stand(databases=["default"])


def test_a_missing_one_is_named():
    name = "fixed_clinic_auditevent_delete"
    on = "" if connection.vendor == "sqlite" else " ON clinic_auditevent"
    run(f"DROP TRIGGER {name}{on}")

    (warning,) = fixed.check_all_stand(databases=["default"])

    assert "clinic_auditevent" in warning.msg
    assert "DELETE" in warning.msg


def test_a_start_without_migrations_changes_nothing():
    with CaptureQueriesContext(connection) as asked:
        fixed.loosen_before_migrations(using="default", plan=[])
        fixed.fix_after_migrations(using="default")

    assert not [each for each in asked if "CREATE" in each["sql"].split()[:1]]
    assert not [each for each in asked if "DROP" in each["sql"].split()[:1]]


def test_one_that_says_another_thing_is_made_anew():
    name = "fixed_clinic_auditevent_delete"
    if connection.vendor == "sqlite":
        run(f"DROP TRIGGER {name}")
        run(
            f"CREATE TRIGGER {name} BEFORE DELETE ON clinic_auditevent "
            "BEGIN SELECT 1; END"
        )
    else:
        run(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger "
            "LANGUAGE plpgsql AS $$BEGIN RETURN OLD; END$$"
        )

    fixed.fix_after_migrations(using="default")

    (there,) = [
        each.text for at, each in fixed.standing(connection).items() if at == name
    ]
    assert "audit_is_written_once" in there


def test_filling_an_empty_clinic_puts_them_back():
    with fixed.unfixed(connection):
        assert not fixed.standing(connection)

    assert not fixed.check_all_stand(databases=["default"])


def test_a_database_that_is_still_empty_wants_no_triggers():
    """As `manage.py migrate` meets it, whose checks ask for them first."""
    nowhere = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    )["default"]

    try:
        assert fixed.wanted(nowhere) == []
    finally:
        nowhere.close()
