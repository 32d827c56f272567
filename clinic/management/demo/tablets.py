"""Who waits just now has told a tablet how it is, as at the visit before or near it."""

from datetime import timedelta

from clinic.management.demo.desk import Desk
from clinic.management.demo.trail import at_the_time
from patients.intake.screen import SHORT_SCREEN
from patients.measures.models import Score
from plans.patient_mode.queries import episode_of
from plans.patient_mode.services import start_patient_mode, tell
from plans.scheduling.models import Appointment
from plans.scheduling.queries import day_bounds

BEFORE = timedelta(minutes=4)  # after they arrived, before they lie down
WAITING = (Appointment.Status.ARRIVED, Appointment.Status.IN_BED)


def tell_so_far(desk: Desk) -> None:
    start, end = day_bounds(desk.today)
    waiting = Appointment.objects.filter(
        status__in=WAITING, starts_at__gte=start, starts_at__lt=end
    ).exclude(plan=None)
    with at_the_time(start + timedelta(hours=9)):
        tablet = start_patient_mode(
            by=desk.people[0], address="127.0.0.1", now=start + timedelta(hours=9)
        )
    for visit in waiting:
        leg, back = (
            Score.objects.filter(
                episode=episode_of(visit), scale=scale, moment="before"
            ).last()
            for scale in ("leg_nrs", "back_nrs")
        )
        if leg is None or back is None:
            continue
        at = min(visit.starts_at, desk.now) - BEFORE
        with at_the_time(at):
            tell(
                tablet=tablet,
                visit=visit.pk,
                numbers={
                    "leg": int(leg.value),
                    "back": int(back.value),
                    "function": max(int(leg.value) - 1, 0),
                },
                ticked=None,
                safety=dict.fromkeys(SHORT_SCREEN, False),
                now=at,
            )
