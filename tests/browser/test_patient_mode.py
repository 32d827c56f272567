"""A tablet in a patient's hand, and the practitioner who signs with what they said."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from patients.measures.models import Score
from plans.patient_mode.models import SelfReport
from plans.scheduling.models import Appointment
from tests.browser.conftest import PHONE, TABLET
from tests.factories import make_patient, make_user
from tests.plans.sessions_setting import make_course, make_visit, sign

WIDTHS = pytest.mark.parametrize("viewport", [TABLET, PHONE], ids=["tablet", "phone"])
SETTLED = 450  # milliseconds: sooner, a tap is taken to be meant for the page before
LARGE = 64  # px


@pytest.fixture
def mei():
    return make_user(Role.ACUPUNCTURIST, name="Mei Example")


@pytest.fixture
def today(mei):
    """The second visit of a course; the questionnaire was answered at the first."""
    version = make_course(codes=("GB30", "BL40", "GB34", "BL57"))
    sign(make_visit(version, days_ago=4, practitioner=mei), by=mei)
    Score.objects.create(
        episode=version.plan.episode,
        scale="rmdq",
        value=9,
        moment="review",
        taken_at=timezone.now() - timedelta(days=4),
        entered_by=mei,
    )
    return make_visit(version, practitioner=mei)


def hand_over(visit, viewport, role=Role.FRONT_DESK, **options):
    device = visit(viewport, has_touch=True, **options)
    device.sign_in(make_user(role))
    device.go("/tablets/start/")
    device.press("Sign me out and start")
    return device


def tap(device, name, **by):
    device.page.wait_for_timeout(SETTLED)
    device.press(name, **by)


def say_who(device, patient, initials="AR", language="English"):
    page, born = device.page, patient.birth_date
    tap(device, language)
    page.locator("[name=day]").fill(str(born.day))
    page.locator("[name=month]").fill(str(born.month))
    page.locator("[name=year]").fill(str(born.year))
    tap(device, re.compile("Next|下一页"))
    page.locator("[name=initials]").fill(initials)
    tap(device, re.compile("Next|下一页"))


def answer(device, **yes):
    page = device.page
    for score in ("6", "4", "5"):
        tap(device, re.compile(f"^{score}\\b"))
    page.wait_for_timeout(SETTLED)
    for name in (
        "symptoms_changed",
        "bladder_bowel_change",
        "saddle_numbness",
        "leg_weakness_progressive",
        "fever_unwell",
    ):
        page.locator(f'[name="{name}"][value="{yes.get(name, "no")}"]').tap()
    tap(device, re.compile("Send|提交"))


def targets(page):
    """The smaller side of everything there is to tap, but for links in a line."""
    return page.evaluate(
        "[...document.querySelectorAll('button, .btn, .segment, input[type=text]')]"
        ".map((one) => one.getBoundingClientRect())"
        ".map(({width, height}) => Math.min(width, height))"
    )


@WIDTHS
def test_a_patient_answers_and_the_practitioner_signs_in_five_actions(
    visit, mei, today, viewport
):
    device = hand_over(visit, viewport)
    say_who(device, today.patient)
    assert min(targets(device.page)) >= LARGE
    answer(device)
    assert device.page.get_by_role("heading", name="Thank you").is_visible()
    assert device.page.get_by_text("Ana").count() == 0

    room = visit(viewport, has_touch=True)
    room.sign_in(mei)
    page = room.page
    # Open, no to all five, needles in, needles out, sign.
    room.press("Log session", role="link")
    assert page.get_by_text("Entered by the patient").is_visible()
    page.get_by_text("No to all five").tap()
    page.get_by_role("spinbutton", name="Needles in").fill("4")
    page.get_by_role("spinbutton", name="Needles out").fill("4")
    # A draft that saves itself meanwhile would share the one connection in memory.
    page.locator("[data-saved]", has_text="Saved").wait_for()
    room.press("Sign session")

    session = Appointment.objects.get(pk=today.pk).session
    assert session.status == "signed"
    (leg,) = session.scores.filter(scale="leg_nrs")
    assert (int(leg.value), leg.entered_by) == (6, None)
    assert page.get_by_text("Entered by the patient").is_visible()


def test_a_yes_reaches_the_practitioners_open_page(visit, mei, today):
    room = visit(TABLET)
    room.sign_in(mei)
    room.go("/")
    device = hand_over(visit, PHONE)
    say_who(device, today.patient)
    answer(device, saddle_numbness="yes")
    assert device.page.get_by_text("Please speak to your practitioner now").is_visible()

    alert = room.page.get_by_role("alert").filter(has_text="said yes")
    alert.wait_for(timeout=15_000)
    room.look()
    room.press("Open the session", role="link")
    assert room.page.get_by_text("numbness between the legs").first.is_visible()
    assert room.page.get_by_text("No needles until this is settled").is_visible()


def test_five_wrong_dates_lock_the_tablet_until_staff_starts_it_again(
    visit, mei, today
):
    device = hand_over(visit, TABLET)
    nobody = make_patient(birth_date=date(1955, 5, 5))
    for _again in range(5):
        say_who(device, nobody)
        device.page.goto(f"{device.address}/patient-mode/")
    assert device.page.get_by_text("This tablet is locked").is_visible()
    device.look()

    desk = make_user(Role.FRONT_DESK)
    tap(device, "Staff", role="link")
    device.page.get_by_label("User name").fill(desk.username)
    device.page.get_by_label("Password").fill("a-long-password")
    device.press("Sign in")
    device.go("/tablets/start/")
    device.press("Sign me out and start")
    say_who(device, today.patient)
    assert device.page.url.endswith("/questions/leg/")


def test_back_and_a_typed_address_show_nothing(visit, today):
    device = visit(TABLET, has_touch=True)
    device.sign_in(make_user(Role.FRONT_DESK))
    device.go(f"/patients/{today.patient_id}/")
    device.go("/tablets/start/")
    device.press("Sign me out and start")
    page = device.page
    for _again in range(3):
        page.go_back()
        assert today.patient.family_name not in page.content()
    for address in (f"/patients/{today.patient_id}/", "/patients/", "/schedule/"):
        device.go(address)
        assert page.url.endswith("/patient-mode/")

    say_who(device, today.patient)
    answer(device)
    for _again in range(4):
        page.go_back()
        assert "/questions/" not in page.url


def test_a_double_tap_answers_one_question(visit, today):
    device = hand_over(visit, TABLET)
    say_who(device, today.patient)
    page = device.page
    page.wait_for_timeout(SETTLED)

    seven = page.get_by_role("button", name="7", exact=True).bounding_box()
    for _tap in range(2):
        page.touchscreen.tap(seven["x"] + 20, seven["y"] + 20)
    page.wait_for_url("**/questions/back/")
    page.wait_for_timeout(SETTLED)

    assert page.url.endswith("/questions/back/")


def test_it_goes_back_to_the_start_by_itself(visit, today):
    device = hand_over(visit, TABLET)
    say_who(device, today.patient)
    page = device.page
    page.clock.install()
    page.reload()

    page.clock.run_for(12_000)
    assert page.get_by_text("This page closes in").is_visible()
    device.look()
    page.mouse.click(500, 600)
    page.clock.run_for(12_000)
    assert page.url.endswith("/questions/leg/")
    page.clock.run_for(9_000)

    page.wait_for_url("**/patient-mode/")
    device.go("/patient-mode/questions/leg/")
    assert page.url.endswith("/patient-mode/")


def test_without_script_and_in_chinese(visit, today):
    device = hand_over(visit, PHONE, java_script_enabled=True)
    cookies = device.context.cookies()
    plain = visit(PHONE, java_script_enabled=False)
    plain.context.add_cookies(cookies)
    page, born = plain.page, today.patient.birth_date

    page.goto(f"{plain.address}/patient-mode/")
    page.get_by_role("button", name="简体中文").click()
    for name in ("year", "month", "day"):
        page.locator(f"[name={name}]").fill(str(getattr(born, name)))
    page.locator("main button").click()
    page.locator("[name=initials]").fill("ar")
    page.keyboard.press("Enter")
    for score in ("6", "4", "5"):
        page.locator(f'button[value="{score}"]').click()
    for radio in page.locator('[value="no"]').all():
        radio.check(force=True)
    page.get_by_role("button", name="提交").click()

    assert page.get_by_role("heading", name="谢谢").is_visible()
    assert int(SelfReport.objects.get().leg.value) == 6


def test_a_score_is_tapped_drawn_or_typed(visit, mei, today):
    room = visit(TABLET)
    room.sign_in(mei)
    room.go(f"/patients/episodes/{today.plan.episode_id}/scores/leg_nrs/")
    page = room.page
    leg = page.locator('[name="value"]')

    def chosen():
        return page.locator('[name="value"]:checked').get_attribute("value")

    leg.first.focus()
    page.keyboard.press("7")
    assert chosen() == "7"
    page.keyboard.press("1")
    page.keyboard.press("0")
    assert chosen() == "10"
    page.keyboard.press("ArrowLeft")
    assert chosen() == "9"

    ends = [leg.nth(score).bounding_box() for score in (2, 8)]
    middles = [(box["x"] + box["width"] / 2, box["y"] + 20) for box in ends]
    page.mouse.move(*middles[0])
    page.mouse.down()
    page.mouse.move(*middles[1], steps=8)
    page.mouse.up()
    assert chosen() == "8"
