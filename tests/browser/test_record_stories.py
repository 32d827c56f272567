"""What a session records, by thumb: what changed and why, a needle that is missing, a
red flag that ends it at a letter.
"""

import pytest

from clinic.access.roles import Role
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.factories import make_user
from tests.plans.sessions_setting import make_course, make_visit, sign

WIDTHS = pytest.mark.parametrize(
    "viewport", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"]
)


@pytest.fixture
def mei():
    return make_user(Role.ACUPUNCTURIST, name="Mei Example")


@pytest.fixture
def today(mei):
    """The second visit of a course of three points."""
    version = make_course(codes=("GB30", "BL40", "GB34"))
    sign(make_visit(version, days_ago=4, practitioner=mei), by=mei)
    return make_visit(version, practitioner=mei)


@pytest.fixture
def room(visit, mei, today, viewport):
    room = visit(viewport, has_touch=True)
    room.sign_in(mei)
    return room


def begin(room):
    room.press("Log session", role="link")
    room.page.get_by_text("No to all five").tap()
    room.page.locator('[name="leg_before"][value="5"]').check()


@WIDTHS
def test_what_changed_is_told_with_a_tap_each(room, today):
    begin(room)
    page = room.page
    dropped = page.locator('[data-code="BL40"]')
    assert not dropped.get_by_text("no response last time").is_visible()

    dropped.locator(".needling__drop").tap()
    dropped.get_by_role("radio", name="no response last time").tap()
    page.get_by_role("button", name="GB30: 5 mm more").tap()
    page.get_by_role("button", name="As listed: 2").tap()
    page.get_by_role("button", name="All out: 2").tap()
    room.press("Sign session")

    told = today.session.changes.values_list("acupoint", "kind", "reason")
    assert list(told) == [("GB30", "changed", ""), ("BL40", "dropped", "no_response")]
    assert page.get_by_role("heading", name="Changed since").is_visible()
    assert page.get_by_text("no reason given").is_visible()
    assert page.get_by_text("Kept, no exception").is_visible()


@WIDTHS
def test_a_needle_that_is_missing_is_told_of_before_and_after_signing(room, today):
    begin(room)
    page = room.page
    page.get_by_role("button", name="As listed: 3").tap()
    page.get_by_role("button", name="All out: 3").tap()
    note = page.get_by_label("Incident note")
    assert not note.is_visible()
    page.get_by_role("button", name="Needles out: one less").tap()
    assert note.is_visible()

    room.press("Sign session")
    assert page.get_by_text("3 went in and 2 came out").first.is_visible()
    note.fill("Looked for with two people, found in the blanket. 在毯中找到。")
    room.press("Sign session")

    assert page.get_by_text("Needles: 3 in, 2 out").is_visible()
    room.press("Record a forgotten needle", role="link")
    assert page.get_by_label("What happened").input_value() == "forgotten_needle"


@WIDTHS
def test_a_red_flag_before_needling_ends_at_the_letter(room, today):
    room.press("Log session", role="link")
    page = room.page
    page.get_by_text("Answer one by one").tap()
    page.locator('[name="safety-saddle_numbness"][value="yes"]').check()
    room.press("Sign session")

    room.press("Letter of referral", role="link")

    assert page.get_by_role("heading", name="Referral").is_visible()
    assert page.get_by_text("no acupuncture was given").is_visible()
    today.refresh_from_db()
    assert today.session.status == "draft"
