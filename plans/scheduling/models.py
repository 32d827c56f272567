import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.accounts.models import User
from clinic.core.fixed import Fixed
from clinic.core.no_overlap import NoOverlap
from patients.records.models import Patient
from plans.planning.models import Plan
from plans.scheduling.free import GRID, Length
from plans.scheduling.policy import LONGEST_STAY
from plans.scheduling.statuses import FREED, HELD, MOVES
from plans.scheduling.waiting import ALL_WEEK


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
    """When a practitioner can be booked, by the clinic's wall clock.

    Every week, or with a `day` on that one only, instead of the week's.
    """

    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="working_hours"
    )
    weekday = models.PositiveSmallIntegerField(help_text="Monday is 0.")
    starts = models.TimeField()
    ends = models.TimeField()
    day = models.DateField(null=True, help_text="Empty: every week.")

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
                condition=Q(day=None),
                name="hours_start_once_a_weekday",
            ),
            models.UniqueConstraint(
                fields=["practitioner", "day", "starts"],
                name="hours_start_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}–{self.ends:%H:%M}"


QUARTERS = range(GRID, LONGEST_STAY + 1, GRID)


class VisitLength(models.Model):
    """What the clinic gives a kind of visit; without a row, as its policy file says.

    Appointments keep the lengths they were booked with.
    """

    kind = models.CharField(max_length=9, primary_key=True)
    needling_min = models.PositiveSmallIntegerField()
    stay_min = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["first", "treatment"]),
                name="visit_length_is_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(
                    needling_min__in=QUARTERS,
                    stay_min__in=QUARTERS,
                    stay_min__gte=F("needling_min"),
                ),
                name="visit_length_fits_the_diary",
            ),
        ]

    def __str__(self) -> str:
        return self.kind


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


class FreedPlace(models.Model):
    """A start that an appointment gave up, for whoever waits. It may be taken since."""

    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"
    )
    starts_at = models.DateTimeField()
    freed_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["starts_at", "practitioner"], name="place_is_freed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        """The page that says who could have it."""
        at = timezone.localtime(self.starts_at)
        query = urlencode({"place": f"{at:%Y-%m-%dT%H:%M} {self.practitioner_id}"})
        return f"{reverse('plans:freed_place')}?{query}"


class WaitEntry(models.Model):
    """A patient who takes an earlier place if one is freed, and which would do.

    Those behind their plan need no row: they are known from their courses.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="waiting")
    kind = models.CharField(
        _("kind"), max_length=9, choices=Appointment.Kind, default="treatment"
    )
    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: anybody.",
    )
    weekdays = models.PositiveSmallIntegerField(
        default=0, help_text="A bit for each day, Monday the lowest; 0: any day."
    )
    time_from = models.TimeField(null=True)
    time_to = models.TimeField(null=True)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    since = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(left_at=None),
                name="patient_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Appointment.Kind.values),
                name="wait_is_for_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(weekdays__range=(0, ALL_WEEK)),
                name="wait_is_for_days_of_a_week",
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="wait_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(time_from=None)
                | Q(time_to=None)
                | Q(time_to__gte=F("time_from")),
                name="wait_hours_end_after_they_begin",
            ),
        ]
        indexes = [
            models.Index(
                fields=["since"], condition=Q(left_at=None), name="who_waits_longest"
            )
        ]

    def __str__(self) -> str:
        return f"wait entry {self.pk}"
