"""What the frame and its scripts do on every page."""

import pytest

from clinic.access.roles import Role
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.factories import make_patient, make_user

SMALL = {"width": 320, "height": 640}
PASSWORD_PAGE = "/account/password/"


@pytest.fixture
def desk(visit):
    """A window in which somebody at the front desk is signed in."""
    somebody = make_user(Role.FRONT_DESK)

    def open_window(viewport=DESK, **options):
        visitor = visit(viewport, **options)
        visitor.sign_in(somebody)
        visitor.page.goto(visitor.address + PASSWORD_PAGE)
        return visitor

    return open_window


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.tagName")


def test_one_key_leads_to_the_search_and_can_be_switched_off(desk):
    page = desk().page

    page.keyboard.press("/")
    assert focused(page) == "find"

    page.keyboard.press("/")
    assert page.input_value("#find") == "/"

    page.click(".menu summary")
    page.click("[data-switch=keys]")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert focused(page) == "SUMMARY"


def test_the_menu_closes_by_escape_and_by_a_click_elsewhere(desk):
    page = desk().page
    menu = page.locator("details.menu")

    page.click(".menu summary")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert focused(page) == "SUMMARY"

    page.click(".menu summary")
    page.click("h1")
    assert menu.get_attribute("open") is None


def test_dim_light_is_remembered_on_this_device(desk):
    page = desk(color_scheme="light").page
    light = page.locator("html")
    assert light.get_attribute("data-theme") == "paper"

    page.click(".menu summary")
    page.click("[data-switch=dim]")
    assert light.get_attribute("data-theme") == "dim"

    page.reload()
    assert light.get_attribute("data-theme") == "dim"


def test_a_double_click_sends_once_and_errors_get_the_focus(desk):
    page = desk().page
    sent = []
    page.on("request", lambda request: sent.append(request.method))

    page.dblclick("main form button")
    page.wait_for_selector("[data-error-summary]")

    assert sent.count("POST") == 1
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')")


def test_unsaved_changes_are_not_lost_without_a_question(desk):
    page = desk().page
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("document.querySelector('main form').dataset.guard = ''")

    page.fill("#id_oldpassword", "typed")
    page.click(".rail a >> nth=1")

    assert asked == ["beforeunload"]
    assert page.input_value("#id_oldpassword") == "typed"


def test_the_arrow_keys_walk_through_what_was_found(desk):
    page = desk().page

    page.route("**/patients/?q=*", lambda route: route.fulfill(body=FOUND))
    page.fill("#find", "re")
    page.wait_for_selector(".hit")
    page.focus("#find")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "first"

    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused(page) == "last"

    page.keyboard.press("Escape")
    assert focused(page) == "find"
    assert page.locator(".hit").count() == 0


FOUND = """<ul class="hits">
  <li><a class="hit" id="first" href="/patients/1/">Ana Reyes</a></li>
  <li><a class="hit" id="last" href="/patients/2/">Bo Reyes</a></li>
</ul>"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "size", [DESK, TABLET, PHONE, SMALL], ids=["desk", "tablet", "phone", "small"]
)
def test_account_pages_in_both_lights(desk, size, scheme):
    visitor = desk(size, color_scheme=scheme)

    visitor.look()
    for path in ("/account/two-factor/", "/account/again/", "/account/sign-out/"):
        visitor.go(path)


def test_pages_that_say_no(desk):
    visitor = desk()

    visitor.go("/nowhere/")
    assert visitor.page.is_visible("text=There is nothing here")
    visitor.go("/account/staff/")
    assert visitor.page.is_visible("text=You may not open this")


def test_the_frame_works_without_script(desk):
    page = desk(java_script_enabled=False).page

    page.click(".menu summary")

    assert page.is_visible("text=Sign out")
    assert not page.is_visible("[data-switch=dim]")


@pytest.mark.parametrize("viewport", [DESK, TABLET, SMALL], ids=["desk", "tablet", "S"])
def test_a_word_without_an_end_does_not_widen_the_page(desk, viewport):
    """Nor is what looks like a tag anything but text."""
    endless = "<img src=x onerror=alert(1)>" + "W" * 52
    patient = make_patient(
        family_name=endless, given_name=endless, alerts=endless * 4, email=endless
    )
    at_desk = desk(viewport)

    at_desk.go(f"/patients/{patient.pk}/")

    assert at_desk.page.locator("img").count() == 0
    assert at_desk.page.get_by_text(endless).count() >= 3
