"""Held times, and the steps of a visit."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.accounts.models import User
from clinic.core.fixed import Fixed
from clinic.core.no_overlap import NoOverlap
from patients.records.models import Patient
from plans.planning.models import Plan
from plans.scheduling.free import Length
from plans.scheduling.models.hours import Bed
from plans.scheduling.statuses import FREED, HELD, MOVES


class Visits(models.Manager):
    def get_queryset(self):
        return super().get_queryset().exclude(status=HELD)

    def and_kept(self, now: datetime) -> models.QuerySet:
        """Visits, and the places that are kept for somebody by `now`."""
        return super().get_queryset().exclude(status=HELD, held_until__lte=now)


class AppointmentQuerySet(models.QuerySet):
    def in_care_of(self, practitioner: User, *, also: Q | None = None):
        """Theirs by the diary, those they took over, and those of `also`."""
        taken_over = Handover.objects.filter(
            appointment=OuterRef("pk"), taken_by=practitioner
        )
        theirs = Q(practitioner=practitioner) | Exists(taken_over)
        return self.filter(theirs if also is None else theirs | also)

    def held(self):
        """Those that hold their time."""
        return self.exclude(status__in=FREED)

    def for_diary(self):
        """All that a diary row shows, in one query."""
        return self.select_related("patient", "practitioner", "bed").order_by(
            "starts_at", "pk"
        )


class Appointment(models.Model):
    """A held time: the practitioner needles in `[starts_at, needling_ends_at)`, the
    patient keeps the bed in `[starts_at, ends_at)`.

    A place that is only offered stands in this table too, so that the constraints keep
    it; `objects` leaves it out, `Hold` is its name.
    """

    class Kind(models.TextChoices):
        FIRST = "first", _("First visit")
        TREATMENT = "treatment", _("Treatment")

    class Status(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CONFIRMED = "confirmed", _("Confirmed")
        ARRIVED = "arrived", _("Arrived")
        IN_BED = "in_bed", _("In bed")
        NEEDLES_IN = "needles_in", pgettext_lazy("status", "Needles in")
        NEEDLES_OUT = "needles_out", pgettext_lazy("status", "Needles out")
        DONE = "done", _("Done")
        UNTREATED = "untreated", _("Not treated")
        NO_SHOW = "no_show", _("No-show")
        LATE_CANCEL = "late_cancel", _("Late cancel")
        CANCELLED = "cancelled", _("Cancelled")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="appointments")
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, related_name="appointments"
    )
    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments"
    )
    bed = models.ForeignKey(Bed, models.PROTECT, related_name="appointments")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    starts_at = models.DateTimeField(_("starts"))
    needling_ends_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="The bed is free again at this time.")
    status = models.CharField(max_length=11, choices=Status, default=Status.BOOKED)
    status_since = models.DateTimeField()
    held_until = models.DateTimeField(
        null=True, help_text="Of a place that is only offered."
    )
    cancel_reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField(
        null=True, help_text="Empty: it has the time it was booked for."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    revision = models.PositiveIntegerField(default=0)
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = Visits.from_queryset(AppointmentQuerySet)()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    needling_ends_at__gt=F("starts_at"),
                    ends_at__gte=F("needling_ends_at"),
                ),
                name="appointment_ends_after_it_starts",
            ),
            # No other word may hold a time, or free it.
            models.CheckConstraint(
                condition=Q(status__in=sorted([*MOVES, HELD])),
                name="appointment_status_is_a_known_word",
            ),
            models.CheckConstraint(
                condition=Q(status=HELD, held_until__isnull=False)
                | (~Q(status=HELD) & Q(held_until=None)),
                name="only_a_hold_runs_out",
            ),
            models.CheckConstraint(
                condition=Q(status__in=FREED) & ~Q(cancel_reason="")
                | ~Q(status__in=FREED) & Q(cancel_reason=""),
                name="appointment_is_cancelled_for_a_reason",
            ),
            *(
                NoOverlap(
                    name=f"{resource}_in_one_place_at_a_time",
                    resource=resource,
                    starts="starts_at",
                    ends=ends,
                    status_field="status",
                    free_when=FREED,
                    violation_error_message=message,
                )
                for resource, ends, message in (
                    (
                        "practitioner",
                        "needling_ends_at",
                        _("The practitioner is already booked then."),
                    ),
                    ("bed", "ends_at", _("The bed is already taken then.")),
                    (
                        "patient",
                        "ends_at",
                        _("The patient already has an appointment then."),
                    ),
                )
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="appointment_by_day"),
            models.Index(
                fields=["practitioner", "starts_at"], name="appointment_by_practitioner"
            ),
            models.Index(fields=["bed", "starts_at"], name="appointment_by_bed"),
            models.Index(
                fields=["patient", "starts_at"], name="appointment_by_patient"
            ),
            models.Index(fields=["plan", "starts_at"], name="appointment_by_plan"),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"

    @property
    def length(self) -> Length:
        minute = timedelta(minutes=1)
        return Length(
            (self.needling_ends_at - self.starts_at) // minute,
            (self.ends_at - self.starts_at) // minute,
        )

    @property
    def in_charge(self) -> User:
        """Who answers for the patient now."""
        *_earlier, latest = None, *self.handovers.all()
        return latest.taken_by if latest else self.practitioner


class Holds(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(status=HELD)


class Hold(Appointment):
    """A place offered to somebody: nobody else can book it until it runs out.

    Nothing is booked by it. What has run out is swept away by whoever books next.
    """

    objects = Holds()

    class Meta:
        proxy = True


class StatusChange(models.Model):
    """One step of an appointment, first its booking. Written once, never changed."""

    appointment = models.ForeignKey(
        Appointment, models.CASCADE, related_name="status_changes"
    )
    revision = models.PositiveIntegerField(help_text="The appointment's, by this step.")
    status = models.CharField(max_length=11, choices=Appointment.Status)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["appointment", "revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "revision"],
                name="appointment_takes_one_step_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(MOVES)),
                name="status_change_is_a_known_word",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.at:%Y-%m-%d %H:%M}"


class Handover(models.Model):
    """Somebody in the house was taken over by another practitioner, who answers for
    them from then on. Written once; the latest counts.
    """

    appointment = models.ForeignKey(
        Appointment, models.CASCADE, related_name="handovers"
    )
    revision = models.PositiveIntegerField(help_text="The appointment's, by this.")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    taken_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    fixed = Fixed("handover_is_written_once")

    class Meta:
        ordering = ["appointment", "revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "revision"],
                name="appointment_is_handed_over_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(taken_by=F("taken_from")),
                name="handover_is_between_two",
            ),
        ]

    def __str__(self) -> str:
        return f"handover {self.at:%Y-%m-%d %H:%M}"
