"""A real browser on a real server. Debian's chromium; axe looks at every page."""

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
DESK = {"width": 1280, "height": 800}
TABLET = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
AXE = Axe()

# Playwright runs an event loop in this thread; Django's rows are read beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("No chromium: the stories have to run in CI.")
        pytest.skip("Install Debian's chromium to run the stories.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


class Visitor:
    """Somebody at a screen: signs in, and has every page looked at by axe."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._watch)

    def _hear(self, message) -> None:
        # A refused form answers 409 or 422 and the console says so: that is meant.
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def _watch(self, response) -> None:
        if response.status >= 500 or not response.url.startswith(
            (self.address, "data:")
        ):
            self.complaints.append(f"{response.status} {response.url}")

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.look()

    def press(self, name: str, role: str = "button", **by) -> None:
        """Follow a button or link to the next page and look at it."""
        target = self.page.get_by_role(role, name=name, **by).first
        with self.page.expect_navigation():
            target.click()
        self.look()

    def sign_in(self, user) -> None:
        """At once; those whose story begins at the door type their password."""
        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        self.context.add_cookies(
            [{"name": "sessionid", "value": session, "url": self.address}]
        )
        self.page.goto(self.address)

    def sign_in_at_the_door(self, user) -> None:
        self.go("/account/sign-in/")
        self.page.get_by_label("User name").fill(user.username)
        self.page.get_by_label("Password").fill("a-long-password")
        self.press("Sign in")

    def look(self) -> None:
        """Axe finds nothing, the console is silent, nothing is wider than the page."""
        found = AXE.run(self.page).response["violations"]
        told = [
            f"{rule['id']}: {rule['help']}\n"
            + "\n".join(node["html"][:300] for node in rule["nodes"][:5])
            for rule in found
        ]
        assert told == [], f"{self.page.url}\n" + "\n".join(told)
        assert self.complaints == [], self.page.url
        wider = self.page.evaluate(
            "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)"
            "(document.documentElement)"
        )
        assert wider <= 0, f"{self.page.url} is {wider} px wider than the screen"


@pytest.fixture(scope="session", autouse=True)
def reading_waits_for_nobody(django_db_setup, django_db_blocker):
    """Two connections share SQLite's memory: the server's, and that of the story.

    Where one writes, the other's look at the same table fails at once.
    """

    def read_on(connection, **_signal):
        if connection.vendor == "sqlite":
            connection.cursor().execute("PRAGMA read_uncommitted = 1")

    with django_db_blocker.unblock():
        read_on(connection)
    connection_created.connect(read_on)
    yield
    connection_created.disconnect(read_on)


@pytest.fixture
def visit(browser, live_server):
    """`visit(width_and_height)` opens a window of its own."""
    contexts = []

    def open_window(viewport=DESK, **options) -> Visitor:
        context = browser.new_context(viewport=viewport, locale="en-GB", **options)
        context.set_default_timeout(10_000)  # milliseconds
        contexts.append(context)
        return Visitor(context, live_server.url)

    yield open_window
    for context in contexts:
        context.close()
