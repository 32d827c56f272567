"""The courses of an invented clinic: intake, plan, appointments, sessions, scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from clinic.management.bench.rows import Tables
from clinic.management.demo.people import Register
from clinic.management.demo.pictures import PICTURES, answers_of
from clinic.rules.machine import Facts
from patients.intake.models import Intake
from patients.intake.questionnaire import QUESTIONNAIRE, facts_from
from patients.intake.screen import RED_FLAGS
from patients.measures.models import Score
from patients.records.models import Episode
from plans.engine.proposal import ProposedPoint, proposal_to_json
from plans.engine.propose import propose
from plans.planning.models import Plan, PlanPoint, PlanVersion
from plans.planning.queries import rule_book
from plans.scheduling.models import Appointment, StatusChange
from plans.scheduling.policy import visit_length
from plans.sessions.asepsis import CHECKLIST
from plans.sessions.models import Needling, Session

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
RETENTION = 30  # minutes
LENGTH = visit_length(Appointment.Kind.TREATMENT, RETENTION)
SessionScore = Session.scores.through
Status = Appointment.Status

# What became of a visit, in per cent; the rest took place.
GONE = ((Status.NO_SHOW, 5), (Status.LATE_CANCEL, 4), (Status.CANCELLED, 6))
UNSCORED = 0.04  # of the sessions


@dataclass(frozen=True)
class Visit:
    starts_at: datetime
    practitioner: int
    bed: int


@dataclass(frozen=True)
class Picture:
    """One kind of patient: answers, and what the engine makes of them."""

    answers: dict[str, Any]
    facts: Facts
    proposal: dict[str, Any]
    points: tuple[ProposedPoint, ...]
    rules: str


@dataclass(frozen=True)
class Course:
    """The numbers of the rows that its visits belong to."""

    patient: int
    episode: int
    plan: int
    version: int
    picture: Picture


def pictures(rng: Random, today: date) -> list[Picture]:
    """As the demo's, so that plans are as long as real ones."""
    person = Register(rng, today).invent(sex="female", age=45)
    onset = today - timedelta(weeks=30)
    found = []
    for name in PICTURES:
        answers = answers_of(
            rng, person, name, told={}, untold=(), onset=onset, on=today
        )
        facts = facts_from(
            answers, birth_date=person.birth_date, sex=person.sex, onset=onset, on=today
        )
        proposal = propose(facts, book=rule_book())
        found.append(
            Picture(
                answers,
                facts,
                proposal_to_json(proposal),
                proposal.points,
                proposal.rules_version,
            )
        )
    return found


class Courses:
    """Writes one course after the other."""

    def __init__(self, rng: Random, tables: Tables, now: datetime, desk: int) -> None:
        self._rng, self._tables, self._now, self._desk = rng, tables, now, desk
        self._pictures = pictures(rng, now.date())

    def write(
        self,
        patient: int,
        visits: Sequence[Visit],
        *,
        per_week: int,
        is_open: bool,
        is_booked: bool = True,
    ) -> None:
        rng, add = self._rng, self._tables.add
        by, begun = visits[0].practitioner, visits[0].starts_at
        opened = min(begun - rng.randint(2, 6) * DAY, self._now - DAY)
        episode = add(
            Episode,
            patient_id=patient,
            complaint="Sciatica",
            onset_on=opened.date() - rng.randint(6, 150) * timedelta(weeks=1),
            opened_on=opened.date(),
            closed_on=None if is_open else visits[-1].starts_at.date() + 7 * DAY,
        )
        picture = rng.choice(self._pictures)
        intake = self._intake(episode, picture, opened, by)
        plan = add(Plan, episode_id=episode, opened_at=opened)
        version = add(
            PlanVersion,
            plan_id=plan,
            number=1,
            status=PlanVersion.Status.APPROVED,
            intake_id=intake,
            proposal=picture.proposal,
            rules_version=picture.rules,
            sessions=len(visits),
            per_week=per_week,
            retention_min=RETENTION,
            created_at=opened,
            created_by_id=by,
            approved_at=opened,
            approved_by_id=by,
        )
        for order, point in enumerate(picture.points, 1):
            add(
                PlanPoint,
                version_id=version,
                acupoint_id=point.code,
                side=point.side,
                depth_mm=point.depth_mm,
                angle=point.angle,
                technique=point.technique,
                position=point.position,
                order=order,
                origin=PlanPoint.Origin.PROPOSED,
            )
        course = Course(patient, episode, plan, version, picture)
        leg, back = rng.choice((5, 6, 6, 7, 7, 8, 9)), rng.choice((2, 3, 4, 5, 6))
        for scale, value in (("leg_nrs", leg), ("back_nrs", back)):
            self._score(episode, scale, value, "intake", opened, by)
        if is_booked:
            self._treat(course, visits, opened, leg, back)

    def intake_only(self, patient: int, visit: Visit) -> None:
        """Stopped by a red flag."""
        at = min(visit.starts_at, self._now)
        episode = self._tables.add(
            Episode, patient_id=patient, complaint="Sciatica", opened_on=at.date()
        )
        self._intake(episode, self._pictures[0], at, visit.practitioner, raised=True)

    def _intake(
        self,
        episode: int,
        picture: Picture,
        at: datetime,
        by: int,
        *,
        raised: bool = False,
    ) -> int:
        states = Intake.Screen
        return self._tables.add(
            Intake,
            episode_id=episode,
            taken_at=at,
            taken_by_id=by,
            answers=picture.answers,
            questionnaire_version=QUESTIONNAIRE.version,
            screen=states.RAISED if raised else states.CLEAR,
            raised=["RF1"] if raised else [],
            screen_version=RED_FLAGS.version,
            closed_at=None if raised else at,
        )

    def _treat(
        self,
        course: Course,
        visits: Sequence[Visit],
        booked: datetime,
        leg: float,
        back: float,
    ) -> None:
        """The visits, had and to come, with pain that falls at its own pace."""
        # The share of the pain that each session takes away, less in who don't respond.
        fall = self._rng.choice((0.0, 0.02, 0.05, 0.08, 0.08, 0.12))
        for visit in visits:
            status = self._status(visit)
            appointment = self._appointment(course, visit, status, booked)
            if status == Status.DONE:
                self._session(course, appointment, visit, leg, back)
                leg, back = leg * (1 - fall), back * (1 - fall)

    def _status(self, visit: Visit) -> str:
        if visit.starts_at + LENGTH.stay * MINUTE > self._now:
            return Status.BOOKED
        at = self._rng.randrange(100)
        for status, share in GONE:
            at -= share
            if at < 0:
                return status
        return Status.DONE

    def _appointment(
        self, course: Course, visit: Visit, status: str, booked: datetime
    ) -> int:
        starts = visit.starts_at
        cancelled = status in {Status.LATE_CANCEL, Status.CANCELLED}
        steps: list[tuple[str, datetime, int]] = [(Status.BOOKED, booked, self._desk)]
        if status != Status.BOOKED:
            since = starts - DAY / 2 if cancelled else starts + LENGTH.stay * MINUTE
            steps.append((status, since, visit.practitioner))
        number = self._tables.add(
            Appointment,
            patient_id=course.patient,
            plan_id=course.plan,
            practitioner_id=visit.practitioner,
            bed_id=visit.bed,
            kind=Appointment.Kind.TREATMENT,
            starts_at=starts,
            needling_ends_at=starts + LENGTH.needling * MINUTE,
            ends_at=starts + LENGTH.stay * MINUTE,
            status=status,
            status_since=steps[-1][1],
            cancel_reason="Unwell" if cancelled else "",
            created_at=booked,
            created_by_id=self._desk,
            revision=len(steps) - 1,
        )
        for revision, (step, at, by) in enumerate(steps):
            self._tables.add(
                StatusChange,
                appointment_id=number,
                revision=revision,
                status=step,
                at=at,
                by_id=by,
            )
        return number

    def _session(
        self, course: Course, appointment: int, visit: Visit, leg: float, back: float
    ) -> None:
        rng, add, by = self._rng, self._tables.add, visit.practitioner
        starts, ends = visit.starts_at, visit.starts_at + LENGTH.stay * MINUTE
        scored, points = rng.random() >= UNSCORED, course.picture.points
        session = add(
            Session,
            appointment_id=appointment,
            plan_version_id=course.version,
            status=Session.Status.SIGNED,
            started_at=starts,
            retention_min=RETENTION,
            needles_in=len(points),
            needles_out=len(points),
            checklist=CHECKLIST.version,
            no_score_reason="" if scored else "In a hurry",
            signed_at=ends,
            signed_by_id=by,
            revision=1,
        )
        for order, point in enumerate(points, 1):
            add(
                Needling,
                session_id=session,
                acupoint_id=point.code,
                side=point.side,
                depth_mm=point.depth_mm,
                technique=point.technique,
                order=order,
                de_qi=rng.random() < 0.8,
            )
        if scored:
            for scale, value, moment, at in (
                ("leg_nrs", leg, "before", starts),
                ("back_nrs", back, "before", starts),
                ("leg_nrs", leg - 1, "after", ends),
            ):
                value += rng.choice((-1, 0, 0, 0, 1))
                score = self._score(course.episode, scale, value, moment, at, by)
                add(SessionScore, session_id=session, score_id=score)

    def _score(
        self, episode: int, scale: str, value: float, moment: str, at: datetime, by: int
    ) -> int:
        return self._tables.add(
            Score,
            episode_id=episode,
            scale=scale,
            value=Decimal(min(max(round(value), 0), 10)),
            moment=moment,
            taken_at=at,
            entered_by_id=by,
        )
