"""The stories the product is for, in a real browser, each page looked at by axe."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from patients.records.models import Patient
from plans.planning.models import Plan
from plans.scheduling.models import Appointment, WorkingHours
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.cases import CASES
from tests.factories import make_bed, make_episode, make_patient, make_user
from tests.plans.sessions_setting import make_course, make_visit, sign

WIDTHS = pytest.mark.parametrize(
    "viewport", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"]
)


@pytest.fixture
def mei():
    """An acupuncturist who works every day, with a bed to do it at."""
    user = make_user(Role.ACUPUNCTURIST, name="Mei Example")
    WorkingHours.objects.bulk_create(
        WorkingHours(practitioner=user, weekday=weekday, starts=time(8), ends=time(18))
        for weekday in range(7)
    )
    make_bed()
    return user


def answer(page, answers):
    """Fill the intake as somebody at a screen would; what isn't asked can't be seen."""
    for name, given in answers.items():
        controls = page.locator(f'[name="{name}"]')
        if not controls.first.is_visible():
            continue
        if isinstance(given, bool):
            choose(page, name, "yes" if given else "no")
        elif isinstance(given, list):
            for option in given:
                choose(page, name, option)
        elif controls.count() > 1:
            choose(page, name, given)
        elif controls.evaluate("control => control.localName") == "select":
            controls.select_option(str(given))
        else:
            controls.fill(str(given))


def choose(page, name, value):
    page.locator(f'[name="{name}"][value="{value}"]').check()


def told(case):
    """What is answered in this case, and no to every question that is for a doctor."""
    asked_at_session = {"symptoms_changed"}
    return {k: v for k, v in CASES[case].answers.items() if k not in asked_at_session}


def new_episode(case):
    patient = make_patient(
        birth_date=CASES[case].birth_date or timezone.localdate().replace(year=1970),
        sex=CASES[case].sex,
    )
    today = timezone.localdate()
    return make_episode(
        patient=patient, opened_on=today, onset_on=today - timedelta(weeks=30)
    )


@WIDTHS
def test_the_desk_registers_finds_and_books(visit, mei, viewport):
    at_desk = visit(viewport)
    at_desk.sign_in_at_the_door(make_user(Role.FRONT_DESK))
    page = at_desk.page

    at_desk.go("/patients/?q=Beispiel")
    at_desk.press("Register", role="link")
    page.get_by_label("Given name").fill("Zoë")
    page.get_by_label("Family name").fill("Beispiel")
    page.get_by_label("Birth date").fill("1985-04-12")
    page.get_by_label("Female", exact=True).check()
    page.get_by_label("Phone", exact=False).first.fill("07700 900123")
    at_desk.press("Register", exact=True)

    patient = Patient.objects.get()
    assert page.url.endswith(f"/patients/{patient.pk}/")
    assert page.get_by_text("Zoë Beispiel").first.is_visible()

    for looked_for in ("zoe", "beisp zo", "900123", "12.4.1985"):
        at_desk.go(f"/patients/?q={looked_for}")
        assert page.get_by_role("link", name="Zoë Beispiel").first.is_visible()

    tomorrow = timezone.localdate() + timedelta(days=1)
    at_desk.go(f"/schedule/new/?patient={patient.pk}&day={tomorrow}")
    page.get_by_label("Time").fill("09:30")
    page.get_by_label("With").select_option(label="Mei Example")
    at_desk.press("Book", exact=True)
    assert Appointment.objects.get().patient == patient


@WIDTHS
def test_intake_screen_plan_and_course(visit, mei, viewport):
    episode = new_episode("slr30_45m")
    room = visit(viewport)
    room.sign_in_at_the_door(mei)
    page = room.page

    room.go(f"/patients/{episode.patient_id}/")
    room.press("Take the intake", role="link")
    answer(page, told("slr30_45m"))
    room.press("Save and screen")
    assert page.get_by_text("Clear: no red flag is raised").is_visible()

    room.press("Propose a plan", role="link")
    room.press("Propose a plan")
    assert page.get_by_role("heading", name="Draft plan").is_visible()
    assert page.locator(".rx__line").count() >= 6

    page.get_by_label("Add a point").fill("飞扬")
    room.press("Add", exact=True)
    assert page.locator("#point-BL58").is_visible()
    room.press("Approve as Mei Example")
    plan = Plan.objects.get()
    assert page.url.endswith(f"/plans/{plan.pk}/")

    room.press("Book the course", role="link")
    room.press("Book all")
    assert "/course/" in page.url
    assert plan.appointments.count() == plan.versions.get().sessions
    weeks = [a.starts_at.isocalendar()[:2] for a in plan.appointments.all()]
    assert max(weeks.count(week) for week in weeks) <= 2

    room.go(f"/patients/{episode.patient_id}/")


@WIDTHS
def test_saddle_numbness_ends_at_a_letter_and_never_at_a_plan(visit, mei, viewport):
    episode = new_episode("saddle_stop")
    room = visit(viewport)
    room.sign_in(mei)

    room.go(f"/patients/episodes/{episode.pk}/intake/")
    answer(room.page, told("saddle_stop"))
    room.press("Save and screen")
    assert room.page.get_by_text("Stop. No acupuncture").is_visible()
    room.press("Referral letter", role="link")

    room.go(f"/episodes/{episode.pk}/plan/new/")
    assert not Plan.objects.exists()
    assert room.page.get_by_role("button", name="Propose a plan").count() == 0


@WIDTHS
def test_a_session_is_logged_signed_and_amended(visit, mei, viewport):
    version = make_course(codes=("GB30", "BL40", "GB34", "BL57", "BL54", "BL60"))
    make = {"practitioner": mei}
    sign(make_visit(version, days_ago=4, **make), scores={"leg_before": 7})
    today = make_visit(version, **make)
    room = visit(viewport, has_touch=viewport != DESK)
    room.sign_in(mei)
    page = room.page

    # The six actions of a session in which nothing changed.
    room.press("Log session", role="link")
    page.get_by_text("No to all five").click()
    choose(page, "leg_before", "5")
    page.get_by_role("spinbutton", name="Needles in").fill("6")
    page.get_by_role("spinbutton", name="Needles out").fill("6")
    room.press("Sign session")

    today.refresh_from_db()
    assert today.session.status == "signed"
    assert today.status == Appointment.Status.DONE
    assert today.session.needlings.count() == 6

    room.go(f"/sessions/{today.session.pk}/")
    page.get_by_text("Amend this session").click()
    page.get_by_label("Amendment").fill("Bruise at GB34, small. 小瘀斑。")
    room.press("Add the amendment")
    assert page.get_by_text("Bruise at GB34").is_visible()

    room.go(f"/episodes/{version.plan.episode_id}/progress/")
    assert page.locator("svg").count() >= 1
    assert page.get_by_role("table").count() >= 1


@WIDTHS
def test_the_admin_sees_the_outcome_and_may_not_write(visit, mei, viewport):
    version = make_course()
    sign(make_visit(version, days_ago=4, practitioner=mei))
    office = visit(viewport)
    office.sign_in(make_user(Role.ADMIN))

    office.go("/outcomes/")
    office.go(f"/patients/{version.plan.episode.patient_id}/")
    office.go(f"/plans/{version.plan_id}/")
    office.go("/account/staff/")
    office.go("/schedule/hours/")

    office.page.goto(f"{office.address}/plans/{version.plan_id}/draft/")
    assert "You may not open this" in office.page.title()
