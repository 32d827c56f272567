"""What the clinic has: beds, hours, the lengths of visits, days it is closed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from plans.scheduling.free import GRID
from plans.scheduling.policy import LONGEST_STAY


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
