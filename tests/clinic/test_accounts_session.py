"""Being signed in: for how long, with which password, in which language."""

from datetime import timedelta
from time import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from clinic.accounts import middleware
from clinic.accounts.models import User
from clinic.accounts.services import LastAdmin, add_member, change_member
from clinic.audit.models import AuditEvent
from tests.clinic.signing_in import (
    PASSWORD,
    SIGN_IN,
    change,
    is_signed_in,
    text_of,
    try_to_sign_in,
)
from tests.factories import make_user, sign_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nothing_counted_yet"),
]


class TestSession:
    def test_it_is_closed_with_the_browser_and_hidden_from_scripts(self, client):
        user = make_user()

        cookie = try_to_sign_in(client, user.username).cookies["sessionid"]

        assert cookie["max-age"] == ""
        assert cookie["expires"] == ""
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

    def test_it_ends_after_half_an_hour_without_a_click(self, client):
        user = make_user()
        try_to_sign_in(client, user.username)
        client.get("/account/preferences/")
        session = Session.objects.get()

        left = session.expire_date - timezone.now()
        assert timedelta(minutes=29) < left <= timedelta(minutes=30)

        session.expire_date = timezone.now() - timedelta(seconds=1)
        session.save()
        assert client.get("/account/preferences/")["Location"].startswith(SIGN_IN)

    def test_a_click_prolongs_it_with_one_write_a_minute(self, client, monkeypatch):
        sign_in(client)
        now = time()
        Session.objects.update(expire_date=timezone.now() + timedelta(minutes=5))

        def click(after):
            monkeypatch.setattr(middleware.time, "time", lambda: now + after)
            client.get("/account/preferences/")
            left = Session.objects.get().expire_date - timezone.now()
            return left > timedelta(minutes=20)

        assert not click(59)
        assert click(61)
        Session.objects.update(expire_date=timezone.now() + timedelta(minutes=5))
        assert not click(61 + 59)
        assert click(61 + 61)

    def test_a_visitor_writes_no_session(self, client):
        client.get(SIGN_IN)

        assert not Session.objects.exists()

    def test_signing_out_ends_it(self, client):
        sign_in(client)

        asked = client.get("/account/sign-out/")
        assert is_signed_in(client)
        done = client.post("/account/sign-out/")

        assert "Sign out?" in text_of(asked)
        assert done["Location"] == SIGN_IN
        assert not is_signed_in(client)

    def test_who_is_made_inactive_is_out_at_the_next_click(self, client):
        member = sign_in(client)
        assert is_signed_in(client)

        change(member, is_active=False)

        assert not is_signed_in(client)

    def test_a_role_taken_away_is_gone_at_the_next_click(self, client):
        admin = sign_in(client, Role.ADMIN)
        make_user(Role.ADMIN)
        assert client.get("/account/staff/").status_code == 200

        change(admin, roles=frozenset({Role.FRONT_DESK}))

        assert client.get("/account/staff/").status_code == 403


class TestPassword:
    NEW = "another-long-word"

    def change(self, client, old=PASSWORD, new=NEW, again=NEW):
        return client.post(
            "/account/password/",
            {"oldpassword": old, "password1": new, "password2": again},
        )

    def test_changing_it_keeps_this_session_and_ends_the_others(self, client):
        user = sign_in(client)
        elsewhere = Client()
        elsewhere.force_login(user)

        done = self.change(client)

        assert done["Location"] == reverse("preferences")
        assert is_signed_in(client)
        assert not is_signed_in(elsewhere)
        assert AuditEvent.objects.get(action="change_own_password").by == user
        try_to_sign_in(elsewhere, user.username, self.NEW)
        assert is_signed_in(elsewhere)

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ({"old": "wrong"}, "This password is not right."),
            ({"again": "something-else"}, "the same password each time"),
            ({"new": "short", "again": "short"}, "This password is too short."),
            ({"new": "12345678", "again": "12345678"}, "This password is too common."),
            ({"new": "", "again": ""}, "This field is required."),
        ],
    )
    def test_a_bad_one_is_told_beside_its_field(self, client, typed, told):
        user = sign_in(client)

        page = self.change(client, **typed)

        user.refresh_from_db()
        assert told in text_of(page)
        assert user.check_password(PASSWORD)

    def test_the_old_one_cannot_be_guessed_there(self, client):
        sign_in(client)
        for _ in range(5):
            self.change(client, old="wrong")

        page = self.change(client)

        assert page.status_code == 429
        assert "Wait a minute" in text_of(page)

    def test_the_labels_are_ours_and_no_placeholder_repeats_them(self, client):
        sign_in(client)

        page = text_of(client.get("/account/password/"))

        assert "Present password" in page
        assert "New password, again" in page
        assert page.split('<form class="form"')[1].count("placeholder") == 0

    def test_an_admins_new_one_for_a_member_ends_their_sessions(self, client):
        member = sign_in(client)

        change(member, password=self.NEW)

        assert not is_signed_in(client)
        try_to_sign_in(client, member.username, self.NEW)
        assert is_signed_in(client)


class TestLanguage:
    @pytest.mark.parametrize(
        ("asked", "spoken"),
        [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
            ("zh-Hans-CN", "zh-hans"),
            ("zh", "zh-hans"),
            ("en-GB", "en"),
            ("de-DE,de;q=0.9", "en"),
            ("", "en"),
            ("\x00;;;q=xx," * 50, "en"),
        ],
    )
    def test_before_sign_in_the_browser_decides(self, client, asked, spoken):
        page = client.get(SIGN_IN, headers={"accept-language": asked})

        assert f'<html lang="{spoken}"' in text_of(page)
        assert page["Content-Language"] == spoken

    def test_or_the_visitors_choice(self, client):
        done = client.post("/language/", {"language": "zh-hans", "next": SIGN_IN})

        assert done["Location"] == SIGN_IN
        assert "登录" in text_of(client.get(SIGN_IN))

    def test_which_leads_to_no_other_house(self, client):
        for wished in ("https://example.com/", "//example.com/"):
            done = client.post("/language/", {"language": "en", "next": wished})
            assert done["Location"] == "/"

    def test_after_it_the_users_own(self, client):
        sign_in(client, language="zh-hans")

        page = client.get("/account/preferences/", headers={"accept-language": "en"})

        assert '<html lang="zh-hans"' in text_of(page)
        assert "偏好设置" in text_of(page)

    def test_no_language_leaks_into_the_next_request(self, client):
        chinese, english = Client(), Client()
        sign_in(chinese, language="zh-hans")
        sign_in(english)

        for visitor, word in ((chinese, "偏好设置"), (english, "Preferences")) * 2:
            assert word in text_of(visitor.get("/account/preferences/"))

    @pytest.mark.parametrize(
        "page",
        ["account_change_password", "account_reauthenticate", "mfa_index", "home"],
    )
    def test_the_packages_pages_speak_it_too(self, client, page):
        sign_in(client, Role.FRONT_DESK, language="zh-hans")

        shown = text_of(client.get(reverse(page)))

        assert '<html lang="zh-hans"' in shown
        assert "Password" not in shown

    def test_refusals_speak_it_too(self, client):
        chinese = {"accept-language": "zh-CN"}
        typed = {"login": "mei", "password": "wrong"}
        told = [text_of(client.post(SIGN_IN, typed, headers=chinese)) for _ in range(6)]

        assert "用户名或密码不正确。" in told[0]
        assert "失败次数过多。请等待五分钟后再试。" in told[5]


class TestStaff:
    def test_the_last_admin_who_may_sign_in_stays(self):
        admin = make_user(Role.ADMIN)
        make_user(Role.ADMIN, is_active=False)
        kept = {"name": "A", "email": "", "qualification": "", "language": "en"}
        kept |= {"trained": frozenset(), "practising_since": None}

        for roles, is_active in (
            ({Role.FRONT_DESK}, True),
            ({Role.ADMIN}, False),
        ):
            with pytest.raises(LastAdmin):
                change_member(
                    by=admin,
                    member=admin,
                    roles=frozenset(roles),
                    is_active=is_active,
                    **kept,
                )

        admin.refresh_from_db()
        assert admin.is_admin
        assert admin.is_active

    def test_with_a_second_admin_the_first_may_go(self):
        make_user(Role.ADMIN)
        admin = make_user(Role.ADMIN)

        change(admin, is_active=False)

        assert not User.objects.get(pk=admin.pk).is_active

    @pytest.mark.parametrize("again", ["mei", "MEI", "ｍｅｉ"])
    def test_a_user_name_is_taken_in_any_dress(self, client, again):
        sign_in(client, Role.ADMIN)
        make_user(username="mei")

        page = client.post(
            "/account/staff/new/",
            {
                "name": "Mei Lin",
                "username": again,
                "roles": ["front_desk"],
                "language": "en",
                "password": "a-long-first-password",
            },
        )

        assert "This user name is taken." in text_of(page)

    def test_a_full_width_user_name_is_kept_plain(self):
        member = add_member(
            by=None,
            username="ｍｅｉ",
            name="Mei",
            roles=frozenset({Role.FRONT_DESK}),
            password=PASSWORD,
        )

        assert member.username == "mei"

    def test_ones_own_password_and_second_factor_are_not_changed_there(self, client):
        admin = sign_in(client, Role.ADMIN)
        TOTP.activate(admin, "A" * 32)
        address = reverse("change_member", args=[admin.pk])

        client.post(
            address,
            {
                "name": "Ada",
                "roles": ["admin"],
                "language": "en",
                "is_active": "on",
                "password": "slipped-in-password",
                "drop_second_factor": "on",
            },
        )

        admin.refresh_from_db()
        assert admin.name == "Ada"
        assert admin.check_password(PASSWORD)
        assert Authenticator.objects.filter(user=admin).exists()
