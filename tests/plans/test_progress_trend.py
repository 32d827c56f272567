from datetime import date, timedelta

import pytest

from clinic.rules.machine import Verdict
from patients.measures.scales import SCALES
from plans.progress.trend import (
    BACK,
    LEG,
    Occasion,
    Pain,
    ProgressSeries,
    Reading,
    Trend,
    baseline,
    finding,
    important_fall,
    responded,
)

DAY = date(2026, 3, 2)


def session(number, leg=None, back=None, *, after=None):
    """Session `number`, on the `number`th day."""
    return Reading(
        DAY + timedelta(days=number),
        Occasion.SESSION,
        Pain(leg, back),
        Pain(after),
        number,
    )


def intake(leg=None, back=None):
    return Reading(DAY, Occasion.INTAKE, Pain(leg, back))


def series(*readings):
    return ProgressSeries(readings)


@pytest.mark.parametrize(
    ("base", "now", "verdict"),
    [
        (8, 6, Verdict.YES),  # two points, if less than 30 per cent
        (8, 7, Verdict.NO),
        (6, 4.2, Verdict.YES),  # 30 per cent, if less than two points
        (6, 4.3, Verdict.NO),
        (1, 0, Verdict.YES),
        (0, 0, Verdict.NO),
        (5, 5, Verdict.NO),
        (3, 6, Verdict.NO),
        (None, 5, Verdict.UNKNOWN),
        (5, None, Verdict.UNKNOWN),
    ],
)
def test_response_is_two_points_or_thirty_per_cent(base, now, verdict):
    assert responded(base, now, LEG) is verdict


@pytest.mark.parametrize(("base", "fall"), [(5, 2), (6, 2), (7, 2.1), (10, 3)])
def test_important_fall_is_the_larger_of_two_points_and_thirty_per_cent(base, fall):
    assert important_fall(base, LEG) == pytest.approx(fall)


def test_important_fall_of_a_disability_scale_is_its_own():
    assert important_fall(12, SCALES["rmdq"]) == 5
    assert important_fall(20, SCALES["rmdq"]) == pytest.approx(6)


def test_baseline_is_the_last_score_before_the_first_needling():
    assert baseline(series(intake(8), session(1, 7), session(2, 3)), LEG)[1] == 7
    assert baseline(series(intake(8), session(1), session(2, 3)), LEG)[1] == 8


def review(number, leg):
    return Reading(DAY + timedelta(days=number), Occasion.REVIEW, Pain(leg))


def test_a_review_on_the_day_of_the_first_needling_may_be_from_after_it():
    first_day = DAY + timedelta(days=1)
    of_that_day = Reading(first_day, Occasion.INTAKE, Pain(6))
    again = Reading(first_day, Occasion.SESSION, Pain(3), number=2)

    def base(*readings):
        return baseline(series(*readings), LEG)

    assert base(session(1, 7), review(1, 4))[1] == 7
    assert base(session(1), review(1, 4)) is None
    assert base(intake(8), session(1), again, review(1, 4)) == (DAY, 8)
    assert base(intake(8), of_that_day, session(1)) == (first_day, 6)
    assert base(intake(8), review(0, 5), session(1)) == (DAY, 5)


def test_what_is_scored_on_the_day_of_the_first_needling_is_no_progress():
    found = finding(series(intake(8), session(1), review(1, 2)))

    assert (found.trend, found.base) == (Trend.BASELINE_ONLY, 8)


@pytest.mark.parametrize(("before", "at_review"), [(7, 4), (4, 7)])
def test_of_two_scores_on_one_day_the_higher_counts(before, at_review):
    """The lower may be from after the needling; the higher may be harm of it."""
    both = series(session(1, 8), session(5, before), review(5, at_review))

    found = finding(both)

    assert (found.now, found.on) == (7, DAY + timedelta(days=5))


def test_later_score_never_stands_in_for_a_missing_baseline():
    found = finding(series(session(1), session(2, 5), session(3, 3)))

    assert found.trend is Trend.NO_BASELINE
    assert (found.base, found.now, found.fall, found.unscored) == (None, None, None, 1)


def test_score_after_needling_is_not_the_course_s_progress():
    found = finding(series(session(1, 7, after=2)))

    assert (found.trend, found.base) == (Trend.BASELINE_ONLY, 7)


@pytest.mark.parametrize(
    ("now", "trend"),
    [
        (5, Trend.RESPONSE),
        (6, Trend.BETTER),
        (7, Trend.SAME),
        (8, Trend.WORSE),
        (9, Trend.MUCH_WORSE),
    ],
)
def test_finding_names_the_trend(now, trend):
    assert finding(series(session(1, 7), session(2, now))).trend is trend


def test_finding_carries_the_numbers():
    missed = Reading(DAY + timedelta(days=3), Occasion.MISSED)

    found = finding(
        series(intake(8, 4), session(1, 8, 4), session(2), missed, session(5, 1, 5))
    )

    assert (found.base, found.now, found.fall, found.per_cent) == (8, 1, 7, 88)
    assert (found.at_target, found.days) == (True, 4)
    assert (found.sessions, found.missed, found.unscored) == (3, 1, 1)
    assert found.on == DAY + timedelta(days=5)


def test_back_pain_is_judged_by_itself():
    found = finding(series(session(1, 8, 3), session(2, 2, 5)), BACK)

    assert (found.trend, found.fall, found.at_target) == (Trend.MUCH_WORSE, -2, False)


def test_pain_from_nothing_has_no_per_cent():
    assert finding(series(session(1, 0), session(2, 1))).per_cent is None


def test_course_begins_with_its_first_session_or_the_first_one_booked():
    ahead = Reading(DAY + timedelta(days=4), Occasion.AHEAD)

    assert series(intake(5), ahead).begins == ahead.on
    assert series(intake(5), session(1, 5), ahead).begins == DAY + timedelta(days=1)
    assert series(intake(5)).begins is None
