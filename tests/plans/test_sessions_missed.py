"""Visits that nobody has written up, for whom they concern."""

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from plans.scheduling.services import set_status, take_over
from plans.sessions.queries import missed_logs
from plans.sessions.services import open_session
from tests.factories import make_user, sign_in
from tests.plans.sessions_setting import make_course, make_visit, sign

pytestmark = pytest.mark.django_db
URL = "/sessions/missed/"


def follow(visit, status):
    set_status(
        by=visit.practitioner,
        appointment=visit,
        status=status,
        revision=visit.revision,
    )


def listed(**whose):
    return list(missed_logs(timezone.localdate(), **whose))


@pytest.mark.parametrize(
    ("status", "is_missed"),
    [("in_bed", False), ("needles_in", False), ("needles_out", True), ("done", True)],
)
def test_of_today_those_who_are_through(status, is_missed):
    visit = make_visit(make_course())
    follow(visit, status)

    assert (listed() == [visit]) is is_missed


def test_of_earlier_days_whatever_is_not_signed_the_newest_first():
    version = make_course()
    older, newer = make_visit(version, days_ago=3), make_visit(version, days_ago=2)
    open_session(by=version.created_by, appointment=older)
    sign(make_visit(version, days_ago=4))
    gone = make_visit(version, days_ago=5)
    follow(gone, "booked")
    follow(gone, "no_show")

    assert listed() == [newer, older]


def test_whoever_took_over_sees_it_too():
    visit, other = make_visit(make_course()), make_user()
    take_over(by=other, appointment=visit, revision=0)
    follow(visit, "done")

    assert listed(practitioner=other) == listed(practitioner=visit.practitioner)
    assert listed(practitioner=make_user()) == []


@pytest.mark.parametrize(
    ("role", "sees", "code"),
    [
        (Role.ACUPUNCTURIST, False, 200),
        (Role.ADMIN, True, 200),
        (Role.FRONT_DESK, False, 403),
    ],
)
def test_each_role_sees_its_own(client, role, sees, code):
    visit = make_visit(make_course(), days_ago=1)
    sign_in(client, role)

    page = client.get(URL)

    assert page.status_code == code
    assert (visit.patient.name in page.content.decode()) is sees


def test_it_leads_to_the_log(client):
    visit = make_visit(make_course(), days_ago=1)
    client.force_login(visit.practitioner)

    assert reverse("plans:log", args=[visit.pk]) in client.get(URL).content.decode()


@pytest.mark.parametrize("number", [1, 6])
def test_the_cost_of_the_list_does_not_grow(client, number, django_assert_num_queries):
    """Three: the session, the user, the visits."""
    sign_in(client, Role.ADMIN)
    for _each in range(number):
        make_visit(make_course(), days_ago=1)
    client.get(URL)

    with django_assert_num_queries(3):
        page = client.get(URL).content.decode()

    assert page.count("not begun") == number


def test_a_long_list_is_paged(client):
    sign_in(client, Role.ADMIN)
    version = make_course()
    for days in range(1, 28):
        make_visit(version, days_ago=days)

    first, second = (client.get(URL, {"page": page}) for page in ("1", "2"))

    assert first.content.decode().count("not begun") == 25
    assert second.content.decode().count("not begun") == 2
    assert client.get(URL, {"page": "长" * 400}).status_code == 200
