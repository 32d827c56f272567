"""When a course is looked back on, and what a score says there."""

from datetime import date, timedelta

import pytest

from plans.progress.reviews import EARLY, State, nearest, reviews, stage
from plans.progress.trend import Occasion, Pain, ProgressSeries, Reading

BEGIN = date(2026, 3, 2)


def on(day):
    return BEGIN + timedelta(days=day)


def course(*scores, intake=None):
    """Sessions on days with a leg score on arrival, None where there was none."""
    found = [Reading(on(-3), Occasion.INTAKE, Pain(intake))] if intake else []
    found += [
        Reading(on(day), Occasion.SESSION, Pain(leg), number=number)
        for number, (day, leg) in enumerate(scores, start=1)
    ]
    return ProgressSeries(tuple(found))


def said(review):
    return [rule.id for rule in review.said]


def test_the_score_of_a_review_is_the_nearest_within_a_week():
    known = [(on(20), 9.0), (on(21), 5.0), (on(35), 4.0)]

    assert nearest(known, on(28)) == (on(21), 5.0)
    assert nearest([(on(27), 5.0), (on(29), 4.0)], on(28)) == (on(27), 5.0)
    assert nearest([(on(20), 9.0), (on(36), 9.0)], on(28)) is None


@pytest.mark.parametrize(
    ("today", "state"),
    [(27, State.AHEAD), (28, State.DUE), (34, State.DUE), (35, State.PAST)],
)
def test_a_review_comes_due_on_its_day(today, state):
    week_4 = reviews(course((0, 8), (28, 4)), on(today))[1]

    assert week_4.on == on(28)
    assert week_4.state is state
    assert (week_4.score is None) is (state is State.AHEAD)


@pytest.mark.parametrize(
    ("days", "early"),
    [((0, 3, 7), 14), ((0, 3, 7, 10), 10), ((0, 7, 14, 21), 14), ((0, 4, 8, 30), 14)],
)
def test_the_early_point_is_session_four_or_week_two(days, early):
    series = course(*((day, 8) for day in days))

    assert reviews(series, on(0))[0].on == on(early)


def test_before_any_session_is_booked_no_point_has_a_day():
    assert [review.on for review in reviews(course(), on(60))] == [None] * 3


@pytest.mark.parametrize(
    ("day", "expected"),
    [(0, ""), (13, ""), (14, EARLY), (27, EARLY), (28, "week_4"), (56, "week_8")],
)
def test_a_fourth_session_that_comes_late_turns_no_point_back(day, expected):
    """Else from its day on neither D09 nor D10 would speak."""
    series = course((0, 8), (20, 8), (40, 8), (60, 8))

    assert stage(series, on(day)) == expected
    assert stage(series, on(61)) == "week_8"


@pytest.mark.parametrize(
    ("now", "rule"),
    [(1, "D08-finish"), (5, "D08-go-on"), (6, "D08-go-on"), (7, "D09"), (9, "D09")],
)
def test_what_week_four_says_follows_the_response(now, rule):
    week_4 = reviews(course((0, 8), (28, now)), on(28))[1]

    assert said(week_4) == ["D05-week-4", rule]


def test_without_a_score_only_the_purpose_is_said():
    for series in (course((0, 8), (20, 2)), course((0, None), (28, 2))):
        assert said(reviews(series, on(28))[1]) == ["D05-week-4"]


@pytest.mark.parametrize(("now", "rules"), [(7, []), (8, []), (9, ["D07"])])
def test_session_four_stops_a_course_that_grows_worse(now, rules):
    early = reviews(course((0, 7), (3, 7), (7, 7), (10, now)), on(10))[0]

    assert said(early) == ["D05-early", *rules]


@pytest.mark.parametrize(("now", "rule"), [(8, "D10"), (4, "D08-week-8")])
def test_week_eight_ends_the_course(now, rule):
    week_8 = reviews(course((0, 8), (56, now)), on(56))[2]

    assert said(week_8) == ["D05-week-8", rule]
