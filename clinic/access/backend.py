from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, QuerySet

from clinic.access.roles import permissions_of
from clinic.core.prepared import Given, prepared


@prepared
def _users() -> QuerySet:
    return get_user_model().objects.filter(pk=Given("pk", BigIntegerField()))


class RoleBackend(AuthenticationBackend):
    """Signs in as allauth does; answers `has_perm` from the role table, no query."""

    def get_user(self, user_id):
        for user in _users(pk=user_id):
            return user if self.user_can_authenticate(user) else None
        return None

    def has_perm(self, user_obj, perm, obj=None) -> bool:
        return user_obj.is_active and perm in permissions_of(user_obj.roles)

    def has_module_perms(self, user_obj, app_label) -> bool:
        return user_obj.is_active and any(
            perm.startswith(f"{app_label}.") for perm in permissions_of(user_obj.roles)
        )
