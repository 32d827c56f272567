"""Who waits for an earlier place, and the places that were given up."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from patients.records.models import Patient
from plans.scheduling.models.appointments import Appointment
from plans.scheduling.waiting import ALL_WEEK


class FreedPlace(models.Model):
    """A start that an appointment gave up, for whoever waits. It may be taken since."""

    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"
    )
    starts_at = models.DateTimeField()
    freed_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["starts_at", "practitioner"], name="place_is_freed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        """The page that says who could have it."""
        at = timezone.localtime(self.starts_at)
        query = urlencode({"place": f"{at:%Y-%m-%dT%H:%M} {self.practitioner_id}"})
        return f"{reverse('plans:freed_place')}?{query}"


class WaitEntry(models.Model):
    """A patient who takes an earlier place if one is freed, and which would do.

    Those behind their plan need no row: they are known from their courses.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="waiting")
    kind = models.CharField(
        _("kind"), max_length=9, choices=Appointment.Kind, default="treatment"
    )
    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: anybody.",
    )
    weekdays = models.PositiveSmallIntegerField(
        default=0, help_text="A bit for each day, Monday the lowest; 0: any day."
    )
    time_from = models.TimeField(null=True)
    time_to = models.TimeField(null=True)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    since = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(left_at=None),
                name="patient_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Appointment.Kind.values),
                name="wait_is_for_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(weekdays__range=(0, ALL_WEEK)),
                name="wait_is_for_days_of_a_week",
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="wait_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(time_from=None)
                | Q(time_to=None)
                | Q(time_to__gte=F("time_from")),
                name="wait_hours_end_after_they_begin",
            ),
        ]
        indexes = [
            models.Index(
                fields=["since"], condition=Q(left_at=None), name="who_waits_longest"
            )
        ]

    def __str__(self) -> str:
        return f"wait entry {self.pk}"
