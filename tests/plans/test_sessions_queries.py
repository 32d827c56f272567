import pytest
from django.urls import reverse
from django.utils import timezone

from patients.intake.models import Intake
from plans.sessions import services
from plans.sessions.queries import Step, todays_appointments, unsigned_before
from tests.factories import make_appointment, make_episode, make_intake, make_user
from tests.plans.sessions_setting import make_course, make_visit, sign

pytestmark = pytest.mark.django_db


def address(visit):
    return reverse("plans:log", args=[visit.pk])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_day_is_one_query(django_assert_num_queries, rows):
    practitioner = make_user()
    for row in range(rows):
        make_appointment(
            practitioner=practitioner,
            starts_at=timezone.localtime().replace(hour=9 + row, minute=0),
        )

    with django_assert_num_queries(1):
        found = todays_appointments(practitioner, timezone.localdate())

    assert [row.step for row in found] == [Step.EPISODE] * rows


def test_every_step_of_the_day_leads_somewhere():
    visit = make_visit(make_course())
    by, today = visit.practitioner, timezone.localdate()

    def step():
        (row,) = todays_appointments(by, today)
        return row.step, row.url

    assert step() == (Step.LOG, address(visit))
    session = services.open_session(by=by, appointment=visit)
    assert step() == (Step.FINISH, address(visit))
    sign(visit)
    assert step() == (Step.SIGNED, reverse("plans:session", args=[session.pk]))


def test_a_first_visit_leads_through_intake_and_screen_to_the_plan():
    visit = make_appointment(starts_at=timezone.localtime().replace(hour=12))
    episode = make_episode(patient=visit.patient)

    def step():
        (row,) = todays_appointments(visit.practitioner, timezone.localdate())
        return row.step, row.url

    assert step() == (Step.INTAKE, reverse("patients:intake", args=[episode.pk]))
    intake = make_intake(episode=episode, screen=Intake.Screen.RAISED)
    assert step() == (Step.SCREEN, reverse("patients:screen", args=[intake.pk]))
    Intake.objects.update(screen=Intake.Screen.CLEAR)
    assert step() == (Step.PLAN, reverse("plans:propose", args=[episode.pk]))


def test_what_earlier_days_left_unsigned():
    version = make_course()
    by = version.created_by
    forgotten = make_visit(version, days_ago=2)
    sign(make_visit(version, days_ago=3))
    make_visit(version)

    rows = unsigned_before(by, timezone.localdate())

    assert [row.appointment for row in rows] == [forgotten]
    assert rows[0].step == Step.LOG


@pytest.mark.parametrize(("days_ago", "listed"), [(26 * 7, 1), (26 * 7 + 1, 0)])
def test_what_is_left_unsigned_is_listed_for_half_a_year(days_ago, listed):
    visit = make_visit(make_course(), days_ago=days_ago)

    rows = unsigned_before(visit.practitioner, timezone.localdate())

    assert len(rows) == listed
