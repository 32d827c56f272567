from django.db import models
from django.db.models import F, Q

from plans.scheduling.models import Appointment
from plans.sessions.models.session import Stimulation

NEEDLES = "needles"
MOST_MORE = 60  # minutes


class BedClock(models.Model):
    """What runs on a bed beside the needles, and by how much a clock was made longer.

    It belongs to one time that needles were in. Of the needles themselves there is a
    row only where minutes were added: when they went in is the appointment's to say,
    and how long they stay the session's.
    """

    appointment = models.ForeignKey(
        Appointment, models.CASCADE, related_name="bed_clocks"
    )
    needles_since = models.DateTimeField()
    kind = models.CharField(max_length=7)
    began_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(
        null=True, help_text="Empty: nobody said how long."
    )
    more = models.PositiveSmallIntegerField(
        default=0, help_text="Minutes that were added while it ran."
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["appointment", "needles_since", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "needles_since", "kind"],
                name="bed_has_one_clock_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind=NEEDLES, minutes=None, ended_at=None)
                & Q(began_at=F("needles_since"))
                | Q(kind__in=Stimulation.Kind.values)
                & (Q(minutes=None) | Q(minutes__range=(1, 90))),
                name="bed_clock_is_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(more__range=(0, MOST_MORE)),
                name="bed_clock_is_made_longer_in_bounds",
            ),
            models.CheckConstraint(
                condition=Q(began_at__gte=F("needles_since"))
                & (Q(ended_at=None) | Q(ended_at__gte=F("began_at"))),
                name="bed_clock_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.began_at:%H:%M}"
