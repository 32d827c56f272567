"""From the records to the series: which score belongs to which occasion."""

from datetime import date, datetime, timedelta

from patients.measures.scales import SCALES
from plans.progress.marks import ScoreMark, disability, readings
from plans.progress.trend import BACK, LEG, Occasion, Pain

NINE = datetime(2026, 3, 2, 9)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_scores_join_the_session_of_their_day():
    found = readings(
        sessions=[NINE],
        scores=[
            ScoreMark(NINE, LEG, "before", 7),
            ScoreMark(NINE, BACK, "before", 4),
            ScoreMark(NINE + HOUR, LEG, "after", 5),
        ],
    )

    (only,) = found
    assert (only.occasion, only.number) == (Occasion.SESSION, 1)
    assert (only.before, only.after) == (Pain(7, 4), Pain(5, None))


def test_a_score_typed_in_shortly_before_the_session_is_the_session_s():
    (only,) = readings(
        sessions=[NINE],
        scores=[ScoreMark(NINE - timedelta(minutes=5), LEG, "before", 7)],
    )

    assert only.occasion is Occasion.SESSION
    assert only.before.leg == 7


def test_two_sessions_on_one_day_keep_their_own_scores():
    first, second = readings(
        sessions=[NINE + 6 * HOUR, NINE],
        scores=[
            ScoreMark(NINE, LEG, "before", 7),
            ScoreMark(NINE + HOUR, LEG, "after", 6),
            ScoreMark(NINE + 6 * HOUR, LEG, "before", 5),
        ],
    )

    assert (first.before.leg, first.after.leg) == (7, 6)
    assert (second.before.leg, second.after.leg) == (5, None)
    assert (first.number, second.number) == (1, 2)


def test_what_was_scored_on_no_session_is_a_review():
    (only,) = readings(sessions=[], scores=[ScoreMark(NINE, LEG, "before", 7)])

    assert only.occasion is Occasion.REVIEW
    assert only.before.leg == 7


def test_a_day_is_told_in_its_order():
    found = readings(
        sessions=[NINE],
        scores=[ScoreMark(NINE + HOUR, LEG, "intake", 8)],
        missed=[date(2026, 3, 5)],
        ahead=[date(2026, 3, 9)],
    )

    assert [reading.occasion for reading in found] == [
        Occasion.INTAKE,
        Occasion.SESSION,
        Occasion.MISSED,
        Occasion.AHEAD,
    ]


def test_disability_is_the_scale_scored_most_often():
    rmdq, odi = SCALES["rmdq"], SCALES["odi"]
    scores = [
        ScoreMark(NINE, odi, "intake", 40),
        ScoreMark(NINE, rmdq, "intake", 12),
        ScoreMark(NINE + 28 * DAY, rmdq, "review", 6),
    ]

    found = disability(scores)

    assert found.scale is rmdq
    assert found.scores == ((date(2026, 3, 2), 12), (date(2026, 3, 30), 6))
    assert disability([ScoreMark(NINE, LEG, "intake", 7)]) is None
