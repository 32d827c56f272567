"""The diary under a mouse, a finger, the keys, and with somebody else in it."""

from datetime import datetime, time, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from clinic.access.roles import Role
from plans.scheduling.models import Appointment
from plans.scheduling.services import set_status
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.factories import (
    make_appointment,
    make_bed,
    make_hours,
    make_patient,
    make_user,
)


@pytest.fixture
def day():
    """A Wednesday ahead: whole weeks lie on both sides."""
    today = timezone.localdate()
    return today + timedelta(days=7 + (2 - today.weekday()) % 7)


@pytest.fixture
def at(day):
    zone = timezone.get_default_timezone()
    return lambda hour, minute=0: datetime.combine(day, time(hour, minute), zone)


@pytest.fixture
def house(at):
    """Una and Ira at work, two beds, and one visit at ten."""
    una, ira = make_user(name="Una Hart"), make_user(name="Ira Zane")
    for who in (una, ira):
        make_hours(who, days=range(7))
    bed = make_bed()
    make_bed()
    kit = make_patient(given_name="Kit", family_name="Marlow")
    visit = make_appointment(practitioner=una, bed=bed, patient=kit, starts_at=at(10))
    return una, ira, visit


@pytest.fixture
def desk(visit, house, day):
    """Windows on the day, of somebody at the front desk."""
    somebody = make_user(Role.FRONT_DESK)

    def open_window(viewport=DESK, page="/schedule/", **options):
        window = visit(viewport, **options)
        window.sign_in(somebody)
        window.go(f"{page}?day={day}")
        return window

    return open_window


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + 12


def row_height(page):
    return page.locator(".visit__needling").first.bounding_box()["height"] + 2


def told(page):
    return page.locator("#messages")


def drag(page, source, target):
    page.mouse.move(*source)
    page.mouse.down()
    page.mouse.move(source[0] + 8, source[1] + 8)
    page.mouse.move(*target, steps=4)


def test_a_visit_is_dragged_to_somebody_else_and_brought_back(desk, house, at):
    una, ira, visit = house
    window = desk()
    page = window.page
    needling = page.locator(f"#a{visit.pk} .visit__needling")
    x, y = middle(needling)
    irasx, _ = middle(page.locator(f"section[data-place='practitioner={ira.pk}']"))

    drag(page, (x, y), (irasx, y + 2 * row_height(page)))
    expect(page.locator(".ghost__time")).to_have_text("10:30–11:15")
    expect(page.locator(".ghost--free")).to_be_visible()
    page.mouse.up()

    expect(told(page)).to_contain_text("Kit Marlow: moved to")
    expect(told(page)).to_contain_text("10:30 with Ira Zane")
    window.look()
    visit.refresh_from_db()
    assert (visit.starts_at, visit.practitioner) == (at(10, 30), ira)

    page.get_by_role("button", name="Undo").click()
    expect(told(page)).to_contain_text("10:00 with Una Hart")
    visit.refresh_from_db()
    assert (visit.starts_at, visit.practitioner) == (at(10), una)


def test_a_drop_on_a_taken_place_is_told_and_leaves_the_visit(desk, house, at):
    una, _ira, visit = house
    make_appointment(practitioner=una, starts_at=at(11))
    page = desk().page
    x, y = middle(page.locator(f"#a{visit.pk} .visit__needling"))

    drag(page, (x, y), (x, y + 4 * row_height(page)))
    expect(page.locator(".ghost--taken")).to_be_visible()
    page.mouse.up()

    expect(told(page)).to_contain_text("Una Hart is with somebody else")
    expect(page.locator(".ghost")).to_have_count(0)
    visit.refresh_from_db()
    assert visit.starts_at == at(10)


def test_escape_and_a_mere_click_move_nothing(desk, house):
    *_, visit = house
    window = desk()
    page = window.page
    x, y = middle(page.locator(f"#a{visit.pk} .visit__needling"))

    drag(page, (x, y), (x, y + 90))
    page.keyboard.press("Escape")
    page.mouse.move(x, y)
    page.mouse.up()
    expect(page.locator(".ghost")).to_have_count(0)
    assert "/schedule/" in page.url
    window.look()
    page.locator(f"#a{visit.pk} .visit__name").click()
    page.wait_for_url(f"**/appointments/{visit.pk}/")

    visit.refresh_from_db()
    assert visit.revision == 0


@pytest.mark.parametrize(
    ("edge", "needling", "stay"), [("stay", 15, 75), ("needling", 45, 45)]
)
def test_each_edge_changes_its_length(desk, house, edge, needling, stay):
    *_, visit = house
    page = desk().page
    page.locator(f"#a{visit.pk} .visit__needling").hover()
    grip = page.locator(f"#a{visit.pk} .grip--{edge}").bounding_box()
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2

    drag(page, (x, y), (x, y + 2 * row_height(page)))
    page.mouse.up()

    expect(told(page)).to_contain_text(f"{needling} min needling, {stay} min in bed")
    visit.refresh_from_db()
    assert visit.needling_ends_at - visit.starts_at == timedelta(minutes=needling)
    assert visit.ends_at - visit.starts_at == timedelta(minutes=stay)


def test_the_same_by_keyboard_is_told_at_every_step(desk, house, at):
    _una, ira, visit = house
    page = desk().page
    said = page.locator("[data-say]")
    page.locator(f"#a{visit.pk} .visit__name").focus()

    page.keyboard.press("m")
    expect(said).to_contain_text("Moving Kit Marlow")
    page.keyboard.press("ArrowDown")
    expect(said).to_have_text("10:15, Una Hart. 15 min needling, 45 min in bed.")
    beside = "ArrowLeft" if page.locator("h2").first.inner_text() == "Ira Zane" else ""
    page.keyboard.press(beside or "ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("+")
    expect(said).to_have_text("10:15, Ira Zane. 30 min needling, 60 min in bed.")
    page.keyboard.press("Enter")

    expect(told(page)).to_contain_text("10:15 with Ira Zane")
    expect(page.locator(f"#a{visit.pk} .visit__name")).to_be_focused()
    visit.refresh_from_db()
    assert (visit.starts_at, visit.practitioner) == (at(10, 15), ira)
    assert visit.ends_at == at(11, 15)

    page.keyboard.press("m")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(said).to_have_text("Left where it was.")
    visit.refresh_from_db()
    assert visit.starts_at == at(10, 15)


def test_in_the_week_a_visit_is_dragged_to_another_day(desk, house, day, at):
    *_, visit = house
    window = desk(page="/schedule/week/")
    page = window.page
    page.locator("#diary-who").select_option(label="Una Hart")
    window.press("Show")
    x, y = middle(page.locator(f"#a{visit.pk} .visit__needling"))
    friday = f"section[data-day='{day + timedelta(days=2)}']"
    fridayx, _ = middle(page.locator(friday))

    drag(page, (x, y), (fridayx, y))
    page.mouse.up()

    expect(page.locator(f"{friday} #a{visit.pk}")).to_be_visible()
    visit.refresh_from_db()
    assert visit.starts_at == at(10) + timedelta(days=2)


def test_a_finger_rests_before_it_drags(desk, house, at):
    *_, visit = house
    page = desk(TABLET, has_touch=True).page
    x, y = middle(page.locator(f"#a{visit.pk} .visit__needling"))
    touch = page.context.new_cdp_session(page)

    def finger(kind, *points):
        sent = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": sent})

    finger("touchStart", (x, y))
    expect(page.locator(".ghost")).to_be_visible()
    for rows in (1, 2, 4):
        finger("touchMove", (x, y + rows * row_height(page)))
    finger("touchEnd")

    expect(told(page)).to_contain_text("moved to")
    visit.refresh_from_db()
    assert visit.starts_at == at(11)


def look_now(page):
    """As it does every few seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_one_desk_moves_the_other_sees(desk, house):
    *_, visit = house
    one, other = desk().page, desk().page
    other.locator(f"#a{visit.pk} .visit__name").focus()
    x, y = middle(one.locator(f"#a{visit.pk} .visit__needling"))

    drag(one, (x, y), (x, y + 4 * row_height(one)))
    one.mouse.up()
    expect(told(one)).to_contain_text("moved to")
    look_now(other)

    expect(other.locator(f"#a{visit.pk} .visit__time")).to_contain_text("11:00")
    expect(other.locator(f"#a{visit.pk} .visit__name")).to_be_focused()


def test_nothing_is_redrawn_under_a_visit_on_its_way_and_the_slower_is_told(
    desk, house, at
):
    una, _ira, visit = house
    page = desk().page
    x, y = middle(page.locator(f"#a{visit.pk} .visit__needling"))

    drag(page, (x, y), (x, y + 4 * row_height(page)))
    set_status(
        by=una,
        appointment=Appointment.objects.get(pk=visit.pk),
        status="confirmed",
        revision=0,
    )
    look_now(page)
    expect(page.locator(".ghost")).to_be_visible()
    page.mouse.up()

    expect(told(page)).to_contain_text("Somebody else has changed this appointment")
    expect(page.locator(f"#a{visit.pk}")).to_contain_text("Confirmed")
    visit.refresh_from_db()
    assert visit.starts_at == at(10)


def test_whoever_was_signed_out_is_led_to_the_door(desk):
    page = desk().page
    Session.objects.all().delete()

    look_now(page)

    page.wait_for_url("**/account/sign-in/**")


def test_light_copy_and_paste(desk, house, at):
    *_, visit = house
    window = desk()
    page = window.page

    page.keyboard.press("l")
    page.wait_for_url("**light=treatment**")
    window.look()
    expect(page.locator(".free--lit a").first).to_be_visible()
    page.keyboard.press("l")
    page.wait_for_url(lambda url: "light" not in url)

    page.locator(f"#a{visit.pk} .visit__name").focus()
    page.keyboard.press("c")
    page.wait_for_url(f"**copy={visit.pk}**")
    expect(page.locator(".diary-light")).to_contain_text("Kit Marlow")
    page.locator(".free--lit a", has_text="14:00").first.click()
    page.get_by_role("radio", name="Treatment").check()
    window.press("Book", exact=True)
    again = Appointment.objects.exclude(pk=visit.pk).get()
    assert (again.starts_at, again.patient) == (at(14), visit.patient)


@pytest.mark.parametrize("page", ["/schedule/", "/schedule/week/"])
def test_a_phone_has_a_list_with_free_places_to_touch(desk, page):
    window = desk(PHONE, page=page)
    assert window.page.locator(".ghost").count() == 0

    window.press("Free places", "link")

    place = window.page.locator(".free--lit a").first
    assert place.bounding_box()["height"] >= 44


def test_the_keys_have_a_page_and_can_be_switched_off_there(desk, house):
    *_, visit = house
    window = desk()
    page = window.page

    page.keyboard.press("?")
    page.wait_for_url("**/keys/")
    window.look()
    page.locator("main [data-switch=keys]").click()
    page.go_back()
    page.locator(f"#a{visit.pk} .visit__name").focus()
    page.keyboard.press("m")
    page.keyboard.press("n")

    expect(page.locator(".ghost")).to_have_count(0)
    assert page.url.endswith(str(timezone.localdate(visit.starts_at)))
