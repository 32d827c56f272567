"""Sessions written on paper on a day without power, and typed in later."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.paper.services import OtherDay, WrittenUp, begin_paper
from plans.sessions import services
from plans.sessions.models import PaperRecord, Session
from plans.sessions.queries import appointments_to_log, visits_of
from tests.factories import make_user, sign_in
from tests.plans.sessions_setting import make_course, make_visit, ready, sign

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 9, tzinfo=ZoneInfo("Europe/London"))
URL = "/sessions/paper/"


@pytest.fixture(autouse=True)
def tuesday_morning(monkeypatch):
    """Tuesday 10 March 2026, 09:00 in the clinic."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def visit():
    """The day before at noon; the practitioner is away since."""
    return make_visit(make_course(), days_ago=1)


def begin(visit, *, by=None, minutes=20, **changes):
    values = {
        "done_at": visit.starts_at + timedelta(minutes=minutes),
        "done_by": visit.practitioner,
        "now": NOW,
    }
    return begin_paper(by=by or make_user(), appointment=visit, **values | changes)


def signed(visit, by, **changes):
    session = Session.objects.get(appointment=visit)
    return services.sign(
        by=by,
        session=session,
        revision=session.revision,
        entry=ready(session, **changes),
        now=NOW,
    )


def test_whoever_types_it_in_signs_it_and_the_times_are_the_papers(visit):
    typist = make_user()
    assert not appointments_to_log(typist, NOW.date())

    paper = begin(visit, by=typist)
    assert [row.pk for row in appointments_to_log(typist, NOW.date())] == [visit.pk]
    session = signed(visit, typist, scores={"leg_before": 6, "leg_after": 3})

    done_at = visit.starts_at + timedelta(minutes=20)
    assert (session.signed_by, paper.done_by) == (typist, visit.practitioner)
    assert session.started_at == done_at
    taken = dict(session.scores.values_list("moment", "taken_at"))
    assert taken == {
        "before": done_at,
        "after": done_at + (visit.ends_at - visit.starts_at),
    }
    assert visits_of(visit.plan.episode)[0].at == done_at
    assert paper.typed_at - paper.done_at == NOW - done_at
    event = AuditEvent.objects.get(action="open_paper")
    assert (event.by, event.patient_id) == (typist, visit.patient_id)


def test_sent_twice_it_is_one_and_somebody_elses_is_left_alone(visit):
    typist = make_user()
    assert begin(visit, by=typist) == begin(visit, by=typist, minutes=25)

    with pytest.raises(WrittenUp):
        begin(visit)
    signed(visit, typist)
    with pytest.raises(WrittenUp):
        begin(visit, by=typist)

    assert PaperRecord.objects.count() == 1


@pytest.mark.parametrize("days", [-1, 1])
def test_it_is_done_on_the_day_of_the_visit(visit, days):
    with pytest.raises(OtherDay):
        begin(visit, done_at=visit.starts_at + timedelta(days=days))

    assert not Session.objects.exists()


def test_the_database_takes_none_from_the_future(visit):
    session = services.open_session(by=visit.practitioner, appointment=visit)

    with pytest.raises(IntegrityError), transaction.atomic():
        PaperRecord.objects.create(
            session=session,
            done_at=NOW + timedelta(minutes=1),
            done_by=visit.practitioner,
            typed_at=NOW,
            typed_by=visit.practitioner,
        )


def test_it_is_written_once(visit):
    begin(visit)

    with pytest.raises(IntegrityError, match="written_once"), transaction.atomic():
        PaperRecord.objects.update(done_at=NOW - timedelta(days=3))


# ------------------------------------------------------------------- the page


def sent(of, **changes):
    data = {"day": "2026-03-09", "visit": of.pk, "time": "12:20"}
    return data | {"done_by": of.practitioner_id} | changes


def test_from_the_page_to_the_log_and_both_say_so(client, visit):
    sign_in(client, name="Theo Typist")

    reply = client.post(URL, sent(visit))

    assert reply.url == reverse("plans:log", args=[visit.pk])
    for address in (reply.url, reverse("plans:session", args=[visit.session.pk])):
        page = client.get(address).content.decode()
        assert "Recorded on paper" in page
        assert "Theo Typist" in page
        assert visit.practitioner.name in page


def test_only_what_is_not_written_up_is_offered(client, visit):
    sign(make_visit(make_course(), days_ago=1))
    begun = make_visit(make_course(), days_ago=1)
    services.open_session(by=begun.practitioner, appointment=begun)
    sign_in(client)

    page = client.get(URL, {"day": "2026-03-09"})

    assert list(page.context["form"].visits) == [str(visit.pk)]


@pytest.mark.parametrize(
    ("day", "is_taken"),
    [
        ("2026-02-24", True),
        ("2026-02-23", False),
        ("2026-03-10", True),
        ("2026-03-11", False),
        ("yesterday", False),
        ("9" * 900, False),
    ],
)
def test_a_fortnight_back_and_no_day_ahead(client, day, is_taken):
    sign_in(client)

    page = client.get(URL, {"day": day})

    assert page.status_code == 200
    assert (page.context["form"] is not None) is is_taken
    assert bool(page.context["days"].errors) is not is_taken


@pytest.mark.parametrize(
    "junk",
    [
        {"visit": "999999"},
        {"visit": "中文"},
        {"time": "25:00"},
        {"time": ""},
        {"done_by": ""},
        {"done_by": "\x00"},
        {"day": "2026-03-11"},
    ],
)
def test_junk_is_answered(client, visit, junk):
    sign_in(client)

    assert client.post(URL, sent(visit, **junk)).status_code == 422
    assert not Session.objects.exists()


def test_later_today_has_not_come_yet(client):
    visit = make_visit(make_course())
    sign_in(client)

    page = client.post(URL, sent(visit, day="2026-03-10", time="09:01"))

    assert page.status_code == 422
    assert "has not come yet" in page.content.decode()


@pytest.mark.parametrize(
    ("role", "code"),
    [(Role.ACUPUNCTURIST, 200), (Role.FRONT_DESK, 403), (Role.ADMIN, 403)],
)
def test_only_those_who_treat_type_it_in(client, role, code):
    sign_in(client, role)

    assert client.get(URL).status_code == code
