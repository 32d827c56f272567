"""The code from the phone beside the password."""

from types import SimpleNamespace
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from tests.clinic.signing_in import (
    PASSWORD,
    SIGN_IN,
    TOO_MANY,
    is_signed_in,
    text_of,
    try_to_sign_in,
)
from tests.factories import make_user, sign_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nothing_counted_yet"),
]


NOW = 1_800_000_000  # seconds; both clocks stand still, so that no code runs out


@pytest.fixture(autouse=True)
def clocks_agree(monkeypatch):
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: NOW))


def code_for(secret):
    """What the app on the phone shows."""
    return auth.format_hotp_value(auth.hotp_value(secret, NOW // 30))


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
        auth.TOTP.activate(user, "A" * 32)
        try_to_sign_in(client, user.username)
        for _ in range(5):
            page = client.post(reverse("mfa_authenticate"), {"code": "000"})
            assert "Incorrect code." in text_of(page)

        page = client.post(reverse("mfa_authenticate"), {"code": code_for("A" * 32)})

        assert TOO_MANY in text_of(page)
        assert not is_signed_in(client)

    def test_a_code_is_good_once(self, client):
        user = make_user()
        auth.TOTP.activate(user, "A" * 32)
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
        auth.TOTP.activate(user, "A" * 32)
        try_to_sign_in(client, user.username)

        client.post("/account/sign-out/", {"next": SIGN_IN})

        assert client.get(reverse("mfa_authenticate"))["Location"] == SIGN_IN
        assert client.get(SIGN_IN).status_code == 200

    def test_switching_it_off_asks_who_it_is(self, client):
        user = sign_in(client)
        auth.TOTP.activate(user, "A" * 32)
        self.confirm(client, "mfa_deactivate_totp")

        client.post(reverse("mfa_deactivate_totp"))

        assert not Authenticator.objects.filter(user=user).exists()

    def test_a_code_confirms_as_well_as_the_password(self, client):
        user = sign_in(client)
        auth.TOTP.activate(user, "A" * 32)
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
        auth.TOTP.activate(member, "A" * 32)
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
