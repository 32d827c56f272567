"""A session under a minute, and nothing lost: what breaks while somebody types."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from time import monotonic

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from clinic.audit.models import AuditEvent
from patients.measures.models import Score
from plans.scheduling.models import Appointment
from plans.sessions.models import Session
from tests.browser.conftest import PHONE, TABLET
from tests.browser.test_nothing_lost import signed_in_beside
from tests.browser.test_stories import mei
from tests.factories import make_appointment, make_bed
from tests.plans.sessions_setting import make_course, make_visit, sign

__all__ = ["mei"]  # the fixture of the stories

PATIENCE = 15_000  # milliseconds; tries come some seconds apart
SAVED = re.compile(r"Saved \d\d:\d\d")
CODES = ("GB30", "BL40", "GB34", "BL57", "BL54", "BL60")
# What a hand does to a page, told apart: fingers and keys.
WATCH = """
for (const [event, name] of [["pointerdown", "taps"], ["keydown", "keys"]]) {
  addEventListener(event, ({ isTrusted }) => {
    if (isTrusted) sessionStorage[name] = Number(sessionStorage[name] ?? 0) + 1;
  }, true);
}
"""


@pytest.fixture
def today(mei):
    version = make_course(codes=CODES)
    sign(make_visit(version, days_ago=4, practitioner=mei), scores={"leg_before": 7})
    return make_visit(version, practitioner=mei)


@pytest.fixture
def open_tablet(visit, client, mei):
    """Signed-in tablets, each with a browser of its own."""

    def open_window(viewport=TABLET, **options):
        client.force_login(mei)
        window = visit(viewport, has_touch=True, **options)
        cookie = client.cookies["sessionid"].value
        window.context.add_cookies(
            [{"name": "sessionid", "value": cookie, "url": window.address}]
        )
        window.context.add_init_script(WATCH)
        client.cookies.clear()
        return window

    return open_window


@pytest.fixture
def tablet(open_tablet):
    return open_tablet()


@pytest.fixture
def start_server(tmp_path):
    """Starts a server on a copy of this database, or on the same where it can."""
    env = os.environ | {"DEMO": "1", "DATA_DIR": str(tmp_path), "PYTHONUTF8": "1"}
    if connection.vendor == "sqlite":
        env.pop("DATABASE_URL", None)
    else:
        url, _slash, _name = os.environ["DATABASE_URL"].rpartition("/")
        env["DATABASE_URL"] = f"{url}/{connection.settings_dict['NAME']}"
    started = []

    def start(port=0, *how):
        command = [sys.executable, "-m", "tests.browser.server", str(port), *how]
        server = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        started.append(server)
        return server, int(server.stdout.readline())

    yield start
    for server in started:
        server.kill()
        server.wait()
        server.stdout.close()


@pytest.fixture
def serve(start_server, tmp_path):
    """Serves what the test has made by now; a SQLite in memory has to be written."""

    def start(*how):
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(tmp_path / "acuplan.sqlite3")])
        _server, port = start_server(0, *how)
        return f"http://127.0.0.1:{port}"

    return start


def path_of(visit):
    return f"/appointments/{visit.pk}/session/"


def done_by(page):
    return {
        name: int(page.evaluate(f"sessionStorage.{name} ?? 0"))
        for name in ("taps", "keys")
    }


def forget(page):
    page.evaluate("sessionStorage.clear()")


def tap(page, target, *, leads_on=False):
    if not leads_on:
        target.tap()
        return
    with page.expect_navigation():
        target.tap()


def log_by_touch(page, visit, *, drop=(), also=()):
    """From the day page; `drop` are points left out today, `also` further taps."""
    link = page.locator(f'a[href="{path_of(visit)}"]', has_text="Log session")
    tap(page, link.first, leads_on=True)
    tap(page, page.get_by_text("No to all five"))
    for code in drop:
        tap(page, page.locator(f'label[for="id_{code}-drop"]'))
    for target in also:
        tap(page, page.locator(target))
    tap(page, page.locator('label[for="id_leg_before_5"]'))
    for name in ("in", "out"):
        tap(page, page.locator(f'[data-fill="id_needles_{name}"]'))
    tap(page, page.get_by_role("button", name="Sign session"), leads_on=True)


def walk_to(page, selector, key="Tab"):
    """Press until the focus is there, as somebody without a mouse does."""
    for _press in range(150):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} is never reached by {key}")


def log_by_keys(page, visit):
    walk_to(page, f'a[href="{path_of(visit)}"]')
    with page.expect_navigation():
        page.keyboard.press("Enter")
    walk_to(page, "#id_none_of_these")
    page.keyboard.press("Space")
    walk_to(page, '[name="leg_before"]')
    while not page.locator("#id_leg_before_5").is_checked():
        page.keyboard.press("ArrowRight")
    for name, number in (("in", "6"), ("out", "6")):
        walk_to(page, f"#id_needles_{name}")
        page.keyboard.type(number)
    walk_to(page, 'button[value="sign"]')
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page, words, *, into="note"):
    page.locator(f"#id_{into}").fill(words)


def saved(page):
    return page.locator("[data-saved]")


def wait_till_saved(page):
    expect(saved(page)).to_be_visible(timeout=PATIENCE)
    expect(saved(page)).to_have_text(SAVED)


def draft_of(visit):
    return Session.objects.get(appointment=visit)


# ------------------------------------------------ under a minute


@pytest.mark.parametrize("viewport", [TABLET, PHONE], ids=["tablet", "phone"])
def test_an_unchanged_session_takes_six_taps_and_no_keyboard(
    open_tablet, today, viewport
):
    page = (window := open_tablet(viewport)).page
    window.go("/")
    forget(page)
    began = monotonic()

    log_by_touch(page, today)

    assert done_by(page) == {"taps": 6, "keys": 0}
    assert monotonic() - began < 60
    today.refresh_from_db()
    assert today.session.status == "signed"
    assert today.session.needles_out == 6
    window.look()


@pytest.mark.parametrize("dropped", [1, 3])
def test_a_changed_session_takes_one_tap_more_for_each_point(tablet, today, dropped):
    page = tablet.page
    tablet.go("/")
    forget(page)

    log_by_touch(page, today, drop=CODES[:dropped])

    assert done_by(page) == {"taps": 6 + dropped, "keys": 0}
    assert draft_of(today).needlings.count() == 6 - dropped


def test_another_side_or_depth_is_one_tap_for_its_point(tablet, today):
    page = tablet.page
    tablet.go("/")
    forget(page)

    shallower = ".needling[data-code='GB30'] [data-deeper='-5']"
    other_side = ".needling[data-code='BL40'] .segment:has([value='left'])"
    log_by_touch(page, today, also=[shallower, other_side])

    assert done_by(page) == {"taps": 6 + 2, "keys": 0}
    session = draft_of(today)
    assert session.status == "signed"
    last = Session.objects.earliest("started_at")
    hip, hip_last = (each.needlings.get(acupoint="GB30") for each in (session, last))
    assert hip.depth_mm == hip_last.depth_mm - 5
    assert session.needlings.get(acupoint="BL40").side == "left"
    assert last.needlings.get(acupoint="BL40").side != "left"


def test_a_session_by_keys_alone(tablet, today):
    page = tablet.page
    tablet.go("/")
    forget(page)

    log_by_keys(page, today)

    assert done_by(page)["taps"] == 0
    today.refresh_from_db()
    assert today.session.status == "signed"


def day_of(mei, *, patients):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    bed = make_bed()
    plans = [make_course(codes=CODES).plan for _patient in range(patients)]
    return [
        make_appointment(
            plan=plan,
            patient=plan.episode.patient,
            practitioner=mei,
            bed=bed,
            starts_at=midnight + timedelta(minutes=45 * turn),
            status=Appointment.Status.ARRIVED,
        )
        for turn, plan in enumerate(plans)
    ]


@pytest.mark.parametrize("log", [log_by_touch, log_by_keys], ids=["touch", "keys"])
def test_a_day_of_twenty_sessions(visit, mei, serve, log):
    """Between the first and the last nothing but fingers, or nothing but keys."""
    day = day_of(mei, patients=20)
    tablet = visit(TABLET, has_touch=True)
    tablet.context.set_default_timeout(30_000)  # milliseconds
    tablet.context.add_init_script(WATCH)
    tablet.address = serve()
    tablet.sign_in_at_the_door(mei)
    page = tablet.page
    forget(page)

    for each in day:
        page.goto(f"{tablet.address}/")
        log(page, each)
        assert "/sessions/" in page.url, page.locator("#main").inner_text()

    page.goto(f"{tablet.address}/")
    assert page.get_by_text("Read session").count() == 20
    assert page.get_by_text("Log session").count() == 0
    hands = done_by(page)
    assert (hands["keys"], hands["taps"]).count(0) == 1
    assert tablet.complaints == []


# ------------------------------------------------ nothing lost, nothing doubled


def test_what_is_typed_saves_itself_and_opens_on_another_device(
    open_tablet, today, mei
):
    first, page = (window := open_tablet()), window.page
    first.go(path_of(today))
    write(page, "gb34 L, bl2", into="words")
    write(page, "Schmerz 委中")
    wait_till_saved(page)
    first.look()
    first.context.close()  # the tablet is put away without a word

    second = open_tablet(PHONE)
    second.go(path_of(today))

    assert second.page.locator("#id_note").input_value() == "Schmerz 委中"
    assert second.page.locator("#id_words").input_value() == "gb34 L, bl2"
    expect(second.page.get_by_text(f"Last saved by {mei.name}")).to_be_visible(
        timeout=PATIENCE
    )


def test_a_cut_connection_keeps_all_on_the_page_and_saves_it_after(tablet, today):
    page = tablet.page
    tablet.go(path_of(today))
    write(page, "Before the cut")
    wait_till_saved(page)

    tablet.context.set_offline(True)
    write(page, "Before the cut, and after")
    expect(page.get_by_text("no connection, keeps trying")).to_be_visible(
        timeout=PATIENCE
    )
    assert draft_of(today).note == "Before the cut"
    tablet.complaints.clear()  # the console told of the connection, as it should

    tablet.context.set_offline(False)
    wait_till_saved(page)
    assert draft_of(today).note == "Before the cut, and after"


def test_a_sign_in_that_ended_is_told_and_the_form_goes_on(tablet, today, mei):
    page = tablet.page
    tablet.go(path_of(today))
    tablet.context.clear_cookies()
    write(page, "Typed while signed out")
    expect(page.get_by_text("you have been signed out").last).to_be_visible(
        timeout=PATIENCE
    )
    tablet.look()

    signed_in_beside(tablet, mei)

    wait_till_saved(page)
    assert draft_of(today).note == "Typed while signed out"


def test_two_tablets_on_one_draft_see_both_texts_and_lose_neither(open_tablet, today):
    one, two = open_tablet(), open_tablet(PHONE)
    for window in (one, two):
        window.go(path_of(today))
    write(one.page, "From the tablet")
    write(one.page, "6", into="needles_in")
    wait_till_saved(one.page)

    write(two.page, "From the phone")
    expect(two.page.get_by_text("somebody else was first")).to_be_visible(
        timeout=PATIENCE
    )
    two.look()
    both = two.page.locator("[data-both]")
    expect(both).to_contain_text("From the tablet")
    expect(both).to_contain_text("From the phone")
    assert draft_of(today).note == "From the tablet"

    two.page.locator('[name="take-needles_in"][value="theirs"]').check()
    two.press("Save what is chosen")

    session = draft_of(today)
    assert (session.note, session.needles_in) == ("From the phone", 6)
    # The first goes on typing, and it is now theirs to be told.
    write(one.page, "From the tablet again")
    expect(one.page.get_by_text("somebody else was first")).to_be_visible(
        timeout=PATIENCE
    )
    assert draft_of(today).note == "From the phone"


def test_who_types_on_after_the_other_has_signed_keeps_their_words(open_tablet, today):
    one, two = open_tablet(), open_tablet()
    for window in (one, two):
        window.go(path_of(today))
    sign(today, note="As signed")
    write(two.page, "A bruise at GB34")
    expect(two.page.get_by_text("signed meanwhile")).to_be_visible(timeout=PATIENCE)

    two.press("Add mine as an amendment")

    assert "A bruise at GB34" in two.page.get_by_label("Amendment").input_value()
    assert draft_of(today).note == "As signed"


def test_a_visit_cancelled_while_somebody_types_keeps_the_draft(tablet, today):
    page = tablet.page
    tablet.go(path_of(today))
    write(page, "Begun")
    wait_till_saved(page)
    Appointment.objects.filter(pk=today.pk).update(
        status="cancelled", cancel_reason="Ill"
    )

    write(page, "Begun, and more")
    expect(page.get_by_text("cancelled or moved meanwhile")).to_be_visible(
        timeout=PATIENCE
    )

    assert draft_of(today).note == "Begun, and more"


def test_a_double_tap_on_sign_makes_one(tablet, today):
    page = tablet.page
    tablet.go(path_of(today))
    tap(page, page.get_by_text("No to all five"))
    tap(page, page.locator('label[for="id_leg_before_5"]'))
    for name in ("in", "out"):
        tap(page, page.locator(f'[data-fill="id_needles_{name}"]'))
    with page.expect_navigation():
        page.get_by_role("button", name="Sign session").dblclick()

    assert draft_of(today).status == "signed"
    assert AuditEvent.objects.filter(action="sign_session").count() == 2  # last time's
    assert Score.objects.filter(sessions__appointment=today).count() == 1


# ------------------------------------------------ a server that dies


def test_a_server_killed_in_mid_save_loses_nothing_acknowledged(
    visit, today, mei, serve, start_server
):
    tablet = visit(TABLET)
    tablet.address = serve("dies")
    tablet.sign_in_at_the_door(mei)
    page = tablet.page
    tablet.go(path_of(today))

    write(page, "Written while it died")
    expect(page.get_by_text("no connection, keeps trying")).to_be_visible(
        timeout=PATIENCE
    )
    tablet.complaints.clear()  # the console told of the connection, as it should
    start_server(int(tablet.address.rpartition(":")[2]))
    wait_till_saved(page)

    again = visit(PHONE)
    again.address = tablet.address
    again.sign_in_at_the_door(mei)
    again.go(path_of(today))
    assert again.page.locator("#id_note").input_value() == "Written while it died"
    assert again.page.locator(".needling").count() == 6
