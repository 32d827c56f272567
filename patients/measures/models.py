import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed
from clinic.core.texts import Text
from patients.measures.rmdq import STATEMENTS
from patients.measures.scales import SCALES
from patients.records.models import Episode


class ScoreQuerySet(models.QuerySet):
    def current(self):
        """Without those that a later entry corrects, or that were withdrawn."""
        return self.filter(corrected_by=None, withdrawal=None)


class Score(models.Model):
    """One patient-reported value. Written once; a correction is a new row.

    What patients entered themselves is never corrected: see `ScoreNote`.
    """

    class Moment(models.TextChoices):
        INTAKE = "intake", _("at intake")
        BEFORE = "before", _("before the session")
        AFTER = "after", _("after the session")
        REVIEW = "review", _("at review")

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="scores")
    scale = models.CharField(
        max_length=12, choices=[(code, code) for code in sorted(SCALES)]
    )
    value = models.DecimalField(max_digits=5, decimal_places=2)
    moment = models.CharField(max_length=6, choices=Moment)
    taken_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: the patient, on the tablet.",
    )
    again = models.PositiveSmallIntegerField(
        default=0, help_text="How many of the same moment were withdrawn before it."
    )
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by"
    )
    ticked = models.JSONField(
        null=True,
        help_text="Of a questionnaire the numbers of the statements ticked, if known.",
    )

    objects = ScoreQuerySet.as_manager()
    fixed = Fixed("score_is_written_once")

    class Meta:
        ordering = ["taken_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(scale=scale.code, value__range=(scale.low, scale.high))
                        for scale in sorted(SCALES.values(), key=lambda s: s.code)
                    ),
                    _connector=Q.OR,
                ),
                name="score_lies_on_its_scale",
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | Q(entered_by__isnull=False),
                name="score_is_corrected_by_staff",
            ),
            models.UniqueConstraint(
                fields=["episode", "scale", "moment", "taken_at", "again"],
                condition=Q(corrects=None),
                name="score_taken_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["episode", "scale", "taken_at"], name="score_by_scale_and_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scale} {self.value}"

    @property
    def is_the_patients(self) -> bool:
        return self.entered_by_id is None

    @property
    def statements(self) -> list:
        """Those of the questionnaire that were ticked, as texts."""
        return [STATEMENTS[number - 1] for number in self.ticked or ()]


class ScoreNote(models.Model):
    """A word of staff beside a score, which stays as it is."""

    score = models.ForeignKey(Score, models.PROTECT, related_name="notes")
    text = models.CharField(_("note"), max_length=500)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    fixed = Fixed("score_note_is_written_once")

    class Meta:
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"note {self.pk} on score {self.score_id}"

    @property
    def name(self) -> Text:
        """Of the scale."""
        return SCALES[self.score.scale].name


class Withdrawal(models.Model):
    """A score that is not this patient's, or was never given. It counts no more."""

    score = models.OneToOneField(Score, models.PROTECT, related_name="withdrawal")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    fixed = Fixed("withdrawal_is_written_once")

    def __str__(self) -> str:
        return f"withdrawal {self.pk}"
