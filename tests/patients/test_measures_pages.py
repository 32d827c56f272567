"""Scores on their pages: recorded at a review, read, annotated, corrected."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clinic.access.roles import Role
from patients.measures import services
from patients.measures.models import Score, ScoreNote
from patients.measures.rmdq import STATEMENTS, is_due
from patients.measures.scales import SCALES, NoKnownChange, ScoreOutOfRange
from tests.factories import MONDAY_NINE, make_episode, make_user, sign_in

TODAY = timezone.localdate()


@pytest.fixture
def episode(db):
    return make_episode()


@pytest.fixture
def desk(client, episode):
    sign_in(client, Role.ACUPUNCTURIST)
    return client


def record(desk, episode, scale, **sent):
    address = f"/patients/episodes/{episode.pk}/scores/{scale}/"
    return desk.post(address, {"on": f"{TODAY}"} | sent)


def patients_own(episode, **fields):
    given = {"scale": "leg_nrs", "value": 6, "moment": "before"}
    given["taken_at"] = MONDAY_NINE
    return services.record_score(by=None, episode=episode, **given | fields)


# ---------------------------------------------------------------- how they are scored


@pytest.mark.parametrize(
    ("scale", "points", "answered", "score"),
    [
        ("odi", 0, 10, "0"),
        ("odi", 21, 10, "42"),
        ("odi", 21, 9, "46.67"),  # out of 45
        ("odi", 50, 10, "100"),
        ("odi", 40, 8, "100"),
        ("sbi", 13, 4, "13"),
        ("sbi", 9, 3, "12"),  # the mean of three, four times
        ("sbi", 24, 4, "24"),
    ],
)
def test_a_total_is_scored_by_its_rule(scale, points, answered, score):
    assert SCALES[scale].total(points, answered) == Decimal(score)


@pytest.mark.parametrize(
    ("scale", "points", "answered"),
    [("odi", 10, 7), ("odi", 51, 10), ("odi", 46, 9), ("sbi", 5, 2), ("leg_nrs", 1, 1)],
)
def test_too_few_answers_or_too_many_points_are_no_score(scale, points, answered):
    with pytest.raises(ScoreOutOfRange):
        SCALES[scale].total(points, answered)


def test_no_change_matters_where_no_source_says_so():
    assert SCALES["rmdq"].important_change == 5
    for scale in ("function_nrs", "sbi", "pgic"):
        with pytest.raises(NoKnownChange):
            _ = SCALES[scale].important_change


def test_the_questionnaire_has_its_24_statements():
    assert len(STATEMENTS) == SCALES["rmdq"].high == 24
    assert len({text["en"] for text in STATEMENTS}) == 24
    assert len({text["zh-hans"] for text in STATEMENTS}) == 24


@pytest.mark.parametrize(
    ("began", "last", "today", "due"),
    [
        (None, None, date(2026, 3, 2), True),
        (None, date(2026, 3, 1), date(2026, 3, 2), False),
        (date(2026, 3, 2), date(2026, 2, 20), date(2026, 3, 15), False),
        (date(2026, 3, 2), date(2026, 2, 20), date(2026, 3, 16), True),
        (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16), False),
        (date(2026, 3, 2), date(2026, 3, 8), date(2026, 3, 16), True),
        (date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 29), False),
        (date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 30), True),
        (date(2026, 3, 2), date(2026, 4, 27), date(2026, 8, 1), False),
        (date(2026, 3, 2), date(2026, 4, 27), date(2026, 9, 1), True),
    ],
)
def test_when_the_questionnaire_is_due(began, last, today, due):
    assert is_due(began, last, today) is due


# ---------------------------------------------------------------- recorded at a review


@pytest.mark.parametrize(
    ("scale", "sent", "value"),
    [
        ("rmdq", {"ticked": [1, 13, 24]}, 3),
        ("rmdq", {"none": "on"}, 0),
        ("rmdq", {"ticked": [2] * 30}, 1),
        ("odi", {"points": 21, "answered": 9}, Decimal("46.67")),
        ("sbi", {"points": 9, "answered": 3}, 12),
        ("pgic", {"value": 2}, 2),
        ("leg_nrs", {"value": 4}, 4),
    ],
)
def test_a_score_is_recorded_by_who_is_signed_in(desk, episode, scale, sent, value):
    reply = record(desk, episode, scale, **sent)

    assert reply.url == f"/patients/episodes/{episode.pk}/scores/"
    score = Score.objects.get()
    assert (score.scale, score.value, score.moment) == (scale, value, "review")
    assert score.entered_by is not None
    if scale == "rmdq":
        assert score.ticked == sorted(set(sent.get("ticked", [])))
    assert timezone.localdate(score.taken_at) == TODAY


@pytest.mark.parametrize(
    ("scale", "sent"),
    [
        ("odi", {"points": 46, "answered": 9}),
        ("odi", {"points": 10, "answered": 7}),
        ("odi", {"points": "", "answered": ""}),
        ("sbi", {"points": 25, "answered": 4}),
        ("pgic", {"value": 8}),
        ("rmdq", {"ticked": [25]}),
        ("rmdq", {}),
        ("rmdq", {"ticked": [1], "none": "on"}),
        ("leg_nrs", {"value": 11}),
        ("leg_nrs", {"value": 4, "on": "2099-01-01"}),
        ("leg_nrs", {"value": 4, "on": "0001-01-01"}),
    ],
)
def test_what_is_no_score_is_not_recorded(desk, episode, scale, sent):
    assert record(desk, episode, scale, **sent).status_code == 422
    assert not Score.objects.exists()


def test_sent_twice_it_is_one_and_another_value_is_said_to_be_another(desk, episode):
    for _again in range(2):
        assert record(desk, episode, "pgic", value=2).status_code == 302

    reply = record(desk, episode, "pgic", value=3)

    assert reply.status_code == 422
    assert Score.objects.get().value == 2


def test_a_licensed_scale_has_no_wording_and_says_whose_it_is(desk, episode):
    page = desk.get(f"/patients/episodes/{episode.pk}/scores/odi/").content.decode()

    assert "© Jeremy Fairbank 1980" in page
    assert "the sum, divided by five times the sections answered" in page


def test_the_questionnaire_is_shown_with_its_citation(desk, episode):
    page = desk.get(f"/patients/episodes/{episode.pk}/scores/rmdq/").content.decode()

    assert page.count('name="ticked"') == 24
    assert "Spine 1983;8:141–144" in page
    assert desk.get(f"/patients/episodes/{episode.pk}/scores/vas/").status_code == 404


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.ADMIN])
def test_who_takes_no_intake_writes_no_score(client, episode, role):
    sign_in(client, role)
    score = patients_own(episode)

    for address in ("notes/", "correction/"):
        reply = client.post(f"/patients/scores/{score.pk}/{address}", {"value": 1})
        assert reply.status_code == 403
    assert record(client, episode, "pgic", value=2).status_code == 403
    read = client.get(f"/patients/scores/{score.pk}/").status_code
    assert read == (200 if role is Role.ADMIN else 403)


@pytest.mark.parametrize("rows", [1, 3])
def test_query_count_of_the_list(desk, episode, django_assert_num_queries, rows):
    """Session, user, episode with patient, audit, scores."""
    for number in range(rows):
        patients_own(episode, taken_at=MONDAY_NINE.replace(hour=number))

    with django_assert_num_queries(5):
        page = desk.get(f"/patients/episodes/{episode.pk}/scores/").content.decode()

    assert page.count("the patient, ") == rows


# ---------------------------------------------------------------- annotated, corrected


def test_a_patients_score_is_annotated_and_never_corrected(desk, episode):
    score = patients_own(episode)
    address = f"/patients/scores/{score.pk}/"
    assert "Correct this score" not in desk.get(address).content.decode()

    note = {"text": "Sat <badly> all night. 一夜未眠。", "submission": f"{uuid4()}"}
    for _again in range(2):
        assert desk.post(f"{address}notes/", note).url == address
    refused = desk.post(f"{address}correction/", {"value": 2})

    assert refused.status_code == 409
    assert ScoreNote.objects.get().score == score
    assert Score.objects.get() == score
    page = desk.get(address).content.decode()
    assert "Sat &lt;badly&gt; all night. 一夜未眠。" in page
    with pytest.raises(services.PatientsOwn):
        services.correct_score(by=make_user(), score=score, value=2)


def test_a_note_stands_on_the_progress_page(desk, episode):
    score = patients_own(episode)
    services.annotate_score(
        by=make_user(),
        score=score,
        text="A bad night.",
        submission=uuid4(),
        now=timezone.now(),
    )

    page = desk.get(f"/episodes/{episode.pk}/progress/").content.decode()

    assert "A bad night." in page


@pytest.mark.parametrize(
    "statement",
    ["UPDATE {table} SET text = 'Better'", "DELETE FROM {table}"],
)
def test_a_note_is_written_once_against_bare_sql_too(episode, statement):
    services.annotate_score(
        by=make_user(),
        score=patients_own(episode),
        text="Worse",
        submission=uuid4(),
        now=timezone.now(),
    )
    table = ScoreNote._meta.db_table

    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table=table))


def test_a_correction_without_somebody_who_made_it_is_refused(episode):
    score = patients_own(episode)

    with pytest.raises(IntegrityError), transaction.atomic():
        Score.objects.create(
            episode=episode,
            scale=score.scale,
            value=1,
            moment=score.moment,
            taken_at=score.taken_at,
            corrects=score,
        )


def test_what_staff_entered_is_corrected_beside_it(desk, episode):
    record(desk, episode, "leg_nrs", value=8)
    first = Score.objects.get()

    reply = desk.post(f"/patients/scores/{first.pk}/correction/", {"value": 3})

    assert desk.get(reply.url).status_code == 200
    assert Score.objects.current().get().value == 3
    assert "corrected" in desk.get(f"/patients/scores/{first.pk}/").content.decode()
    late = desk.post(f"/patients/scores/{first.pk}/correction/", {"value": 4})
    assert late.url == reply.url
    assert desk.post(f"{reply.url}correction/", {"value": 11}).status_code == 422


def withdrawn(episode, **fields):
    score = services.record_review(
        by=make_user(), episode=episode, scale="odi", value=44, on=MONDAY_NINE.date()
    )
    services.withdraw_score(
        by=make_user(name="Ann Other"),
        score=score,
        reason="Of another patient",
        now=timezone.now(),
    )
    return score


def test_what_was_withdrawn_is_said_to_be_and_not_corrected(desk, episode):
    """Its correction would count for a patient whom it never was of."""
    score = withdrawn(episode)

    page = desk.get(f"/patients/scores/{score.pk}/").content.decode()
    answer = desk.post(
        f"/patients/scores/{score.pk}/correction/", {"value": "30"}, follow=True
    )

    assert "This score was withdrawn" in page
    assert "Of another patient" in page
    assert "Ann Other" in page
    assert "The right score" not in page
    assert "it is not corrected" in answer.content.decode()
    assert Score.objects.get() == score


def test_after_a_withdrawal_the_day_may_be_scored_anew(desk, episode):
    withdrawn(episode)

    again = services.record_review(
        by=make_user(), episode=episode, scale="odi", value=44, on=MONDAY_NINE.date()
    )

    assert Score.objects.current().get() == again


def test_recorded_again_it_is_compared_with_the_score_that_stands(episode):
    same = {
        "by": make_user(),
        "episode": episode,
        "scale": "rmdq",
        "on": MONDAY_NINE.date(),
    }
    first = services.record_review(value=5, **same)
    right = services.correct_score(by=make_user(), score=first, value=15)

    assert services.record_review(value=15, **same) == right
    with pytest.raises(services.AlreadyScored):
        services.record_review(value=5, **same)
