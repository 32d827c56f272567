import pytest
from django.urls import get_resolver

from clinic.access.roles import ROLE_PERMISSIONS, Permission, Role
from tests.factories import make_user

# Pages of the sign-in package: open to visitors, or to the signed-in for themselves.
NO_PERMISSION = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_change_password",
    "account_reauthenticate",
    "set_language",
    # The token in its address is the key; a calendar can't sign in.
    "calendar_feed",
    # Patient mode: only on a device that staff has handed over (test_patient_mode).
    *("welcome", "speak", "birth_date", "initials", "visit_time", "ask", "farewell"),
}


def views(resolver, prefix=""):
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from views(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry.name or "", entry.callback


def test_every_view_names_its_permission():
    nameless = [
        address
        for address, name, view in views(get_resolver())
        if name not in NO_PERMISSION
        and not name.startswith("mfa_")
        and not isinstance(getattr(view, "required_permission", None), Permission)
    ]

    assert nameless == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_every_role_has_what_the_table_says(role):
    user = make_user(role)

    assert {each for each in Permission if user.has_perm(each)} == set(
        ROLE_PERMISSIONS[role]
    )


@pytest.mark.django_db
def test_several_roles_add_up_and_no_sign_in_means_no_rights():
    solo = make_user(*Role)

    assert all(solo.has_perm(permission) for permission in Permission)

    solo.is_active = False

    assert not any(solo.has_perm(permission) for permission in Permission)
