from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from clinic.access.roles import Role
from clinic.core.texts import LANGUAGE_NAMES

ROLE_FIELDS = {
    Role.ACUPUNCTURIST: "is_acupuncturist",
    Role.FRONT_DESK: "is_front_desk",
    Role.ADMIN: "is_admin",
}
# What takes training beyond needling by hand, by the name the rules know it under.
TRAINING_FIELDS = {
    "electro": "trained_electro",
    "moxa": "trained_moxa",
    "pricking": "trained_pricking",
    "cupping": "trained_cupping",
}
# Between which a year of practice can lie.
FIRST_YEAR, LAST_YEAR = 1940, 2099


class UserQuerySet(models.QuerySet):
    def acupuncturists(self):
        """Those who can be booked, in the order of the diary's columns."""
        return self.filter(is_active=True, is_acupuncturist=True).order_by("name", "pk")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    pass


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who works here, in one or more roles."""

    # Rights come from the role table alone; nobody is above it.
    groups = None
    user_permissions = None
    is_superuser = None

    username = models.CharField(
        _("user name"),
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
    )
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True)
    qualification = models.CharField(
        _("qualification"),
        max_length=150,
        blank=True,
        help_text=_("Shown under a signature, for example “LicAc, MBAcC”."),
    )
    practising_since = models.PositiveSmallIntegerField(
        _("practising since"), null=True, help_text="The year (STRICTA item 5)."
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=list(LANGUAGE_NAMES.items()),
        default="en",
    )
    is_acupuncturist = models.BooleanField(_("acupuncturist"), default=False)
    is_front_desk = models.BooleanField(_("front desk"), default=False)
    is_admin = models.BooleanField(_("admin"), default=False)
    trained_electro = models.BooleanField(_("electroacupuncture"), default=False)
    trained_moxa = models.BooleanField(_("moxa and warm needle"), default=False)
    trained_pricking = models.BooleanField(_("pricking to bleed"), default=False)
    trained_cupping = models.BooleanField(_("cupping"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="user_name_is_unique_in_any_case"
            ),
            models.CheckConstraint(
                condition=Q(is_acupuncturist=True)
                | Q(is_front_desk=True)
                | Q(is_admin=True),
                name="user_has_a_role",
            ),
            models.CheckConstraint(
                condition=Q(practising_since__range=(FIRST_YEAR, LAST_YEAR)),
                name="user_practises_since_a_year",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(
            role for role, field in ROLE_FIELDS.items() if getattr(self, field)
        )

    @property
    def trained(self) -> frozenset[str]:
        return frozenset(
            name for name, field in TRAINING_FIELDS.items() if getattr(self, field)
        )
