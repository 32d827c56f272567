"""The outcomes page against a caseload that was counted by hand."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from clinic.core.fixed import unfixed
from patients.intake.models import Intake
from patients.measures.models import Score
from patients.measures.services import record_review, withdraw_score
from plans.adverse.models import AdverseEvent
from plans.corrections.services import correct_session
from plans.outcomes import queries, views
from plans.outcomes.caseload import (
    Pair,
    Selection,
    change,
    definitions,
    drop_off,
    response,
)
from plans.outcomes.casemix import COLUMNS, Group, case_mix, standing
from plans.outcomes.findings import findings
from plans.outcomes.funnel import funnel
from plans.outcomes.models import CourseOutcome
from plans.outcomes.services import rows
from plans.outcomes.services.rows import bring_into_line
from plans.progress.queries import series_of
from plans.progress.reviews import reviews
from plans.progress.trend import LEG
from plans.scheduling.models import Appointment
from plans.sessions.models import Needling, PaperRecord, Session
from tests.factories import (
    make_bed,
    make_episode,
    make_intake,
    make_plan,
    make_user,
    sign_in,
)
from tests.plans.caseload import (
    DAY,
    MONDAY_NINE,
    make_score,
    make_session,
    make_visit,
)
from tests.plans.outcome_references import caseload

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
TODAY = NOW.date()
ALL = Selection()
URL = "/outcomes/"


@pytest.fixture(autouse=True)
def first_of_june(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def mei():
    return make_user(Role.ACUPUNCTURIST, name="Mei Example")


def treated(
    by, base, later, *, begin=MONDAY_NINE, day=28, back=None, answers=None, **plan
):
    """A course with a first session and one on `day`; None was not scored."""
    intake = make_intake(taken_by=by, taken_at=begin - DAY, answers=answers or {})
    version = make_plan(intake=intake, **plan)
    make_session(version, begin, leg=base, back=back)
    make_session(version, begin + day * DAY, leg=later, back=back)
    return version


def totals_of(chosen=ALL):
    bring_into_line()
    return queries.totals_of(chosen, TODAY)


def flow_of(chosen):
    return totals_of(chosen).flow


def legs_of(chosen=ALL):
    bring_into_line()
    return queries.cells_of(chosen, TODAY)


def page_of(client, query=""):
    return client.get(URL + query).content.decode()


class TestFlow:
    def test_every_episode_stands_where_it_came_to(self, mei):
        for screen in ("raised", "unanswered", "clear", "clear"):
            make_intake(taken_by=mei, screen=screen)
        make_plan(intake=make_intake(taken_by=mei))
        booked = make_plan(intake=make_intake(taken_by=mei))
        make_visit(booked, NOW + DAY)
        treated(mei, 8, 4)
        make_plan(
            intake=make_intake(taken_by=mei),
            status="draft",
            approved_at=None,
            approved_by=None,
        )

        found = flow_of(ALL)

        assert found.intakes == 8
        assert (found.stopped, found.open, found.clear) == (1, 1, 3)
        assert (found.planned, found.booked, found.treated) == (3, 2, 1)

    def test_an_episode_counts_once_by_its_first_intake_and_last_screen(self, mei):
        other = make_user()
        first = make_intake(taken_by=mei, screen="unanswered")
        make_intake(
            episode=first.episode,
            taken_by=other,
            taken_at=MONDAY_NINE + 40 * DAY,
            screen=Intake.Screen.RAISED,
        )

        found = flow_of(Selection(last=MONDAY_NINE.date()))

        assert (found.intakes, found.stopped) == (1, 1)
        assert flow_of(Selection(first=MONDAY_NINE.date() + DAY)).intakes == 0
        assert flow_of(Selection(by=mei.pk)).intakes == 1
        assert flow_of(Selection(by=other.pk)).intakes == 0

    def test_days_are_those_of_the_clinic_s_clock(self, mei):
        """In British summer 23:30 UTC is half past midnight of the next day."""
        make_intake(taken_by=mei, taken_at=datetime(2026, 5, 10, 23, 30, tzinfo=UTC))

        assert flow_of(Selection(last=date(2026, 5, 10))).intakes == 0
        assert flow_of(Selection(first=date(2026, 5, 11))).intakes == 1


class TestWeekFour:
    def pairs(self):
        return [(p.base, p.later, p.count) for p in legs_of()]

    def test_courses_with_the_same_scores_are_counted_together(self, mei):
        for _each in range(2):
            treated(mei, 8, 4)
        treated(mei, 8, None)
        treated(mei, None, 3)

        assert sorted(self.pairs(), key=str) == [
            (8.0, 4.0, 2),
            (8.0, None, 1),
            (None, 3.0, 1),
        ]

    @pytest.mark.parametrize(
        ("day", "later"), [(20, None), (21, 5), (35, 5), (36, None)]
    )
    def test_the_window_is_a_week_to_either_side(self, mei, day, later):
        treated(mei, 8, 5, day=day)

        assert self.pairs() == [(8.0, later, 1)]

    @pytest.mark.parametrize(
        ("days", "later"), [((22, 30), 2), ((27, 29), 1), ((28, 29), 1), ((24, 33), 1)]
    )
    def test_the_nearest_counts_and_of_two_the_earlier(self, mei, days, later):
        version = treated(mei, 8, 1, day=days[0])
        make_session(version, MONDAY_NINE + days[1] * DAY, leg=2)

        assert self.pairs() == [(8.0, later, 1)]

    def test_the_last_score_before_needling_is_the_baseline(self, mei):
        version = treated(mei, None, 4)
        episode = version.plan.episode
        make_score(episode, 9, at=MONDAY_NINE - 7 * DAY, moment="intake")
        make_score(episode, 7, at=MONDAY_NINE - DAY, moment="review")
        make_score(episode, 2, at=MONDAY_NINE, moment="after")
        make_score(episode, 3, at=MONDAY_NINE + 2 * DAY, moment="review")

        assert self.pairs() == [(7.0, 4.0, 1)]

    def test_a_score_after_needling_or_at_a_new_intake_is_not_week_four_s(self, mei):
        version = treated(mei, 8, None)
        for moment in ("after", "intake"):
            make_score(
                version.plan.episode, 1, at=MONDAY_NINE + 28 * DAY, moment=moment
            )

        assert self.pairs() == [(8.0, None, 1)]

    def reviewed(self, version, value, *, by, day=0):
        on = MONDAY_NINE.date() + day * DAY
        episode = version.plan.episode
        record_review(by=by, episode=episode, scale="leg_nrs", value=value, on=on)

    def test_a_review_on_the_first_day_may_be_from_after_the_needling(self, mei):
        version = treated(mei, None, 6)
        self.reviewed(version, 4, by=mei)

        assert self.pairs() == [(None, 6.0, 1)]

    @pytest.mark.parametrize(("before", "at_review"), [(7, 5), (5, 7)])
    def test_of_two_scores_on_one_day_the_higher_counts(self, mei, before, at_review):
        version = treated(mei, 8, before)
        self.reviewed(version, at_review, by=mei, day=28)

        assert self.pairs() == [(8.0, 7.0, 1)]

    def test_a_corrected_score_counts_as_corrected(self, mei):
        version = treated(mei, 8, 6)
        score = Score.objects.get(value=6)
        Score.objects.create(
            episode=version.plan.episode,
            scale="leg_nrs",
            value=3,
            moment="before",
            taken_at=score.taken_at,
            corrects=score,
            entered_by=mei,
        )

        assert self.pairs() == [(8.0, 3.0, 1)]

    @pytest.mark.parametrize(("ago", "due"), [(35, 0), (36, 1)])
    def test_nothing_is_missing_before_the_window_has_closed(self, mei, ago, due):
        treated(mei, 8, 5, begin=NOW - ago * DAY)

        assert len(self.pairs()) == due

    def test_a_draft_is_no_session(self, mei):
        version = make_plan(intake=make_intake(taken_by=mei))
        make_session(version, MONDAY_NINE, leg=8, signed=False)

        assert self.pairs() == []

    @pytest.mark.parametrize("days", [(22, 30), (27, 29), (21, 36), (24, 33)])
    def test_it_is_the_score_of_the_review_on_the_progress_page(self, mei, days):
        version = treated(mei, 8, 1, day=days[0])
        make_session(version, MONDAY_NINE + days[1] * DAY, leg=2)

        review = reviews(series_of(version.plan.episode, NOW), TODAY)[1]

        assert self.pairs() == [(8.0, review.score[1], 1)]


class TestChange:
    def test_means_and_missing_by_hand(self):
        """Changes -4, -4, -2, 0: mean -2.5, t(3) 3.182, sd 1.915: -5.55 to 0.55."""
        found = change(
            [
                Pair(8, 4, 2),
                Pair(6, 4, 1),
                Pair(5, 5, 1),
                Pair(9, None, 2),
                Pair(None, 3, 1),
            ]
        )

        assert (found.answered.part, found.answered.whole) == (4, 7)
        assert (found.no_base, found.no_later) == (1, 2)
        assert (found.base, found.later) == (6.75, 4.25)
        assert found.base_of_missing == 9
        assert (found.fall.mean, found.fall.median) == (-2.5, -3)
        assert found.fall.interval.low == pytest.approx(-5.547, abs=0.001)
        assert found.fall.interval.high == pytest.approx(0.547, abs=0.001)

    def test_responses_by_hand(self):
        """10 to 7 is 30 per cent and 2 points, 5 to 3 is 40 and 2, 3 to 2 is 33, 1."""
        pairs = [
            Pair(10, 7, 1),
            Pair(5, 3, 1),
            Pair(3, 2, 1),
            Pair(8, 4, 1),
            Pair(8, 8, 1),
            Pair(8, None, 2),
            Pair(0, 0, 3),
        ]

        by_share, by_half, by_points, by_both, by_target = (
            response(pairs, definition) for definition in definitions(LEG)
        )
        assert (by_both.found.known.part, by_both.found.known.whole) == (3, 5)
        assert (by_target.found.known.part, by_target.found.known.whole) == (0, 5)

        assert [
            (r.found.known.part, r.found.known.whole, r.too_well)
            for r in (by_share, by_half, by_points)
        ] == [(4, 5, 3), (1, 5, 3), (3, 5, 3)]
        assert (by_share.found.worst.part, by_share.found.best.part) == (4, 6)
        assert by_share.found.worst.whole == by_share.found.best.whole == 7


def test_attendance_by_hand(mei):
    """Eight sessions at two a week take four weeks; the second course still runs."""
    over = treated(mei, 8, 4)
    for day in (3, 7, 10):
        make_session(over, MONDAY_NINE + day * DAY)
    make_visit(over, MONDAY_NINE + 14 * DAY, status=Appointment.Status.NO_SHOW)
    make_visit(over, MONDAY_NINE + 17 * DAY, status=Appointment.Status.LATE_CANCEL)
    make_visit(over, MONDAY_NINE + 18 * DAY, status=Appointment.Status.CANCELLED)
    complete = make_plan(intake=make_intake(taken_by=mei), sessions=1, per_week=2)
    for day in (0, 3):
        make_session(complete, MONDAY_NINE + day * DAY, leg=5)
    runs = make_plan(intake=make_intake(taken_by=mei))
    make_session(runs, NOW - 7 * DAY, leg=5)
    make_plan(intake=make_intake(taken_by=mei))

    found = totals_of().attendance

    assert (found.courses, found.ended, found.complete) == (4, 2, 1)
    assert (found.held, found.prescribed) == (5 + 1, 8 + 1)
    assert (found.sessions_held, found.scored) == (5 + 2 + 1, 2 + 2 + 1)
    assert (found.no_shows, found.late_cancels) == (1, 1)


class TestPage:
    def test_its_numbers_are_those_counted_by_hand(self, client, mei):
        """Ten of Mei's fall by 2 to 4 points, one has no score; two of Jonas's."""
        sign_in(client, Role.ADMIN)
        jonas = make_user(Role.ACUPUNCTURIST, name="Jonas Example")
        for later in (4, 4, 5, 5, 5, 6, 6, 6, 6, 8):
            treated(mei, 8, later, back=3)
        treated(mei, 9, None)
        for _each in range(2):
            treated(jonas, 6, 6)

        page = page_of(client, "?first=2026-01-01&last=2026-05-31")

        assert "Leg scores are missing for 1 of 13 courses" in page
        assert "12 of 13 (92 %)" in page
        # -4 -4 -3 -3 -3 -2 -2 -2 -2 0 0 0: mean -2.08, sd 1.44, t(11) 2.201.
        assert "−2.1" in page
        assert "−3.0 to −1.2" in page
        # 8 to 5 is 37.5 per cent, 8 to 6 is 25: five of twelve; by points nine.
        assert "5 of 12 (42 %)" in page
        row = page[page.index("9 of 12 (75 %)") :]
        assert row.index(">69 %<") < row.index(">77 %<") < row.index("</tr>")
        # By practitioner: ten may be shown, two may not; the names stand in order.
        assert "fewer than 10 with both scores: not shown" in page
        assert page.index("Jonas Example</th>") < page.index("Mei Example</th>")

    def test_one_practitioner_can_be_looked_at_alone(self, client, mei):
        sign_in(client, Role.ADMIN)
        treated(mei, 8, 4)
        treated(make_user(), 8, 8)

        page = page_of(client, f"?by={mei.pk}")

        assert "Leg scores are missing for 0 of 1 course:" in page
        assert "Only 1 course has its week 4 behind it" in page

    def test_no_patient_is_named(self, client, mei):
        sign_in(client, Role.ADMIN)
        treated(mei, 8, 4)

        assert "Reyes" not in page_of(client)

    @pytest.mark.parametrize("courses", [1, 3])
    def test_query_count_does_not_grow(
        self, client, mei, django_assert_num_queries, courses
    ):
        """Nine: session, user, marks, intake takers, totals, cells, practitioners,
        pairs, adverse events.
        """
        sign_in(client, Role.ADMIN)
        for number in range(courses):
            treated(mei, 8, 4 + number)
        bring_into_line()

        with django_assert_num_queries(9):
            page = page_of(client)

        assert f"for 0 of {courses} course" in page

    @pytest.mark.parametrize(
        "address", ["", "paper/", "explorer/", "take-away/", "files/dictionary.csv"]
    )
    def test_nobody_waits_until_all_is_counted_anew(
        self, client, mei, monkeypatch, address
    ):
        monkeypatch.setattr(rows, "AT_ONCE", 1)
        monkeypatch.setattr(views, "MOST", 1)
        sign_in(client, Role.ADMIN)
        for number in range(4):
            treated(mei, 8, 4 + number)

        first, second, third = (client.get(URL + address) for _look in range(3))

        assert "3 episodes that changed are still to be" in first.content.decode()
        assert "2 episodes that changed" in second.content.decode()
        assert second.headers["Refresh"] == "1"
        assert [each.status_code for each in (first, second, third)] == [503, 503, 200]
        assert CourseOutcome.objects.count() == 4

    def test_what_is_typed_is_not_lost_to_counting_anew(self, client, mei, monkeypatch):
        monkeypatch.setattr(rows, "AT_ONCE", 1)
        monkeypatch.setattr(views, "MOST", 1)
        sign_in(client, Role.ADMIN)
        for number in range(4):
            treated(mei, 8, 4 + number)

        sent = client.post(f"{URL}take-away/", {"reason": "", "submission": uuid4()})

        assert sent.status_code == 422
        assert CourseOutcome.objects.count() == 4

    def test_an_empty_clinic_is_told_so(self, client):
        sign_in(client, Role.ADMIN)

        assert "Nothing to count" in page_of(client)

    @pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.ACUPUNCTURIST])
    def test_only_the_admin_may_look(self, client, role):
        sign_in(client, role)

        assert client.get(URL).status_code == 403

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("?first=0001-01-01", "Give a day from 2000 to 2099."),
            ("?last=9999-12-31", "Give a day from 2000 to 2099."),
            ("?first=tomorrow", "Give a day such as 2026-03-31."),
            ("?first=%00", "Give a day such as 2026-03-31."),
            ("?first=二月", "Give a day such as 2026-03-31."),
            ("?first=2026-05-01&last=2026-04-01", "This day is before the first one."),
            ("?by=987654321", "Nobody on the list was chosen."),
            ("?by=Mei", "Nobody on the list was chosen."),
        ],
    )
    def test_junk_is_answered_with_a_sentence(self, client, mei, query, sentence):
        sign_in(client, Role.ADMIN)
        treated(mei, 8, 4)

        answer = client.get(URL + query)

        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert "Who is counted" not in answer.content.decode()

    @pytest.mark.parametrize("query", ["?first=&last=&by=", "?by=", "?page=x&first="])
    def test_an_empty_field_is_no_limit(self, client, mei, query):
        sign_in(client, Role.ADMIN)
        treated(mei, 8, 4, begin=MONDAY_NINE - 2000 * DAY)

        assert "All episodes with an intake" in page_of(client, query)

    def test_it_opens_on_the_last_twelve_months(self, client, mei):
        sign_in(client, Role.ADMIN)
        treated(mei, 8, 4)
        treated(mei, 8, 4, begin=MONDAY_NINE - 400 * DAY)

        assert "for 0 of 1 course:" in page_of(client)

    def test_it_is_the_place_in_the_rail(self, client):
        sign_in(client, Role.ADMIN)

        assert reverse("plans:outcomes") == URL
        assert f'href="{URL}" aria-current="page"' in page_of(client)


def test_a_second_episode_of_a_patient_is_its_own(mei):
    version = treated(mei, 8, 4)
    again = make_episode(patient=version.plan.episode.patient)
    second = make_plan(
        intake=make_intake(episode=again, taken_by=mei, taken_at=MONDAY_NINE + 50 * DAY)
    )
    make_session(second, MONDAY_NINE + 51 * DAY, leg=5, bed=make_bed())

    assert flow_of(ALL).treated == 2
    assert [(p.base, p.later) for p in sorted(legs_of(), key=str)] == [
        (5.0, None),
        (8.0, 4.0),
    ]


def make_event(version, *, grade=1, kind="bleeding", late=0, **fields):
    return AdverseEvent.objects.create(
        episode=version.plan.episode,
        kind=kind,
        grade=grade,
        happened_on=MONDAY_NINE.date(),
        timing="day",
        relation="probable",
        description="A drop of blood",
        action="Pressed",
        outcome="recovered",
        recorded_at=MONDAY_NINE + late * DAY,
        recorded_by=version.created_by,
        **fields,
    )


class TestHarm:
    def harm(self):
        bring_into_line()
        totals = queries.totals_of(ALL, TODAY)
        cells, groups = queries.cells_of(ALL, TODAY), queries.groups_of(ALL, TODAY)
        pairs, events = queries.pairs_of(ALL, TODAY), queries.events_of(ALL)
        return findings(totals, cells, groups, pairs, events).harm

    def test_per_thousand_sessions_by_hand(self, mei):
        """Two events in four sessions; one more of an episode without any."""
        version = treated(mei, 8, 4)
        treated(mei, 8, 4)
        make_event(version)
        make_event(make_plan(intake=make_intake(taken_by=mei)), grade=3, kind="burn")

        harm = self.harm()

        assert (harm.total.events, harm.total.among, harm.total.rate) == (2, 4, 500)
        assert harm.groups["traumatic"].events == harm.groups["other"].events == 1
        assert harm.groups["infectious"].events == 0
        assert [harm.grades[grade].events for grade in range(1, 6)] == [1, 0, 1, 0, 0]
        assert set(harm.kinds) == {"bleeding", "burn"}

    def test_a_corrected_event_counts_once_and_a_late_one_is_late(self, mei):
        version = treated(mei, 8, 4)
        event = make_event(version)
        make_event(version, grade=2, late=8, corrects=event)

        harm = self.harm()

        assert (harm.total.events, harm.late) == (1, 1)
        assert (harm.grades[1].events, harm.grades[2].events) == (0, 1)

    def test_an_event_of_a_session_in_error_is_no_harm_and_is_told_of(self, mei):
        """Also one that was corrected since, and none of no session in particular."""
        version = treated(mei, 8, 4)
        wrong, right = Session.objects.filter(plan_version=version)
        first = make_event(version, session=wrong, late=8)
        for fields in ({"session": wrong, "corrects": first}, {"session": right}, {}):
            make_event(version, **fields)
        assert (self.harm().total.events, self.harm().in_error) == (3, 0)

        correct_session(
            by=mei,
            session=wrong,
            to=None,
            came=False,
            reason="Two charts were open.",
            submission=uuid4(),
            now=NOW,
        )

        harm = self.harm()
        assert (harm.total.events, harm.total.among) == (2, 1)
        assert (harm.in_error, harm.late) == (1, 0)
        assert harm.grades[1].events == harm.kinds["bleeding"].events == 2


@pytest.mark.parametrize(
    ("day", "late"), [(0, False), (7, False), (8, True), (30, True)]
)
def test_an_event_is_late_after_a_week(mei, day, late):
    make_event(treated(mei, 8, 4), late=day)
    bring_into_line()

    assert [each.is_late for each in queries.events_of(ALL)] == [late]


def test_each_filter_narrows_what_is_counted(mei):
    """By pattern, phase and technique, of the first intake and the first session."""
    cold = treated(mei, 8, 4, answers={"patterns": ["cold_damp", "damp_heat"]})
    treated(mei, 8, 4, answers={"patterns": ["none"], "leg_nrs": 3})
    with unfixed(connection):
        Needling.objects.create(
            session=Session.objects.filter(plan_version=cold).first(),
            acupoint_id="GB30",
            side="left",
            depth_mm=20,
            technique="electro",
            order=1,
        )

    def intakes(**chosen):
        return flow_of(Selection(**chosen)).intakes

    assert intakes() == 2
    assert intakes(pattern="cold_damp") == intakes(pattern="damp_heat") == 1
    assert intakes(pattern="damp") == 0
    assert intakes(technique="electro") == 1
    assert intakes(technique="even") == 0
    assert (intakes(phase="acute"), intakes(phase="recovery")) == (1, 1)
    assert intakes(phase="acute", pattern="cold_damp", by=mei.pk) == 1


def test_drop_off_by_hand():
    """Of three courses of three visits one stopped after the first."""
    found = drop_off([(3, 3, 1), (3, 5, 1), (3, 1, 1), (1, 1, 2)])

    assert [(each.number, each.prescribed, each.held) for each in found] == [
        (1, 5, 5),
        (2, 3, 2),
        (3, 3, 2),
    ]


def test_the_quality_of_the_data_by_hand(mei):
    version = treated(mei, 0, 4)
    first = Session.objects.filter(plan_version=version).first()
    with unfixed(connection):
        Session.objects.filter(pk=first.pk).update(signed_at=MONDAY_NINE + 2 * DAY)
        Appointment.objects.filter(session=first).update(
            starts_at=MONDAY_NINE - DAY,
            needling_ends_at=MONDAY_NINE - DAY * 0.99,
            ends_at=MONDAY_NINE - DAY * 0.98,
        )
        episode = version.plan.episode
        episode.onset_on = None
        episode.save()
    last = Session.objects.filter(plan_version=treated(mei, 8, None)).last()
    typed_in(last, after=1.5 * DAY)

    found = totals_of().quality

    assert (found.treated, found.sessions, found.unscored) == (2, 4, 1)
    assert (found.painless, found.no_onset, found.no_disability) == (1, 1, 2)
    assert (found.signed_late, found.typed_late, found.odd_times) == (2, 1, 1)


def typed_in(session, *, after):
    """From paper; signed as soon as it was typed in."""
    at = session.started_at + after
    with unfixed(connection):
        Session.objects.filter(pk=session.pk).update(signed_at=at)
    PaperRecord.objects.create(
        session=session,
        done_at=session.started_at,
        done_by=session.signed_by,
        typed_at=at,
        typed_by=session.signed_by,
    )


@pytest.mark.parametrize(("after", "late"), [(0.1, 0), (1, 0), (1.01, 1)])
def test_paper_is_typed_in_late_after_a_day(mei, after, late):
    session = Session.objects.filter(plan_version=treated(mei, 8, 4)).first()
    bring_into_line()

    typed_in(session, after=after * DAY)

    found = totals_of().quality
    assert (found.signed_late, found.typed_late) == (late, late)


def test_a_session_counts_as_scored_by_its_score_and_not_by_its_reason(mei):
    """A reason was typed, and then the tablet told after all."""
    version = treated(mei, 8, 4)
    with unfixed(connection):
        Session.objects.update(no_score_reason="Could not say")

    assert totals_of().attendance.scored == 2

    score = Score.objects.get(value=4)
    withdraw_score(by=mei, score=score, reason="Another patient’s", now=NOW)
    assert (totals_of().attendance.scored, version.treated.count()) == (1, 2)


def test_limits_begin_where_they_enter_the_picture():
    """At the edge they would be drawn as limits that they aren't."""
    mix = case_mix([each.cell for each in caseload(1)])
    everybody = Group(1, 300, 300, -2.0, dict.fromkeys(COLUMNS, 0.3))

    wide = funnel(mix, [standing(mix, everybody)]).curves[-1]

    heights = [float(stop.split()[1]) for stop in wide.paths[0][1:].split("L")]
    assert heights == sorted(set(heights), reverse=True)


class TestFunnel:
    def page(self, client, mei, number):
        sign_in(client, Role.ADMIN)
        other = make_user(Role.ACUPUNCTURIST, name="<b>Jonas</b> Example")
        for each in range(number):
            treated(mei if each % 3 else other, 6 + each % 3, 4 + each % 2)
        return page_of(client)

    def test_dots_say_who_how_many_and_how_much_is_known(self, client, mei):
        page = self.page(client, mei, 33)

        assert "Mei Example; n = 22, both scores of 22 of 22 (100 %)" in page
        assert "&lt;b&gt;Jonas&lt;/b&gt; Example; n = 11" in page
        assert page.count('class="funnel__dot"') == 2
        compared = "pain for 12 weeks to a year; 40 to 54 years old; female; first"
        assert f"Compared with: {compared} episode here." in page

    def test_nobody_is_compared_with_fewer_than_ten_of_others(self, client, mei):
        sign_in(client, Role.ADMIN)
        for each in range(30):
            treated(mei, 6 + each % 3, 4 + each % 2)

        page = page_of(client)

        assert "funnel__dot" not in page
        assert "fewer than 10 of others to compare with: not shown" in page

    def test_under_thirty_there_is_none(self, client, mei):
        page = self.page(client, mei, 29)

        assert "funnel__dot" not in page
        assert "too few courses in all to compare" in page
