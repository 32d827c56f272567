from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed
from patients.intake.screen import SHORT_SCREEN
from patients.measures.models import Score
from plans.scheduling.models import Appointment


class Tablet(models.Model):
    """A device in patient mode, from when staff hands it over until they sign in."""

    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    address = models.GenericIPAddressField()
    wrong = models.PositiveSmallIntegerField(
        default=0, help_text="Tries to say who one is that fitted nobody of the day."
    )
    locked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__gte=F("started_at"), ended_by__isnull=False),
                name="tablet_is_taken_back_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["address"],
                condition=Q(locked_at__isnull=False, ended_at=None),
                name="tablets_that_stay_locked",
            )
        ]

    def __str__(self) -> str:
        return f"tablet {self.pk}"


class SelfReport(models.Model):
    """What a patient told a tablet before one visit. Sent once, and never changed."""

    appointment = models.OneToOneField(
        Appointment, models.PROTECT, related_name="self_report"
    )
    tablet = models.ForeignKey(Tablet, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    safety = models.JSONField(
        help_text="Answers to the short screen; absent is not known."
    )
    flagged = models.BooleanField(
        _("said yes to a safety question"), help_text="To one of them, or more."
    )
    leg = models.OneToOneField(Score, models.PROTECT, null=True, related_name="+")
    back = models.OneToOneField(Score, models.PROTECT, null=True, related_name="+")
    function = models.OneToOneField(Score, models.PROTECT, null=True, related_name="+")
    disability = models.OneToOneField(
        Score, models.PROTECT, null=True, related_name="+"
    )

    fixed = Fixed("self_report_is_sent_once")

    class Meta:
        ordering = ["sent_at", "pk"]

    def __str__(self) -> str:
        return f"self-report {self.pk}"

    @property
    def scores(self) -> list[Score]:
        """Those that were given, in the order in which they were asked."""
        given = (self.leg, self.back, self.function, self.disability)
        return [score for score in given if score is not None]

    @property
    def yeses(self) -> list[str]:
        """The safety questions that the patient said yes to."""
        return [name for name in SHORT_SCREEN if self.safety.get(name)]
