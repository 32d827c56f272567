"""Holding a review: what it writes, what it starts, who may, and what is due."""

import re
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from patients.intake.models import Intake
from patients.measures.services import record_review
from plans.adverse.services import correct_event, record_event
from plans.pauses.queries import standing_pause
from plans.pauses.services import pause_plan
from plans.planning.models import Plan, PlanVersion
from plans.planning.queries import draft_of
from plans.progress.queries import series_of
from plans.reviews import queries
from plans.reviews.due import Why
from plans.reviews.models import Review
from plans.reviews.queries import reviews_due, why_due
from plans.scheduling.queries import course_state, open_courses
from plans.sessions.models import Needling
from tests.factories import MONDAY_NINE, make_intake, make_user, sign_in
from tests.plans.caseload import DAY, make_score, make_session, make_visit, sign
from tests.plans.reviews_setting import (
    NOW,
    make_done_course,
    make_review,
    page_of,
    record_harm,
    sent,
    text_of,
)
from tests.plans.sessions_setting import make_course

pytestmark = pytest.mark.django_db

WHY = {"en": "An event", "zh-hans": "事件"}


@pytest.fixture(autouse=True)
def day_28(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def version():
    return make_done_course()


class TestPage:
    def test_it_says_how_it_stands_by_what_rule_and_what_each_choice_does(
        self, client, version
    ):
        sign_in(client, Role.ACUPUNCTURIST)

        page = text_of(client.get(page_of(version)))

        assert "Due: Week 4" in page
        assert "Off track" in page
        assert "Leg pain 8 before treatment, 7 on 30 Mar: no response (D06)." in page
        assert "Rule D09" in page
        assert "by D09</strong>" in page.partition("Change points or")[2][:2000]
        assert "“Walk to the shops”" in page
        assert "8 sessions more, as often as now" in page
        assert "once a week, 4 sessions more" in page

    @pytest.mark.parametrize("earlier", [1, 3])
    def test_query_count_does_not_grow(
        self, client, version, django_assert_num_queries, earlier
    ):
        """Session, user, plan, version, points, audit event, what is newest, series,
        course, reviews, pause, what is booked, intake, earlier courses: there is none.
        """
        sign_in(client, Role.ACUPUNCTURIST)
        by = make_user()
        for _ in range(earlier):
            make_review(version, by=by)

        with django_assert_num_queries(14):
            page = text_of(client.get(page_of(version)))

        assert page.count(": Continue</a>") + page.count(": continue</a>") == earlier

    def test_what_is_missing_is_said_and_nothing_is_lost(self, client, version):
        sign_in(client, Role.ACUPUNCTURIST)

        answer = client.post(page_of(version), sent(version, "taper", reason=" "))

        assert answer.status_code == 422
        assert 'value="taper" id="decision-taper" required checked' in text_of(answer)
        assert "Half way there" in text_of(answer)
        assert not Review.objects.exists()

    @pytest.mark.parametrize(
        "bad",
        [{"decision": "forget"}, {"goal_reached": "11"}, {"submission": "x"}],
    )
    def test_what_no_form_sends_is_refused(self, client, version, bad):
        sign_in(client, Role.ACUPUNCTURIST)

        assert client.post(page_of(version), sent(version, **bad)).status_code == 422
        assert not Review.objects.exists()

    def test_the_admin_reads_and_does_not_decide(self, client, version):
        sign_in(client, Role.ADMIN)

        assert "An acupuncturist decides." in text_of(client.get(page_of(version)))
        assert client.post(page_of(version), sent(version)).status_code == 403

    def test_the_desk_sees_none_of_it(self, client, version):
        sign_in(client, Role.FRONT_DESK)
        review = make_review(version, by=make_user())

        for address in (
            page_of(version),
            reverse("plans:reviews"),
            reverse("plans:review_held", args=[review.pk]),
        ):
            assert client.get(address).status_code == 403


class TestDecisions:
    def hold(self, client, version, decision, **fields):
        answer = client.post(page_of(version), sent(version, decision, **fields))
        assert answer.status_code == 302, text_of(answer)
        return answer.url

    def test_sent_twice_it_is_one_and_keeps_what_was_looked_at(self, client, version):
        user = sign_in(client, Role.ACUPUNCTURIST)
        form = sent(version, "refer")

        for _twice in range(2):
            assert client.post(page_of(version), form).status_code == 302

        review = Review.objects.get()
        assert (review.held_by, review.attended) == (user, 8)
        assert (review.leg_before, review.leg_now) == (8, 7)
        assert (review.standing, review.rules) == ("off_track", ["D09"])
        assert review.due_for == ["week_4"]
        assert (review.goal, review.goal_reached) == ("Walk to the shops", 4)
        assert AuditEvent.objects.filter(action="hold_review").count() == 1

    def test_to_go_on_where_nothing_is_left_drafts_more(self, client, version):
        sign_in(client, Role.ACUPUNCTURIST)

        url = self.hold(client, version, "continue")

        assert url == reverse("plans:draft", args=[version.plan_id])
        draft = draft_of(version.plan)
        assert (draft.sessions, draft.per_week, draft.weekly) == (16, 2, [])
        assert draft.change_reason == "Seen with the patient"
        assert [p.acupoint_id for p in draft.points.all()] == ["GB30", "BL40"]

    def test_to_go_on_with_sessions_left_changes_nothing(self, client):
        sign_in(client, Role.ACUPUNCTURIST)
        version = make_course(sessions=8, intake={"screen": "clear"})
        make_session(version, MONDAY_NINE, leg=8)

        url = self.hold(client, version, "continue")

        assert url == reverse("plans:review_held", args=[Review.objects.get().pk])
        assert draft_of(version.plan) is None

    def test_a_taper_is_written_week_by_week(self, client, version):
        sign_in(client, Role.ACUPUNCTURIST)

        self.hold(client, version, "taper")

        draft = draft_of(version.plan)
        assert (draft.sessions, draft.per_week) == (12, 2)
        assert draft.weekly == [2, 2, 2, 2, 1, 1, 1, 1]

    def test_a_change_drafts_the_same_points_where_nothing_new_is_known(
        self, client, version
    ):
        sign_in(client, Role.ACUPUNCTURIST)

        self.hold(client, version, "change")

        draft = draft_of(version.plan)
        assert [p.acupoint_id for p in draft.points.all()] == ["GB30", "BL40"]
        assert draft.sessions == 8

    def test_a_change_after_a_new_intake_proposes_from_it(self, client, version):
        sign_in(client, Role.ACUPUNCTURIST)
        old = version.intake
        newer = make_intake(
            episode=old.episode, answers=old.answers, taken_at=NOW - timedelta(hours=1)
        )

        self.hold(client, version, "change")

        draft = draft_of(version.plan)
        proposed = [point["code"] for point in draft.proposal["points"]]
        assert draft.intake == newer
        assert [p.acupoint_id for p in draft.points.all()] == proposed
        assert draft.change_reason == "Seen with the patient"

    def test_a_draft_that_stands_keeps_its_points_and_gets_the_reason(
        self, client, version
    ):
        sign_in(client, Role.ACUPUNCTURIST)
        self.hold(client, version, "change")
        draft = draft_of(version.plan)
        draft.points.last().delete()

        self.hold(client, version, "taper", reason="Better now")

        draft = draft_of(version.plan)
        assert draft.points.count() == 1
        assert (draft.weekly[-1], draft.change_reason) == (1, "Better now")
        assert version.plan.versions.count() == 2

    def test_a_referral_pauses_the_plan_and_prints_chart_and_review(
        self, client, version
    ):
        sign_in(client, Role.ACUPUNCTURIST)

        page = text_of(client.get(self.hold(client, version, "refer")))

        assert standing_pause(version.plan)
        assert "Referral after a review" in page
        assert "Seen with the patient" in page
        assert 'id="held-wide-title"' in page
        assert "reached 4 of 10" in page

    def test_to_finish_closes_the_episode_and_names_what_is_still_booked(
        self, client, version
    ):
        sign_in(client, Role.ACUPUNCTURIST)
        make_visit(version, NOW + DAY)

        page = text_of(client.get(self.hold(client, version, "finish")))

        version.plan.episode.refresh_from_db()
        assert version.plan.episode.closed_on == NOW.date()
        assert "Summary at the end of treatment" in page
        assert "1 appointment is still booked" in page
        answer = client.get(page_of(version))
        assert answer.url == version.plan.episode.patient.get_absolute_url()

    @pytest.mark.parametrize(
        ("decision", "still_paused"),
        [
            ("continue", False),
            ("taper", False),
            ("change", True),
            ("refer", True),
        ],
    )
    def test_a_paused_plan_goes_on_only_where_the_review_says_so(
        self, client, version, decision, still_paused
    ):
        sign_in(client, Role.ACUPUNCTURIST)
        pause_plan(by=make_user(), plan=version.plan, reason=WHY, now=NOW - DAY)
        assert "The plan is paused" in text_of(client.get(page_of(version)))

        self.hold(client, version, decision)

        assert bool(standing_pause(version.plan)) is still_paused
        assert version.plan.pauses.count() == 1
        if not still_paused:
            assert version.plan.pauses.get().finding == "Seen with the patient"

    def test_a_raised_flag_stops_the_next_version_and_nothing_is_written(
        self, client, version
    ):
        sign_in(client, Role.ACUPUNCTURIST)
        make_intake(
            episode=version.plan.episode,
            answers={"saddle_numbness": True},
            screen=Intake.Screen.RAISED,
            taken_at=NOW - timedelta(hours=1),
        )

        answer = client.post(page_of(version), sent(version, "change"))

        assert answer.status_code == 409
        assert "does not allow another version" in text_of(answer)
        assert "Half way there" in text_of(answer)
        assert not Review.objects.exists()
        assert draft_of(version.plan) is None

    def test_two_at_once_are_not_both_taken_unread(self, client, version):
        sign_in(client, Role.ACUPUNCTURIST)
        form = sent(version, "taper")
        make_review(version, by=make_user(), reason="I was first")

        answer = client.post(page_of(version), form)

        assert answer.status_code == 409
        page = text_of(answer)
        assert "I was first" in page
        assert "Half way there" in page
        assert Review.objects.count() == 1
        read = re.search(r'name="read" value="([^"]+)"', page)[1]
        assert client.post(page_of(version), form | {"read": read}).status_code == 302

    @pytest.mark.parametrize("was_paused", [False, True])
    def test_harm_told_of_meanwhile_is_not_passed_over(
        self, client, version, was_paused
    ):
        """A paused plan keeps its pause, so that the harm itself is compared."""
        sign_in(client, Role.ACUPUNCTURIST)
        if was_paused:
            pause_plan(by=make_user(), plan=version.plan, reason=WHY, now=NOW - DAY)
        form = sent(version, "continue")
        record_harm(version, by=make_user())

        answer = client.post(page_of(version), form)

        assert answer.status_code == 409
        assert "the plan is paused: read why" in text_of(answer)
        assert standing_pause(version.plan)
        assert not Review.objects.exists()

    def test_what_the_patient_scores_meanwhile_is_read_first(self, client, version):
        sign_in(client, Role.ACUPUNCTURIST)
        form = sent(version, "continue")
        make_score(version.plan.episode, 10, at=NOW, moment="review")

        answer = client.post(page_of(version), form)

        assert answer.status_code == 409
        assert "Leg pain 8 before treatment, 10 on 30 Mar" in text_of(answer)

    def test_one_of_a_version_no_longer_in_force_is_stale(self, client, version):
        """Between reading and deciding a colleague approved the next version."""
        sign_in(client, Role.ACUPUNCTURIST)
        self.hold(client, version, "change")
        draft = draft_of(version.plan)
        PlanVersion.objects.filter(pk=version.pk).update(status="superseded")
        PlanVersion.objects.filter(pk=draft.pk).update(
            status="approved", approved_at=NOW, approved_by=draft.created_by
        )

        page = text_of(client.get(page_of(version)))

        assert "Earlier reviews" in page
        assert Review.objects.get().version == version


class TestDatabase:
    def test_a_review_is_written_once(self, version):
        review = make_review(version, by=make_user())

        for change in (
            lambda: Review.objects.filter(pk=review.pk).update(reason="Other"),
            lambda: Review.objects.filter(pk=review.pk).delete(),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()

    @pytest.mark.parametrize(
        "fields",
        [
            {"decision": "forget"},
            {"standing": "fine"},
            {"reason": ""},
            {"goal_reached": 11},
        ],
    )
    def test_it_knows_the_words(self, version, fields):
        by = make_user()

        with pytest.raises(IntegrityError), transaction.atomic():
            make_review(version, by=by, **fields)


def needle(session, code):
    Needling.objects.create(
        session=session,
        acupoint_id=code,
        side="left",
        depth_mm=20,
        technique="even",
        order=session.needlings.count() + 1,
    )


class TestHeld:
    def test_it_reads_as_it_was_whatever_was_corrected_since(self, client, version):
        sign_in(client, Role.ADMIN)
        review = make_review(version, by=make_user(), leg_now=5)

        page = text_of(client.get(reverse("plans:review_held", args=[review.pk])))

        assert "Leg pain 8 → 5" in page
        assert "Rule D09" in page
        event = AuditEvent.objects.latest("pk")
        assert event.action == "print_review"
        assert event.patient_id == version.plan.episode.patient_id

    def test_a_doctor_reads_what_was_done_what_harm_there_was_and_who_signs(
        self, client, version
    ):
        sign_in(client, Role.ACUPUNCTURIST)
        needle(make_session(version, NOW - DAY, signed=False), "BL40")
        by = make_user(name="Dr Una Hart", qualification="LicAc")
        review = make_review(version, by=by, decision="refer", standing="off_track")
        address = reverse("plans:review_held", args=[review.pk])

        page = text_of(client.get(address))

        assert "8 sessions, 2 a week, needles in for 30 minutes" in page
        assert "8 sessions, from 2 Mar 2026 to 30 Mar 2026" in page
        assert "None recorded" in page
        assert "Scores by date" in page
        assert "Dr Una Hart<br>LicAc" in page

        told = {
            "kind": "haematoma",
            "grade": 1,
            "happened_on": NOW.date() - DAY,
            "timing": "day",
            "acupoint_id": None,
            "relation": "certain",
            "description": "Two fingers wide",
            "action": "Pressed",
            "outcome": "recovered",
            "reported_to": "",
        }
        kept = {"by": by, "now": NOW}
        event = record_event(
            episode=version.plan.episode,
            session=None,
            submission=uuid4(),
            **kept,
            **told,
        )
        correct_event(event=event, submission=uuid4(), **kept, **told | {"grade": 2})
        page = text_of(client.get(address))
        assert "29 Mar 2026: haematoma, grade 2, recovered. Two fingers wide" in page
        assert "haematoma, grade 1" not in page

    def test_points_are_counted_by_signed_sessions(self, version):
        """A draft is none."""
        plan = make_course().plan
        other = plan.versions.get()
        for days, codes in ((9, ["GB30", "BL40"]), (5, ["GB30"])):
            session = make_session(other, NOW - days * DAY, signed=False)
            for code in codes:
                needle(session, code)
            sign(session, at=NOW - days * DAY)
        needle(make_session(other, NOW - DAY, signed=False), "GB30")

        found = queries.treatment_of(plan)

        assert found.points == (("GB30", 2), ("BL40", 1))
        assert (found.sessions, found.first, found.last) == (
            2,
            (NOW - 9 * DAY).date(),
            (NOW - 5 * DAY).date(),
        )

    def test_the_progress_page_names_it_beside_its_point(self, client, version):
        sign_in(client, Role.ACUPUNCTURIST)
        review = make_review(version, by=make_user())
        progress = reverse("plans:progress", args=[version.plan.episode_id])

        page = text_of(client.get(progress))

        assert page.count(f'href="/reviews/{review.pk}/"') == 2  # session 4, week 4
        assert "Hold a review" in page


class TestDueList:
    @pytest.mark.parametrize("courses", [1, 3])
    def test_query_count_does_not_grow(
        self, client, django_assert_num_queries, courses
    ):
        """Eight: session, user, courses, reviews with pauses, who may be worse, their
        scores; of the page whose they are, and their scores.
        """
        sign_in(client, Role.ACUPUNCTURIST)
        for _ in range(courses):
            found = make_course()
            make_session(found, NOW - 29 * DAY, leg=6)
            make_session(found, NOW - 2 * DAY, leg=8)

        with django_assert_num_queries(8):
            page = text_of(client.get(reverse("plans:reviews")))

        assert page.count("Worse by 2 points or more · Week 4") == courses
        assert page.count('class="sparkline"') == courses

    @pytest.mark.parametrize("many", [0, 100])
    def test_the_list_agrees_with_each_page(self, monkeypatch, many):
        """The database finds what the scores of one course say, however it is asked."""
        monkeypatch.setattr(queries, "MANY", many)
        seen = {}
        for name, scores in {
            "worse": [(29, 5), (2, 7)],
            "worse, then better": [(29, 5), (4, 8), (2, 6)],
            "worse long ago": [(60, 5), (40, 8)],
            "worse than the best only": [(29, 8), (10, 5), (2, 8)],
            "no baseline": [(29, None), (2, 9)],
            "young": [(5, 6), (2, 6)],
        }.items():
            seen[name] = make_course()
            for days, leg in scores:
                make_session(seen[name], NOW - days * DAY, leg=leg)
        for name, days in (
            ("worse at a review that day", 6),
            ("worse after the first needling", 0),
        ):
            seen[name] = make_course()
            make_session(seen[name], NOW - 6 * DAY, leg=5)
            on = NOW.date() - 6 * DAY + days * DAY
            record_review(
                by=make_user(),
                episode=seen[name].plan.episode,
                scale="leg_nrs",
                value=9,
                on=on,
            )
        make_session(seen["worse at a review that day"], NOW, leg=5)
        make_score(seen["young"].plan.episode, 3, at=NOW - 10 * DAY, moment="intake")
        paused = seen["young"].plan
        pause_plan(by=make_user(), plan=paused, reason=WHY, now=NOW)
        make_review(seen["no baseline"], by=make_user(), attended=2)

        listed = {plan: why for plan, _, why in reviews_due(open_courses(NOW), NOW)}

        assert {
            name: listed.get(found.plan_id, ()) for name, found in seen.items()
        } == {
            "worse": (Why.WORSE, Why.WEEK_4),
            "worse, then better": (Why.WEEK_4,),
            "worse long ago": (Why.WORSE, Why.WEEK_8),
            "worse than the best only": (Why.WEEK_4,),
            "worse at a review that day": (Why.WORSE,),
            "worse after the first needling": (),
            "no baseline": (),
            "young": (Why.PAUSED,),
        }
        for name in seen.keys() - {"young", "no baseline"}:
            series = series_of(seen[name].plan.episode, NOW)
            alone = why_due(series, NOW.date(), last=None, paused=False)
            assert alone == listed.get(seen[name].plan_id, ())

    def test_with_nothing_due_it_says_when_one_is(self, client):
        sign_in(client, Role.ACUPUNCTURIST)

        assert "No review is due" in text_of(client.get(reverse("plans:reviews")))

    def test_a_course_looked_back_on_is_due_no_more(self, client, version):
        sign_in(client, Role.ACUPUNCTURIST)
        patient = version.plan.episode.patient
        assert "Hold the review" in text_of(client.get(patient.get_absolute_url()))

        make_review(version, by=make_user())

        assert "Hold the review" not in text_of(client.get(patient.get_absolute_url()))
        assert course_state(version.plan, NOW).attended == 8
        assert reviews_due(open_courses(NOW), NOW) == []


class TestForecast:
    def finished(self, numbers, later):
        """Courses a week apart that are over: 8 before, 6 on day 22, then week 8."""
        for number in numbers:
            begun = NOW - (700 - 7 * number) * DAY
            version = make_course(approved_at=begun)
            Plan.objects.filter(pk=version.plan_id).update(opened_at=begun)
            episode = version.plan.episode
            make_session(version, begun, leg=8)
            make_score(episode, 6, at=begun + 22 * DAY, moment="review")
            make_score(episode, later(number), at=begun + 56 * DAY, moment="review")
            make_score(episode, 0, at=begun + 57 * DAY, moment="after")

    def current(self):
        version = make_course(intake={"screen": "clear"})
        make_session(version, NOW - 25 * DAY, leg=8)
        make_session(version, NOW - 3 * DAY, leg=6)
        return version

    def test_a_score_of_long_ago_lets_nothing_be_forecast(self, client):
        sign_in(client, Role.ACUPUNCTURIST)
        self.finished(range(45), lambda _: 4)
        version = make_course(intake={"screen": "clear"})
        make_session(version, NOW - 35 * DAY, leg=8)
        make_session(version, NOW - 15 * DAY, leg=6)

        page = text_of(client.get(page_of(version)))

        assert "one of the last 14 days" in page
        assert "Leg pain at week 8: about" not in page

    def test_too_few_courses_are_said(self, client):
        sign_in(client, Role.ACUPUNCTURIST)
        self.finished(range(17), lambda number: 4)

        page = text_of(client.get(page_of(self.current())))

        assert "2 past forecasts could be checked, 30 are needed" in page

    def test_it_is_shown_with_its_record_and_hidden_where_it_misses(self, client):
        sign_in(client, Role.ACUPUNCTURIST)
        rng = Random(4)
        self.finished(range(45), lambda _: min(max(round(rng.gauss(4, 1.2)), 0), 10))
        version = self.current()

        page = text_of(client.get(page_of(version)))

        assert "about 3.9; of ten such courses eight end from 2.4 to 5.5" in page
        assert "Its record: of 30 courses of this clinic" in page

        self.finished(range(45, 80), lambda _: 10)
        page = text_of(client.get(page_of(version)))

        assert "Leg pain at week 8: about" not in page
        assert "held where 80 % were meant to" in page
