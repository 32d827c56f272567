import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plans.catalogue.models import Acupoint
from plans.planning.models import Side, Technique

LONGEST_NAME = 40


class Combination(models.Model):
    """Points that are often given together, under a name of one's own."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="combinations"
    )
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    key = models.CharField(
        max_length=2 * LONGEST_NAME, help_text="The name folded, as it is typed."
    )
    is_shared = models.BooleanField(_("shared with the clinic"), default=False)
    revision = models.PositiveIntegerField(default=0)
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        ordering = ["key", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(key=""), name="combination_has_a_key"),
            models.UniqueConstraint(
                fields=["owner", "key"], name="combination_once_per_owner"
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(is_shared=True),
                name="shared_combination_name_once",
            ),
        ]

    def __str__(self) -> str:
        return f"combination {self.pk}"


class CombinedPoint(models.Model):
    """One point of a combination; what is open is chosen for the patient."""

    combination = models.ForeignKey(Combination, models.CASCADE, related_name="points")
    acupoint = models.ForeignKey(Acupoint, models.PROTECT, related_name="+")
    side = models.CharField(max_length=7, blank=True)
    depth_mm = models.PositiveSmallIntegerField(null=True)
    technique = models.CharField(max_length=16, blank=True)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["combination", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["combination", "acupoint"], name="acupoint_once_per_combination"
            ),
            models.CheckConstraint(
                condition=Q(depth_mm=None) | Q(depth_mm__range=(0, 75)),
                name="combined_depth_in_range",
            ),
            models.CheckConstraint(
                condition=Q(
                    side__in=["", *Side.values], technique__in=["", *Technique.values]
                ),
                name="combined_words_are_known",
            ),
        ]

    def __str__(self) -> str:
        return self.acupoint_id
