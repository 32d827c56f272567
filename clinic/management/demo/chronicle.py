from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from random import Random
from uuid import UUID

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.management.demo.diary import (
    DAY,
    NOW,
    Diary,
    days_before,
    days_of_course,
    rhythm,
)
from clinic.management.demo.pain import course_of_pain
from clinic.management.demo.people import Register
from clinic.management.demo.pictures import PICTURES, answers_of
from clinic.management.demo.stories import Story, Until
from clinic.management.demo.trail import at_the_time
from clinic.management.demo.visits import Visits
from clinic.management.demo.words import (
    AMENDMENT,
    CANCELLED,
    CHANGED,
    CLEARED,
    COMPLAINTS,
    NOTES,
    OVERRULED,
    REFERRED,
)
from patients.intake.models import Intake
from patients.intake.services import record_clearance, take_intake
from patients.records.models import Episode, Patient
from patients.records.services import close_episode, register_patient
from plans.planning.models import PlanVersion
from plans.planning.services import (
    NotApprovable,
    PointLine,
    approve,
    draft_plan,
    revise,
    save_draft,
)
from plans.scheduling.clock import moment_of, wall
from plans.scheduling.models import Appointment
from plans.scheduling.policy import visit_length
from plans.scheduling.queries import clinic_zone
from plans.sessions.entry import carried_over
from plans.sessions.models import Amendment
from plans.sessions.queries import lines_of

Status, Kind = Appointment.Status, Appointment.Kind
PER_WEEK = 2  # as the rules propose
HOURS = [time(hour, minute) for hour, minute in (
    (9, 0), (10, 45), (11, 0), (14, 0), (9, 30), (11, 15), (15, 0), (10, 15), (11, 30),
    (16, 0), (12, 0), (14, 30), (10, 0), (15, 30), (11, 45), (16, 30),
)]  # fmt: skip


@dataclass
class Chronicle:
    """Tells stories into the database, one after the other."""

    rng: Random
    today: date
    diary: Diary
    register: Register
    acupuncturists: Sequence[User]
    desk: Sequence[User]
    visits: Visits = field(default_factory=Visits)

    def __post_init__(self) -> None:
        self.week = self.diary.week
        self.zone = clinic_zone()
        self.now = self.moment(self.today, NOW)
        self._turns = cycle(self.acupuncturists)
        self._desk = cycle(self.desk)
        self._hours = cycle(HOURS)
        self._pictures = cycle(PICTURES)
        self._by_pk = {user.pk: user for user in self.acupuncturists}

    def tell(self, stories: Sequence[Story]) -> None:
        for story in stories:
            for _ in range(story.times):
                self.tell_of_someone(story)
        self.visits.write()

    # ------------------------------------------------------------ moments and places

    def moment(self, day: date, at: time, minutes: int = 0) -> datetime:
        wished = datetime.combine(day, at) + timedelta(minutes=minutes)
        return moment_of(wished, self.zone)

    def open_day(self, day: date) -> date:
        return next(self.week.open_days(day, -1))

    def token(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def appoint(
        self,
        patient: Patient,
        day: date,
        hour: time,
        who: User,
        *,
        kind: str,
        booked_at: datetime,
        version: PlanVersion | None = None,
    ) -> Appointment:
        """Book the free place nearest to the wished hour; its status is `booked`."""
        length = visit_length(kind, version.retention_min if version else 0)
        start = self.diary.place(day, hour, who.pk, length)
        starts_at = moment_of(start.at, self.zone)
        by = next(self._desk)
        appointment = Appointment(
            patient=patient,
            plan=version.plan if version else None,
            practitioner=self._by_pk[start.practitioner],
            bed_id=start.bed,
            kind=kind,
            starts_at=starts_at,
            needling_ends_at=starts_at + timedelta(minutes=length.needling),
            ends_at=starts_at + timedelta(minutes=length.stay),
            status_since=booked_at,
            created_at=booked_at,
            created_by=by,
            submission=self.token(),
        )
        self.visits.book(appointment)
        return appointment

    def become(self, appointment: Appointment, status: str, reason: str = "") -> None:
        """Let time pass over an appointment, up to the demo's hour."""
        starts, ends = appointment.starts_at, appointment.ends_at
        since = {
            Status.CONFIRMED: self.now - timedelta(days=1),
            Status.ARRIVED: starts - timedelta(minutes=6),
            Status.IN_BED: starts + timedelta(minutes=2),
            Status.NEEDLES_OUT: ends - timedelta(minutes=12),
            Status.DONE: ends,
            Status.NO_SHOW: starts + timedelta(minutes=20),
            Status.LATE_CANCEL: starts - timedelta(hours=5),
            Status.CANCELLED: starts - timedelta(days=3),
        }[Status(status)]
        appointment.status = status
        appointment.status_since = min(max(since, appointment.created_at), self.now)
        appointment.cancel_reason = reason
        appointment.revision = 1
        self.visits.follow(appointment, by=next(self._desk), was=Status.BOOKED)

    def by_the_clock(self, appointment: Appointment) -> str:
        """The status that fits the demo's hour."""
        minutes = (appointment.starts_at - self.now) // timedelta(minutes=1)
        left = (appointment.ends_at - self.now) // timedelta(minutes=1)
        if left <= 0:
            return Status.DONE
        if left <= 15:
            return Status.NEEDLES_OUT
        if minutes <= 0:
            return Status.IN_BED
        if minutes <= 15:
            return Status.ARRIVED
        day = wall(appointment.starts_at, self.zone).date()
        if day <= self.today + DAY and self.rng.random() < 0.6:
            return Status.CONFIRMED
        return Status.BOOKED

    # ------------------------------------------------------------ from door to plan

    def tell_of_someone(self, story: Story) -> None:
        person = self.register.invent(sex=story.sex, age=story.age)
        who = next(self._turns)
        hour = next(self._hours)
        first = self.first_visit_day(story.before or story)
        at = self.moment(self.open_day(first - 2 * DAY), time(16, 40))
        if story.until is Until.REGISTERED:
            at = self.moment(self.today, time(9, self.rng.randrange(10, 50)))
        with at_the_time(at):
            patient = register_patient(
                by=next(self._desk),
                submission=self.token(),
                alerts=story.alerts,
                **asdict(person),
            )
        Patient.objects.filter(pk=patient.pk).update(registered_at=at)
        self.patient, self.person = patient, person
        for chapter in (story.before, story):
            if chapter and chapter.until is not Until.REGISTERED:
                self.tell_of_episode(chapter, who, hour, booked_at=at)

    def days_of(self, story: Story, sessions: int = 8) -> list[date]:
        """The days of the course, those that were missed or cancelled among them."""
        anchor = self.open_day(self.today - story.ago * DAY)
        weekdays = rhythm(self.week, anchor, PER_WEEK)
        before = list(islice(days_before(self.week, weekdays, anchor), story.had))
        lost = len(story.missed) + len(story.cancelled) + bool(story.today)
        ahead = sessions + lost - story.had
        if story.until is Until.CLOSED:
            ahead = 0
        elif story.booked is not None:
            ahead = story.booked
        first = anchor
        if story.resumes is not None:
            first = self.today + story.resumes * DAY
        after = islice(days_of_course(self.week, weekdays, first), ahead)
        return [*reversed(before), *after]

    def first_visit_day(self, story: Story) -> date:
        match story.until:
            case Until.REGISTERED | Until.EPISODE:
                return self.today
            case Until.INTAKE | Until.DRAFT | Until.APPROVED:
                days = 6 if story.cleared else story.ago + 1
                return self.open_day(self.today - days * DAY)
        first = min(self.days_of(story)[0], self.today + DAY)
        return self.open_day(first - (7 if story.cleared else 2) * DAY)

    def tell_of_episode(
        self, story: Story, who: User, hour: time, *, booked_at: datetime
    ) -> None:
        day = self.first_visit_day(story)
        onset = day - timedelta(weeks=self.rng.choice((3, 5, 6, 8, 12, 14, 20, 30, 60)))
        visit = self.appoint(
            self.patient, day, hour, who, kind=Kind.FIRST, booked_at=booked_at
        )
        who = visit.practitioner
        episode = self.open_episode(visit, onset, who)
        if story.until is Until.EPISODE:
            self.become(visit, self.by_the_clock(visit))
            return
        self.become(visit, Status.DONE)
        intake = self.take_intake(story, episode, visit, onset)
        at = visit.ends_at
        if story.cleared:
            at = self.clear(story, intake, visit)
        if intake.screen == Intake.Screen.RAISED:
            self.refer(intake, visit)
        if story.until is Until.INTAKE:
            return
        version = self.plan(story, intake, at, who)
        if story.until in {Until.COURSE, Until.CLOSED}:
            self.tell_of_course(story, version, hour, who)

    def open_episode(self, visit: Appointment, onset: date, who: User) -> Episode:
        at = min(visit.starts_at, self.now)
        words = COMPLAINTS[who.language]
        with at_the_time(at):
            episode = Episode.objects.create(
                patient=self.patient,
                complaint=self.rng.choice(words),
                onset_on=onset,
                opened_on=wall(at, self.zone).date(),
                submission=self.token(),
            )
            record("open_episode", by=who, subject=episode, patient_id=self.patient.pk)
        return episode

    def take_intake(
        self, story: Story, episode: Episode, visit: Appointment, onset: date
    ) -> Intake:
        at = visit.starts_at + timedelta(minutes=12)
        day = wall(at, self.zone).date()
        answers = answers_of(
            self.rng,
            self.person,
            story.picture or next(self._pictures),
            told=story.told,
            untold=story.untold,
            onset=onset,
            on=day,
        )
        with at_the_time(at):
            return take_intake(
                by=visit.practitioner,
                episode=episode,
                answers=answers,
                now=at,
                on=day,
                submission=self.token(),
            )

    def clear(self, story: Story, intake: Intake, visit: Appointment) -> datetime:
        """A doctor's letter, some days after the visit."""
        at = visit.ends_at + 4 * DAY
        name, note = CLEARED
        with at_the_time(at):
            record_clearance(
                by=visit.practitioner,
                intake=intake,
                revision=intake.revision,
                flag=story.cleared,
                cleared_by=name,
                cleared_on=wall(at, self.zone).date() - DAY,
                note=note,
                on=wall(at, self.zone).date(),
            )
        return at

    def refer(self, intake: Intake, visit: Appointment) -> None:
        """The letter is printed and nothing is booked."""
        with at_the_time(visit.starts_at + timedelta(minutes=25)):
            record(
                "print_referral",
                by=visit.practitioner,
                subject=intake,
                patient_id=self.patient.pk,
            )
        Patient.objects.filter(pk=self.patient.pk).update(alerts=REFERRED)

    def plan(
        self, story: Story, intake: Intake, at: datetime, who: User
    ) -> PlanVersion:
        day = wall(at, self.zone).date()
        with at_the_time(at):
            version = draft_plan(by=who, intake=intake, now=at, today=day)
        if story.until is not Until.DRAFT:
            self.approve(version, at + timedelta(minutes=3), who)
        return version

    def approve(self, version: PlanVersion, at: datetime, who: User) -> None:
        """Put it in force; where the rules object, with a reason beside the point."""
        day = wall(at, self.zone).date()
        with at_the_time(at):
            try:
                approve(
                    by=who,
                    version=version,
                    revision=version.revision,
                    now=at,
                    today=day,
                )
            except NotApprovable as refused:
                rewrite(version, refused, by=who)
                approve(
                    by=who,
                    version=version,
                    revision=version.revision,
                    now=at,
                    today=day,
                )

    # ------------------------------------------------------------ the course

    def tell_of_course(
        self, story: Story, version: PlanVersion, hour: time, who: User
    ) -> None:
        days = self.days_of(story, version.sessions)
        intake = version.intake
        pain = course_of_pain(
            self.rng,
            story.pain,
            leg=intake.answers["leg_nrs"],
            back=intake.answers["back_nrs"],
            sessions=version.sessions,
        )
        booked_at = version.approved_at + timedelta(minutes=5)
        held = 0
        for index, day in enumerate(days):
            visit = self.appoint(
                self.patient,
                day,
                hour,
                who,
                kind=Kind.TREATMENT,
                booked_at=booked_at,
                version=version,
            )
            status = self.fate(story, index, visit)
            if status != Status.BOOKED:
                freed = status in Appointment.FREED
                self.become(visit, status, CANCELLED if freed else "")
            if status == Status.DONE:
                held += 1
                self.treat(story, visit, version, index, next(pain))
            elif status == Status.NEEDLES_OUT:
                self.visits.open(visit, version, lines_of(version.points.all()))
            if held and held == story.revised_after and status == Status.DONE:
                version = self.revise(version, visit)
        if story.until is Until.CLOSED:
            last = self.visits.appointments[-1].ends_at
            with at_the_time(last):
                episode = version.plan.episode
                close_episode(by=who, episode=episode, on=wall(last, self.zone).date())

    def fate(self, story: Story, index: int, visit: Appointment) -> str:
        if index in story.missed:
            return Status.NO_SHOW
        if index in story.cancelled:
            return Status.CANCELLED
        day = wall(visit.starts_at, self.zone).date()
        if day == self.today and story.today:
            return story.today
        return self.by_the_clock(visit)

    def treat(
        self,
        story: Story,
        visit: Appointment,
        version: PlanVersion,
        index: int,
        scores: dict[str, int],
    ) -> None:
        lines = carried_over(lines_of(version.points.all()))
        if index > 2 and len(lines) > 4 and self.rng.random() < 0.3:
            lines = lines[:-1]
        lines = tuple(
            replace(line, de_qi=self.rng.random() < 0.85) if line.depth_mm else line
            for line in lines
        )
        if story.unsigned and index == story.had:
            self.visits.open(visit, version, lines)
            return
        session = self.visits.open(visit, version, lines)
        if index in story.unscored:
            scores = {}
        needles = sum(line.needles for line in lines) + version.ashi
        note = self.rng.choice(NOTES[visit.practitioner.language])
        self.visits.sign(session, scores, needles=needles, note=note)
        if story.amended and index == story.had - 1:
            self.visits.amendments.append(
                Amendment(
                    session=session,
                    text=AMENDMENT,
                    written_at=visit.ends_at + timedelta(hours=5),
                    written_by=visit.practitioner,
                    submission=self.token(),
                )
            )

    def revise(self, version: PlanVersion, visit: Appointment) -> PlanVersion:
        at, who = visit.ends_at, visit.practitioner
        day = wall(at, self.zone).date()
        with at_the_time(at):
            draft = revise(
                by=who,
                plan=version.plan,
                intake=version.intake,
                reason=CHANGED,
                now=at,
                today=day,
            )
            save_draft(
                by=who,
                version=draft,
                revision=draft.revision,
                points=points_of(draft),
                sessions=draft.sessions + 2,
                per_week=draft.per_week,
                retention_min=draft.retention_min,
                ashi=draft.ashi,
                note=draft.note,
                change_reason=CHANGED,
            )
        self.approve(draft, at + timedelta(minutes=2), who)
        return draft


def points_of(version: PlanVersion, reasons: frozenset[str] = frozenset()):
    """A draft's points as the form would send them, with a reason where one is due."""
    return [
        PointLine(
            code=point.acupoint_id,
            side=point.side,
            depth_mm=point.depth_mm,
            angle=point.angle,
            technique=point.technique,
            position=point.position,
            origin=point.origin,
            override_reason=OVERRULED if point.acupoint_id in reasons else "",
        )
        for point in version.points.all()
    ]


def rewrite(version: PlanVersion, refused: NotApprovable, *, by: User) -> None:
    codes = frozenset(objection.code for objection in refused.objections)
    save_draft(
        by=by,
        version=version,
        revision=version.revision,
        points=points_of(version, codes),
        sessions=version.sessions,
        per_week=version.per_week,
        retention_min=version.retention_min,
        ashi=version.ashi,
        note=version.note,
        change_reason=version.change_reason or (OVERRULED if "" in codes else ""),
    )
