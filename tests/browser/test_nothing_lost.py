"""What was typed outlives a lost connection, an ended session and a change of hands."""

import pytest

from clinic.access.roles import Role
from patients.records.models import Patient
from tests.factories import make_user


@pytest.fixture
def typing(visit):
    """Somebody at the desk has filled in the form of a new patient."""
    desk = visit()
    desk.sign_in(make_user(Role.FRONT_DESK))
    desk.go("/patients/new/")
    page = desk.page
    page.get_by_label("Family name").fill("Beispiel")
    page.get_by_label("Birth date").fill("1985-04-12")
    page.get_by_label("Female", exact=True).check()
    return desk


def register(desk):
    desk.page.get_by_role("button", name="Register", exact=True).click()


def signed_in_beside(desk, user):
    tab = desk.context.new_page()
    tab.goto(f"{desk.address}/account/sign-in/")
    tab.get_by_label("User name").fill(user.username)
    tab.get_by_label("Password").fill("a-long-password")
    with tab.expect_navigation():
        tab.get_by_role("button", name="Sign in").click()


def test_a_form_waits_for_the_connection(typing):
    typing.context.set_offline(True)
    register(typing)
    typing.page.get_by_text("the server does not answer").wait_for()
    assert typing.page.get_by_label("Family name").input_value() == "Beispiel"
    typing.complaints.clear()  # the console told of the connection, as it should

    typing.context.set_offline(False)
    typing.press("Register", exact=True)
    assert Patient.objects.get().family_name == "Beispiel"


def test_a_form_waits_until_its_user_has_signed_in_again(typing):
    typing.context.clear_cookies()
    register(typing)
    typing.page.get_by_text("you have been signed out").wait_for()
    typing.look()
    assert not Patient.objects.exists()

    typing.page.get_by_label("Family name").fill("Muster")
    again = make_user(Role.FRONT_DESK)
    signed_in_beside(typing, again)
    register(typing)
    typing.page.get_by_text("somebody else is signed in now").wait_for()
    assert not Patient.objects.exists()


def test_signing_in_again_in_another_tab_sends_the_form(visit):
    user = make_user(Role.FRONT_DESK)
    desk = visit()
    desk.sign_in(user)
    desk.go("/patients/new/")
    desk.page.get_by_label("Family name").fill("Beispiel")
    desk.page.get_by_label("Birth date").fill("1985-04-12")
    desk.page.get_by_label("Female", exact=True).check()
    desk.context.clear_cookies()
    signed_in_beside(desk, user)

    desk.press("Register", exact=True)

    assert Patient.objects.get().family_name == "Beispiel"


def test_after_signing_out_back_shows_nothing(typing):
    typing.go("/patients/")
    typing.page.locator("details.menu > summary").last.click()
    typing.press("Sign out")
    typing.page.go_back()
    typing.page.wait_for_url("**/account/sign-in/**")
