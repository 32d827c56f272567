"""What is said of a session later on, beside it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed
from plans.scheduling.models import Appointment
from plans.sessions.models.session import Session


class Amendment(models.Model):
    """A later word on a signed session; the session itself stays as signed.

    One that corrects something says what: a field of the session's form or the code of
    a point, how it was signed, and how it should read.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="amendments")
    text = models.TextField(_("amendment"), max_length=2000)
    corrects = models.CharField(_("corrects"), max_length=60, blank=True)
    before = models.TextField(_("as signed"), blank=True)
    after = models.TextField(_("should read"), max_length=4000, blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    fixed = Fixed("amendment_is_written_once")

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(corrects="") | Q(before="", after=""),
                name="amendment_says_what_it_corrects",
            ),
            models.CheckConstraint(
                condition=Q(corrects="") | ~Q(before=F("after")),
                name="amendment_changes_what_it_corrects",
            ),
        ]

    def __str__(self) -> str:
        return f"amendment {self.pk}"


class Correction(models.Model):
    """A session that was logged for the wrong patient, or did not take place.

    The session stays as it was and counts no more; `copy` is the one of whom it was,
    to be signed for them.
    """

    session = models.OneToOneField(Session, models.PROTECT, related_name="correction")
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="corrections"
    )
    copy = models.OneToOneField(
        Session, models.PROTECT, null=True, related_name="corrected_from"
    )
    reason = models.TextField(_("reason"), max_length=500)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    fixed = Fixed("correction_is_written_once")

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="correction_says_why"),
        ]

    def __str__(self) -> str:
        return f"correction {self.pk}"


class PaperRecord(models.Model):
    """A session that was written on paper, on a day without power say, and typed in
    later. Written once.
    """

    session = models.OneToOneField(Session, models.PROTECT, related_name="paper")
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    typed_at = models.DateTimeField()
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )

    fixed = Fixed("paper_record_is_written_once")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(typed_at__gte=F("done_at")),
                name="paper_is_typed_in_afterwards",
            ),
        ]

    def __str__(self) -> str:
        return f"paper record {self.pk}"
