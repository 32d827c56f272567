"""Who came in the year before: finished courses, so that there is something to count.

They are drawn by lot: some respond, some don't, some stop early, not everybody is asked
again after eight weeks. What the forecast and the outcomes make of it, they make of it.
There are many, so their rows are written together; the tests of the demo ask the rules
about each of them as of the others.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from random import Random

from django.db.models import Model

from clinic.accounts.models import User
from clinic.management.demo.course import Course, days_of
from clinic.management.demo.desk import Desk, Status
from clinic.management.demo.diary import DAY
from clinic.management.demo.people import Person, Register
from clinic.management.demo.pictures import PICTURES, answers_of
from clinic.management.demo.plans import SESSIONS
from clinic.management.demo.stories import Story, Until
from clinic.management.demo.words import COMPLAINTS, GOALS, OVERRULED, SHORTER
from clinic.rules.machine import Facts
from patients.intake.models import Intake
from patients.intake.questionnaire import QUESTIONNAIRE, facts_from
from patients.intake.screen import RED_FLAGS, screen
from patients.intake.services import NRS
from patients.records.models import Episode, Patient, SearchTerm
from patients.records.names import patient_terms
from plans.engine.dose import dose_cautions
from plans.engine.objections import Line, objections
from plans.engine.proposal import WARN, Proposal, proposal_to_json
from plans.engine.propose import propose
from plans.planning.course import weeks_of
from plans.planning.models import Plan, PlanPoint, PlanVersion
from plans.planning.queries import rule_book, with_points
from plans.scheduling.models import Appointment

FORMER = 84
NEWEST, OLDEST = 45, 325  # days since the last session
ONSET_WEEKS = (4, 8, 12, 14, 16, 20, 26, 40, 60, 104)
PAIN = {"usual": 60, "strong": 14, "none": 18, "worse": 8}  # in a hundred
STAYS, ASKED_AGAIN = 0.85, 0.8  # shares of the patients
MISSES, UNSCORED = 0.04, 0.05  # shares of the sessions
WEEK_8 = 8 * 7  # days
TO_APPROVE = timedelta(minutes=3)


@dataclass
class Former:
    person: Person
    patient: Patient
    story: Story
    turn: int
    who: User
    hour: time
    on: date  # of the first visit


def tell_of_former(
    desk: Desk, register: Register, hours: Iterable[time], number: int
) -> None:
    """Write people and plans; the visits of their courses are left with the desk."""
    former = list(_enrol(desk, register, hours, number))
    Patient.objects.bulk_create(one.patient for one in former)
    SearchTerm.objects.bulk_create(
        SearchTerm(patient=one.patient, term=term)
        for one in former
        for term in sorted(_terms(one.person))
    )
    drawn = [_plan(desk, one) for one in former]
    Episode.objects.bulk_create(version.plan.episode for version, _points in drawn)
    Intake.objects.bulk_create(version.intake for version, _points in drawn)
    Plan.objects.bulk_create(version.plan for version, _points in drawn)
    PlanVersion.objects.bulk_create(version for version, _points in drawn)
    PlanPoint.objects.bulk_create(
        point for _version, points in drawn for point in points
    )
    written = with_points().in_bulk([version.pk for version, _points in drawn])
    for one, version in zip(former, written.values(), strict=True):
        _keep_trail(desk, one, version)
        Course(desk, one.story, version, one.who, one.hour, one.turn).tell()


def _enrol(
    desk: Desk, register: Register, hours: Iterable[time], number: int
) -> Iterator[Former]:
    """The oldest first."""
    rng, week = desk.rng, desk.week
    agos = sorted((rng.randint(NEWEST, OLDEST) for _ in range(number)), reverse=True)
    turns = zip(agos, cycle(desk.acupuncturists), cycle(hours), strict=False)
    for turn, (ago, who, hour) in enumerate(turns):
        story, person = _story(rng, ago), register.invent()
        first = days_of(desk, story, turn)[0]
        on = next(week.open_days(first - 2 * DAY, -1))
        told = next(week.open_days(on - 2 * DAY, -1))
        patient = Patient(
            submission=desk.token(),
            registered_at=desk.moment(told, time(16, 40)),
            **asdict(person),
        )
        yield Former(person, patient, story, turn, who, week.shifted(hour), on)


def _story(rng: Random, ago: int) -> Story:
    held = SESSIONS if rng.random() < STAYS else rng.randint(3, SESSIONS - 2)
    missed = tuple(index for index in range(1, held) if rng.random() < MISSES)
    days = held + len(missed)
    return Story(
        "former",
        Until.CLOSED,
        ago=ago,
        had=days,
        pain=rng.choices([*PAIN], [*PAIN.values()])[0],
        missed=missed,
        unscored=tuple(index for index in range(1, days) if rng.random() < UNSCORED),
        asked_again=WEEK_8 + rng.randint(-4, 5) if rng.random() < ASKED_AGAIN else 0,
    )


def _terms(person: Person) -> frozenset[str]:
    return patient_terms(
        person.family_name, person.given_name, person.preferred_name, person.phone
    )


def _plan(desk: Desk, one: Former) -> tuple[PlanVersion, list[PlanPoint]]:
    """What came of the first visit: the plan as proposed, for eight sessions."""
    rng = desk.rng
    visit = desk.book(
        one.patient,
        one.on,
        one.hour,
        one.who,
        kind=Appointment.Kind.FIRST,
        at=one.patient.registered_at,
    )
    desk.follow(visit, Status.DONE)
    by = visit.practitioner
    intake, facts = _intake(desk, one, visit)
    proposal = propose(facts, book=rule_book(), trained=by.trained)
    dose, at = proposal.dose, visit.ends_at
    if proposal.blocked or dose is None:
        raise ValueError(f"nothing to plan for {intake.answers}")
    goals = GOALS[by.language]
    version = PlanVersion(
        plan=Plan(episode=intake.episode, opened_at=at),
        number=1,
        status=PlanVersion.Status.APPROVED,
        intake=intake,
        proposal=proposal_to_json(proposal),
        rules_version=proposal.rules_version,
        sessions=SESSIONS,
        per_week=dose.per_week,
        retention_min=dose.retention_min,
        ashi=proposal.ashi.least if proposal.ashi else 0,
        goal=rng.choice(goals),
        style=proposal.style[by.language] if proposal.style else "",
        response_sought=proposal.seek,
        change_reason="" if dose.sessions == SESSIONS else SHORTER[by.language],
        created_at=at,
        created_by=by,
        approved_at=at + TO_APPROVE,
        approved_by=by,
        revision=1,
    )
    return version, _points(version, proposal, facts)


def _intake(desk: Desk, one: Former, visit: Appointment) -> tuple[Intake, Facts]:
    onset = one.on - timedelta(weeks=desk.rng.choice(ONSET_WEEKS))
    episode = Episode(
        patient=one.patient,
        complaint=desk.rng.choice(COMPLAINTS[visit.practitioner.language]),
        onset_on=onset,
        opened_on=one.on,
        submission=desk.token(),
    )
    answers = answers_of(
        desk.rng,
        one.person,
        desk.rng.choice([*PICTURES]),
        told={},
        untold=(),
        onset=onset,
        on=one.on,
    )
    facts = facts_from(
        answers,
        birth_date=one.person.birth_date,
        sex=one.person.sex,
        onset=onset,
        on=one.on,
    )
    intake = Intake(
        submission=desk.token(),
        episode=episode,
        taken_at=visit.starts_at + timedelta(minutes=12),
        taken_by=visit.practitioner,
        answers=answers,
        questionnaire_version=QUESTIONNAIRE.version,
        screen=Intake.Screen(screen(facts).state),
        screen_version=RED_FLAGS.version,
        closed_at=visit.ends_at,
    )
    return intake, facts


def _points(version: PlanVersion, proposal: Proposal, facts: Facts) -> list[PlanPoint]:
    """As proposed; where the rules ask for a reason, with one."""
    by, book = version.created_by, rule_book()
    lines = [
        Line(point.code, point.depth_mm, point.technique, point.prescription)
        for point in proposal.points
    ]
    against = {
        found.code: found.level
        for found in objections(lines, facts=facts, book=book, trained=by.trained)
    }
    of_dose = dose_cautions(
        per_week=version.per_week, weeks=weeks_of(version), facts=facts, book=book
    )
    if any(caution.level == WARN for caution in of_dose) or against.get("") == WARN:
        version.change_reason = version.change_reason or OVERRULED[by.language]
    return [
        PlanPoint(
            version=version,
            acupoint_id=point.code,
            side=point.side,
            depth_mm=point.depth_mm,
            angle=point.angle,
            technique=point.technique,
            position=point.position,
            order=order,
            origin=PlanPoint.Origin.PROPOSED,
            override_reason=(
                OVERRULED[by.language] if against.get(point.code) == WARN else ""
            ),
            prescription=point.prescription,
        )
        for order, point in enumerate(proposal.points, 1)
    ]


def _keep_trail(desk: Desk, one: Former, version: PlanVersion) -> None:
    visits, intake, by = desk.visits, version.intake, version.created_by
    approved_at = version.approved_at or version.created_at

    def did(action: str, at: datetime, by: User, subject: Model, **details: object):
        visits.did(
            action, at=at, by=by, subject=subject, patient_id=one.patient.pk, **details
        )

    did("register_patient", one.patient.registered_at, desk.someone(), one.patient)
    did("open_episode", intake.taken_at, by, intake.episode)
    did("take_intake", intake.taken_at, by, intake, screen=intake.screen, raised=[])
    for scale in NRS:
        visits.measure(
            intake.episode,
            scale,
            intake.answers[scale],
            moment="intake",
            taken_at=intake.taken_at,
            by=by,
        )
    did("draft_plan", version.created_at, by, version, number=1, intake=intake.pk)
    reasons = [row.acupoint_id for row in version.points.all() if row.override_reason]
    did("approve_plan", approved_at, by, version, number=1, overridden=reasons)
