"""An invented clinic of any size: the same for the same size and moment.

Its week is woven: a lane is one half hour of one practitioner on the same weekdays, and
holds one course after the other, the newest running now. So nobody is ever in two
places, whatever the size.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from math import ceil, sqrt
from random import Random

from django.db import connection

from clinic.management.bench.courses import Courses, Visit
from clinic.management.bench.people import Crowd
from clinic.management.bench.rows import Tables
from plans.scheduling.clock import moment_of, wall
from plans.scheduling.models import Bed, WorkingHours
from plans.scheduling.queries import clinic_zone

SEED = 7_203
WEEK = timedelta(weeks=1)
HOURS = (9, 10, 11, 12, 14, 15, 16, 17)
HALVES = [time(hour, minute) for hour in HOURS for minute in (0, 30)]
# The weekdays of a course, and how many sessions it has.
RHYTHMS = (((0, 2), 12), ((1, 3), 12), ((4,), 8))
BUSY = 0.75  # of the lanes hold a course now
SAME_AGAIN = 0.2  # of the courses are a patient's next
NO_COURSE = 0.1  # of the patients have none: stopped, or planned and not booked yet
STOPPED = 0.4  # of those


@dataclass(frozen=True)
class Lane:
    practitioner: int
    bed: int
    at: time
    weekdays: tuple[int, ...]
    sessions: int

    @property
    def weeks(self) -> int:
        return ceil(self.sessions / len(self.weekdays))

    def visits(self, monday: date) -> list[Visit]:
        """The course that begins in the week of that Monday."""
        days = [
            monday + week * WEEK + timedelta(days=weekday)
            for week in range(self.weeks)
            for weekday in self.weekdays
        ]
        zone = clinic_zone()
        return [
            Visit(
                moment_of(datetime.combine(day, self.at), zone),
                self.practitioner,
                self.bed,
            )
            for day in days
        ]


def practitioners_for(patients: int) -> int:
    """10 for 5,000 patients, 45 for 100,000."""
    return max(2, round(sqrt(patients / 50)))


def generate(
    patients: int, now: datetime, written: Callable[[int], None]
) -> dict[str, int]:
    """Fill an empty database; return how many rows of each kind there are.

    Args:
        written: is told the number of rows after each batch.
    """
    rng = Random(SEED)  # nosec B311
    today = wall(now, clinic_zone()).date()
    with Tables(connection, written) as tables:
        crowd = Crowd(rng, tables)
        treating, desk, _admin = crowd.staff(practitioners_for(patients))
        lanes = list(_lanes(tables, treating))
        rng.shuffle(lanes)
        courses = Courses(rng, tables, now, desk)
        monday = today - timedelta(days=today.weekday())
        begins = {lane: _newest(rng, lane, monday) for lane in lanes}
        came: dict[Lane, int] = {}
        made = 0
        for lane in cycle(lanes):
            visits = lane.visits(begins[lane])
            patient = came.get(lane)
            if patient is None or rng.random() > SAME_AGAIN:
                if made == patients:
                    break
                patient = crowd.patient(begins[lane] - WEEK)
                made += 1
            is_open = visits[-1].starts_at > now - 2 * WEEK
            per_week = len(lane.weekdays)
            courses.write(patient, visits, per_week=per_week, is_open=is_open)
            came[lane] = patient
            begins[lane] -= lane.weeks * WEEK + rng.choice((1, 1, 2, 3)) * WEEK
            if made < patients and rng.random() < NO_COURSE:
                patient = crowd.patient(visits[0].starts_at.date() - WEEK)
                made += 1
                if rng.random() < STOPPED:
                    courses.intake_only(patient, visits[0])
                else:
                    courses.write(
                        patient,
                        visits,
                        per_week=len(lane.weekdays),
                        is_open=True,
                        is_booked=False,
                    )
            tables.pause()
    return {model._meta.db_table: rows for model, rows in tables.totals.items()}


def _newest(rng: Random, lane: Lane, monday: date) -> date:
    """The Monday on which the lane's newest course began, or will begin."""
    since = rng.randrange(lane.weeks)
    if rng.random() < BUSY:
        return monday - since * WEEK
    return monday - (lane.weeks + 1 + since) * WEEK


def _lanes(tables: Tables, treating: list[int]) -> Iterator[Lane]:
    """Two beds for each practitioner, in turn: a stay is longer than half an hour."""
    for who, practitioner in enumerate(treating):
        beds = [
            tables.add(Bed, name=f"Bed {2 * who + side + 1}", order=2 * who + side)
            for side in range(2)
        ]
        for weekday in range(5):
            for opens, closes in ((time(9), time(13)), (time(14), time(18))):
                tables.add(
                    WorkingHours,
                    practitioner_id=practitioner,
                    weekday=weekday,
                    starts=opens,
                    ends=closes,
                )
        for weekdays, sessions in RHYTHMS:
            for number, at in enumerate(HALVES):
                yield Lane(practitioner, beds[number % 2], at, weekdays, sessions)
