from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed
from patients.measures.scales import SCALES
from patients.records.models import Episode


class ScoreQuerySet(models.QuerySet):
    def current(self):
        """Without those that a later entry corrects."""
        return self.filter(corrected_by=None)


class Score(models.Model):
    """One patient-reported value. Written once; a correction is a new row."""

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
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by"
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
            models.UniqueConstraint(
                fields=["episode", "scale", "moment", "taken_at"],
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
