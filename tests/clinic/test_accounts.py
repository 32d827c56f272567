"""Signing in: who gets in, who is kept out, which addresses are there."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep, time
from types import SimpleNamespace

import pytest
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher, identify_hasher
from django.core.cache import cache
from django.db import connections
from django.test import Client, override_settings
from django.urls import get_resolver, reverse

from clinic import settings as as_shipped
from tests.clinic.signing_in import (
    NOT_RIGHT,
    PASSWORD,
    SIGN_IN,
    TOO_MANY,
    is_signed_in,
    text_of,
    try_to_sign_in,
)
from tests.clinic.test_access import views
from tests.factories import make_user, sign_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nothing_counted_yet"),
]


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
