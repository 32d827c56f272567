"""The admin and the outcomes: choose, read the funnel by keyboard, take it away."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.factories import make_intake, make_plan, make_user
from tests.plans.caseload import make_session

WIDTHS = pytest.mark.parametrize(
    "viewport", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"]
)


@pytest.fixture
def caseload():
    """Thirty-two courses of two people; one leaves a point and a half more pain."""
    begun = timezone.now().replace(hour=9, minute=0) - timedelta(days=60)
    takers = [
        make_user(Role.ACUPUNCTURIST, name=f"Taker {number}") for number in (1, 2)
    ]
    for number in range(32):
        intake = make_intake(
            taken_by=takers[number % 2],
            taken_at=begun - timedelta(days=number + 1),
            answers={"patterns": ["cold_damp" if number % 4 else "damp_heat"]},
        )
        version = make_plan(intake=intake)
        base = 6 + number % 3
        make_session(version, begun + timedelta(days=number % 3), leg=base, back=4)
        later = base - 3 - number % 5 // 2 + number % 2
        make_session(version, begun + timedelta(days=28), leg=max(later, 0), back=3)


@WIDTHS
def test_the_admin_reads_the_funnel_by_keyboard_and_takes_a_table(
    visit, caseload, viewport
):
    office = visit(viewport)
    office.sign_in(make_user(Role.ADMIN))
    page = office.page
    office.go("/outcomes/")
    page.get_by_label("Pattern found").select_option("cold_damp")
    office.press("Count")
    assert page.get_by_text("Pattern found: Cold-damp.").is_visible()
    assert "24" in page.get_by_role("row", name="First intake taken").inner_text()
    page.get_by_label("Pattern found").select_option("")
    office.press("Count")

    first, second = page.locator(".funnel__dot").all()
    page.get_by_role("region", name="Funnel plot").focus()
    page.keyboard.press("Tab")
    assert first.locator(".funnel__tip").is_visible()
    assert not second.locator(".funnel__tip").is_visible()
    words = first.get_attribute("aria-label")
    assert "Taker" in words
    assert "n = 16, both scores of 16 of 16 (100 %)" in words
    page.keyboard.press("Tab")
    assert second.locator(".funnel__tip").is_visible()
    page.locator("#practitioners summary").click()
    office.look()

    office.press("Take away", role="link")
    with page.expect_download() as download:
        page.get_by_role("link", name="By practitioner").click()
    with open(download.value.path(), encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(StringIO(file.read())))
    assert [(row["label"], row["n"]) for row in rows] == [
        ("Taker 1", "16"),
        ("Taker 2", "16"),
    ]
    page.get_by_label("Reason").fill("Audit of the region")
    with page.expect_download() as download:
        page.get_by_role("button", name="Take it out").click()
    assert download.value.suggested_filename == "outcomes-courses.csv"
    office.go("/outcomes/explorer/?first=&last=")


def test_paper_is_a_page_of_its_own(visit, caseload):
    """What the printer gets of the screen is one sentence."""
    office = visit(DESK)
    office.sign_in(make_user(Role.ADMIN))
    page = office.page
    office.go("/outcomes/")
    sentence = page.get_by_text("This page tells small counts")
    assert not sentence.is_visible()
    page.emulate_media(media="print")
    assert sentence.is_visible()
    assert not page.locator("table").first.is_visible()
    page.emulate_media(media="screen")

    office.press("For paper", role="link")
    office.look()
    page.emulate_media(media="print")
    assert page.get_by_role("table").first.is_visible()
    assert page.get_by_text("An episode is counted on the day").is_visible()
    assert not page.get_by_label("Pattern found").is_visible()
