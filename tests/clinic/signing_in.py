"""What the tests of signing in share."""

from clinic.access.roles import Role
from clinic.accounts.services import change_member
from tests.factories import make_user

SIGN_IN = "/account/sign-in/"
PASSWORD = "a-long-password"
NOT_RIGHT = "The user name or the password is not right."
TOO_MANY = "Too many attempts failed. Wait five minutes, then try again."


def text_of(response):
    return response.content.decode()


def try_to_sign_in(client, username, password=PASSWORD, **more):
    address = SIGN_IN + more.pop("query", "")
    return client.post(address, {"login": username, "password": password} | more)


def is_signed_in(client):
    return client.get("/account/preferences/").status_code == 200


def change(member, **changed):
    now = {
        "name": member.name,
        "roles": member.roles,
        "email": member.email,
        "qualification": member.qualification,
        "practising_since": member.practising_since,
        "trained": member.trained,
        "language": member.language,
        "is_active": member.is_active,
    }
    change_member(by=make_user(Role.ADMIN), member=member, **now | changed)
