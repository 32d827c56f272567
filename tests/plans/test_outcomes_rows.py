"""A row for each episode always says what the records say, whoever wrote them."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.db.models import (
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
)
from django.db.models.functions import Abs
from django.test.utils import CaptureQueriesContext

from clinic.core.fixed import loosen, unfixed
from patients.intake.models import Intake
from patients.measures.models import Score
from patients.records.models import Episode, Patient
from plans.outcomes.models import CourseOutcome, OutcomeMark
from plans.outcomes.services import marks, rows
from plans.outcomes.services.rows import bring_into_line, worked_out
from plans.planning.models import Plan, PlanVersion
from plans.scheduling.models import Appointment
from plans.sessions.models import Needling, Session
from tests.factories import make_episode, make_intake, make_plan, make_user
from tests.plans.caseload import (
    DAY,
    MONDAY_NINE,
    make_score,
    make_session,
    make_visit,
    sign,
)

pytestmark = pytest.mark.django_db


def kept():
    """What stands in the rows, as the full count says it."""
    return {
        row.pk: {name: getattr(row, name) for name in rows.COLUMNS}
        for row in CourseOutcome.objects.all()
    }


def full():
    every = Episode.objects.values_list("pk", flat=True)
    return {pk: vars(counted) for pk, counted in worked_out(every)}


class History:
    """A clinic in which anything may happen, past the services too."""

    def __init__(self, seed):
        self.rng = Random(seed)
        self.takers = [make_user() for _each in range(2)]
        # Each thing has a day of its own, but for a score: that may be of the day of a
        # session.
        self.treated = []
        self.days = self.rng.sample(range(1, 61), 60)
        make_session(make_plan(), MONDAY_NINE, leg=8)

    def some(self, model):
        found = list(model.objects.order_by("pk"))
        return self.rng.choice(found) if found else None

    def at(self):
        return MONDAY_NINE + self.days.pop() * DAY + self.minutes()

    def minutes(self):
        return timedelta(minutes=self.rng.randrange(500), microseconds=self.number())

    def number(self):
        return self.rng.randrange(10**6)

    def step(self):
        getattr(self, self.rng.choice(STEPS))()

    def come_with_a_complaint(self):
        patient = self.some(Patient) if self.rng.random() < 0.4 else None
        opened = (self.at() - 3 * DAY).date()
        more = {"patient": patient} if patient else {}
        make_episode(opened_on=opened, onset_on=opened - 60 * DAY, **more)

    def take_intake(self):
        if episode := self.some(Episode):
            make_intake(
                episode=episode,
                taken_by=self.rng.choice(self.takers),
                taken_at=self.at() - 9 * DAY,
                screen=self.rng.choice(Intake.Screen.values),
                answers={"patterns": self.rng.choice([["cold_damp"], ["none"]])},
            )

    def approve(self):
        intake = self.some(Intake)
        if intake and not Plan.objects.filter(episode=intake.episode).exists():
            make_plan(intake=intake, sessions=self.rng.choice((2, 8)))

    def supersede(self):
        if version := self.some(PlanVersion):
            version.status = PlanVersion.Status.SUPERSEDED
            version.save(update_fields=["status"])

    def treat(self):
        if version := self.some(PlanVersion):
            leg, back = self.rng.choice((None, 8, 5)), self.rng.choice((None, 4))
            signed = self.rng.random() < 0.8
            at = self.at()
            session = make_session(
                version, at, leg=leg, back=back, after=3, signed=False
            )
            for code in self.rng.sample(("GB30", "BL40", "BL23"), 2):
                Needling.objects.create(
                    session=session,
                    acupoint_id=code,
                    side="left",
                    depth_mm=20,
                    technique=self.rng.choice(("even", "electro")),
                    order=1,
                )
            if signed:
                later = self.rng.choice((1, 30)) * DAY / 20
                reason = "" if leg is not None else "Could not say"
                sign(session, at=session.started_at + later, no_score_reason=reason)
                self.treated.append((version.plan.episode, at))

    def miss(self):
        if version := self.some(PlanVersion):
            status = self.rng.choice(("no_show", "late_cancel", "booked", "cancelled"))
            make_visit(version, self.at(), status=status)

    def change_a_visit(self):
        visits = Appointment.objects.filter(status__in=("booked", "no_show"))
        if found := visits.order_by("pk").first():
            found.status = self.rng.choice(("booked", "no_show"))
            found.save(update_fields=["status"])

    def score(self):
        if not (episode := self.some(Episode)):
            return
        scale = self.rng.choice(("leg_nrs", "leg_nrs", "odi", "rmdq"))
        value = self.rng.randrange(1, 10)
        moment = self.rng.choice(("intake", "review"))
        if self.treated and self.rng.random() < 0.6:
            place = self.rng.randrange(len(self.treated))
            episode, at = self.treated.pop(place)
            at += timedelta(microseconds=self.number())
        else:
            at = self.at()
        make_score(episode, value, at=at, moment=moment, scale=scale)

    def correct(self):
        score = self.some(Score)
        if score and not Score.objects.filter(corrects=score).exists():
            Score.objects.create(
                episode=score.episode,
                scale=score.scale,
                value=2,
                moment=score.moment,
                taken_at=score.taken_at,
                entered_by=self.takers[0],
                corrects=score,
            )

    def mend_the_record(self):
        if patient := self.some(Patient):
            patient.birth_date = (
                MONDAY_NINE.date() - self.rng.randrange(8000, 30000) * DAY
            )
            patient.sex = self.rng.choice(Patient.Sex.values)
            patient.save()
        if episode := self.some(Episode):
            sql = "UPDATE patients_episode SET onset_on = NULL WHERE id = %s"
            with connection.cursor() as cursor:
                cursor.execute(sql, [episode.pk])

    def move_to_another_patient(self):
        if episode := self.some(Episode):
            episode.patient = self.some(Patient)
            episode.save(update_fields=["patient"])

    def look(self):
        bring_into_line()


STEPS = [name for name in vars(History) if not name.startswith("_")]
for helper in ("some", "at", "minutes", "number", "step"):
    STEPS.remove(helper)
STEPS += ["treat", "take_intake", "score", "score", "come_with_a_complaint"] * 2


@pytest.mark.parametrize("seed", range(1, 6))
def test_after_any_history_the_rows_are_the_full_count(seed):
    history = History(seed)
    for _step in range(60):
        history.step()

    bring_into_line()

    assert kept() == full()
    assert not OutcomeMark.objects.exists()


@pytest.mark.parametrize("seed", range(6, 10))
def test_pain_is_what_a_query_over_all_records_finds(seed):
    """Written apart from the rows: nothing of theirs is used."""
    history = History(seed)
    for _step in range(60):
        history.step()

    bring_into_line()

    treated = CourseOutcome.objects.exclude(begun_on=None)
    found = treated.values_list("by", "leg_base", "leg_week_4")
    assert found
    assert Counter(found) == Counter(dict(pairs_by_query()))


class Days(Func):
    """Whole days from a moment to an earlier one, the nearest number of them."""

    arity = 2
    arg_joiner = " - "
    template = "CAST(ROUND(EXTRACT(EPOCH FROM %(expressions)s) / 86400) AS integer)"
    output_field = IntegerField()

    def as_sqlite(self, compiler, connection, **context):
        template = "CAST(ROUND(JULIANDAY(%(expressions)s)) AS integer)"
        joiner = ") - JULIANDAY("
        return self.as_sql(
            compiler, connection, template=template, arg_joiner=joiner, **context
        )


def pairs_by_query():
    def moment(expression):
        return ExpressionWrapper(expression, DateTimeField())

    signed = Session.objects.filter(plan_version__plan=OuterRef("pk"), status="signed")
    first = signed.order_by("started_at", "pk")
    intake = Intake.objects.filter(episode=OuterRef("episode")).order_by(
        "taken_at", "pk"
    )
    treated = "episode__plan__versions__treated"
    arrivals = Score.objects.filter(
        corrected_by=None, scale="leg_nrs", **{treated: OuterRef("first_session")}
    ).annotate(first_at=F(f"{treated}__started_at"))
    before_the_day = Q(taken_at__lt=moment(F("first_at") - DAY / 2))
    on_the_day = Q(taken_at__lt=moment(F("first_at") + DAY / 2))
    base = (
        arrivals.filter(
            (before_the_day & ~Q(moment="after"))
            | (on_the_day & Q(moment__in=("before", "intake")))
        )
        .annotate(on=Days("taken_at", "first_at"))
        .annotate(is_intake=Q(moment="intake"))
        .order_by("-on", "is_intake", "-taken_at", "-pk")
    )
    week_4 = (
        arrivals.filter(
            moment__in=("before", "review"),
            taken_at__gte=moment(F("first_at") + 20.5 * DAY),
            taken_at__lt=moment(F("first_at") + 35.5 * DAY),
        )
        .annotate(on=Days("taken_at", "first_at"))
        .order_by(Abs(F("on") - 28), "on", "-value", "-pk")
    )
    rows = (
        Plan.objects.annotate(
            by=Subquery(intake.values("taken_by")[:1]),
            first_session=Subquery(first.values("pk")[:1]),
        )
        .exclude(first_session=None)
        .annotate(
            base=Subquery(base.values("value")[:1]),
            later=Subquery(week_4.values("value")[:1]),
        )
        .values_list("by", "base", "later")
        .annotate(Count("pk"))
    )
    for by, before, later, number in rows:
        scores = (None if each is None else float(each) for each in (before, later))
        yield (by, *scores), number


def test_every_table_that_is_read_leaves_marks():
    version = make_plan()
    make_session(version, MONDAY_NINE, leg=8)

    with CaptureQueriesContext(connection) as asked:
        list(worked_out([version.plan.episode_id]))

    read = {
        table
        for table in connection.introspection.table_names()
        if any(f'"{table}"' in query["sql"] for query in asked.captured_queries)
    }
    assert read == {source.table for source in marks.SOURCES}


def test_what_changes_while_a_row_is_made_leaves_its_mark(monkeypatch):
    version = make_plan()
    make_session(version, MONDAY_NINE, leg=8)
    episode = version.plan.episode

    def meanwhile(episodes):
        found = list(worked_out(episodes))
        if not Score.objects.filter(scale="odi").exists():
            make_score(episode, 40, at=MONDAY_NINE, moment="intake", scale="odi")
        return found

    monkeypatch.setattr(rows, "worked_out", meanwhile)
    bring_into_line()

    assert kept() == full()
    assert CourseOutcome.objects.get(pk=episode.pk).disability_base == 40


def test_nothing_changed_costs_one_query(django_assert_num_queries):
    make_plan()
    bring_into_line()

    with django_assert_num_queries(1):
        assert bring_into_line() == 0


def test_drafts_leave_no_marks():
    """A draft is saved every few seconds."""
    session = make_session(make_plan(), MONDAY_NINE, leg=8, signed=False)
    bring_into_line()

    session.note = "Better"
    session.save()
    Needling.objects.create(
        session=session,
        acupoint_id="GB30",
        side="left",
        depth_mm=20,
        technique="even",
        order=1,
    )

    assert not OutcomeMark.objects.exists()


def test_triggers_that_were_away_mark_everybody_when_they_come_back():
    version = make_plan()
    bring_into_line()
    loosen(connection, marks.PREFIX)
    named = {warning.id for warning in marks.check_all_stand(databases=["default"])}
    make_session(version, MONDAY_NINE, leg=8)

    marks.stand(connection)
    bring_into_line()

    assert named == {"plans.W001"}
    assert kept() == full()
    assert marks.check_all_stand(databases=["default"]) == []


def test_counting_otherwise_counts_everybody_anew(monkeypatch):
    version = make_plan()
    bring_into_line()
    marks.stand(connection)
    assert not OutcomeMark.objects.exists()

    monkeypatch.setattr(marks, "COUNTED_AS", marks.COUNTED_AS + 1)
    marks.stand(connection)

    assert OutcomeMark.objects.get().episode == version.plan.episode_id


def test_in_another_time_zone_days_are_counted_anew(settings):
    """At four in the morning in London, the evening before in Los Angeles."""
    version = make_plan()
    make_session(version, MONDAY_NINE.replace(hour=4), leg=8)
    bring_into_line()
    marks.stand(connection)
    (begun,) = CourseOutcome.objects.values_list("begun_on", flat=True)

    settings.TIME_ZONE = "America/Los_Angeles"
    marks.stand(connection)
    bring_into_line()

    assert CourseOutcome.objects.get().begun_on == begun - DAY


def test_who_may_fill_a_database_at_will_leaves_marks_all_the_same():
    session = make_session(make_plan(), MONDAY_NINE, leg=8)
    bring_into_line()

    with unfixed(connection):
        Score.objects.filter(pk=session.scores.get().pk).update(value=3)
    bring_into_line()

    assert [row["leg_base"] for row in kept().values()] == [3]
