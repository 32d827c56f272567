"""A session that was logged for the wrong patient: two trails, and no count of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.home.queries import last_weeks
from patients.measures.models import Score, Withdrawal
from patients.measures.services import correct_score, record_score
from plans.corrections.services import CorrectedAlready, WrittenUp, correct_session
from plans.exports.queries import done_of, last_times
from plans.outcomes import queries as outcomes
from plans.outcomes.caseload import Selection
from plans.outcomes.findings import findings
from plans.outcomes.models import CourseOutcome
from plans.outcomes.services.rows import bring_into_line
from plans.paper.services import begin_paper
from plans.planning.models import Plan
from plans.progress.queries import series_of, series_of_many, series_of_visits
from plans.reviews.queries import past_courses
from plans.room.queries import stays
from plans.scheduling.models import Appointment
from plans.scheduling.queries import course_state
from plans.scheduling.services import set_status
from plans.sessions.entry import Stimulus
from plans.sessions.models import Correction, Session
from plans.sessions.queries import (
    appointments_to_log,
    entry_of,
    scores_of,
    sessions_of,
    start_of,
    unsigned_before,
    visits_of,
)
from plans.sessions.services import NoPlan, amend, open_session
from tests.factories import make_appointment, make_user, sign_in
from tests.plans.sessions_setting import make_course, make_visit, sign
from tests.plans.test_adverse import make_event
from tests.test_junk import addresses

pytestmark = pytest.mark.django_db

AFTERNOON = datetime(2026, 3, 3, 15, tzinfo=ZoneInfo("Europe/London"))
TODAY = AFTERNOON.date()
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def afternoon(monkeypatch):
    """Tuesday 3 March 2026, 15:00 in the clinic."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: AFTERNOON)


@pytest.fixture
def wrong():
    """X's course with a session four weeks ago; nobody came today."""
    version = make_course(codes=("GB30", "BL40", "BL23"))
    sign(make_visit(version, days_ago=28))
    return make_visit(version)


@pytest.fixture
def right(wrong):
    """Y, who was treated, by the same practitioner."""
    version = make_course()
    return make_visit(
        version,
        practitioner=wrong.practitioner,
        starts_at=wrong.starts_at + timedelta(hours=1),
    )


def correct(session, to=None, *, came=False, **changes):
    values = {"reason": "Two charts were open.", "submission": uuid4()} | changes
    by = values.pop("by", None) or make_user()
    return correct_session(
        by=by, session=session, to=to, came=came, now=AFTERNOON, **values
    )


def outcome_of(visit):
    bring_into_line()
    row = CourseOutcome.objects.filter(episode=visit.plan.episode_id)
    return row.values().get()


def findings_of(_visit):
    """All that the page of the outcomes tells, when week 4 is over; but the note that
    events were left out.
    """
    bring_into_line()
    chosen, later = Selection(), TODAY + 60 * DAY
    found = findings(
        outcomes.totals_of(chosen, later),
        outcomes.cells_of(chosen, later),
        outcomes.groups_of(chosen, later),
        outcomes.pairs_of(chosen, later),
        outcomes.events_of(chosen),
    )
    return replace(found, harm=replace(found.harm, in_error=0))


def explored(_visit):
    bring_into_line()
    return outcomes.treated_of(Selection(), TODAY + 60 * DAY)


READINGS = {
    "visits": lambda v: visits_of(v.plan.episode),
    "scores": lambda v: sorted(
        Score.objects.current().filter(episode=v.plan.episode).values_list("pk")
    ),
    "progress": lambda v: series_of(v.plan.episode, AFTERNOON),
    "stricta": lambda v: done_of(v.plan),
    "last time, on paper": lambda v: last_times(
        [v.plan.versions.get()], AFTERNOON + DAY
    ),
    "outcomes": outcome_of,
    "the outcomes page": findings_of,
    "explorer": explored,
    "forecast": lambda v: past_courses(AFTERNOON + 90 * DAY, but=Plan(pk=0)),
    "small chart": lambda v: series_of_visits(visits_of(v.plan.episode)),
    "charts of many": lambda v: series_of_many([v.plan.episode_id], AFTERNOON),
    "course": lambda v: course_state(v.plan, AFTERNOON),
    "last weeks": lambda v: last_weeks(TODAY + DAY),
    "the next one": lambda v: start_of(v.plan.versions.get(), before=AFTERNOON + DAY),
}


@pytest.mark.parametrize("name", READINGS)
def test_it_is_counted_nowhere(wrong, name):
    """Every reading is as if the patient had not come and nobody had logged."""
    read = READINGS[name]
    for status in ("booked", "no_show"):
        follow(wrong, status)
    never_logged = read(wrong)
    for status in ("booked", "arrived"):
        follow(wrong, status)
    session = sign(wrong, scores={"leg_before": 9, "leg_after": 8})
    make_event(session.plan_version.plan.episode, session=session)
    assert read(wrong) != never_logged

    correct(session)

    assert read(wrong) == never_logged


def follow(visit, status):
    visit.refresh_from_db()
    set_status(
        by=visit.practitioner,
        appointment=visit,
        status=status,
        revision=visit.revision,
    )


def cancel(visit):
    visit.refresh_from_db()
    set_status(
        by=visit.practitioner,
        appointment=visit,
        status="cancelled",
        revision=visit.revision,
        reason="Ill",
    )


def test_the_first_session_in_error_is_no_treatment_begun():
    visit = make_visit(make_course())
    before = outcome_of(visit)
    session = sign(visit)
    assert outcome_of(visit) != before

    correct(session, came=True)

    assert outcome_of(visit) == before


def test_the_board_does_not_take_its_minutes_from_an_error(wrong):
    later = make_visit(
        wrong.plan.versions.get(), starts_at=wrong.starts_at + timedelta(hours=2)
    )
    follow(later, "needles_in")
    before = stays(AFTERNOON)[0].retention_min
    session = sign(wrong, retention_min=before - 10)
    retention = {stay.pk: stay.retention_min for stay in stays(AFTERNOON)}
    assert retention[later.pk] == before - 10

    correct(session)

    assert stays(AFTERNOON)[0].retention_min == before


def test_it_stays_as_it_was_signed_and_the_copy_is_for_the_right_patient(wrong, right):
    session = sign(wrong, note="Leg eased at once.")
    amend(by=session.signed_by, session=session, text="Also BL60.", submission=uuid4())
    said, signer = entry_of(session), session.signed_by

    correction = correct(session, right)

    session = Session.objects.get(pk=session.pk)
    assert session.status == "error"
    assert session.appointment is None
    assert session.written_for == wrong
    assert entry_of(session) == said
    assert (session.signed_by, session.amendments.count()) == (signer, 1)

    copy = correction.copy
    assert copy.appointment == right
    assert copy.status == "draft"
    assert copy.plan_version.plan == right.plan
    assert entry_of(copy) == said
    assert copy.corrected_from.session == session


def test_its_stimulation_stays_on_its_page(client, wrong):
    said = {"moxa": Stimulus(form="stick", minutes=10)}
    session = sign(wrong, stimulation=said)
    client.force_login(wrong.practitioner)

    correct(session, came=True)

    session = Session.objects.get(pk=session.pk)
    assert entry_of(session).stimulation == said
    page = client.get(reverse("plans:session", args=[session.pk]))
    assert "Moxa" in page.content.decode()


@pytest.mark.parametrize("days_ahead", [0, 1])
def test_a_visit_called_off_stays_so(wrong, days_ahead):
    follow(wrong, "booked")
    starts_at = wrong.starts_at + days_ahead * DAY
    Appointment.objects.filter(pk=wrong.pk).update(
        starts_at=starts_at,
        needling_ends_at=starts_at + timedelta(minutes=40),
        ends_at=starts_at + timedelta(hours=1),
    )
    wrong.refresh_from_db()
    session = open_session(by=wrong.practitioner, appointment=wrong)
    cancel(wrong)
    before = wrong.status

    correct(session)

    wrong.refresh_from_db()
    assert wrong.status == before


def test_a_clock_that_runs_is_stopped_first(client, wrong, right):
    session = open_session(by=wrong.practitioner, appointment=wrong)
    follow(wrong, "needles_in")
    client.force_login(wrong.practitioner)

    reply = client.post(address(session), sent(right, confirmed="1"))

    assert "press “Needles out” first" in reply.content.decode()
    assert stays(AFTERNOON)[0].timer
    assert not Correction.objects.exists()


def test_what_was_written_on_paper_stays_so_when_it_is_moved(wrong, right):
    done = {"done_at": wrong.starts_at + timedelta(minutes=20), "now": AFTERNOON}
    typist = make_user()
    begin_paper(by=typist, appointment=wrong, done_by=right.practitioner, **done)
    session = Session.objects.get(appointment=wrong)

    copy = correct(session, right, by=typist).copy

    paper = copy.paper
    assert (paper.done_at, paper.done_by) == (done["done_at"], right.practitioner)
    assert right in appointments_to_log(typist, TODAY)


def test_both_trails_tell_of_it(wrong, right):
    session = sign(wrong)
    by = make_user()

    correction = correct(session, right, by=by, came=True)

    events = AuditEvent.objects.filter(by=by)
    one = events.get(action="correct_session")
    other = events.get(action="receive_session")
    assert (one.patient_id, other.patient_id) == (wrong.patient_id, right.patient_id)
    assert one.details["moved_to"] == correction.copy_id
    assert other.details["moved_from"] == session.pk
    assert "charts" not in str(one.details)
    listed = [row.status for row in sessions_of(wrong.plan.episode)]
    assert listed == ["error", "signed"]


def test_who_was_treated_too_is_logged_again_with_scores_of_their_own(wrong, right):
    session = sign(wrong, scores={"leg_before": 9})
    correct(session, right, came=True)
    wrong.refresh_from_db()
    assert wrong.status == "done"
    assert [row.appointment.pk for row in unsigned(wrong)] == [right.pk, wrong.pk]

    again = sign(make_fresh(wrong), scores={"leg_before": 4})

    assert visits_of(wrong.plan.episode)[-1].leg_before == 4
    assert scores_of(Session.objects.get(pk=session.pk)) == {"leg_before": 9}
    assert again.scores.get().again == 1


def make_fresh(visit):
    return type(visit).objects.get(pk=visit.pk)


def unsigned(visit):
    return unsigned_before(visit.practitioner, TODAY + DAY)


def test_a_corrected_score_goes_with_its_correction(wrong):
    session = sign(wrong, scores={"leg_before": 9})
    score = session.scores.get()
    correct_score(by=session.signed_by, score=score, value=5)

    correct(session)

    assert Withdrawal.objects.count() == 2
    current = Score.objects.current().filter(episode=score.episode, moment="before")
    assert score.taken_at not in current.values_list("taken_at", flat=True)


def test_a_draft_is_moved_too(wrong, right):
    session = open_session(by=wrong.practitioner, appointment=wrong)
    lines = entry_of(session).lines

    correction = correct(session, right)

    session.refresh_from_db()
    assert session.status == "error"
    assert entry_of(session).lines == lines == entry_of(correction.copy).lines
    assert {row.appointment.pk for row in unsigned(wrong)} == {right.pk}


def test_sent_twice_it_is_one_and_a_second_person_is_told(wrong, right):
    session, submission = sign(wrong), uuid4()
    correct(session, right, submission=submission)
    correct(session, right, submission=submission)

    with pytest.raises(CorrectedAlready):
        correct(session, right)

    assert Correction.objects.count() == 1


def test_nothing_happens_where_it_cannot_be_moved_to(wrong, right):
    session = sign(wrong)
    sign(right)
    with pytest.raises(WrittenUp):
        correct(session, right)
    with pytest.raises(NoPlan):
        correct(session, make_appointment(starts_at=right.starts_at))

    session.refresh_from_db()
    assert session.status == "signed"
    assert not Correction.objects.exists()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (
            "UPDATE plans_session SET status = 'error', appointment_id = NULL",
            "is_fixed",
        ),
        ("UPDATE plans_session SET appointment_id = NULL", "is_fixed"),
    ],
)
def test_a_signed_session_is_no_error_without_a_correction(wrong, sql, says):
    sign(wrong)

    with (
        pytest.raises(IntegrityError, match=says),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE plans_session SET note = 'all well' WHERE status = 'error'",
        "UPDATE plans_session SET status = 'signed' WHERE status = 'error'",
        "UPDATE plans_session SET status = 'draft' WHERE status = 'error'",
        "DELETE FROM plans_session WHERE status = 'error'",
        "UPDATE plans_correction SET reason = 'none'",
        "DELETE FROM plans_correction",
        "UPDATE plans_needling SET depth_mm = 9 WHERE session_id = "
        "(SELECT session_id FROM plans_correction)",
        "DELETE FROM patients_withdrawal",
    ],
)
def test_what_is_in_error_and_its_correction_are_fixed(wrong, sql):
    correct(sign(wrong))

    with (
        pytest.raises(IntegrityError, match=r"fixed|written_once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_a_correction_lets_only_its_own_appointment_go(wrong, right):
    """A row written by hand for one session frees no other."""
    session, other = sign(wrong), sign(right)
    Correction.objects.create(
        session=session,
        appointment=right,
        reason="By hand",
        made_at=AFTERNOON,
        made_by=make_user(),
    )

    for pk in (session.pk, other.pk):
        with pytest.raises(IntegrityError, match="is_fixed"), transaction.atomic():
            Session.objects.filter(pk=pk).update(status="error", appointment=None)


# ------------------------------------------------------------------ the two pages


def address(session):
    return reverse("plans:correct_session", args=[session.pk])


def sent(right, **changes):
    data = {"to": right.pk, "came": "no", "reason": "Two charts were open."}
    return data | {"submission": str(uuid4()), "day": f"{TODAY}"} | changes


def test_the_first_step_offers_what_is_not_written_up(client, wrong, right):
    session = sign(wrong)
    written = make_visit(make_course(), starts_at=right.starts_at)
    sign(written)
    gone = make_visit(make_course(), starts_at=right.starts_at)
    follow(gone, "booked")
    follow(gone, "no_show")
    client.force_login(wrong.practitioner)

    page = client.get(address(session))

    offered = [key for key, _words in page.context["form"].fields["to"].choices]
    assert offered == [str(right.pk), "none"]


def test_the_second_step_shows_both_and_changes_nothing(client, wrong, right):
    session = sign(wrong, note="Leg eased at once.")
    client.force_login(wrong.practitioner)

    page = client.post(address(session), sent(right))

    text = page.content.decode()
    assert page.status_code == 200
    for words in (wrong.patient.name, right.patient.name, "Leg eased at once."):
        assert words in text
    session.refresh_from_db()
    assert session.status == "signed"
    assert AuditEvent.objects.filter(
        action="open_record", patient_id=right.patient_id
    ).exists()


def test_confirmed_it_leads_to_the_log_of_the_right_patient(client, wrong, right):
    session = sign(wrong)
    client.force_login(wrong.practitioner)

    reply = client.post(address(session), sent(right, confirmed="1"))

    assert reply.url == reverse("plans:log", args=[right.pk])
    for shown, words in (
        (session.pk, "Entered in error"),
        (right.session.pk, "First logged for another patient"),
    ):
        page = client.get(reverse("plans:session", args=[shown])).content.decode()
        assert words in page
        assert "Two charts were open." in page
    listed = client.get(reverse("plans:sessions", args=[wrong.plan.episode_id]))
    assert "Entered in error" in listed.content.decode()


def test_marked_without_a_copy(client, wrong):
    session = sign(wrong)
    client.force_login(wrong.practitioner)

    data = sent(wrong, to="none", confirmed="1")
    reply = client.post(address(session), data)

    assert reply.url == reverse("plans:session", args=[session.pk])
    wrong.refresh_from_db()
    assert wrong.status == "no_show"
    # Pressed twice, and asked for again: to the session, which says so.
    assert client.post(address(session), data).url == reply.url
    assert client.get(address(session)).url == reply.url


def test_begun_meanwhile_it_is_refused_and_nothing_typed_is_lost(client, wrong, right):
    session = sign(wrong)
    client.force_login(wrong.practitioner)
    open_session(by=right.practitioner, appointment=right)

    page = client.post(address(session), sent(right, confirmed="1"))

    assert page.status_code == 422
    assert "Two charts were open." in page.content.decode()
    session.refresh_from_db()
    assert session.status == "signed"


@pytest.mark.parametrize(
    "junk",
    [
        {"to": "999999"},
        {"to": "x" * 5000},
        {"came": "perhaps"},
        {"reason": ""},
        {"reason": "长" * 501},
        {"submission": "no"},
        {"day": "yesterday", "to": "\x00"},
    ],
)
def test_junk_is_answered_beside_its_field(client, wrong, right, junk):
    session = sign(wrong)
    client.force_login(wrong.practitioner)

    page = client.post(address(session), sent(right, confirmed="1", **junk))

    assert page.status_code == 422
    assert not Correction.objects.exists()


@pytest.mark.parametrize(
    ("role", "code"),
    [(Role.ACUPUNCTURIST, 200), (Role.FRONT_DESK, 403), (Role.ADMIN, 403)],
)
def test_only_those_who_treat_correct(client, wrong, role, code):
    session = sign(wrong)
    sign_in(client, role)

    assert client.get(address(session)).status_code == code


def test_every_page_of_the_patient_opens_with_an_error_in_the_record(client, wrong):
    session = sign(wrong)
    correct(session, came=True)
    client.force_login(make_user(*Role))
    ids = {
        "session_id": session.pk,
        "appointment_id": wrong.pk,
        "patient_id": wrong.patient_id,
        "episode_id": wrong.plan.episode_id,
        "plan_id": wrong.plan_id,
    }

    answers = {page: client.get(page).status_code for page in addresses(ids)}

    assert {code for code in answers.values() if code >= 500} == set()
    assert answers[f"/sessions/{session.pk}/"] == 200
    assert answers[f"/sessions/{session.pk}/letter/"] == 404


@pytest.mark.parametrize("number", [1, 5])
def test_the_cost_of_choosing_does_not_grow(
    client, wrong, number, django_assert_max_num_queries
):
    session = sign(wrong)
    for _each in range(number):
        make_visit(make_course())
    sign_in(client)
    client.get(address(session))

    with django_assert_max_num_queries(11):
        page = client.get(address(session))

    assert len(page.context["form"].fields["to"].choices) == number + 1


def test_what_patients_told_a_tablet_stays_their_own(wrong, right):
    session = open_session(by=wrong.practitioner, appointment=wrong)
    told = record_score(
        by=None,
        episode=wrong.plan.episode,
        scale="leg_nrs",
        value=7,
        moment="before",
        taken_at=wrong.starts_at,
    )
    session.scores.add(told)
    signed = settle_signed(session)

    correction = correct(signed, right, came=True)

    assert told in Score.objects.current()
    assert "leg_before" not in scores_of(correction.copy)


def settle_signed(session):
    """Signed by hand: the tablet’s part of signing is another test’s."""
    Session.objects.filter(pk=session.pk).update(
        status="signed",
        signed_at=AFTERNOON,
        signed_by=session.appointment.practitioner,
        needles_in=3,
        needles_out=3,
        checklist="1",
    )
    session.refresh_from_db()
    return session
