"""Each story of the demo, told from the door to the plan."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.management.demo.course import Course, days_of
from clinic.management.demo.desk import Desk, Status
from clinic.management.demo.diary import DAY
from clinic.management.demo.former import tell_of_former
from clinic.management.demo.people import Person, Register
from clinic.management.demo.pictures import PICTURES, answers_of
from clinic.management.demo.plans import drafted, put_in_force
from clinic.management.demo.stories import Harm, Story, Until
from clinic.management.demo.trail import at_the_time
from clinic.management.demo.words import (
    CLEARED,
    COMPLAINTS,
    FLARE_UP,
    HARMS,
    REFERRED,
)
from patients.intake.models import Intake
from patients.intake.services import record_clearance, take_intake
from patients.records.models import Episode, Patient
from patients.records.services import (
    correct_patient,
    open_episode,
    register_patient,
)
from plans.adverse.models import Outcome, Relation, Timing
from plans.adverse.services import record_event
from plans.progress.services import note_flare_up
from plans.scheduling.models import Appointment
from plans.sessions.models import Session

# The hours that patients wish for, one after the other: a full morning, some rest.
HOURS = tuple(
    time.fromisoformat(hour)
    for hour in (
        "09:00 10:45 11:00 14:00 09:30 11:15 15:00 10:15 11:30 16:00 12:00 14:30 "
        "10:00 15:30 11:45 16:30"
    ).split()
)
ONSET_WEEKS = (3, 5, 6, 8, 12, 14, 20, 30, 60)
LETTER_AFTER = 4 * DAY  # a doctor's letter, after the visit that asked for it


@dataclass
class Chronicle:
    desk: Desk
    register: Register
    _turn: int = 0  # counts the patients

    def tell(self, stories: Sequence[Story], *, former: int) -> None:
        turns, hours = cycle(self.desk.acupuncturists), cycle(HOURS)
        pictures = cycle(PICTURES)
        for story in stories:
            for _ in range(story.times):
                self._turn += 1
                picture = story.picture or next(pictures)
                hour = self.desk.week.shifted(next(hours))
                if story.quarter is not None:
                    hour = self.desk.quarter(story.quarter)
                self._tell_of_someone(story, picture, next(turns), hour)
        tell_of_former(self.desk, self.register, HOURS, former)
        self.desk.visits.write()
        for visit, harm in self.desk.visits.harms:
            self._tell_of_harm(visit, harm)
        for visit in self.desk.visits.flare_ups:
            self._tell_of_flare_up(visit)

    def _tell_of_someone(
        self, story: Story, picture: str, who: User, hour: time
    ) -> None:
        person = self.register.invent(sex=story.sex, age=story.age)
        first = self._first_visit(story.before or story)
        at = self.desk.moment(self._open_day(first - 2 * DAY), time(16, 40))
        if story.until is Until.REGISTERED:
            at = self.desk.now - timedelta(minutes=25)
        with at_the_time(at):
            patient = register_patient(
                by=self.desk.someone(),
                submission=self.desk.token(),
                now=at,
                alerts=story.alerts,
                **asdict(person),
            )
        for chapter in (story.before, story):
            if chapter and chapter.until is not Until.REGISTERED:
                day = self._first_visit(chapter)
                visit = self.desk.book(
                    patient,
                    day,
                    hour,
                    who,
                    kind=Appointment.Kind.FIRST,
                    at=at,
                    sharp=chapter.quarter is not None and day == self.desk.today,
                )
                self._tell_of_visit(chapter, person, picture, visit, who, hour)

    def _tell_of_harm(self, visit: Appointment, harm: Harm) -> None:
        by, at = visit.practitioner, visit.ends_at
        session = Session.objects.get(appointment=visit)
        in_words, action = HARMS[harm.kind][by.language]
        first = session.needlings.first()
        with at_the_time(at):
            record_event(
                by=by,
                episode=session.plan_version.plan.episode,
                session=session,
                submission=self.desk.token(),
                now=at,
                kind=harm.kind,
                grade=harm.grade,
                happened_on=self.desk.day_of(at),
                timing=Timing.IN_PLACE,
                acupoint_id=first and first.acupoint_id,
                relation=Relation.PROBABLE,
                description=in_words,
                action=action,
                outcome=Outcome.RECOVERED,
                reported_to="",
            )

    def _tell_of_flare_up(self, visit: Appointment) -> None:
        by, at = visit.practitioner, visit.starts_at
        with at_the_time(at):
            note_flare_up(
                by=by,
                episode=Episode.objects.get(plan=visit.plan),
                began_on=self.desk.day_of(at) - DAY,
                text=FLARE_UP[by.language],
                submission=self.desk.token(),
                now=at,
            )

    def _open_day(self, day: date) -> date:
        return next(self.desk.week.open_days(day, -1))

    def _first_visit(self, story: Story) -> date:
        """Two days before the course, so that the plan is made and booked in time."""
        today = self.desk.today
        if story.until in {Until.REGISTERED, Until.EPISODE}:
            return today
        if story.until in {Until.COURSE, Until.CLOSED}:
            first = min(days_of(self.desk, story, self._turn)[0], today + DAY)
            days = 2
        else:
            first, days = today, 1 + story.ago
        if story.cleared:
            days += LETTER_AFTER.days
        return self._open_day(first - days * DAY)

    def _tell_of_visit(
        self,
        story: Story,
        person: Person,
        picture: str,
        visit: Appointment,
        who: User,
        hour: time,
    ) -> None:
        """`who` treats; on their day off, a colleague saw the patient first."""
        first, day = visit.practitioner, self.desk.day_of(visit.starts_at)
        onset = day - timedelta(weeks=self.desk.rng.choice(ONSET_WEEKS))
        episode = self._open_episode(visit, onset)
        if story.until is Until.EPISODE:
            self.desk.follow(visit, self.desk.by_the_clock(visit))
            return
        self.desk.follow(visit, Status.DONE)
        answers = answers_of(
            self.desk.rng,
            person,
            picture,
            told=story.told,
            untold=story.untold,
            onset=onset,
            on=day,
        )
        taken_at = visit.starts_at + timedelta(minutes=12)
        with at_the_time(taken_at):
            intake = take_intake(
                by=first,
                episode=episode,
                answers=answers,
                now=taken_at,
                on=day,
                submission=self.desk.token(),
            )
        at = visit.ends_at
        if story.cleared:
            at += LETTER_AFTER
            self._clear(story.cleared, intake, at)
        elif intake.screen == Intake.Screen.RAISED:
            self._refer(visit.patient, intake, at)
        if story.until is Until.INTAKE:
            return
        version = drafted(intake, by=first, at=at)
        if story.until is Until.DRAFT:
            return
        version = put_in_force(version, by=first, at=at + timedelta(minutes=3))
        if story.until is not Until.APPROVED:
            Course(self.desk, story, version, who, hour, self._turn).tell()

    def _open_episode(self, visit: Appointment, onset: date) -> Episode:
        who = visit.practitioner
        at = min(visit.starts_at, self.desk.now)
        with at_the_time(at):
            return open_episode(
                by=who,
                patient=visit.patient,
                complaint=self.desk.rng.choice(COMPLAINTS[who.language]),
                onset_on=onset,
                on=self.desk.day_of(at),
                submission=self.desk.token(),
            )

    def _clear(self, flag: str, intake: Intake, at: datetime) -> None:
        day = self.desk.day_of(at)
        name, note = CLEARED
        with at_the_time(at):
            record_clearance(
                by=intake.taken_by,
                intake=intake,
                revision=intake.revision,
                flag=flag,
                cleared_by=name,
                cleared_on=day - DAY,
                note=note,
                on=day,
            )

    def _refer(self, patient: Patient, intake: Intake, at: datetime) -> None:
        """The letter is printed, and the desk is told to book nothing."""
        with at_the_time(at):
            record(
                "print_referral",
                by=intake.taken_by,
                subject=intake,
                patient_id=patient.pk,
            )
            correct_patient(
                by=intake.taken_by,
                patient=patient,
                revision=patient.revision,
                alerts=REFERRED,
            )
