"""The demo's desk: books visits, and follows each to the hour of the demo."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import cycle
from random import Random
from uuid import UUID

from clinic.accounts.models import User
from clinic.management.demo.diary import DAY, Diary, Week, minutes_of
from clinic.management.demo.visits import Visits
from patients.records.models import Patient
from plans.planning.models import PlanVersion
from plans.scheduling.clock import moment_of, wall
from plans.scheduling.free import GRID, SLOTS
from plans.scheduling.models import Appointment
from plans.scheduling.policy import visit_length
from plans.scheduling.queries import clinic_zone

Status = Appointment.Status

# How long before or after a visit begins or ends its status was set.
SINCE = {
    Status.CONFIRMED: ("starts_at", timedelta(days=-2)),
    Status.ARRIVED: ("starts_at", timedelta(minutes=-6)),
    Status.IN_BED: ("starts_at", timedelta(minutes=2)),
    Status.NEEDLES_IN: ("starts_at", timedelta(minutes=12)),
    Status.NEEDLES_OUT: ("ends_at", timedelta(minutes=-12)),
    Status.DONE: ("ends_at", timedelta()),
    Status.UNTREATED: ("starts_at", timedelta(minutes=6)),
    Status.NO_SHOW: ("starts_at", timedelta(minutes=20)),
    Status.LATE_CANCEL: ("starts_at", timedelta(hours=-5)),
    Status.CANCELLED: ("starts_at", timedelta(days=-3)),
}
IN_THE_HOUSE = (
    Status.ARRIVED,
    Status.IN_BED,
    Status.NEEDLES_IN,
    Status.NEEDLES_OUT,
)
ON_THE_WAY = {
    Status.IN_BED: IN_THE_HOUSE[:1],
    Status.UNTREATED: IN_THE_HOUSE[:2],
    Status.NEEDLES_IN: IN_THE_HOUSE[:2],
    Status.NEEDLES_OUT: IN_THE_HOUSE[:3],
    Status.DONE: IN_THE_HOUSE,
}

LONG_AGO = timedelta(weeks=6)


@dataclass
class Desk:
    rng: Random
    today: date
    hour: time
    diary: Diary
    people: Sequence[User]
    acupuncturists: Sequence[User]
    visits: Visits = field(default_factory=Visits)

    def __post_init__(self) -> None:
        self.zone = clinic_zone()
        self.now = self.moment(self.today, self.hour)
        self._turns = cycle(self.people)
        self._by_pk = {user.pk: user for user in self.acupuncturists}

    @property
    def week(self) -> Week:
        return self.diary.week

    def someone(self) -> User:
        return next(self._turns)

    def token(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def moment(self, day: date, at: time) -> datetime:
        return moment_of(datetime.combine(day, at), self.zone)

    def quarter(self, number: int) -> time:
        """The start of a quarter of an hour, counted from the one that is running."""
        running = minutes_of(self.hour) // GRID
        of_the_day = min(max(running + number, 0), SLOTS - 1)
        hours, quarters = divmod(of_the_day, 60 // GRID)
        return time(hours, quarters * GRID)

    def day_of(self, moment: datetime) -> date:
        return wall(moment, self.zone).date()

    def book(
        self,
        patient: Patient,
        day: date,
        hour: time,
        who: User,
        *,
        kind: str,
        at: datetime,
        version: PlanVersion | None = None,
        sharp: bool = False,
    ) -> Appointment:
        """Book the free place nearest to the wished hour."""
        length = visit_length(kind, version.retention_min if version else 0)
        place = self.diary.place(day, hour, who.pk, length, sharp=sharp)
        starts_at = moment_of(place.at, self.zone)
        appointment = Appointment(
            patient=patient,
            plan=version.plan if version else None,
            practitioner=self._by_pk[place.practitioner_id],
            bed_id=place.bed_id,
            kind=kind,
            starts_at=starts_at,
            needling_ends_at=starts_at + timedelta(minutes=length.needling),
            ends_at=starts_at + timedelta(minutes=length.stay),
            status_since=at,
            created_at=at,
            created_by=self.someone(),
            submission=self.token(),
        )
        self.visits.book(appointment)
        return appointment

    def follow(self, visit: Appointment, status: str, reason: str = "") -> None:
        """Let a visit become what it has become by the demo's hour, step by step.

        Of a visit long ago nobody asks for the steps any more, which are most rows.
        """
        if status == visit.status:
            return
        long_ago = self.now - visit.starts_at > LONG_AGO
        on_the_way = () if long_ago else ON_THE_WAY.get(Status(status), ())
        for step in (*on_the_way, status):
            end, apart = SINCE[Status(step)]
            since = getattr(visit, end) + apart
            was = visit.status
            visit.status = step
            visit.status_since = min(max(since, visit.status_since), self.now)
            visit.revision += 1
            visit.cancel_reason = reason
            self.visits.follow(visit, by=self.someone(), was=was)

    def by_the_clock(self, visit: Appointment) -> str:
        """The status that fits the demo's hour."""
        minute = timedelta(minutes=1)
        ahead = (visit.starts_at - self.now) // minute
        left = (visit.ends_at - self.now) // minute
        if left <= 0:
            return Status.DONE
        if left <= 15:
            return Status.NEEDLES_OUT
        if ahead <= -GRID:
            return Status.NEEDLES_IN
        if ahead <= 0:
            return Status.IN_BED
        if ahead <= 15:
            return Status.ARRIVED
        is_near = self.day_of(visit.starts_at) <= self.today + DAY
        return Status.CONFIRMED if is_near and self.rng.random() < 0.6 else visit.status
