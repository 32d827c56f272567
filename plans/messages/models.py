from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from clinic.core.fixed import Fixed
from patients.records.models import Patient
from plans.messages.due import NEWS, REMINDERS, Kind
from plans.scheduling.models import Appointment


class Message(models.Model):
    """One e-mail to one patient, and what became of it. It leaves at most once.

    What it said is kept as it was said; until it is claimed it says nothing yet.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        CLAIMED = "claimed"  # by the one worker that may send it
        SENT = "sent"
        FAILED = "failed"  # it did not leave
        UNSURE = "unsure"  # it may have left
        DROPPED = "dropped"  # no longer true when it was about to leave
        BY_PHONE = "by_phone"  # somebody told the patient instead

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=14)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(
        null=True, help_text="When its state became the last one."
    )
    why = models.CharField(
        max_length=60, blank=True, help_text="What refused it, never an address."
    )
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    calendar = models.TextField(blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    fixed = Fixed(
        "sent_message_is_fixed", when="{row}.state = 'sent'", but=("patient_id",)
    )

    class Meta:
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=sorted(Kind)), name="message_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=sorted(
                        "queued claimed sent failed unsure dropped by_phone".split()
                    )
                ),
                name="message_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="queued", claimed_at=None)
                | (~Q(state="queued") & Q(claimed_at__isnull=False)),
                name="message_leaves_only_when_claimed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state"],
                condition=Q(state__in=["queued", "claimed", "failed", "unsure"]),
                name="message_not_settled",
            ),
            models.Index(fields=["-queued_at", "-id"], name="message_newest_first"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Mention(models.Model):
    """What a message said of one appointment. `dropped`: it was never said."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="mentions")
    appointment = models.ForeignKey(
        Appointment, models.CASCADE, related_name="mentions"
    )
    kind = models.CharField(max_length=14)
    starts_at = models.DateTimeField()
    was = models.DateTimeField(null=True, help_text="The start it was moved from.")
    revision = models.PositiveIntegerField(help_text="Of the appointment, then.")
    dropped = models.BooleanField(default=False)

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "kind", "starts_at"],
                condition=Q(kind__in=sorted(REMINDERS), dropped=False),
                name="each_start_is_reminded_of_once",
            ),
            models.UniqueConstraint(
                fields=["appointment", "kind", "revision"],
                condition=Q(kind__in=sorted(NEWS), dropped=False),
                name="each_change_is_told_once",
            ),
        ]

    def __str__(self) -> str:
        return f"mention {self.pk}"


class CalendarAddress(models.Model):
    """Where a practitioner's own calendar fetches the diary, without signing in.

    The address holds a token that is made of `key` and the clinic's secret, so what
    stands here opens nothing. Another key ends the old address.
    """

    practitioner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_address"
    )
    key = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar address {self.pk}"

    @property
    def token(self) -> str:
        made_of = f"{self.practitioner_id} {self.key}"
        secret = salted_hmac("plans.messages.calendar", made_of, algorithm="sha256")
        return f"{self.practitioner_id}-{secret.hexdigest()}"
