"""A course of the demo: its days, its sessions, its end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import cast

from clinic.accounts.models import User
from clinic.management.demo.desk import Desk
from clinic.management.demo.diary import DAY, days_before, days_of_course, rhythm
from clinic.management.demo.pain import (
    ODI,
    RMDQ,
    Hindrance,
    State,
    course_of_pain,
    later,
)
from clinic.management.demo.plans import SESSIONS, put_in_force, revised
from clinic.management.demo.stories import Story, Until
from clinic.management.demo.trail import at_the_time
from clinic.management.demo.words import (
    AMENDMENT,
    CANCELLED,
    NO_SCORE,
    NOTES,
    REVIEWED,
)
from clinic.rules.machine import Verdict
from patients.records.services import close_episode
from plans.planning.models import PlanVersion
from plans.progress.trend import (
    LEG,
    Occasion,
    Pain,
    ProgressSeries,
    Reading,
    responded,
)
from plans.reviews.decisions import judge
from plans.reviews.due import Why
from plans.reviews.models import Review
from plans.scheduling.models import Appointment
from plans.scheduling.statuses import FREED
from plans.sessions.entry import EVERY, Line, carried_over, next_prescription
from plans.sessions.models import Amendment
from plans.sessions.queries import lines_of

Status = Appointment.Status

HARMED = 2  # in this session, if at all; what hurt since the first is told there too
EARLY = 4  # sessions, after which most are looked back on
LOOK_BACK = 4  # sessions; disability is asked for again after each so many
BY_ODI = 3  # one patient in so many; the others fill in the RMDQ
TO_DECIDE = timedelta(minutes=5)
FOLLOW_UP = 7 * DAY  # after the last session, where there is time for it


def days_of(desk: Desk, story: Story, turn: int) -> list[date]:
    """The days of a course, those that were missed or cancelled among them."""
    week = desk.week
    anchor = desk.today - story.ago * DAY
    anchor = next(week.open_days(anchor, 1 if story.ago < 0 else -1))
    weekdays = rhythm(week, anchor, turn)
    before = islice(days_before(week, weekdays, anchor), story.had)
    lost = len(story.missed) + len(story.cancelled) + bool(story.today)
    ahead = SESSIONS + lost - story.had if story.booked is None else story.booked
    first = anchor
    if story.resumes is not None:
        first = desk.today + story.resumes * DAY
    after = islice(
        days_of_course(week, weekdays, first),
        0 if story.until is Until.CLOSED else ahead,
    )
    return [*reversed(list(before)), *after]


@dataclass
class Course:
    """One course, told from its first session to the demo's hour, or to its end.

    `given` is the prescription of the session signed last.
    """

    desk: Desk
    story: Story
    version: PlanVersion
    who: User
    hour: time
    turn: int
    given: str | None = None
    base: int | None = None  # leg pain before the first needling
    began: date = date.min

    def tell(self) -> None:
        desk, story = self.desk, self.story
        approved_at = cast(datetime, self.version.approved_at)
        states = self._states()
        held, visits = 0, list[Appointment]()
        for index, day in enumerate(days_of(desk, story, self.turn)):
            visit = desk.book(
                self.version.plan.episode.patient,
                day,
                self.hour,
                self.who,
                kind=Appointment.Kind.TREATMENT,
                at=approved_at + timedelta(minutes=5),
                version=self.version,
                sharp=story.quarter is not None and day == desk.today,
            )
            visits.append(visit)
            status = self._fate(index, visit)
            freed = status in FREED
            desk.follow(visit, status, CANCELLED if freed else "")
            if status in {Status.NEEDLES_IN, Status.NEEDLES_OUT, Status.UNTREATED}:
                letter = self._whose_turn()
                lines = self._lines(index, letter)
                session = desk.visits.open(
                    visit, self.version, lines, prescription=letter
                )
                if status == Status.UNTREATED:
                    desk.visits.stop(session)
            elif status == Status.DONE:
                held += 1
                self._treat(index, visit, next(states), held)
        if story.until is Until.CLOSED:
            self._close(visits, next(states), held)

    @property
    def _hindrance(self) -> Hindrance:
        return RMDQ if self.turn % BY_ODI else ODI

    def _states(self) -> Iterator[State]:
        answers = self.version.intake.answers
        return course_of_pain(
            self.desk.rng,
            self.story.pain,
            leg=answers["leg_nrs"],
            back=answers["back_nrs"],
            sessions=SESSIONS,
            hindrance=self._hindrance,
        )

    def _fate(self, index: int, visit: Appointment) -> str:
        if index in self.story.missed:
            return Status.NO_SHOW
        if index in self.story.cancelled:
            return Status.CANCELLED
        told = self.story.today
        is_today = self.desk.day_of(visit.starts_at) == self.desk.today
        # Nobody has failed to come before the hour.
        if is_today and told and (told in FREED or visit.starts_at < self.desk.now):
            return told
        return self.desk.by_the_clock(visit)

    def _whose_turn(self) -> str:
        letters = (row.prescription for row in self.version.points.all())
        return next_prescription(letters, self.given)

    def _lines(self, index: int, letter: str) -> Sequence[Line]:
        """Those of the prescription; later in a course one is sometimes left out."""
        rows = self.version.points.all()
        together = [row for row in rows if row.prescription in {EVERY, letter}]
        lines = carried_over(lines_of(together))
        is_less = index > 2 and len(lines) > 4 and self.desk.rng.random() < 0.3
        return lines[:-1] if is_less else lines

    def _treat(self, index: int, visit: Appointment, state: State, held: int) -> None:
        desk, story, version = self.desk, self.story, self.version
        letter = self._whose_turn()
        lines = [self._felt(line) for line in self._lines(index, letter)]
        session = desk.visits.open(visit, version, lines, prescription=letter)
        if story.unsigned and index == story.had:
            return
        self.given = letter
        language = visit.practitioner.language
        if held == 1:
            self.base = state.scores["leg_before"]
            self.began = desk.day_of(visit.starts_at)
            self._measure(state, visit, "before", visit.starts_at)
        desk.visits.sign(
            session,
            {} if index in story.unscored else state.scores,
            needles=sum(line.needles for line in lines) + version.ashi,
            note=desk.rng.choice(NOTES[language]),
            no_score_reason=NO_SCORE[language],
        )
        if held % LOOK_BACK == 0:
            self._measure(state, visit, "review", visit.ends_at)
        if story.harm and held == HARMED:
            desk.visits.harms.append((visit, story.harm))
        if story.flared and held == HARMED:
            desk.visits.flare_ups.append(visit)
        if story.amended and index == story.had - 1:
            desk.visits.amendments.append(
                Amendment(
                    session=session,
                    text=AMENDMENT[language],
                    written_at=visit.ends_at + timedelta(hours=2),
                    written_by=visit.practitioner,
                    submission=desk.token(),
                )
            )
        if held == EARLY and self._is_reviewed():
            change = story.revised_after == held
            leg = None if index in story.unscored else state.scores["leg_before"]
            self._review(
                visit.ends_at + TO_DECIDE,
                visit.practitioner,
                leg,
                held,
                Why.SESSION_4,
                "change" if change else "continue",
            )
        if held == story.revised_after:
            at = visit.ends_at + timedelta(minutes=5)
            draft = revised(version, by=visit.practitioner, at=at)
            self.version = put_in_force(draft, by=visit.practitioner, at=at)

    def _felt(self, line: Line) -> Line:
        """Moxa alone brings no de qi."""
        if not line.depth_mm:
            return line
        return replace(line, de_qi=self.desk.rng.random() < 0.85)

    def _is_reviewed(self) -> bool:
        """One in four is forgotten; those that grow worse are left for the reader."""
        story = self.story
        if story.revised_after:
            return True
        return story.pain != "worse" and self.turn % 4 != 0

    def _review(
        self, at: datetime, by: User, leg: int | None, held: int, why: Why, words: str
    ) -> None:
        """`words` picks the reason; what it begins with is the decision."""
        day = self.desk.day_of(at)
        judged = judge(
            ProgressSeries(
                (
                    Reading(self.began, Occasion.SESSION, Pain(self.base)),
                    Reading(day, Occasion.REVIEW, Pain(leg)),
                )
            ),
            day,
        )
        fall = 0 if leg is None else max((self.base or 0) - leg, 0)
        self.desk.visits.review(
            Review(
                plan=self.version.plan,
                version=self.version,
                held_at=at,
                held_by=by,
                due_for=[why],
                attended=held,
                standing=judged.standing,
                rules=[rule.id for rule in judged.said],
                leg_before=self.base,
                leg_now=leg,
                goal=self.version.goal,
                goal_reached=min(2 * fall, 10),
                decision=words.partition(",")[0],
                reason=REVIEWED[by.language][words],
            )
        )

    def _measure(
        self, state: State, visit: Appointment, moment: str, at: datetime
    ) -> None:
        self.desk.visits.measure(
            self.version.plan.episode,
            self._hindrance.scale,
            state.disability,
            moment=moment,
            taken_at=at,
            by=visit.practitioner,
        )

    def _close(self, visits: Sequence[Appointment], state: State, held: int) -> None:
        """Once through, the patient is asked once more, at week 8 for a last review."""
        desk, asked, last = self.desk, self.story.asked_again, visits[-1]
        at, by = last.ends_at + FOLLOW_UP, last.practitioner
        if asked:
            day = desk.day_of(visits[0].starts_at) + asked * DAY
            at = desk.moment(next(desk.week.open_days(day, 1)), self.hour)
            state = later(desk.rng, state)
        episode = self.version.plan.episode
        if asked != 0 and at < desk.now and last.status == Status.DONE:
            for scale, name in (("leg_nrs", "leg_before"), ("back_nrs", "back_before")):
                desk.visits.measure(
                    episode,
                    scale,
                    state.scores[name],
                    moment="review",
                    taken_at=at,
                    by=by,
                )
            if asked:
                leg = state.scores["leg_before"]
                better = responded(self.base, leg, LEG) is Verdict.YES
                words = "finish" if better else "finish, unchanged"
                self._review(at + TO_DECIDE, by, leg, held, Why.WEEK_8, words)
        else:
            at = last.ends_at
        with at_the_time(at):
            close_episode(by=by, episode=episode, on=desk.day_of(at))
