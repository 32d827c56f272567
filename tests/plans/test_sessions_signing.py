from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from clinic.core.fixed import unfixed
from patients.measures.models import Score
from plans.scheduling.models import Appointment
from plans.sessions import services
from plans.sessions.asepsis import CHECKLIST
from plans.sessions.entry import Line
from plans.sessions.models import Session
from plans.sessions.queries import entry_of
from tests.factories import make_user
from tests.plans.sessions_setting import (
    attempt,
    make_course,
    make_visit,
    open_draft,
    ready,
    sign,
)

pytestmark = pytest.mark.django_db


def refused(session, **changes):
    """The fields that keep it from being signed."""
    with pytest.raises(services.NotReady) as caught:
        attempt(session, ready(session, **changes))
    return {problem.field: problem.kind for problem in caught.value.problems}


def test_signing_records_scores_and_sets_the_appointment_done():
    session = sign(make_visit(make_course()), scores={"leg_before": 6, "leg_after": 4})

    session.refresh_from_db()
    session.appointment.refresh_from_db()
    assert session.status == Session.Status.SIGNED
    assert session.signed_by == session.appointment.practitioner
    assert session.appointment.status == Appointment.Status.DONE
    before, after = session.scores.order_by("taken_at")
    assert (before.scale, before.moment, before.value) == ("leg_nrs", "before", 6)
    assert (after.moment, after.taken_at) == ("after", session.appointment.ends_at)
    assert AuditEvent.objects.filter(action="sign_session").count() == 1


def test_a_visit_moved_after_its_draft_was_opened_is_signed_for_its_new_time():
    session = open_draft(days_ago=3)
    two_days = timedelta(days=2)
    later = session.started_at + two_days
    Appointment.objects.update(
        starts_at=later,
        needling_ends_at=F("needling_ends_at") + two_days,
        ends_at=F("ends_at") + two_days,
    )

    attempt(session, ready(session))

    session.refresh_from_db()
    assert session.started_at == later
    assert {score.taken_at for score in session.scores.all()} == {later}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"needles_out": 1}, {"incident": "needles_differ"}),
        ({"needles_in": None}, {"needles_in": "needles_in_open"}),
        ({"needles_out": None}, {"needles_out": "needles_out_open"}),
        ({"needles_in": 0, "needles_out": 0}, {"needles_in": "needles_none"}),
        ({"scores": {"leg_after": 3}}, {"leg_before": "no_score"}),
        ({"words": "bl99"}, {"words": "words"}),
        ({"lines": ()}, {"words": "no_points"}),
    ],
)
def test_what_keeps_a_session_from_being_signed(changes, problem):
    assert refused(open_draft(), **changes) == problem


@pytest.mark.parametrize("taken", [1, 3])
def test_needles_that_differ_are_signed_with_a_note_of_what_became_of_them(taken):
    session = sign(
        make_visit(make_course()), needles_out=taken, incident="Found on the floor."
    )

    session.refresh_from_db()
    assert (session.needles_in, session.needles_out) == (2, taken)
    assert entry_of(session).incident == "Found on the floor."
    event = AuditEvent.objects.get(action="sign_session")
    assert (event.details["needles"], event.details["needles_out"]) == (2, taken)


@pytest.mark.parametrize(
    "changes",
    [
        {"needles_out": 1},
        {"needles_out": None},
        {"needles_in": None, "incident": "Lost count"},
        {"checklist": ""},
    ],
)
def test_the_database_signs_no_session_that_is_not_complete(changes):
    session = open_draft()
    complete = {
        "status": Session.Status.SIGNED,
        "signed_at": timezone.now(),
        "signed_by": session.appointment.practitioner,
        "needles_in": 2,
        "needles_out": 2,
        "checklist": CHECKLIST.version,
    }
    row = Session.objects.filter(pk=session.pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(**complete | changes)

    row.update(**complete)


def test_signing_confirms_the_checklist_with_its_exceptions():
    exceptions = {"sharps": "Box full, a second one was fetched"}
    session = sign(make_visit(make_course()), exceptions=exceptions)

    session.refresh_from_db()
    assert (session.checklist, session.exceptions) == (CHECKLIST.version, exceptions)
    event = AuditEvent.objects.get(action="sign_session")
    assert event.details["exceptions"] == ["sharps"]


def test_everything_wrong_is_said_at_once_and_nothing_is_written():
    session = open_draft()

    found = refused(session, safety={}, scores={}, needles_in=None, needles_out=None)

    assert len([field for field in found if field.startswith("safety-")]) == 5
    assert {"leg_before", "needles_in", "needles_out"} < found.keys()
    session.refresh_from_db()
    assert (session.status, session.revision) == (Session.Status.DRAFT, 0)
    assert not Score.objects.exists()


def test_a_reason_stands_in_for_the_score():
    session = sign(make_visit(make_course()), scores={}, no_score_reason="Asleep")

    assert session.scores.count() == 0


@pytest.mark.parametrize("question", ["saddle_numbness", "leg_weakness_progressive"])
def test_a_yes_to_a_hard_stop_is_never_signed(question):
    session = open_draft()
    safety = ready(session).safety | {question: True}

    assert refused(session, safety=safety) == {f"safety-{question}": "flag"}


def test_new_symptoms_ask_for_the_whole_screen_again():
    version = make_course()
    session = open_draft(version)
    safety = ready(session).safety | {"symptoms_changed": True}

    assert refused(session, safety=safety) == {"safety-symptoms_changed": "flag"}

    intake = version.intake
    type(intake).objects.filter(pk=intake.pk).update(taken_at=timezone.now())
    attempt(session, ready(session, safety=safety))
    session.refresh_from_db()
    assert session.status == Session.Status.SIGNED


def test_past_the_cap_a_reason_is_asked_for_and_kept():
    session = open_draft()
    deep = Line("BL40", "right", 60, "even")
    entry = ready(session, lines=(deep,), needles_in=1, needles_out=1)

    with pytest.raises(services.NotReady) as caught:
        attempt(session, entry)
    (problem,) = caught.value.problems
    assert (problem.kind, problem.field) == ("reason", "BL40-reason")
    at_cap = replace(deep, depth_mm=problem.objection.limit)
    over = replace(at_cap, depth_mm=at_cap.depth_mm + 1)
    with pytest.raises(services.NotReady):
        attempt(session, replace(entry, lines=(over,)))
    attempt(session, replace(entry, lines=(replace(over, reason="Heavy build"),)))

    assert session.needlings.get().reason == "Heavy build"


def test_a_depth_the_plan_was_approved_with_is_not_asked_for_again():
    version = make_course(codes=("BL40",))
    with unfixed(connection):
        version.points.update(depth_mm=60, override_reason="Heavy build")

    assert sign(make_visit(version)).needlings.get().depth_mm == 60


@pytest.mark.parametrize(("implant", "problem"), [(True, "block"), (None, "ask")])
def test_what_is_blocked_or_not_asked_is_not_signed_for_any_reason(implant, problem):
    answers = make_course().intake.answers | {"electronic_implant": implant}
    by = make_user(trained_electro=True)
    intake = {"answers": answers, "taken_by": by}
    session = open_draft(make_course(intake=intake))
    line = Line("BL40", "right", 15, "electro", reason="I want to")

    found = refused(session, lines=(line,), needles_in=1, needles_out=1)

    assert found["BL40-drop"] == problem


def test_a_signed_session_is_fixed():
    session = sign(make_visit(make_course()))
    by = session.appointment.practitioner

    with pytest.raises(Stale):
        services.save_draft(
            by=by,
            session=session,
            revision=session.revision,
            entry=replace(entry_of(session), note="Changed"),
        )
    with pytest.raises(Stale):
        attempt(session, ready(session))

    session.refresh_from_db()
    assert session.note == ""
    assert Score.objects.count() == 2


def test_the_second_of_two_is_told_and_writes_nothing():
    session = open_draft()
    by = session.appointment.practitioner
    other = Session.objects.get()
    mine = replace(entry_of(session), note="Mine")
    services.save_draft(by=by, session=session, revision=0, entry=mine)

    with pytest.raises(Stale):
        services.save_draft(
            by=by, session=other, revision=0, entry=replace(mine, note="Late")
        )

    assert entry_of(Session.objects.get()).note == "Mine"
