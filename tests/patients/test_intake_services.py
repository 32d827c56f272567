from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connections

from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from clinic.rules.machine import facts_in
from patients.intake.models import Clearance, Intake
from patients.intake.queries import clearances_of, latest_intake, screen_of
from patients.intake.questionnaire import QUESTIONNAIRE
from patients.intake.screen import CLEARABLE, RED_FLAGS, lapsing
from patients.intake.services import (
    IntakeClosed,
    NotClearable,
    close_intake,
    complete_intake,
    record_clearance,
    take_intake,
)
from patients.measures.models import Score
from tests.cases import CASES
from tests.factories import make_episode, make_patient, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
LATER = NOW + timedelta(hours=1)
CLEAR = dict(CASES["posterior_50f"].answers)


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def episode():
    return make_episode(patient=make_patient(birth_date=date(1976, 1, 15)))


def take(user, episode, answers=CLEAR, **fields):
    defaults = {"now": NOW, "on": TODAY, "submission": uuid4()}
    return take_intake(by=user, episode=episode, answers=answers, **defaults | fields)


def complete(user, intake, answers, **fields):
    defaults = {"revision": intake.revision, "now": LATER, "on": TODAY}
    complete_intake(by=user, intake=intake, answers=answers, **defaults | fields)


def clear(user, intake, flag="RF3", **fields):
    defaults = {
        "revision": intake.revision,
        "cleared_by": "Dr Osei",
        "cleared_on": TODAY,
        "note": "",
        "on": TODAY,
    }
    return record_clearance(by=user, intake=intake, flag=flag, **defaults | fields)


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


class TestTake:
    def test_an_intake_is_screened_scored_and_audited_without_its_answers(
        self, user, episode
    ):
        intake = take(user, episode, CLEAR | {"leg_nrs": 6, "saddle_numbness": True})

        assert (intake.screen, intake.raised) == ("raised", ["RF1"])
        assert intake.questionnaire_version == QUESTIONNAIRE.version
        assert intake.screen_version == RED_FLAGS.version
        assert [(s.scale, s.value) for s in Score.objects.all()] == [("leg_nrs", 6)]
        event = AuditEvent.objects.get(action="take_intake")
        assert event.patient_id == episode.patient_id
        assert event.details == {"screen": "raised", "raised": ["RF1"]}

    def test_the_same_submission_sent_twice_is_one_intake(self, user, episode):
        submission = uuid4()

        first = take(user, episode, CLEAR | {"leg_nrs": 6}, submission=submission)
        second = take(user, episode, CLEAR | {"leg_nrs": 6}, submission=submission)

        assert first == second
        assert Score.objects.count() == 1
        assert actions().count("take_intake") == 1

    def test_a_submission_belongs_to_one_episode(self, user, episode):
        submission = uuid4()
        take(user, make_episode(), submission=submission)

        with pytest.raises(Stale):
            take(user, episode, submission=submission)

    def test_a_second_intake_cannot_hide_what_the_first_says(self, user, episode):
        first = take(user, episode, {"saddle_numbness": True})

        with pytest.raises(Stale):
            take(user, episode, CLEAR)

        assert latest_intake(episode) == first

    def test_who_has_seen_the_first_may_take_another(self, user, episode):
        first = take(user, episode)

        second = take(user, episode, now=NOW + timedelta(days=3), seen=first.pk)

        assert latest_intake(episode) == second

    def test_after_a_plan_another_is_taken(self, user, episode):
        first = take(user, episode)
        close_intake(intake=first, now=NOW)

        assert take(user, episode, now=LATER) != first


class TestComplete:
    def test_the_answers_change_and_the_screen_is_written_again(self, user, episode):
        intake = take(user, episode, CLEAR | {"leg_nrs": 6, "foot_drop": True})

        complete(user, intake, CLEAR | {"leg_nrs": 5})

        assert (intake.screen, intake.raised, intake.revision) == ("clear", [], 1)
        assert Score.objects.current().get().value == 5
        event = AuditEvent.objects.get(action="complete_intake")
        assert event.details["changed"] == ["foot_drop", "leg_nrs"]

    def test_an_answer_taken_back_leaves_the_screen_open(self, user, episode):
        intake = take(user, episode)
        assert intake.screen == "clear"

        complete(user, intake, {k: v for k, v in CLEAR.items() if k != "foot_drop"})

        assert intake.screen == "unanswered"

    def test_the_second_of_two_is_told_and_writes_nothing(self, user, episode):
        intake = take(user, episode)
        complete(user, intake, CLEAR | {"foot_drop": True}, revision=0)

        with pytest.raises(Stale):
            complete(user, intake, CLEAR | {"fatigue": True}, revision=0)

        assert Intake.objects.get().raised == ["RF2"]

    def test_the_same_answers_sent_twice_are_saved_once(self, user, episode):
        intake = take(user, episode)

        for _ in range(2):
            complete(user, intake, CLEAR | {"fatigue": True}, revision=0)

        assert intake.revision == 1
        assert actions().count("complete_intake") == 1

    @pytest.mark.parametrize("revision", [0, 1])
    def test_an_intake_with_a_plan_is_closed(self, user, episode, revision):
        intake = take(user, episode)
        close_intake(intake=intake, now=NOW)

        with pytest.raises((IntakeClosed, Stale)):
            complete(user, intake, CLEAR | {"fatigue": True}, revision=revision)

        assert Intake.objects.get().answers == CLEAR


class TestClose:
    def test_a_plan_cannot_rest_on_answers_that_were_changed(self, user, episode):
        read = take(user, episode)
        complete(user, Intake.objects.get(), CLEAR | {"foot_drop": True})

        with pytest.raises(Stale):
            close_intake(intake=read, now=NOW)

        assert Intake.objects.get().closed_at is None

    def test_closing_twice_keeps_the_first_moment(self, user, episode):
        intake = take(user, episode)

        close_intake(intake=intake, now=NOW)
        close_intake(intake=intake, now=LATER)

        assert Intake.objects.get().closed_at == NOW


class TestClearance:
    def test_a_clearance_lets_its_flag_through(self, user, episode):
        intake = take(user, episode, CLEAR | {"cancer_history": True})

        clear(user, intake)

        assert (intake.screen, intake.raised) == ("clear", [])
        event = AuditEvent.objects.get(action="record_clearance")
        assert event.details == {"flag": "RF3", "screen": "clear"}

    def test_recorded_twice_is_recorded_once(self, user, episode):
        intake = take(user, episode, CLEAR | {"cancer_history": True})

        assert clear(user, intake) == clear(user, intake, cleared_by="Dr Else")

        assert Clearance.objects.get().cleared_by == "Dr Osei"

    @pytest.mark.parametrize("flag", sorted({"RF1", "RF2", "RF6", "RF4", "RF99", ""}))
    def test_hard_stops_and_flags_that_are_not_raised_take_none(
        self, user, episode, flag
    ):
        raised = {
            "saddle_numbness": True,
            "foot_drop": True,
            "pulsatile_abdomen_collapse": True,
        }
        intake = take(user, episode, CLEAR | raised)

        with pytest.raises(NotClearable):
            clear(user, intake, flag)

        assert set(intake.raised) == {"RF1", "RF2", "RF6"}

    def test_the_doctor_cleared_other_answers_than_these(self, user, episode):
        intake = take(user, episode, CLEAR | {"cancer_history": True})
        seen = intake.revision
        complete(user, intake, CLEAR | {"cancer_history": True, "weight_loss": True})

        with pytest.raises(Stale):
            clear(user, intake, revision=seen)

        assert not Clearance.objects.exists()

    @pytest.mark.parametrize(
        "change",
        [
            {"weight_loss": True},
            {"cancer_history": False, "night_pain_unremitting": True},
            {"thoracic_pain": None},
        ],
    )
    def test_it_lapses_when_a_fact_its_rule_reads_changes(self, user, episode, change):
        intake = take(user, episode, CLEAR | {"cancer_history": True})
        clear(user, intake)

        changed = CLEAR | {"cancer_history": True} | change
        complete(user, intake, {k: v for k, v in changed.items() if v is not None})

        assert clearances_of(intake) == frozenset()
        assert intake.screen == "raised"
        kept = Clearance.objects.get()
        assert (kept.cleared_by, kept.lapsed_at) == ("Dr Osei", LATER)
        event = AuditEvent.objects.get(action="lapse_clearance")
        assert event.details == {"flag": "RF3"}
        assert event.patient_id == episode.patient_id

    def test_it_stands_when_only_other_facts_change(self, user, episode):
        intake = take(user, episode, CLEAR | {"cancer_history": True})
        clear(user, intake)

        complete(user, intake, CLEAR | {"cancer_history": True, "calf_swelling": True})

        assert clearances_of(intake) == {"RF3"}
        assert intake.raised == ["RF7"]

    def test_a_fact_derived_from_the_map_counts(self, user, episode):
        """The answer is "not known" before and after; the map makes it yes."""
        asked = {k: v for k, v in CLEAR.items() if k != "bilateral_leg_pain"}
        one_leg = asked | {"sexual_dysfunction_new": True}
        intake = take(user, episode, asked | {"bilateral_leg_pain": True})
        clear(user, intake, "RF1b")
        assert intake.screen == "clear"

        complete(user, intake, one_leg)

        assert clearances_of(intake) == frozenset()

        both = ["left_posterior_leg", "right_posterior_leg"]
        complete(user, intake, asked | {"pain_map": both})
        clear(user, intake, "RF1b")
        complete(user, intake, asked | {"pain_map": ["left_posterior_leg"]})

        assert clearances_of(intake) == frozenset()
        assert intake.screen == "unanswered"

    def test_after_it_lapsed_another_can_be_recorded(self, user, episode):
        intake = take(user, episode, CLEAR | {"cancer_history": True})
        clear(user, intake)
        complete(user, intake, CLEAR | {"cancer_history": True, "weight_loss": True})

        clear(user, intake, cleared_by="Dr Else")

        assert intake.screen == "clear"
        assert Clearance.objects.count() == 2

    def test_no_clearance_outlives_its_rule(self):
        assert lapsing({"RF3", "RF0"}, {}, {}) == {"RF0"}

    @pytest.mark.parametrize("flag", sorted(CLEARABLE))
    def test_every_fact_of_a_clearable_flag_undoes_it(self, flag):
        (rule,) = [rule for rule in RED_FLAGS.rules if rule.id == flag]

        for fact in facts_in(rule.when):
            assert lapsing({flag}, {fact: False}, {fact: True}) == {flag}
            assert lapsing({flag}, {}, {fact: False}) == {flag}
        assert lapsing({flag}, {"fatigue": False}, {"fatigue": True}) == set()


def test_the_screen_moves_on_with_the_patients_age(user, episode):
    """Fifty-five and new pain: nothing. A birthday later the same answers raise RF3."""
    episode.patient.birth_date = date(1970, 6, 1)
    episode.patient.save()
    intake = take(user, episode, CLEAR | {"new_back_pain": True})

    assert screen_of(intake, on=date(2026, 5, 31)).state == "clear"
    assert screen_of(intake, on=date(2026, 6, 1)).state == "raised"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_take_one_intake(many_connections, user, episode):
    def attempt(answers):
        try:
            take(user, episode, answers)
        except Stale:
            return "stale"
        finally:
            connections.close_all()
        return "taken"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(attempt, [CLEAR] * 4))

    assert sorted(said) == ["stale", "stale", "stale", "taken"]
    assert Intake.objects.count() == 1
