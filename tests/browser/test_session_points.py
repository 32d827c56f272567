"""The points of a session on a tablet: typed, tapped, taken back, never lost."""

import pytest
from playwright.sync_api import expect

from plans.sessions.queries import entry_of
from tests.browser.conftest import PHONE, TABLET
from tests.browser.test_stories import mei
from tests.browser.test_without_script import plain
from tests.plans.sessions_setting import make_course, make_visit

__all__ = ["mei"]  # the fixture of the stories


@pytest.fixture
def today(mei):
    return make_visit(make_course(), practitioner=mei)  # GB30 and BL40, right


def lines_of(today):
    today.refresh_from_db()
    return {line.code: line for line in entry_of(today.session).lines}


@pytest.mark.parametrize("size", [TABLET, PHONE])
def test_points_are_typed_and_taken_back_without_leaving_the_page(
    visit, mei, today, size
):
    room = visit(size)
    room.sign_in(mei)
    room.go(f"/appointments/{today.pk}/session/")
    page = room.page
    page.evaluate("window.stayed = true")
    field = page.get_by_label("Add points")

    field.press_sequentially("bl57 L weizh")
    expect(page.get_by_role("option", name="BL40")).to_be_visible()
    field.fill("bl57 L 20mm 三里 R zzz Jiaji L4-L5 25m")
    field.press("Enter")
    expect(page.locator(".needling[data-code='EX-B2-L5']")).to_be_visible()
    expect(field).to_have_value("")
    expect(page.get_by_label("Retention (min)")).to_have_value("25")
    expect(page.get_by_text("“zzz” is not understood")).to_have_count(2)
    room.look()

    page.get_by_role("button", name="ST36").click()
    expect(page.locator(".needling[data-code='ST36'] [value='right']")).to_be_checked()
    page.get_by_role("button", name="Take “zzz” away").click()
    expect(page.locator("[data-questions] li")).to_have_count(0)

    field.press("Backspace")
    expect(page.get_by_role("status").get_by_text("ST36 is left out")).to_be_visible()
    field.press("Backspace")
    page.get_by_role("button", name="Undo").click()
    page.locator(".needling[data-code='BL57'] [data-deeper='5']").click()
    page.locator(".needling[data-code='BL40'] .needling__sides .segment").first.click()

    assert page.evaluate("window.stayed")
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    room.press("Save draft")
    lines = lines_of(today)
    assert list(lines) == ["GB30", "BL40", "BL57", "EX-B2-L4", "EX-B2-L5"]
    assert (lines["BL57"].side, lines["BL57"].depth_mm) == ("left", 25)
    assert lines["BL40"].side == "left"


def test_a_tap_on_the_body_adds_a_side_and_takes_it_away(visit, mei, today):
    room = visit(TABLET)
    room.sign_in(mei)
    room.go(f"/appointments/{today.pk}/session/")
    page = room.page
    page.get_by_text("Tap on the body").click()
    left, right = (
        page.locator(f".body__view--back [data-code='BL57'][data-side='{side}']")
        for side in ("left", "right")
    )

    left.locator(".figure__hit").click()
    expect(left).to_have_attribute("aria-pressed", "true")
    right.press("Enter")
    expect(right).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".needling[data-code='BL57'] [value='both']")).to_be_checked()
    left.press(" ")
    expect(left).to_have_attribute("aria-pressed", "false")
    room.look()
    room.press("Save draft")
    assert lines_of(today)["BL57"].side == "right"


def test_nothing_typed_is_lost_when_the_clinic_cannot_be_reached(visit, mei, today):
    room = visit(TABLET)
    room.sign_in(mei)
    room.go(f"/appointments/{today.pk}/session/")
    page = room.page
    room.context.set_offline(True)

    page.get_by_label("Add points").fill("bl57 L")
    page.get_by_label("Add points").press("Enter")

    expect(page.locator("[data-not-sent]")).to_be_visible()
    expect(page.get_by_label("Add points")).to_have_value("bl57 L ")
    room.complaints.clear()  # the console says that there is no connection
    room.context.set_offline(False)
    page.get_by_label("Add points").press("Enter")
    expect(page.locator(".needling[data-code='BL57']")).to_be_visible()


def test_points_are_added_and_tapped_without_script(visit, mei, today):
    room = plain(visit, mei)
    room.go(f"/appointments/{today.pk}/session/")

    room.page.get_by_label("Add points").fill("bl57 L 三里")
    room.press("Add", exact=True)
    room.press("ST36 足三里")
    room.page.get_by_text("Tap on the body").click()
    room.press("BL57 R")

    lines = lines_of(today)
    assert lines["BL57"].side == "both"
    assert "ST36" in lines


def test_points_get_a_name_and_are_tapped_by_it(visit, mei, today):
    room = visit(PHONE)
    room.sign_in(mei)
    room.go(f"/appointments/{today.pk}/session/")

    room.press("Save these as a combination")
    room.page.get_by_label("Name").fill("Leg base")
    room.press("Save", exact=True)
    room.go("/combinations/")
    room.go(f"/appointments/{today.pk}/session/")
    row = room.page.locator(".needling[data-code='GB30']")
    row.locator(".needling__drop input").check()
    room.page.get_by_role("button", name="Leg base").click()

    expect(row.locator(".needling__drop input")).not_to_be_checked()
    expect(room.page.get_by_role("status").get_by_text("Added: GB30")).to_be_visible()
