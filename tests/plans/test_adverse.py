"""Adverse events: written once, corrected beside, and the plan waits where it must."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from clinic.rules.files import RuleFileError
from plans.adverse import rules
from plans.adverse.models import AdverseEvent
from plans.adverse.services import correct_event, record_event, told_of
from plans.corrections.services import correct_session
from plans.pauses.queries import standing_pause
from plans.pauses.services import pause_plan, resume_plan
from plans.progress.queries import series_of
from plans.scheduling.services import NoPlanInForce, Slot, book_course
from plans.sessions import services as sessions
from tests.factories import make_episode, make_user, sign_in
from tests.plans.sessions_setting import make_course, make_visit, sign

WHY = {"en": "An event", "zh-hans": "事件"}


def told(**fields):
    return {
        "kind": "haematoma",
        "grade": 1,
        "happened_on": date(2026, 3, 2),
        "timing": "removal",
        "acupoint_id": "BL40",
        "relation": "certain",
        "description": "A bruise of 3 cm behind the knee.",
        "action": "Pressed for two minutes.",
        "outcome": "recovering",
        "reported_to": "",
    } | fields


def make_event(episode=None, *, by=None, session=None, **fields):
    return record_event(
        by=by or make_user(),
        episode=episode or make_course().plan.episode,
        session=session,
        submission=fields.pop("submission", None) or uuid4(),
        now=timezone.now(),
        **told(**fields),
    )


def sent(**fields):
    given = told(**fields)
    given["point"] = given.pop("acupoint_id")
    return given | {"submission": uuid4()}


class TestRules:
    @pytest.mark.parametrize(
        ("kind", "grade", "by"),
        [
            ("bleeding", 1, []),
            ("bleeding", 2, []),
            ("bleeding", 3, ["AE-grade"]),
            ("fainting", 4, ["AE-grade"]),
            ("pneumothorax", 1, ["AE-organ"]),
            ("nerve_injury", 2, ["AE-organ"]),
            ("spinal_injury", 3, ["AE-grade", "AE-organ"]),
            ("local_infection", 1, ["AE-infection"]),
            ("hepatitis", 2, ["AE-infection"]),
            ("burn", 2, []),
        ],
    )
    def test_what_makes_a_plan_wait(self, kind, grade, by):
        assert [rule.id for rule in rules.pausing(kind, grade)] == by

    @pytest.mark.parametrize(
        ("kind", "grade", "by"),
        [
            ("pneumothorax", 2, ["AE-lung"]),
            ("fainting", 1, ["AE-faint"]),
            ("bleeding", 1, []),
            ("pneumothorax", 4, ["AE-lung", "AE-severe"]),
        ],
    )
    def test_what_is_done_at_once(self, kind, grade, by):
        assert [rule.id for rule, _steps in rules.first_aid(kind, grade)] == by

    def test_a_step_in_one_language_is_refused(self, tmp_path, monkeypatch):
        text = rules.FILE.read_text(encoding="utf-8")
        broken = tmp_path / "adverse.toml"
        broken.write_text(
            text.replace('zh-hans = "取出全部针具。"', 'de = "Alle Nadeln ziehen."'),
            encoding="utf-8",
        )
        monkeypatch.setattr(rules, "FILE", broken)

        with pytest.raises(RuleFileError, match="AE-faint"):
            rules.rules.__wrapped__()


@pytest.mark.django_db
class TestServices:
    def test_sent_twice_it_is_one(self):
        episode, submission = make_course().plan.episode, uuid4()

        first = make_event(episode, submission=submission)
        second = make_event(episode, submission=submission)

        assert first == second
        assert AuditEvent.objects.filter(action="record_adverse_event").count() == 1

    def test_a_slight_one_lets_the_plan_go_on(self):
        plan = make_course().plan

        make_event(plan.episode)

        assert standing_pause(plan) is None

    def test_a_grave_one_lets_it_wait_until_a_review_says_what_it_found(self):
        version = make_course()
        event = make_event(version.plan.episode, kind="pneumothorax", grade=2)
        visit = make_visit(version)

        with pytest.raises(sessions.PlanPaused):
            sessions.open_session(by=version.created_by, appointment=visit)
        pause = standing_pause(version.plan)
        resume_plan(
            by=event.recorded_by,
            pause=pause,
            finding="The X-ray was clear.",
            now=timezone.now(),
        )

        assert sessions.open_session(by=version.created_by, appointment=visit)
        with pytest.raises(Stale):
            resume_plan(
                by=event.recorded_by, pause=pause, finding="Again", now=timezone.now()
            )

    def test_what_was_begun_before_may_still_be_written_up(self):
        version = make_course()
        visit = make_visit(version)
        sessions.open_session(by=version.created_by, appointment=visit)
        make_event(version.plan.episode, kind="fainting", grade=3)

        with pytest.raises(sessions.PlanPaused):
            sessions.open_session(
                by=version.created_by, appointment=make_visit(version, days_ago=-1)
            )
        assert sessions.open_session(by=version.created_by, appointment=visit)

    def test_two_grave_ones_are_one_pause(self):
        plan = make_course().plan

        make_event(plan.episode, grade=3)
        make_event(plan.episode, kind="abscess")

        assert plan.pauses.count() == 1

    def test_an_episode_without_a_plan_has_nothing_to_pause(self):
        assert make_event(make_episode(), grade=4).pk

    def test_a_correction_stands_beside_and_judges_anew(self):
        event = make_event()
        by, submission = make_user(), uuid4()

        def correct(submission):
            return correct_event(
                by=by,
                event=event,
                submission=submission,
                now=timezone.now(),
                **dict(told_of(event)) | {"grade": 3},
            )

        second = correct(submission)

        assert (second.grade, second.acupoint_id) == (3, "BL40")
        assert second == correct(submission)
        assert standing_pause(event.episode.plan)
        with pytest.raises(Stale):
            correct(uuid4())
        event.refresh_from_db()
        assert event.grade == 1

    @pytest.mark.parametrize(
        ("right", "waits"),
        [
            ({"outcome": "recovered"}, False),
            ({"grade": 2}, False),
            ({"grade": 4}, True),
            ({"kind": "spinal_injury"}, True),
            ({"kind": "haematoma", "grade": 1}, False),
        ],
    )
    def test_a_plan_let_go_on_waits_again_only_for_other_or_graver_harm(
        self, right, waits
    ):
        plan = make_course().plan
        event = make_event(plan.episode, kind="pneumothorax", grade=3)
        by, now = event.recorded_by, timezone.now()
        resume_plan(by=by, pause=standing_pause(plan), finding="X-ray clear", now=now)

        told = dict(told_of(event)) | right
        correct_event(by=by, event=event, submission=uuid4(), now=now, **told)

        assert bool(standing_pause(plan)) is waits

    @pytest.mark.parametrize(
        "fields",
        [{"kind": "bad_luck"}, {"grade": 6}, {"grade": 5}, {"outcome": "died"}],
    )
    def test_the_database_knows_the_words(self, fields):
        episode, by = make_episode(), make_user()

        with pytest.raises(IntegrityError), transaction.atomic():
            make_event(episode, by=by, **fields)


@pytest.mark.django_db
class TestPages:
    def test_from_the_session_to_a_plan_that_waits_and_goes_on(self, client):
        user = sign_in(client, Role.ACUPUNCTURIST)
        session = sign(make_visit(make_course(intake={"taken_by": user})))
        plan = session.plan_version.plan

        page = client.get(reverse("plans:session", args=[session.pk]))
        address = reverse("plans:record_event", args=[session.pk])
        assert address in page.content.decode()
        today = timezone.localdate()
        answer = client.post(
            address,
            sent(kind="pneumothorax", grade=2, happened_on=today, acupoint_id="ub40"),
        )
        event = AdverseEvent.objects.get()
        assert answer.url == reverse("plans:event", args=[event.pk])
        assert event.acupoint_id == "BL40"

        shown = client.get(answer.url).content.decode()
        assert "Call an ambulance now" in shown
        assert "This plan is paused" in shown

        first = session.appointment
        next_visit = make_visit(
            session.plan_version, starts_at=first.starts_at + timedelta(hours=2)
        )
        log = reverse("plans:log", args=[next_visit.pk])
        refused = client.get(log)
        assert refused.status_code == 409
        assert "This plan is paused" in refused.content.decode()
        assert client.post(log, {"do": "save"}).status_code == 409

        review = reverse("plans:review", args=[plan.pk])
        read = client.get(review).context["form"]["read"].value()
        decided = {"decision": "continue", "read": read, "submission": uuid4()}
        assert client.post(review, decided).status_code == 422
        decided["reason"] = "X-ray clear"
        assert client.post(review, decided).status_code == 302
        assert client.get(log).status_code == 200
        pause = reverse("plans:pause", args=[plan.pk])
        assert "X-ray clear" in client.get(pause).content.decode()

    def test_nothing_more_is_booked_of_a_plan_that_waits(self, client):
        sign_in(client, Role.FRONT_DESK)
        plan = make_course().plan
        pause_plan(by=make_user(), plan=plan, reason=WHY, now=timezone.now())
        slot = Slot(make_user().pk, None, timezone.now() + timedelta(days=3))

        page = client.get(reverse("plans:book_course", args=[plan.pk])).content.decode()

        assert "This plan is paused" in page
        assert WHY["en"] not in page
        with pytest.raises(NoPlanInForce):
            book_course(by=make_user(), plan=plan, starts=[slot], submission=uuid4())

    def test_the_plan_itself_says_so(self, client):
        sign_in(client, Role.ACUPUNCTURIST)
        plan = make_course().plan
        address = reverse("plans:plan", args=[plan.pk])
        assert "This plan is paused" not in client.get(address).content.decode()

        pause_plan(by=make_user(), plan=plan, reason=WHY, now=timezone.now())

        assert WHY["en"] in client.get(address).content.decode()

    def test_the_admin_reads_but_does_not_resume(self, client):
        sign_in(client, Role.ADMIN)
        plan = make_course().plan
        pause_plan(by=make_user(), plan=plan, reason=WHY, now=timezone.now())
        address = reverse("plans:pause", args=[plan.pk])

        assert "An event" in client.get(address).content.decode()
        assert client.post(address, {"finding": "Fine"}).status_code == 405
        assert standing_pause(plan)

    @pytest.mark.parametrize(
        ("fields", "field", "sentence"),
        [
            ({"happened_on": "2999-01-01"}, "happened_on", "still to come"),
            ({"happened_on": "1999-01-01"}, "happened_on", "last twelve months"),
            ({"acupoint_id": "nowhere"}, "point", "No point goes by this name"),
            ({"acupoint_id": "San Li"}, "point", "Which one"),
            ({"grade": 5}, "outcome", "go together"),
            ({"outcome": "died"}, "outcome", "go together"),
            ({"description": "  "}, "description", "required"),
        ],
    )
    def test_bad_input_is_told_beside_its_field(self, client, fields, field, sentence):
        sign_in(client, Role.ACUPUNCTURIST)
        episode = make_episode()

        answer = client.post(
            reverse("plans:tell_event", args=[episode.pk]),
            sent(happened_on=timezone.localdate())
            | {"point": ""}
            | {("point" if k == "acupoint_id" else k): v for k, v in fields.items()},
        )

        assert answer.status_code == 422
        assert sentence in str(answer.context["form"].errors[field])
        assert not AdverseEvent.objects.exists()

    def test_a_correction_by_somebody_else_is_said_and_what_was_typed_stays(
        self, client
    ):
        sign_in(client, Role.ACUPUNCTURIST)
        event = make_event(happened_on=timezone.localdate())
        address = reverse("plans:correct_event", args=[event.pk])
        mine = sent(happened_on=timezone.localdate(), description="Mine")
        assert client.get(address).context["form"].initial["point"] == "BL40"
        assert client.post(address, mine).status_code == 302

        late = client.post(address, mine | {"submission": uuid4()})

        assert late.status_code == 409
        assert "corrected this entry already" in late.content.decode()
        assert "Mine" in late.content.decode()

    @pytest.mark.parametrize("number", [1, 3])
    def test_query_count_does_not_grow(
        self, client, django_assert_max_num_queries, number
    ):
        sign_in(client, Role.ACUPUNCTURIST)
        episode = make_course().plan.episode
        for _ in range(number):
            make_event(episode)

        with django_assert_max_num_queries(7):
            page = client.get(reverse("plans:events", args=[episode.pk]))

        assert page.content.decode().count("Haematoma") == number

    def test_one_of_a_session_in_error_is_marked_and_leaves_the_chart(self, client):
        user = sign_in(client, Role.ACUPUNCTURIST)
        session = sign(make_visit(make_course(intake={"taken_by": user})))
        episode = session.plan_version.plan.episode
        event = make_event(episode, session=session)
        make_event(episode)
        assert len(series_of(episode, timezone.now()).events) == 2
        pages = [
            reverse("plans:events", args=[episode.pk]),
            reverse("plans:event", args=[event.pk]),
        ]
        assert not any("error" in client.get(page).content.decode() for page in pages)

        correct_session(
            by=user,
            session=session,
            to=None,
            came=True,
            reason="Two charts were open.",
            submission=uuid4(),
            now=timezone.now(),
        )

        listed, told = (client.get(page).content.decode() for page in pages)
        assert (listed.count("Haematoma"), listed.count("Entered in error")) == (2, 1)
        assert "counts no more" in told
        assert len(series_of(episode, timezone.now()).events) == 1

    def test_one_that_was_corrected_is_not_listed_twice(self, client):
        sign_in(client, Role.ACUPUNCTURIST)
        event = make_event()
        correct_event(
            by=event.recorded_by,
            event=event,
            submission=uuid4(),
            now=timezone.now(),
            **dict(told_of(event)) | {"kind": "bleeding"},
        )

        page = client.get(reverse("plans:events", args=[event.episode_id]))

        assert "Bleeding<" in page.content.decode()
        assert "Haematoma" not in page.content.decode()
