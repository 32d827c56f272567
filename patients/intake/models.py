import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed
from patients.records.models import Episode


class Intake(models.Model):
    """The questions and findings taken at one time, and what the screen said of them.

    May be completed until a plan builds on it; after that a new intake is taken.
    """

    class Screen(models.TextChoices):
        RAISED = "raised", _("Red flag raised")
        UNANSWERED = "unanswered", _("Questions open")
        CLEAR = "clear", _("Clear")

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="intakes")
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    answers = models.JSONField(help_text="Question id to answer; absent is unknown.")
    questionnaire_version = models.CharField(max_length=20)
    screen = models.CharField(max_length=10, choices=Screen)
    raised = models.JSONField(default=list, help_text="Ids of the raised red flags.")
    screen_version = models.CharField(max_length=20)
    closed_at = models.DateTimeField(null=True, help_text="A plan builds on it since.")
    revision = models.PositiveIntegerField(default=0)
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    fixed = Fixed("closed_intake_is_fixed", when="{row}.closed_at IS NOT NULL")

    class Meta:
        ordering = ["-taken_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(screen__in=["raised", "unanswered", "clear"]),
                name="intake_screen_is_one_of_three",
            )
        ]
        indexes = [models.Index(fields=["taken_at"], name="intake_by_day")]

    def __str__(self) -> str:
        return f"intake {self.pk}"


class ClearanceQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(lapsed_at=None)


class Clearance(models.Model):
    """A doctor's word that a raised flag which is no hard stop was looked into.

    It lapses when an answer that its flag reads is changed, and is kept.
    """

    intake = models.ForeignKey(Intake, models.CASCADE, related_name="clearances")
    flag = models.CharField(_("red flag"), max_length=8)
    cleared_by = models.CharField(_("cleared by"), max_length=120)
    cleared_on = models.DateField(_("on"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    lapsed_at = models.DateTimeField(null=True)

    objects = ClearanceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "flag"],
                condition=Q(lapsed_at=None),
                name="one_clearance_per_flag_and_intake",
            )
        ]

    def __str__(self) -> str:
        return self.flag
