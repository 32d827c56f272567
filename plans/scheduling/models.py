import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.core.no_overlap import NoOverlap
from patients.records.models import Patient
from plans.planning.models import Plan
from plans.scheduling.statuses import FREED, MOVES


class Bed(models.Model):
    name = models.CharField(_("bed"), max_length=40, unique=True)
    room = models.CharField(_("room"), max_length=40, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class WorkingHours(models.Model):
    """When a practitioner can be booked, every week, by the clinic's wall clock."""

    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="working_hours"
    )
    weekday = models.PositiveSmallIntegerField(help_text="Monday is 0.")
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        ordering = ["practitioner", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__range=(0, 6)), name="weekday_is_one_of_seven"
            ),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")), name="hours_end_after_they_start"
            ),
            models.UniqueConstraint(
                fields=["practitioner", "weekday", "starts"],
                name="hours_start_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}–{self.ends:%H:%M}"


class Closure(models.Model):
    """Days on which the clinic, or one practitioner, can't be booked."""

    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="closures",
        help_text="Empty: the whole clinic.",
    )
    reason = models.CharField(_("reason"), max_length=120)

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="closure_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["practitioner", "first_day", "last_day", "reason"],
                name="leave_is_entered_once",
            ),
            models.UniqueConstraint(
                fields=["first_day", "last_day", "reason"],
                condition=Q(practitioner=None),
                name="closure_is_entered_once",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class AppointmentQuerySet(models.QuerySet):
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
    """

    class Kind(models.TextChoices):
        FIRST = "first", _("First visit")
        TREATMENT = "treatment", _("Treatment")

    class Status(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CONFIRMED = "confirmed", _("Confirmed")
        ARRIVED = "arrived", _("Arrived")
        IN_BED = "in_bed", _("In bed")
        NEEDLES_OUT = "needles_out", pgettext_lazy("status", "Needles out")
        DONE = "done", _("Done")
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

    objects = AppointmentQuerySet.as_manager()

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
                condition=Q(status__in=sorted(MOVES)),
                name="appointment_status_is_a_known_word",
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
