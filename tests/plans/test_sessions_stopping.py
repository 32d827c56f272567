"""A red flag before needling ends a session: who, why, and nothing is counted."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from patients.measures.models import Score
from plans.corrections.services import correct_session
from plans.scheduling.models import Appointment
from plans.scheduling.queries import course_state, standing
from plans.scheduling.services import StatusRefused, set_status
from plans.sessions import services
from plans.sessions.models import Session
from plans.sessions.queries import missed_logs, unsigned_before, visits_of
from tests.factories import make_user
from tests.plans.sessions_setting import (
    ALL_NO,
    make_course,
    make_visit,
    open_draft,
    ready,
    sign,
)
from tests.plans.test_sessions_pages import text_of, typed

pytestmark = pytest.mark.django_db

FLAGGED = {"needles_in": None, "needles_out": None}
FLAGGED["safety"] = ALL_NO | {"saddle_numbness": True}


def stop(session, **changes):
    return services.stop(
        by=session.appointment.practitioner,
        session=session,
        revision=session.revision,
        entry=ready(session, **FLAGGED | changes),
        now=timezone.now(),
    )


@pytest.fixture
def visit():
    return make_visit(make_course())


@pytest.fixture
def desk(client, visit):
    client.force_login(visit.practitioner)
    return client


def test_it_says_who_and_why_and_the_visit_is_one_without_treatment():
    session = stop(open_draft(), note="Sent to the hospital")

    session.refresh_from_db()
    assert session.status == Session.Status.STOPPED
    assert session.stopped_by == session.appointment.practitioner
    assert (session.stopped_for, session.note) == ("RF1", "Sent to the hospital")
    assert session.appointment.status == Appointment.Status.UNTREATED
    event = AuditEvent.objects.get(action="stop_session")
    assert event.details == {"flags": ["RF1"]}
    assert not Score.objects.exists()


def test_it_counts_as_no_session_and_nobody_is_reminded_of_it():
    version = make_course()
    session = stop(open_draft(version, days_ago=3))
    today = timezone.localdate()

    assert visits_of(version.plan.episode) == []
    assert not standing(version.plan).exists()
    assert course_state(version.plan, timezone.now()).attended == 0
    assert not missed_logs(today)
    assert unsigned_before(session.appointment.practitioner, today) == []


def test_the_next_session_does_not_start_from_it():
    version = make_course()
    stop(open_draft(version, days_ago=3), retention_min=12)

    assert open_draft(version).retention_min == version.retention_min


def test_only_a_red_flag_stops_it():
    with pytest.raises(services.NothingRaised):
        stop(open_draft(), safety=ALL_NO)


@pytest.mark.parametrize("given", [{"needles_in": 2}, {"needles_out": 1}])
def test_with_needles_given_it_is_no_stop_before_needling(given):
    with pytest.raises(services.NeedlesGiven):
        stop(open_draft(), **given)


@pytest.mark.parametrize("status", ["needles_in", "needles_out"])
def test_while_the_clock_ran_it_is_no_stop_before_needling(status):
    session = open_draft()
    services.follow_needles(
        by=session.appointment.practitioner,
        appointment=session.appointment,
        status=status,
    )

    with pytest.raises(services.NeedlesGiven):
        stop(session)


def test_what_is_stopped_is_written():
    session = stop(open_draft())

    for write in (stop, lambda it: sign(it.appointment)):
        with pytest.raises(Stale):
            write(session)
    with pytest.raises(services.NotSigned):
        services.amend(by=make_user(), session=session, text="x", submission=None)
    with pytest.raises(StatusRefused):
        set_status(
            by=make_user(Role.FRONT_DESK),
            appointment=session.appointment,
            status="in_bed",
            revision=session.appointment.revision,
        )


@pytest.mark.parametrize(
    "lacking",
    [
        {"stopped_by": None},
        {"stopped_at": None},
        {"stopped_for": ""},
        {"needles_in": 2},
        {"needles_out": 2},
        {"status": "draft"},
    ],
)
def test_the_database_keeps_it_complete(lacking):
    session = open_draft()
    whole = {
        "status": "stopped",
        "stopped_at": timezone.now(),
        "stopped_by": session.appointment.practitioner,
        "stopped_for": "RF1",
    }
    rows = Session.objects.filter(pk=session.pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**whole | lacking)
    rows.update(**whole)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(note="Later")


def test_of_a_wrong_patient_it_can_be_corrected_and_the_visit_is_written_up():
    session = stop(open_draft())

    correct_session(
        by=session.appointment.practitioner,
        session=session,
        to=None,
        came=True,
        reason="The other Ana",
        now=timezone.now(),
        submission="5e7f0a3e-7e2f-4b52-9f43-3f3e5c9e4a10",
    )

    visit = Appointment.objects.get()
    assert visit.status == Appointment.Status.ARRIVED
    assert sign(visit).status == Session.Status.SIGNED


def test_one_press_stops_it_and_leads_to_the_letter(desk, visit):
    sent = typed(
        visit,
        do="stop",
        none_of_these="",
        needles_in="",
        needles_out="",
        **{"safety-saddle_numbness": "yes"},
    )
    log = reverse("plans:log", args=[visit.pk])

    answer = desk.post(log, sent, follow=True)

    session = Session.objects.get()
    assert session.status == Session.Status.STOPPED
    page = text_of(answer)
    assert "stopped this session before needling" in page
    assert "cauda equina" in page
    assert "GB30" not in page
    place = reverse("plans:session_letter", args=[session.pk])
    assert place in page
    assert "no acupuncture was given" in text_of(desk.get(place))
    # Sent twice it is the same, and the log leads to what stands.
    assert desk.get(log).headers["Location"].endswith(f"/sessions/{session.pk}/")
    assert desk.post(log, sent | {"revision": 1}).status_code in {302, 409}
    assert AuditEvent.objects.filter(action="stop_session").count() == 1
    episode = session.plan_version.plan.episode_id
    for place, words in (
        (reverse("home"), "Not treated"),
        (reverse("plans:day"), "Not treated"),
        (reverse("patient", args=[visit.patient_id]), "was stopped by a red flag"),
        (reverse("plans:sessions", args=[episode]), "Stopped before needling"),
    ):
        assert words in text_of(desk.get(place))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"needles_in": "2"}, "Needles were put in"),
        ({"safety-saddle_numbness": "no"}, "raise no red flag"),
    ],
)
def test_what_cannot_be_stopped_stays_a_draft_and_says_why(desk, visit, changes, told):
    sent = typed(visit, do="stop", none_of_these="", needles_in="", needles_out="")
    sent |= {"safety-saddle_numbness": "yes"} | changes

    answer = desk.post(reverse("plans:log", args=[visit.pk]), sent, follow=True)

    assert told in text_of(answer)
    assert Session.objects.get().status == Session.Status.DRAFT


def test_who_typed_meanwhile_sees_both(desk, visit):
    session = services.open_session(by=visit.practitioner, appointment=visit)
    stop(session)
    sent = typed(Appointment.objects.get(), note="Typed at the other tablet")

    answer = desk.post(reverse("plans:log", args=[visit.pk]), sent)

    assert answer.status_code == 409
    assert "This session was stopped meanwhile" in text_of(answer)
    assert "Typed at the other tablet" in text_of(answer)


def test_the_desk_cannot_say_it_by_itself(client):
    visit = make_visit(make_course())
    client.force_login(make_user(Role.FRONT_DESK))

    client.post(
        f"/appointments/{visit.pk}/status/", {"status": "untreated", "revision": 0}
    )

    assert Appointment.objects.get().status == Appointment.Status.ARRIVED


def test_the_patients_page_tells_it_until_somebody_needles_again(desk, visit):
    version = visit.plan.versions.get()
    stop(open_draft(version, days_ago=3))
    place = reverse("patient", args=[visit.patient_id])

    assert "was stopped by a red flag" in text_of(desk.get(place))
    sign(visit)
    assert "was stopped by a red flag" not in text_of(desk.get(place))
