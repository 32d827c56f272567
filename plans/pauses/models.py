from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed
from plans.planning.models import Plan


class Pause(models.Model):
    """A plan that waits for a review: nobody is needled by it until that is done."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="pauses")
    reason = models.JSONField(help_text="The sentence that paused it, by language.")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    finding = models.CharField(_("what the review found"), max_length=500, blank=True)

    fixed = Fixed("ended_pause_is_fixed", when="{row}.ended_at IS NOT NULL")

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(ended_at=None),
                name="plan_has_one_standing_pause",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, finding="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(finding="")),
                name="ended_pause_says_by_whom_and_what_was_found",
            ),
        ]

    def __str__(self) -> str:
        return f"pause of plan {self.plan_id}"
