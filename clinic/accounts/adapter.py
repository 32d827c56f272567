from allauth.account.adapter import DefaultAccountAdapter
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.accounts.services import change_own_password


class ClinicAccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The user name or the password is not right."),
        "too_many_login_attempts": _(
            "Too many attempts failed. Wait five minutes, then try again."
        ),
        "rate_limited": _(
            "Too many attempts failed. Wait five minutes, then try again."
        ),
        "incorrect_password": _("This password is not right."),
        "enter_current_password": _("This password is not right."),
    }

    def is_open_for_signup(self, request) -> bool:
        """Accounts are made by an admin, never by a visitor."""
        return False

    def set_password(self, user, password: str) -> None:
        change_own_password(by=user, password=password)

    def get_password_change_redirect_url(self, request) -> str:
        return reverse("preferences")
