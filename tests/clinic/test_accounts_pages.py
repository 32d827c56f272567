"""The pages of one's own account and of the staff."""

import re

import pytest
from django.urls import reverse

from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.audit.models import AuditEvent
from tests.factories import make_user, sign_in

pytestmark = pytest.mark.django_db

PREFERENCES = "/account/preferences/"
STAFF = "/account/staff/"
ADD = "/account/staff/new/"


def text_of(response):
    return response.content.decode()


def filled_in(**fields):
    defaults = {
        "name": "Mei Lin",
        "username": "mei",
        "roles": ["acupuncturist"],
        "qualification": "LicAc",
        "practising_since": "2012",
        "email": "",
        "language": "en",
        "password": "a-long-first-password",
    }
    return defaults | fields


class TestPreferences:
    def test_the_language_is_kept_and_spoken_at_once(self, client):
        user = sign_in(client, Role.FRONT_DESK)

        page = client.post(PREFERENCES, {"language": "zh-hans"}, follow=True)

        user.refresh_from_db()
        assert user.language == "zh-hans"
        assert 'lang="zh-hans"' in text_of(page)

    @pytest.mark.parametrize(
        ("wished", "reached"),
        [
            ("/patients/?q=ana", "/patients/?q=ana"),
            ("https://example.com/", PREFERENCES),
            ("//example.com", PREFERENCES),
            ("javascript:alert(1)", PREFERENCES),
            ("", PREFERENCES),
        ],
    )
    def test_switching_in_the_menu_comes_back_to_the_page(
        self, client, wished, reached
    ):
        sign_in(client, Role.FRONT_DESK)

        page = client.post(PREFERENCES, {"language": "en", "next": wished})

        assert page["Location"] == reached

    def test_password_and_second_factor_are_at_hand(self, client):
        sign_in(client, Role.FRONT_DESK)

        page = text_of(client.get(PREFERENCES))

        assert reverse("account_change_password") in page
        assert reverse("mfa_index") in page

    @pytest.mark.parametrize("language", ["", "xx", "\x00", "z" * 999])
    def test_a_language_we_do_not_speak_is_refused(self, client, language):
        user = sign_in(client, Role.FRONT_DESK)

        page = client.post(PREFERENCES, {"language": language})

        user.refresh_from_db()
        assert page.status_code == 422
        assert user.language == "en"


class TestStaff:
    @pytest.mark.parametrize("people", [1, 3])
    def test_query_count_does_not_grow(self, client, django_assert_num_queries, people):
        """Four: the session, the user, how many people, the people."""
        sign_in(client, Role.ADMIN)
        for _ in range(people):
            make_user(name="Somebody Else")

        with django_assert_num_queries(4):
            page = client.get(STAFF)

        assert text_of(page).count("Somebody Else") == people

    def test_somebody_new_can_sign_in(self, client):
        admin = sign_in(client, Role.ADMIN)

        page = client.post(ADD, filled_in())

        assert page["Location"] == STAFF
        assert client.login(username="mei", password="a-long-first-password")
        assert AuditEvent.objects.get(action="add_member").by == admin
        assert User.objects.get(username="mei").practising_since == 2012

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("username", "MEI2", "This user name is taken."),
            ("username", "a b", "Enter a valid username."),
            ("username", "x\x00", "Null characters are not allowed."),
            ("roles", [], "This field is required."),
            ("roles", ["owner"], "Select a valid choice."),
            ("password", "12345678", "This password is too common."),
            ("email", "nobody", "Enter a valid email address."),
            ("name", "x" * 151, "at most 150 characters"),
            ("practising_since", "12", "greater than or equal to 1940"),
        ],
    )
    def test_bad_input_is_told_beside_the_field(self, client, field, value, sentence):
        sign_in(client, Role.ADMIN)
        make_user(username="mei2")

        page = client.post(ADD, filled_in(**{field: value}))

        assert page.status_code == 422
        assert sentence in text_of(page)
        assert "a-long-first-password" not in text_of(page)
        assert not User.objects.filter(name="Mei Lin").exists()

    def test_the_last_admin_stays_admin(self, client):
        admin = sign_in(client, Role.ADMIN)
        form = filled_in(name="Ada", password="", is_active="on")

        page = client.post(reverse("change_member", args=[admin.pk]), form)

        admin.refresh_from_db()
        assert admin.is_admin
        assert "give another person the role first" in text_of(page)

    def test_who_leaves_can_no_longer_sign_in(self, client):
        sign_in(client, Role.ADMIN)
        member = make_user(username="ben")
        assert client.get(reverse("change_member", args=[member.pk])).status_code == 200

        client.post(reverse("change_member", args=[member.pk]), filled_in(password=""))

        member.refresh_from_db()
        assert not member.is_active
        assert "Left" in text_of(client.get(STAFF))

    @pytest.mark.parametrize("role", [Role.ACUPUNCTURIST, Role.FRONT_DESK])
    def test_only_an_admin_manages_staff(self, client, role):
        user = sign_in(client, role)

        for url in (STAFF, ADD, reverse("change_member", args=[user.pk])):
            assert client.get(url).status_code == 403

    @pytest.mark.parametrize("pk", [0, 999_999, 10**30])
    def test_nobody_of_this_number_is_not_found(self, client, pk):
        sign_in(client, Role.ADMIN)

        assert client.get(reverse("change_member", args=[pk])).status_code == 404


def test_one_may_type_the_user_name_at_once(client):
    page = client.get("/account/sign-in/").content.decode()

    assert re.search(r'<input[^>]* name="login"[^>]* autofocus', page)
    assert page.count("autofocus") == 1
