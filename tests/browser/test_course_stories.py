"""The desk books a course of who is behind; what went wrong pauses a plan."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from plans.scheduling.models import Appointment
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.factories import make_bed, make_hours, make_plan, make_user
from tests.plans.sessions_setting import make_course, make_visit, sign

WIDTHS = pytest.mark.parametrize(
    "viewport", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"]
)


@pytest.fixture
def mei():
    user = make_user(Role.ACUPUNCTURIST, name="Mei Example")
    make_hours(user, days=range(7))
    make_bed(name="Willow")
    return user


@pytest.fixture
def version(mei):
    """Twelve sessions approved two weeks ago, none of them booked."""
    return make_plan(
        sessions=12,
        created_by=mei,
        approved_by=mei,
        approved_at=timezone.now() - timedelta(weeks=2),
    )


@WIDTHS
def test_twelve_visits_in_two_clicks_from_who_is_behind(visit, mei, version, viewport):
    desk = visit(viewport)
    desk.sign_in(make_user(Role.FRONT_DESK))
    page = desk.page
    to_book = page.locator(f'a[href="/plans/{version.plan_id}/book/"]')

    desk.go("/behind-plan/")
    assert page.get_by_text("Ana Reyes").first.is_visible()
    with page.expect_navigation():
        to_book.first.click()
    desk.look()
    desk.press("Book all 12 appointments")

    booked = list(Appointment.objects.filter(plan=version.plan).order_by("starts_at"))
    assert len(booked) == 12
    days = [timezone.localdate(each.starts_at) for each in booked]
    gaps = [(later - day).days for day, later in pairwise(days)]
    assert min(gaps) >= 2
    assert max(gaps) <= 7
    desk.go("/behind-plan/")
    assert to_book.count() == 0


@WIDTHS
def test_what_went_wrong_pauses_the_plan_until_it_was_reviewed(visit, mei, viewport):
    session = sign(make_visit(make_course(intake={"taken_by": mei}), practitioner=mei))
    room = visit(viewport)
    room.sign_in(mei)
    page = room.page

    room.go(f"/sessions/{session.pk}/")
    room.press("Adverse event", role="link")
    page.get_by_label("What happened").select_option("pneumothorax")
    page.get_by_label("2 – moderate").check()
    page.get_by_label("When").select_option("day")
    page.get_by_label("Caused by the needling").select_option("possible")
    page.get_by_label("In words").fill("Chest pain on breathing in.")
    page.get_by_label("What was done").fill("Sent to the emergency department.")
    page.get_by_label("Outcome").select_option("recovering")
    room.press("Record it")

    assert page.get_by_text("Call an ambulance now").is_visible()
    assert page.get_by_text("This plan is paused").is_visible()
    room.press("Review it", role="link")
    page.get_by_label("Continue").check()
    page.get_by_label("Reason").fill("The X-ray was clear.")
    room.press("Record the decision")
    assert page.get_by_text("Continue: The X-ray was clear.").is_visible()
