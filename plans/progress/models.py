import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed
from patients.records.models import Episode


class FlareUp(models.Model):
    """Days of more pain that the patient tells of. What was noted in error is kept."""

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="flare_ups")
    began_on = models.DateField(_("began on"))
    text = models.CharField(_("in words"), max_length=200)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    fixed = Fixed(
        "flare_up_is_written_once",
        but=("withdrawn_at", "withdrawn_by_id"),
    )

    class Meta:
        ordering = ["-began_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="withdrawn_flare_up_says_by_whom",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="flare_up_has_words"),
        ]

    def __str__(self) -> str:
        return f"flare-up {self.pk}"
