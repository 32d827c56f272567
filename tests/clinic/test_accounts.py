"""Signing in and out: who gets in, who is kept out, and for how long."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic, sleep, time
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher, identify_hasher
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connections
from django.test import Client, override_settings
from django.urls import get_resolver, reverse
from django.utils import timezone

from clinic import settings as as_shipped
from clinic.access.roles import Role
from clinic.accounts import middleware
from clinic.accounts.models import User
from clinic.accounts.services import LastAdmin, add_member, change_member
from clinic.audit.models import AuditEvent
from tests.clinic.test_access import views
from tests.factories import make_user, sign_in

pytestmark = pytest.mark.django_db

SIGN_IN = "/account/sign-in/"
PASSWORD = "a-long-password"
NOT_RIGHT = "The user name or the password is not right."
TOO_MANY = "Too many attempts failed. Wait five minutes, then try again."


@pytest.fixture(autouse=True)
def nothing_counted_yet():
    cache.clear()


class Clock:
    """What the count of tries takes for the time."""

    now = 0.0

    def turn_on(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    stand_in = SimpleNamespace(
        time=lambda: time() + clock.now, monotonic=monotonic, sleep=sleep
    )
    monkeypatch.setattr(ratelimit, "time", stand_in)
    return clock


def text_of(response):
    return response.content.decode()


def try_to_sign_in(client, username, password=PASSWORD, **more):
    address = SIGN_IN + more.pop("query", "")
    return client.post(address, {"login": username, "password": password} | more)


def is_signed_in(client):
    return client.get("/account/preferences/").status_code == 200


def code_for(secret, at=None):
    """What the app on the phone shows."""
    return format_hotp_value(hotp_value(secret, int(at or time()) // 30))


class TestSignIn:
    @override_settings(PASSWORD_HASHERS=as_shipped.PASSWORD_HASHERS)
    def test_passwords_are_kept_as_argon2(self, client):
        user = make_user()

        assert identify_hasher(user.password).algorithm == "argon2"
        assert user.password.startswith("argon2$argon2id$")
        assert try_to_sign_in(client, user.username).status_code == 302
        assert is_signed_in(client)

    def test_the_day_begins_on_the_home_page(self, client):
        user = make_user()

        assert try_to_sign_in(client, user.username)["Location"] == reverse("home")

    @pytest.mark.parametrize("typed", ["mei", "MEI", " mei ", "ｍｅｉ"])
    def test_the_user_name_is_read_as_people_type_it(self, client, typed):
        make_user(username="mei")

        try_to_sign_in(client, typed)

        assert is_signed_in(client)

    def test_every_page_asks_a_visitor_to_sign_in_and_comes_back(self, client):
        user = make_user()

        asked = client.get("/patients/?q=ana")
        done = client.post(
            asked["Location"], {"login": user.username, "password": PASSWORD}
        )

        assert asked["Location"] == f"{SIGN_IN}?next=/patients/%3Fq%3Dana"
        assert done["Location"] == "/patients/?q=ana"

    @pytest.mark.parametrize(
        "wished",
        [
            "https://example.com/",
            "//example.com/",
            "///example.com",
            "/\\example.com",
            "https:example.com",
            "javascript:alert(1)",
            "\x00//example.com",
        ],
    )
    @pytest.mark.parametrize("way", ["address", "form"])
    def test_next_never_leads_to_another_house(self, client, wished, way):
        user = make_user()

        if way == "form":
            done = try_to_sign_in(client, user.username, next=wished)
        else:
            client.get(SIGN_IN, {"next": wished})
            done = client.post(
                SIGN_IN,
                {"login": user.username, "password": PASSWORD},
                QUERY_STRING=f"next={wished}",
            )

        assert done["Location"] == reverse("home")

    def test_who_is_signed_in_already_goes_on(self, client):
        sign_in(client)

        assert client.get(SIGN_IN)["Location"] == reverse("home")

    @pytest.mark.parametrize("field", ["login", "password"])
    @pytest.mark.parametrize("junk", ["", "\x00", "x" * 5000, "王\u202e\U0001f480"])
    def test_junk_is_refused_in_words(self, client, field, junk):
        typed = {"login": "nobody", "password": "nothing"} | {field: junk}

        page = client.post(SIGN_IN, typed)

        assert page.status_code == 200
        assert "field--error" in text_of(page) or NOT_RIGHT in text_of(page)

    def test_the_session_is_a_new_one(self, client):
        client.get(SIGN_IN)
        client.post("/language/", {"language": "zh-hans"})
        user = make_user()
        before = client.session.session_key

        try_to_sign_in(client, user.username)

        assert client.session.session_key != before

    def test_nobody_can_register(self, client):
        for address in ("/account/signup/", "/account/sign-up/", "/accounts/signup/"):
            page = client.get(address)
            assert page.status_code in {302, 404}
            assert page.get("Location", SIGN_IN).startswith(SIGN_IN)
        assert "sign-up" not in text_of(client.get(SIGN_IN)).lower()


class TestKeptOut:
    def test_a_stranger_and_a_wrong_password_sound_the_same(self, client):
        user = make_user()

        known = try_to_sign_in(client, user.username, "wrong")
        stranger = try_to_sign_in(client, "somebody", "wrong")

        assert NOT_RIGHT in text_of(known)
        assert NOT_RIGHT in text_of(stranger)
        assert known.status_code == stranger.status_code == 200

    @pytest.mark.parametrize("username", ["mei", "nobody"])
    def test_and_cost_one_hash_each(self, client, monkeypatch, username):
        make_user(username="mei")
        hashed = []
        encode = MD5PasswordHasher.encode

        def count(self, password, *args, **kwargs):
            hashed.append(password)
            return encode(self, password, *args, **kwargs)

        monkeypatch.setattr(MD5PasswordHasher, "encode", count)

        try_to_sign_in(client, username, "wrong")

        assert hashed == ["wrong"]

    @pytest.mark.parametrize("username", ["mei", "nobody"])
    def test_after_five_wrong_passwords_even_the_right_one_waits(
        self, client, username
    ):
        make_user(username="mei")
        for _ in range(5):
            assert NOT_RIGHT in text_of(try_to_sign_in(client, username, "wrong"))

        page = try_to_sign_in(client, username)

        assert TOO_MANY in text_of(page)
        assert not is_signed_in(client)

    def test_after_five_minutes_the_right_one_opens(self, client, clock):
        make_user(username="mei")
        for _ in range(5):
            try_to_sign_in(client, "mei", "wrong")

        clock.turn_on(4 * 60 + 50)
        try_to_sign_in(client, "mei")
        assert not is_signed_in(client)

        clock.turn_on(20)
        try_to_sign_in(client, "mei")
        assert is_signed_in(client)

    def test_another_name_is_not_held_up(self, client):
        make_user(username="mei")
        make_user(username="ben")
        for _ in range(6):
            try_to_sign_in(client, "mei", "wrong")

        try_to_sign_in(client, "ben")

        assert is_signed_in(client)

    def test_the_letters_case_gives_no_further_tries(self, client):
        make_user(username="mei")
        for typed in ("mei", "Mei", "MEI", "mEi", "ｍｅｉ"):
            try_to_sign_in(client, typed, "wrong")

        assert TOO_MANY in text_of(try_to_sign_in(client, "meI"))

    def test_one_address_cannot_try_name_after_name(self, client, clock):
        make_user(username="mei")
        for number in range(30):
            try_to_sign_in(client, f"guess{number}", "wrong")

        at_once = try_to_sign_in(client, "mei")
        clock.turn_on(61)
        a_minute_later = try_to_sign_in(client, "mei")

        assert at_once.status_code == 429
        assert "Wait a minute" in text_of(at_once)
        assert TOO_MANY in text_of(a_minute_later)

    def test_signing_in_rightly_uses_up_nothing(self, client):
        make_user(username="mei")

        for _ in range(8):
            try_to_sign_in(client, "mei")
            assert is_signed_in(client)
            client.logout()

    def test_an_inactive_member_is_told_once_the_password_is_right(self, client):
        make_user(username="mei", is_active=False)

        wrong = try_to_sign_in(client, "mei", "wrong")
        right = client.post(
            SIGN_IN, {"login": "mei", "password": PASSWORD}, follow=True
        )

        assert NOT_RIGHT in text_of(wrong)
        assert "This account is closed" in text_of(right)
        assert not is_signed_in(client)


@pytest.mark.django_db(transaction=True)
def test_the_tries_are_counted_across_workers(many_connections):
    """Each try in a thread with connections of its own, as workers have."""
    cache.clear()
    make_user(username="mei")

    def attempt(password):
        try:
            return text_of(try_to_sign_in(Client(), "mei", password))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as first:
        told = [first.submit(attempt, "wrong").result() for _ in range(3)]
    with ThreadPoolExecutor(max_workers=2) as second:
        told += second.map(attempt, ["wrong", "wrong"])
    with ThreadPoolExecutor(max_workers=1) as third:
        last = third.submit(attempt, PASSWORD).result()

    assert all(NOT_RIGHT in page for page in told)
    assert TOO_MANY in last


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


class TestSecondFactor:
    def confirm(self, client, page="mfa_activate_totp"):
        """Setting it up asks for the password once more."""
        asked = client.get(reverse(page))
        again = reverse("account_reauthenticate")
        assert asked["Location"] == f"{again}?next={quote(reverse(page), safe='')}"
        shown = text_of(client.get(asked["Location"]))
        assert "placeholder" not in shown.split('<form class="form"')[1]
        done = client.post(asked["Location"], {"password": PASSWORD})
        assert done["Location"] == reverse(page)

    def set_up(self, client):
        self.confirm(client)
        client.get(reverse("mfa_activate_totp"))
        secret = client.session["mfa.totp.secret"]
        done = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
        assert done["Location"] == reverse("mfa_view_recovery_codes")
        cache.clear()  # a code is good once: the tests below sign in within 30 seconds
        return secret

    def test_set_up_and_sign_in_with_it(self, client):
        user = sign_in(client, Role.FRONT_DESK)
        secret = self.set_up(client)
        client.post("/account/sign-out/")

        asked = try_to_sign_in(client, user.username, query="?next=/patients/")
        assert asked["Location"].startswith(reverse("mfa_authenticate"))
        assert not is_signed_in(client)
        assert "recovery codes" in text_of(client.get(reverse("mfa_authenticate")))
        done = client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})

        assert done["Location"] == "/patients/"
        assert is_signed_in(client)

    def test_the_picture_holds_the_secret_and_comes_from_no_other_host(self, client):
        sign_in(client)
        self.confirm(client)

        page = text_of(client.get(reverse("mfa_activate_totp")))

        assert 'src="data:image/svg+xml;base64,' in page
        assert client.session["mfa.totp.secret"] in page

    def test_a_wrong_code_does_not_switch_it_on(self, client):
        user = sign_in(client)
        self.confirm(client)
        client.get(reverse("mfa_activate_totp"))

        page = client.post(reverse("mfa_activate_totp"), {"code": "000"})

        assert "Incorrect code." in text_of(page)
        assert not Authenticator.objects.filter(user=user).exists()

    def test_codes_cannot_be_guessed(self, client):
        user = make_user()
        TOTP.activate(user, "A" * 32)
        try_to_sign_in(client, user.username)
        for _ in range(5):
            page = client.post(reverse("mfa_authenticate"), {"code": "000"})
            assert "Incorrect code." in text_of(page)

        page = client.post(reverse("mfa_authenticate"), {"code": code_for("A" * 32)})

        assert TOO_MANY in text_of(page)
        assert not is_signed_in(client)

    def test_a_code_is_good_once(self, client):
        user = make_user()
        TOTP.activate(user, "A" * 32)
        code = code_for("A" * 32)
        for expected in (True, False):
            try_to_sign_in(client, user.username)
            client.post(reverse("mfa_authenticate"), {"code": code})
            assert is_signed_in(client) is expected
            client.post("/account/sign-out/")

    def test_a_recovery_code_stands_in_for_the_phone_once(self, client):
        user = sign_in(client)
        self.set_up(client)
        codes = text_of(client.get(reverse("mfa_download_recovery_codes"))).split()
        assert len(codes) == 10
        assert codes[0] in text_of(client.get(reverse("mfa_view_recovery_codes")))
        for expected in (True, False):
            client.post("/account/sign-out/")
            try_to_sign_in(client, user.username)
            client.post(reverse("mfa_authenticate"), {"code": codes[0]})
            assert is_signed_in(client) is expected

    def test_who_loses_heart_half_way_starts_again(self, client):
        user = make_user()
        TOTP.activate(user, "A" * 32)
        try_to_sign_in(client, user.username)

        client.post("/account/sign-out/", {"next": SIGN_IN})

        assert client.get(reverse("mfa_authenticate"))["Location"] == SIGN_IN
        assert client.get(SIGN_IN).status_code == 200

    def test_switching_it_off_asks_who_it_is(self, client):
        user = sign_in(client)
        TOTP.activate(user, "A" * 32)
        self.confirm(client, "mfa_deactivate_totp")

        client.post(reverse("mfa_deactivate_totp"))

        assert not Authenticator.objects.filter(user=user).exists()

    def test_a_code_confirms_as_well_as_the_password(self, client):
        user = sign_in(client)
        TOTP.activate(user, "A" * 32)
        address = f"{reverse('mfa_reauthenticate')}?next={reverse('mfa_index')}"
        assert reverse("mfa_reauthenticate") in text_of(
            client.get(reverse("account_reauthenticate"))
        )

        done = client.post(address, {"code": code_for("A" * 32)})

        assert done["Location"] == reverse("mfa_index")
        assert client.get(reverse("mfa_deactivate_totp")).status_code == 200

    def test_an_admin_helps_who_has_lost_the_phone(self, client):
        sign_in(client, Role.ADMIN)
        member = make_user()
        TOTP.activate(member, "A" * 32)
        address = reverse("change_member", args=[member.pk])
        assert "lost the phone" in text_of(client.get(address))

        client.post(
            address,
            {
                "name": member.name,
                "roles": ["acupuncturist"],
                "language": "en",
                "is_active": "on",
                "drop_second_factor": "on",
            },
        )

        assert not Authenticator.objects.filter(user=member).exists()
        told = AuditEvent.objects.get(action="change_member").details
        assert told["dropped_second_factor"] is True


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


def change(member, **changed):
    now = {
        "name": member.name,
        "roles": member.roles,
        "email": member.email,
        "qualification": member.qualification,
        "trained": member.trained,
        "language": member.language,
        "is_active": member.is_active,
    }
    change_member(by=make_user(Role.ADMIN), member=member, **now | changed)


class TestStaff:
    def test_the_last_admin_who_may_sign_in_stays(self):
        admin = make_user(Role.ADMIN)
        make_user(Role.ADMIN, is_active=False)
        kept = {"name": "A", "email": "", "qualification": "", "language": "en"}
        kept["trained"] = frozenset()

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


def test_only_the_addresses_that_are_needed_are_there():
    found = {
        address.removeprefix("account/")
        for address, _, _ in views(get_resolver())
        if address.startswith("account/")
    }

    assert found == {
        "sign-in/",
        "sign-out/",
        "closed/",
        "password/",
        "again/",
        "two-factor/",
        "two-factor/authenticate/",
        "two-factor/reauthenticate/",
        "two-factor/totp/activate/",
        "two-factor/totp/deactivate/",
        "two-factor/recovery-codes/",
        "two-factor/recovery-codes/generate/",
        "two-factor/recovery-codes/download/",
        "preferences/",
        "still-here/",
        "staff/",
        "staff/new/",
        "staff/<int:user_id>/",
    }


def test_the_client_behind_our_proxy_is_the_one_that_counts(client):
    make_user(username="mei")
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        for number in range(30):
            client.post(
                SIGN_IN,
                {"login": f"guess{number}", "password": "wrong"},
                headers={"x-forwarded-for": f"1.1.1.{number}, 10.0.0.1"},
            )
        typed = {"login": "mei", "password": PASSWORD}
        same = {"x-forwarded-for": "9.9.9.9, 10.0.0.1"}
        other = {"x-forwarded-for": "10.0.0.2"}

        client.post(SIGN_IN, typed, headers=same)
        assert not is_signed_in(client)
        client.post(SIGN_IN, typed, headers=other)
        assert is_signed_in(client)


def test_the_count_of_tries_outlives_a_flood_of_names():
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 10_000
