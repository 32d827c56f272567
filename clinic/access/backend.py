from allauth.account.auth_backends import AuthenticationBackend

from clinic.access.roles import permissions_of


class RoleBackend(AuthenticationBackend):
    """Signs in as allauth does; answers `has_perm` from the role table, no query."""

    def has_perm(self, user_obj, perm, obj=None) -> bool:
        return user_obj.is_active and perm in permissions_of(user_obj.roles)

    def has_module_perms(self, user_obj, app_label) -> bool:
        return user_obj.is_active and any(
            perm.startswith(f"{app_label}.") for perm in permissions_of(user_obj.roles)
        )
