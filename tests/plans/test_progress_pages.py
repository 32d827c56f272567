"""The page of an episode's progress."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from patients.measures.models import Score
from patients.measures.services import withdraw_score
from plans.adverse.services import correct_event, told_of
from plans.planning.models import PlanVersion
from plans.progress.models import FlareUp
from plans.progress.queries import series_of, series_of_many
from plans.progress.services import note_flare_up, withdraw_flare_up
from plans.progress.trend import Dose, Occasion, Pain
from plans.scheduling.models import Appointment
from tests.factories import make_episode, make_plan, make_user, settle, sign_in
from tests.plans.caseload import (
    DAY,
    MONDAY_NINE,
    make_score,
    make_session,
    make_visit,
)
from tests.plans.test_adverse import make_event

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)  # day 30 of the course
Status = Appointment.Status


@pytest.fixture(autouse=True)
def first_of_april(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def version():
    return make_plan(sessions=10, per_week=2, change_reason="")


def address(version):
    return reverse("plans:progress", args=[version.plan.episode_id])


def make_version(before, *, at, **fields):
    kept = {
        field.name: getattr(before, field.name)
        for field in PlanVersion._meta.fields
        if field.name != "id"
    }
    return PlanVersion.objects.create(
        **kept | {"approved_at": at, "status": PlanVersion.Status.APPROVED} | fields
    )


def text_of(page):
    return page.content.decode()


def test_the_series_holds_everything_in_order(version, django_assert_num_queries):
    episode = version.plan.episode
    make_score(episode, 8, at=MONDAY_NINE - DAY, moment="intake")
    make_score(episode, 40, at=MONDAY_NINE - DAY, moment="intake", scale="odi")
    make_session(version, MONDAY_NINE, leg=7, back=3, after=5)
    make_session(version, MONDAY_NINE + 3 * DAY)
    make_session(version, MONDAY_NINE + 5 * DAY, leg=6, signed=False)
    make_visit(version, MONDAY_NINE + 7 * DAY, status=Status.NO_SHOW)
    make_visit(version, MONDAY_NINE + 9 * DAY, status=Status.LATE_CANCEL)
    make_visit(version, MONDAY_NINE + 10 * DAY, status=Status.CANCELLED)
    make_visit(version, MONDAY_NINE + 11 * DAY, status=Status.BOOKED)
    make_visit(version, NOW + 2 * DAY, status=Status.CONFIRMED)

    with django_assert_num_queries(1):
        series = series_of(episode, NOW)

    assert [(r.occasion, r.before.leg) for r in series.readings] == [
        (Occasion.INTAKE, 8),
        (Occasion.SESSION, 7),
        (Occasion.SESSION, None),
        (Occasion.REVIEW, 6),  # what a draft left is a score, not a session
        (Occasion.MISSED, None),
        (Occasion.MISSED, None),
        (Occasion.AHEAD, None),
    ]
    assert series.readings[1].after == Pain(5)
    assert series.dose == Dose(10, 5)
    assert series.onset_weeks == 20
    assert [value for _on, value in series.disability.scores] == [40]
    assert series.events == ()


def test_a_new_version_of_the_plan_is_an_event(version):
    settle(version, status=PlanVersion.Status.SUPERSEDED)
    make_version(
        version,
        at=MONDAY_NINE + 14 * DAY,
        number=2,
        sessions=8,
        change_reason="No response yet",
    )

    series = series_of(version.plan.episode, NOW)

    (event,) = series.events
    assert event.text == "Plan version 2: No response yet"
    assert event.on == (MONDAY_NINE + 14 * DAY).date()
    assert series.dose == Dose(8, 4)


def test_a_corrected_score_counts_as_corrected(version):
    session = make_session(version, MONDAY_NINE, leg=7)
    score = session.scores.get()
    Score.objects.create(
        episode=score.episode,
        scale=score.scale,
        value=3,
        moment=score.moment,
        taken_at=score.taken_at,
        corrects=score,
        entered_by=make_user(),
    )

    (reading,) = series_of(version.plan.episode, NOW).readings

    assert (reading.occasion, reading.before.leg) == (Occasion.SESSION, 3)


def test_the_dose_is_that_of_the_first_four_weeks(version):
    episode = version.plan.episode
    make_session(version, MONDAY_NINE, leg=7)
    settle(version, status=PlanVersion.Status.SUPERSEDED)
    longer = {"number": 2, "sessions": 14, "weekly": [2, 2, 2, 2, 2, 1, 1, 1, 1]}
    make_version(version, at=MONDAY_NINE + 28 * DAY, **longer)

    assert series_of(episode, NOW).dose == Dose(10, 5)

    PlanVersion.objects.filter(number=2).update(status="superseded")
    taper = {"number": 3, "sessions": 7, "weekly": [2, 1, 1, 1, 1, 1]}
    make_version(version, at=MONDAY_NINE + 27 * DAY, **taper)

    assert series_of(episode, NOW).dose == Dose(7, 6)


def test_what_went_wrong_and_flare_ups_are_events_as_they_stand(version):
    episode, by = version.plan.episode, version.created_by
    make_session(version, MONDAY_NINE, leg=7)
    event = make_event(episode, by=by, happened_on=date(2026, 3, 4))
    correct_event(
        by=by,
        event=event,
        submission=uuid4(),
        now=NOW,
        **dict(told_of(event)) | {"grade": 2},
    )
    noted = [
        note_flare_up(
            by=by, episode=episode, began_on=day, text=text, submission=uuid4(), now=NOW
        )
        for day, text in ((date(2026, 3, 3), "Lifted"), (date(2026, 3, 5), "A slip"))
    ]
    withdraw_flare_up(by=by, flare_up=noted[1], now=NOW)

    series = series_of(episode, NOW)

    assert [(each.on, each.text) for each in series.events] == [
        (date(2026, 3, 3), "Flare-up: Lifted"),
        (date(2026, 3, 4), "Adverse event: haematoma, grade 2"),
    ]


def test_a_score_that_was_withdrawn_leaves_a_gap(version):
    by, session = version.created_by, make_session(version, MONDAY_NINE, leg=7)
    make_session(version, MONDAY_NINE + 3 * DAY, leg=6)
    score = session.scores.get()
    withdraw_score(by=by, score=score, reason="Another patient’s", now=NOW)

    series = series_of(version.plan.episode, NOW)

    assert [reading.before.leg for reading in series.readings] == [None, 6]


def test_a_list_reads_all_its_episodes_at_once(version, django_assert_num_queries):
    other = make_plan(sessions=8, per_week=2)
    nobody = make_episode()
    make_session(version, MONDAY_NINE, leg=7)
    make_session(other, MONDAY_NINE, leg=4, back=2)
    episodes = [version.plan.episode, other.plan.episode, nobody]

    with django_assert_num_queries(1):
        found = series_of_many([each.pk for each in episodes], NOW)

    assert [found[each.pk] for each in episodes] == [
        replace(series_of(each, NOW), onset_weeks=None) for each in episodes
    ]
    assert found[other.plan.episode_id].readings[0].before == Pain(4, 2)
    assert series_of_many([], NOW) == {}


@pytest.mark.parametrize("sessions", [1, 3])
def test_query_count_does_not_grow(
    client, version, django_assert_num_queries, sessions
):
    """Session, user, episode with patient, audit event, series, notes, reviews."""
    sign_in(client, Role.ACUPUNCTURIST)
    for number in range(sessions):
        make_session(version, MONDAY_NINE + 7 * number * DAY, leg=8 - number, back=4)

    with django_assert_num_queries(7):
        page = text_of(client.get(address(version)))

    assert page.count("Session 1</td>") == 1
    assert page.count("<td>Session ") == sessions


def test_the_page_says_what_happened_in_words_and_numbers(client, version):
    sign_in(client, Role.ACUPUNCTURIST)
    make_session(version, MONDAY_NINE, leg=8, back=4)
    make_visit(version, MONDAY_NINE + 7 * DAY, status=Status.NO_SHOW)
    make_session(version, MONDAY_NINE + 28 * DAY, leg=5, back=4)

    page = text_of(client.get(address(version)))

    assert "Leg pain fell from 8 to 5 in 28 days: a response" in page
    assert "Back pain is 4 after 28 days, as before treatment." in page
    assert "Sessions: 2. Missed: 1." in page
    assert "Leg pain 5 on 30 Mar: a response." in page
    assert "A response: continue to week 8" in page
    assert "Tu JF" in page
    event = AuditEvent.objects.latest("pk")
    assert event.action == "open_record"
    assert event.patient_id == version.plan.episode.patient_id


def test_a_missing_score_is_said_and_never_filled_in(client, version):
    sign_in(client, Role.ADMIN)
    make_session(version, MONDAY_NINE, leg=8)
    make_session(version, MONDAY_NINE + 28 * DAY)

    page = text_of(client.get(address(version)))

    assert "Leg pain was 8 before treatment; no later score." in page
    assert "No score from 7 days before to 7 days after." in page
    assert "continue to week 8" not in page


def test_before_the_first_score_the_page_says_what_comes(client):
    sign_in(client, Role.ACUPUNCTURIST)
    episode = make_episode()

    page = text_of(client.get(reverse("plans:progress", args=[episode.pk])))

    assert "No score yet" in page
    assert "Reviews" not in page


def test_the_desk_may_not_see_it(client, version):
    sign_in(client, Role.FRONT_DESK)

    assert client.get(address(version)).status_code == 403


def test_an_unknown_episode_is_not_found(client):
    sign_in(client, Role.ACUPUNCTURIST)

    assert client.get(reverse("plans:progress", args=[987654])).status_code == 404
    assert client.post(reverse("plans:progress", args=[1])).status_code == 405


def test_another_page_can_show_the_picture_alone(version):
    make_session(version, MONDAY_NINE, leg=8)
    series = series_of(version.plan.episode, NOW)
    tag = '{% load plans_progress %}{% progress_chart series key="here" %}'

    shown = Template(tag).render(Context({"series": series}))

    assert 'id="here-wide-title"' in shown
    assert "<table" not in shown


def test_a_flare_up_is_noted_once_and_withdrawn_with_a_trace(client, version):
    sign_in(client, Role.ACUPUNCTURIST)
    page = reverse("plans:flare_ups", args=[version.plan.episode_id])
    sent = {"began_on": "2026-03-30", "text": "Long drive", "submission": uuid4()}
    make_session(version, MONDAY_NINE, leg=8)

    for _twice in range(2):
        assert client.post(page, sent).url == address(version)

    assert "Flare-up: Long drive" in text_of(client.get(address(version)))
    flare_up = FlareUp.objects.get()
    withdraw = reverse("plans:withdraw_flare_up", args=[flare_up.pk])
    for _twice in range(2):
        assert client.post(withdraw).url == page
    assert "Long drive" not in text_of(client.get(address(version)))
    assert "Long drive</s>" in text_of(client.get(page))
    deeds = AuditEvent.objects.values_list("action", flat=True)
    assert [*deeds].count("note_flare_up") == [*deeds].count("withdraw_flare_up") == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("began_on", "2026-04-02"), ("began_on", "2025-03-01"), ("text", " ")],
)
def test_a_flare_up_needs_a_day_that_was_and_words(client, version, field, value):
    sign_in(client, Role.ACUPUNCTURIST)
    page = reverse("plans:flare_ups", args=[version.plan.episode_id])
    sent = {"began_on": "2026-03-30", "text": "Long drive", "submission": uuid4()}

    answer = client.post(page, sent | {field: value})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not FlareUp.objects.exists()


def test_who_only_reads_notes_no_flare_up(client, version):
    sign_in(client, Role.ADMIN)
    page = reverse("plans:flare_ups", args=[version.plan.episode_id])

    assert "No flare-up noted" in text_of(client.get(page))
    assert client.post(page, {}).status_code == 403
    assert client.post(reverse("plans:withdraw_flare_up", args=[1])).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_flare_ups_take_as_many_queries_for_any_number(
    client, version, django_assert_num_queries, number
):
    """Five: session, user, episode with patient, the audit event, the flare-ups."""
    sign_in(client, Role.ACUPUNCTURIST)
    for day in range(number):
        note_flare_up(
            by=version.created_by,
            episode=version.plan.episode,
            began_on=MONDAY_NINE.date() + day * DAY,
            text="Lifted",
            submission=uuid4(),
            now=NOW,
        )

    with django_assert_num_queries(5):
        page = client.get(reverse("plans:flare_ups", args=[version.plan.episode_id]))

    assert text_of(page).count("· Lifted") == number


def test_a_flare_up_is_fixed_but_for_its_withdrawal(version):
    flare_up = note_flare_up(
        by=version.created_by,
        episode=version.plan.episode,
        began_on=MONDAY_NINE.date(),
        text="Lifted",
        submission=uuid4(),
        now=NOW,
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        FlareUp.objects.filter(pk=flare_up.pk).update(text="Nothing")
