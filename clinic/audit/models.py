from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed


class AuditEvent(models.Model):
    """Who did what to which record. Written once, in the transaction of the deed."""

    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,  # `audit_of_a_person` serves it
        related_name="+",
        verbose_name=_("by"),
    )
    action = models.CharField(_("action"), max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    patient_id = models.BigIntegerField(
        null=True, help_text="Kept as a number, so that the trail outlives the record."
    )
    details = models.JSONField(default=dict)

    fixed = Fixed("audit_is_written_once")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest_first"),
            models.Index(fields=["patient_id", "-at"], name="audit_of_a_patient"),
            models.Index(fields=["by", "-at", "-id"], name="audit_of_a_person"),
            models.Index(fields=["action", "-at", "-id"], name="audit_of_a_deed"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"
