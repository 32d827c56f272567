import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.core import lookups  # noqa: F401  registers `prefix`
from patients.records.names import TERM_LENGTH, full_name


class Patient(models.Model):
    class Sex(models.TextChoices):
        """FHIR AdministrativeGender."""

        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")
        UNKNOWN = "unknown", _("Not known")

    family_name = models.CharField(_("family name"), max_length=80)
    given_name = models.CharField(_("given name"), max_length=80, blank=True)
    preferred_name = models.CharField(_("preferred name"), max_length=80, blank=True)
    birth_date = models.DateField(_("birth date"), db_index=True)
    sex = models.CharField(_("sex"), max_length=7, choices=Sex)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    reminders_by_email = models.BooleanField(
        _("messages by e-mail"),
        default=False,
        help_text=_("The patient has agreed to it."),
    )
    emergency_name = models.CharField(
        _("emergency contact"), max_length=120, blank=True
    )
    emergency_phone = models.CharField(
        _("emergency contact’s phone"), max_length=40, blank=True
    )
    alerts = models.TextField(
        _("alerts"),
        max_length=500,
        blank=True,
        help_text=_("Shown on every page about this patient. One alert per line."),
    )
    registered_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        ordering = ["family_name", "given_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sex__in=["female", "male", "other", "unknown"]),
                name="patient_sex_is_known_to_fhir",
            ),
            models.CheckConstraint(
                condition=Q(birth_date__gte="1900-01-01"),
                name="patient_born_since_1900",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("patient", args=[self.pk])

    @property
    def name(self) -> str:
        return full_name(self.family_name, self.given_name)

    @property
    def alert_lines(self) -> list[str]:
        return [line.strip() for line in self.alerts.splitlines() if line.strip()]


class SearchTerm(models.Model):
    """One word a patient can be found by, folded (see `names.search_terms`)."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="search_terms")
    term = models.CharField(max_length=TERM_LENGTH)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "term"], name="search_term_once_per_patient"
            )
        ]
        indexes = [
            models.Index(
                fields=["term", "patient"],
                name="search_term_by_prefix",
                # PostgreSQL: lets LIKE 'ana%' use the index in any collation.
                opclasses=["varchar_pattern_ops", "int8_ops"],
            )
        ]

    def __str__(self) -> str:
        return self.term


class EpisodeQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_on=None)


class Episode(models.Model):
    """One complaint of one patient; intake, plan and scores belong to it."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="episodes")
    complaint = models.CharField(_("complaint"), max_length=120)
    onset_on = models.DateField(
        _("began on"), null=True, help_text=_("About when, if the day isn’t known.")
    )
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=models.F("opened_on")),
                name="episode_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(onset_on=None) | Q(onset_on__lte=models.F("opened_on")),
                name="episode_begins_before_it_is_seen",
            ),
        ]
        indexes = [
            models.Index(
                fields=["patient"],
                condition=Q(closed_on=None),
                name="episode_still_open",
            )
        ]

    def __str__(self) -> str:
        return self.complaint

    def get_absolute_url(self) -> str:
        return reverse("patient", args=[self.patient_id])
