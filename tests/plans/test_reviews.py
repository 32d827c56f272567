"""How a course stands, when it is to be looked back on, what course comes next."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.rules.machine import Verdict
from plans.planning.course import check_weekly
from plans.progress.reviews import reviews
from plans.progress.trend import Occasion, Pain, ProgressSeries, Reading
from plans.reviews.decisions import Decision, Standing, judge
from plans.reviews.due import Course, Held, Why, reasons
from plans.reviews.models import Review
from plans.reviews.next_course import NextDose, longer, tapered
from plans.reviews.presenters.held import point_rows

BEGIN = date(2026, 3, 2)


def on(day):
    return BEGIN + timedelta(days=day)


def course(*scores):
    """Sessions on days with a leg score on arrival, None where there was none."""
    return ProgressSeries(
        tuple(
            Reading(on(day), Occasion.SESSION, Pain(leg), number=number)
            for number, (day, leg) in enumerate(scores, start=1)
        )
    )


class TestStanding:
    @pytest.mark.parametrize(
        ("scores", "standing", "rules"),
        [
            (((0, 8), (3, 6)), Standing.ON_TRACK, []),
            (((0, 8), (3, 7)), Standing.WATCH, []),
            (((0, 8), (3, 9)), Standing.WATCH, []),
            (((0, 8), (3, 10)), Standing.OFF_TRACK, ["D07"]),
            (((0, 8), (28, 6)), Standing.ON_TRACK, ["D08-go-on"]),
            (((0, 8), (28, 1)), Standing.ON_TRACK, ["D08-finish"]),
            (((0, 8), (28, 7)), Standing.OFF_TRACK, ["D09"]),
            (((0, 8), (56, 7)), Standing.OFF_TRACK, ["D10"]),
            (((0, 8), (56, 6)), Standing.ON_TRACK, ["D08-week-8"]),
            (((0, 8), (7, 8), (21, 8), (30, 8)), Standing.OFF_TRACK, ["D09"]),
            (((0, 8), (20, 8), (40, 8), (60, 8)), Standing.OFF_TRACK, ["D10"]),
            (((0, None), (3, 2)), Standing.WATCH, []),
            (((0, 8),), Standing.WATCH, []),
        ],
    )
    def test_it_follows_the_rules(self, scores, standing, rules):
        found = judge(course(*scores), on(scores[-1][0]))

        assert found.standing is standing
        assert [rule.id for rule in found.said] == rules

    @pytest.mark.parametrize(
        ("days", "standing"), [(14, Standing.ON_TRACK), (15, Standing.WATCH)]
    )
    def test_an_old_score_does_not_say_on_track(self, days, standing):
        assert judge(course((0, 8), (10, 5)), on(10 + days)).standing is standing

    @pytest.mark.parametrize(
        ("scored", "today", "rules"),
        [
            (3, 28, []),
            (3, 56, []),
            (20, 28, []),
            (21, 28, ["D09"]),
            (21, 35, ["D09"]),
            (21, 36, []),
            (48, 56, []),
            (49, 56, ["D10"]),
        ],
    )
    def test_a_point_is_judged_by_a_score_of_late_and_near_it(
        self, scored, today, rules
    ):
        found = judge(course((0, 8), (scored, 8)), on(today))

        assert [rule.id for rule in found.said] == rules
        assert found.standing is (Standing.OFF_TRACK if rules else Standing.WATCH)

    @pytest.mark.parametrize("today", [4, 18, 28, 56])
    def test_what_grew_worse_stays_so_however_old_the_score(self, today):
        found = judge(course((0, 6), (3, 8)), on(today))

        assert [rule.id for rule in found.said] == ["D07"]
        assert found.standing is Standing.OFF_TRACK

    @pytest.mark.parametrize("scores", [((0, 8), (3, 8)), ((0, 8), (28, 7))])
    def test_at_a_point_it_says_what_the_progress_page_says(self, scores):
        series = course(*scores)
        point = reviews(series, on(28))[1]

        spoken = [rule for rule in point.said if rule.then["says"] != "purpose"]

        assert list(judge(series, on(28)).said) == spoken

    def test_a_paused_plan_is_off_track_however_good_the_score(self):
        found = judge(course((0, 8), (3, 2)), on(3), paused=True)

        assert found.standing is Standing.OFF_TRACK
        assert found.response is Verdict.YES

    def test_a_rule_asks_for_decisions(self):
        worse = judge(course((0, 5), (28, 8)), on(28))

        assert {rule.id: worse.asked_by(rule) for rule in worse.said} == {
            "D07": (Decision.REFER,),
            "D09": (Decision.CHANGE,),
        }


def test_a_review_is_held_on_the_day_of_the_clinic():
    """Half past midnight in the summer is yesterday in UTC: a week before week 8."""
    review = Review(
        held_at=datetime(2026, 4, 19, 23, 30, tzinfo=UTC),
        standing="watch",
        decision="continue",
        due_for=[],
    )

    rows = point_rows(course((0, 8)), [review], on(60))

    assert [bool(row.held) for row in rows] == [True, True, True]


class TestDue:
    NOTHING = Course(began=BEGIN, attended=3)

    @pytest.mark.parametrize(
        ("seen", "today", "why"),
        [
            ({"began": None, "attended": 0}, 90, ()),
            ({}, 13, ()),
            ({}, 14, (Why.SESSION_4,)),
            ({}, 27, (Why.SESSION_4,)),
            ({"attended": 2, "last": Held(on(7), 2, "continue")}, 27, ()),
            ({"last": Held(on(6), 2, "continue")}, 14, (Why.SESSION_4,)),
            ({"last": Held(on(6), 3, "continue")}, 14, ()),
            ({}, 28, (Why.WEEK_4,)),
            ({}, 55, (Why.WEEK_4,)),
            ({}, 56, (Why.WEEK_8,)),
            ({"attended": 4}, 10, (Why.SESSION_4,)),
            ({"attended": 7}, 27, (Why.SESSION_4,)),
            ({"paused": True, "worse_on": on(9)}, 10, (Why.PAUSED, Why.WORSE)),
            # A review answers what lies before it, and what comes within a week.
            ({"attended": 4, "last": Held(on(10), 3, "continue")}, 12, ()),
            (
                {"attended": 4, "last": Held(on(6), 2, "continue")},
                12,
                (Why.SESSION_4,),
            ),
            ({"last": Held(on(21), 6, "continue")}, 40, ()),
            ({"last": Held(on(20), 6, "continue")}, 40, (Why.WEEK_4,)),
            ({"worse_on": on(9), "last": Held(on(9), 3, "continue")}, 12, ()),
            (
                {"worse_on": on(10), "last": Held(on(9), 3, "continue")},
                12,
                (Why.WORSE,),
            ),
            # Again four sessions after the points were changed.
            ({"attended": 11, "last": Held(on(28), 8, "change")}, 45, ()),
            ({"attended": 12, "last": Held(on(28), 8, "change")}, 45, (Why.AGAIN,)),
            ({"attended": 12, "last": Held(on(28), 8, "taper")}, 45, ()),
        ],
    )
    def test_why(self, seen, today, why):
        assert reasons(replace(self.NOTHING, **seen), on(today)) == why


@dataclass(frozen=True)
class Given:
    sessions: int
    per_week: int
    weekly: tuple[int, ...] = ()


class TestNextCourse:
    @pytest.mark.parametrize(
        ("dose", "had", "expected"),
        [
            (Given(8, 2), 8, NextDose(12, 2, (2, 2, 2, 2, 1, 1, 1, 1), 4)),
            (Given(8, 2), 5, NextDose(9, 2, (2, 2, 1, 1, 1, 1, 1), 4)),
            (Given(10, 3, (3, 3, 2, 2)), 7, NextDose(11, 3, (3, 3, 1, 1, 1, 1, 1), 4)),
            (Given(4, 1), 4, NextDose(8, 1, (), 4)),
            (Given(22, 3), 22, NextDose(24, 3, (*(3,) * 7, 1, 1, 1), 2)),
            (Given(24, 3), 24, None),
        ],
    )
    def test_a_taper_goes_on_once_a_week(self, dose, had, expected):
        assert tapered(dose, had) == expected

    @pytest.mark.parametrize(
        ("dose", "had", "expected"),
        [
            (Given(8, 2), 8, NextDose(16, 2, (), 8)),
            (
                Given(10, 3, (3, 3, 2, 2)),
                10,
                NextDose(18, 3, (3, 3, 2, 2, 2, 2, 2, 2), 8),
            ),
            (Given(20, 2), 20, NextDose(24, 2, (), 4)),
            (Given(23, 3), 23, None),
        ],
    )
    def test_going_on_keeps_the_rhythm_of_the_last_week(self, dose, had, expected):
        assert longer(dose, had) == expected

    @pytest.mark.parametrize("had", range(1, 24))
    @pytest.mark.parametrize("dose", [Given(8, 2), Given(10, 3, (3, 3, 2, 2))])
    def test_what_comes_adds_up(self, dose, had):
        for found in (longer(dose, had), tapered(dose, had)):
            if found:
                assert found.sessions == had + found.more <= 24
                check_weekly(
                    found.weekly, sessions=found.sessions, per_week=found.per_week
                )
