from allauth.mfa.models import Authenticator
from django.db import transaction

from clinic.access.roles import Role
from clinic.accounts.models import ROLE_FIELDS, TRAINING_FIELDS, User
from clinic.audit.services import record


class LastAdmin(Exception):
    """Nobody would be left who may manage staff."""


def role_flags(roles: frozenset[Role]) -> dict[str, bool]:
    return {field: role in roles for role, field in ROLE_FIELDS.items()}


def training_flags(trained: frozenset[str]) -> dict[str, bool]:
    return {field: name in trained for name, field in TRAINING_FIELDS.items()}


@transaction.atomic
def add_member(
    *,
    by: User | None,
    username: str,
    name: str,
    roles: frozenset[Role],
    password: str | None,
    email: str = "",
    qualification: str = "",
    practising_since: int | None = None,
    trained: frozenset[str] = frozenset(),
    language: str = "en",
) -> User:
    """Without a password nobody can sign in as them yet.

    Raises IntegrityError when the user name is taken, in any case of its letters.
    """
    user = User(
        username=User.normalize_username(username),
        name=name,
        email=email,
        qualification=qualification,
        practising_since=practising_since,
        language=language,
        **role_flags(roles),
        **training_flags(trained),
    )
    user.set_password(password)
    user.save()
    record(
        "add_member",
        by=by,
        subject=user,
        roles=sorted(roles),
        trained=sorted(trained),
    )
    return user


@transaction.atomic
def change_member(
    *,
    by: User,
    member: User,
    name: str,
    roles: frozenset[Role],
    email: str,
    qualification: str,
    practising_since: int | None,
    trained: frozenset[str],
    language: str,
    is_active: bool,
    password: str = "",
    drop_second_factor: bool = False,
) -> None:
    """Raises LastAdmin rather than leave a clinic that nobody can manage."""
    # In one order, so that two who change each other at once wait and do not deadlock.
    admins = User.objects.filter(is_admin=True, is_active=True).order_by("pk")
    others = [admin for admin in admins.select_for_update() if admin.pk != member.pk]
    if not others and not (is_active and Role.ADMIN in roles):
        raise LastAdmin
    for field, value in {**role_flags(roles), **training_flags(trained)}.items():
        setattr(member, field, value)
    member.name = name
    member.email = email
    member.qualification = qualification
    member.practising_since = practising_since
    member.language = language
    member.is_active = is_active
    if password:
        member.set_password(password)
    member.save()
    if drop_second_factor:
        Authenticator.objects.filter(user=member).delete()
    record(
        "change_member",
        by=by,
        subject=member,
        roles=sorted(roles),
        trained=sorted(trained),
        is_active=is_active,
        new_password=bool(password),
        dropped_second_factor=drop_second_factor,
    )


@transaction.atomic
def change_own_password(*, by: User, password: str) -> None:
    by.set_password(password)
    by.save(update_fields=["password"])
    record("change_own_password", by=by, subject=by)


@transaction.atomic
def set_preferences(*, by: User, language: str) -> None:
    by.language = language
    by.save(update_fields=["language"])
    record("set_preferences", by=by, subject=by, language=language)
