from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from plans.scheduling.free import (
    Hours,
    Length,
    Obstacle,
    Start,
    free_starts,
    read_calendar,
)
from plans.scheduling.planner import Total, Wanted, plan_course
from plans.scheduling.relax import Relaxed
from plans.scheduling.wishes import (
    Breach,
    Habit,
    Wish,
    Wishes,
    after_a_break,
    breaches,
    habit_of,
    longest_wait,
)

MONDAY = date(2026, 3, 2)
NINE, TEN = time(9), time(10)
TUE_FRI = frozenset({1, 4})


def wishes(sessions, **fields):
    return Wishes(**{"sessions": sessions, "earliest": MONDAY} | fields)


def on(*days, hour=NINE, who="li", bed="A", since=MONDAY):
    """Free starts, that many days after `since`."""
    return [
        Start(datetime.combine(since + timedelta(days=day), hour), who, bed)
        for day in days
    ]


def dates(course):
    return [(row.start.at.date() - MONDAY).days for row in course.rows]


def test_wished_days_and_hour_are_kept_at_no_cost():
    asked = wishes(4, weekdays=TUE_FRI, between=(NINE, NINE), practitioner="li")

    best = plan_course(asked, on(*range(28)) + on(*range(28), hour=TEN)).courses[0]

    assert dates(best) == [1, 4, 8, 11]
    assert best.cost == 0
    assert best.totals == ()
    assert best.rhythm == ((1, NINE, 2), (4, NINE, 2))


def test_compromises_are_counted_by_kind():
    """The second Tuesday is taken at nine, the second Friday altogether."""
    asked = wishes(4, weekdays=TUE_FRI, between=(NINE, NINE))
    free = on(1, 4) + on(8, hour=TEN) + on(10)

    best = plan_course(asked, free).courses[0]

    assert dates(best) == [1, 4, 8, 10]
    assert best.totals == (
        Total(Wish.WEEKDAYS, 1, 1, 12),
        Total(Wish.HOUR, 1, 60, 4),
        Total(Wish.EVEN_GAPS, 1, 1, 2),
    )


def test_a_row_says_what_it_stands_in_for_and_what_else_is_free_that_day():
    asked = wishes(2, weekdays=TUE_FRI, between=(NINE, NINE))
    free = on(1) + on(3, hour=TEN) + on(3, hour=time(11))

    best = plan_course(
        asked, free, why_not=lambda moment, who: Obstacle.CLOSED
    ).courses[0]

    moved = best.rows[1]
    assert best.rows[0].instead_of is None
    assert moved.instead_of == Wanted(on(4)[0].at, "li", Obstacle.CLOSED)
    assert moved.others == tuple(on(3, hour=time(11)))


def test_no_two_rows_stand_in_for_the_same_start():
    """Tuesday and Friday are taken; Monday, Wednesday and Saturday are left."""
    asked = wishes(3, weekdays=TUE_FRI, per_week=3)

    best = plan_course(asked, on(0, 2, 5)).courses[0]

    wanted = [row.instead_of and row.instead_of.at.weekday() for row in best.rows]
    assert wanted == [1, 4, None]


def test_equal_starts_are_settled_on_one_practitioner_and_one_hour():
    free = on(0, 3, 7) + on(0, 3, 7, hour=TEN) + on(3, hour=time(8), who="mo")

    best = plan_course(wishes(3), free).courses[0]

    assert {(row.start.practitioner, row.start.at.time()) for row in best.rows} == {
        ("li", NINE)
    }


@pytest.mark.parametrize(
    ("gap", "fits"), [(2, True), (3, True), (1, False), (4, False)]
)
def test_gaps_hold_at_both_ends(gap, fits):
    asked = wishes(2, smallest_gap=2, largest_gap=3)

    assert bool(plan_course(asked, on(0, gap)).courses) is fits


def test_week_rule_counts_from_monday_to_sunday():
    """Friday, Sunday and Monday are four days, and two weeks."""
    asked = wishes(3, smallest_gap=1)

    assert plan_course(asked, on(4, 6, 7)).courses
    assert not plan_course(asked, on(2, 4, 6)).courses


def test_week_rule_holds_over_the_turn_of_the_year():
    """29 December 2025 to 4 January 2026 is one ISO week."""
    week = on(0, 2, 4, since=date(2025, 12, 29))
    asked = wishes(3, earliest=date(2025, 12, 29))

    assert not plan_course(asked, week).courses
    assert plan_course(replace(asked, per_week=3), week).courses


def test_taper_counts_sessions_so_that_a_lost_week_takes_nothing_from_it():
    asked = wishes(10, per_week=(3, 3, 2, 2), largest_gap=10)
    working_days = [day for day in range(42) if day % 7 < 5]
    closed_week = range(7, 14)

    plain = plan_course(asked, on(*working_days)).courses[0]
    shifted = plan_course(
        asked, on(*(day for day in working_days if day not in closed_week))
    ).courses[0]

    assert [day // 7 for day in dates(plain)] == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
    assert [day // 7 for day in dates(shifted)] == [0, 0, 0, 2, 2, 2, 3, 3, 4, 4]


def test_each_week_of_a_taper_has_its_own_gaps():
    """Two and three days apart at three a week; five to ten at one."""
    asked = wishes(5, per_week=(3, 1), smallest_gap=(2, 5), largest_gap=(5, 10))

    assert dates(plan_course(asked, on(0, 2, 4, 7, 14)).courses[0]) == [0, 2, 4, 7, 14]
    assert not plan_course(asked, on(0, 2, 4, 7, 11)).courses, "four days is too few"
    assert not plan_course(asked, on(0, 2, 4, 13, 18)).courses, "nine is too many"
    days = [MONDAY + timedelta(days=day) for day in (0, 2, 4, 13, 18)]
    assert breaches(asked, days) == [Breach(3, Wish.LARGEST_GAP, 9, 5)]


def test_a_taper_goes_on_after_a_break_where_it_was():
    asked = wishes(
        10, per_week=(3, 3, 2, 1), smallest_gap=(2, 2, 2, 5), largest_gap=(5, 5, 7, 10)
    )
    had = [MONDAY + timedelta(days=day) for day in (0, 2, 4, 7, 9, 11, 14)]

    assert longest_wait(asked, had) == 7
    rest = after_a_break(asked, 6)
    assert (rest.sessions, rest.per_week, rest.largest_gap) == (4, (2, 1), (7, 10))
    assert after_a_break(wishes(8), 3) == wishes(5)


def test_a_habit_is_read_from_what_stands():
    starts = [start.at for start in on(1, 4, 8) + on(11, hour=TEN)]

    assert habit_of(starts, 2) == Habit((1, 4), (NINE, TEN))
    assert habit_of(starts, 1) == Habit((), (NINE, TEN))
    assert habit_of([], 2) is None


def test_holiday_is_named_and_never_silently_skipped():
    """No start on the second Friday: the course says which row was moved, and why."""
    asked = wishes(8, weekdays=TUE_FRI, between=(NINE, NINE))
    holiday = 11
    free = on(*(day for day in range(35) if day % 7 < 5 and day != holiday))

    best = plan_course(
        asked,
        free,
        why_not=lambda moment, who: (
            Obstacle.CLOSED if (moment.date() - MONDAY).days == holiday else None
        ),
    ).courses[0]

    moved = [row for row in best.rows if row.instead_of]
    assert len(best.rows) == 8
    assert [(row.instead_of.at.date() - MONDAY).days for row in moved] == [holiday]
    assert moved[0].instead_of.why is Obstacle.CLOSED


def test_a_date_that_a_week_goes_without_is_named():
    """Only Tuesdays and Fridays; one Friday is shut, then a whole week is."""
    only = {"weekdays": TUE_FRI, "must": frozenset({Wish.WEEKDAYS})}
    asked = wishes(6, between=(NINE, NINE), largest_gap=14, **only)
    shut = {11, *range(21, 28)}
    free = on(*(day for day in range(42) if day not in shut))

    best = plan_course(
        asked,
        free,
        why_not=lambda moment, who: (
            Obstacle.CLOSED if (moment.date() - MONDAY).days in shut else None
        ),
    ).courses[0]

    assert dates(best) == [1, 4, 8, 15, 18, 29]
    left_out = {
        (row.start.at.date() - MONDAY).days: [
            (
                (entry.week - MONDAY).days,
                entry.sessions,
                [((w.at.date() - MONDAY).days, w.why) for w in entry.wanted],
            )
            for entry in row.left_out
        ]
        for row in best.rows
    }
    closed = Obstacle.CLOSED
    assert left_out[15] == [(7, 1, [(11, closed)])]
    assert left_out[29] == [(21, 2, [(22, closed), (25, closed)])]
    assert not any(left_out[day] for day in (1, 4, 8, 18))
    lacking = sum(c.amount for row in best.rows for c in row.compromises)
    assert lacking >= 3, "as many as the totals say"


def test_a_week_without_wished_days_is_named_by_its_monday():
    asked = wishes(4, largest_gap=14)
    free = on(*(day for day in range(28) if not 7 <= day < 14))

    best = plan_course(asked, free).courses[0]

    (left_out,) = [entry for row in best.rows for entry in row.left_out]
    assert (left_out.week, left_out.sessions) == (MONDAY + timedelta(days=7), 2)
    assert left_out.wanted == ()


def test_wall_clock_hour_is_kept_over_a_clock_change():
    """Clocks in Berlin go forward on 29 March 2026; the gaps are days all the same."""
    asked = wishes(
        4, earliest=date(2026, 3, 24), weekdays=TUE_FRI, between=(NINE, NINE)
    )
    calendar = read_calendar(
        hours=[Hours("li", weekday, NINE, time(12)) for weekday in range(5)],
        beds=["A"],
        held=[],
    )
    free = free_starts(
        calendar, Length(30, 60), first=asked.earliest, last=date(2026, 4, 12)
    )

    course = plan_course(asked, free).courses[0]

    starts = [row.start.at for row in course.rows]
    berlin = ZoneInfo("Europe/Berlin")
    assert [f"{at:%d.%m. %H:%M}" for at in starts] == [
        "24.03. 09:00",
        "27.03. 09:00",
        "31.03. 09:00",
        "03.04. 09:00",
    ]
    offsets = [at.replace(tzinfo=berlin).utcoffset() for at in starts]
    assert [offset // timedelta(hours=1) for offset in offsets] == [1, 1, 2, 2]


def test_leap_day_is_a_day_like_any_other():
    """From Friday 25 February 2028 the 29th is four days away."""
    free = on(0, 4, since=date(2028, 2, 25))
    asked = wishes(2, earliest=date(2028, 2, 25), largest_gap=4)

    assert plan_course(asked, free).courses
    assert not plan_course(replace(asked, largest_gap=3), free).courses


def test_kept_dates_stand_and_the_rest_follows_them():
    """Two were had this week, so the third comes next week and within the gap."""
    asked = wishes(4, weekdays=TUE_FRI)
    kept = [MONDAY, MONDAY + timedelta(days=2)]

    best = plan_course(asked, on(*range(21)), kept=kept).courses[0]

    assert dates(best) == [8, 11]


def test_nothing_is_left_to_plan_when_all_dates_are_kept():
    answer = plan_course(wishes(1), [], kept=[MONDAY])

    assert [course.rows for course in answer.courses] == [()]


def test_a_must_admits_no_exception():
    asked = wishes(2, practitioner="li", must=frozenset({Wish.PRACTITIONER}))
    free = on(0) + on(3, who="mo") + on(4)

    assert dates(plan_course(asked, free).courses[0]) == [0, 4]


def test_without_a_course_each_single_wish_that_helps_is_named():
    """Free are Monday, Tuesday week and Tuesday fortnight: gaps of eight and seven."""
    asked = wishes(3, smallest_gap=2, largest_gap=6)

    answer = plan_course(asked, on(0, 8, 15))

    assert answer.courses == ()
    assert answer.placed == 1
    assert answer.relaxed == (
        Relaxed(Wish.LARGEST_GAP, 6, 8),
        Relaxed(Wish.SESSIONS, 3, 1),
    )


def test_relaxing_names_musts_the_earliest_date_gap_and_week():
    free = (
        on(-4, 0, 1, 2) + on(4, who="mo") + on(3, hour=TEN) + on(5, hour=TEN, who="mo")
    )
    must = frozenset({Wish.PRACTITIONER, Wish.HOUR})
    asked = wishes(
        3, largest_gap=4, practitioner="li", between=(NINE, NINE), must=must, per_week=2
    )

    answer = plan_course(asked, free)

    assert answer.placed == 2
    assert answer.relaxed == (
        Relaxed(Wish.EARLIEST, MONDAY, MONDAY - timedelta(days=4)),
        Relaxed(Wish.SESSIONS, 3, 2),
    )
    by_week = plan_course(replace(asked, smallest_gap=1), free).relaxed
    assert Relaxed(Wish.PER_WEEK, 2, 3) in by_week
    assert {found.wish for found in by_week} == {
        Wish.EARLIEST,
        Wish.PER_WEEK,
        Wish.SESSIONS,
    }
    monday_on = wishes(2, largest_gap=4, practitioner="mo", must=must)
    assert [found.wish for found in plan_course(monday_on, on(0, 3)).relaxed] == [
        Wish.PRACTITIONER
    ]


def test_no_start_at_all_is_an_answer():
    answer = plan_course(wishes(2), [])

    assert (answer.courses, answer.placed, answer.relaxed) == ((), 0, ())


def test_moving_one_date_shows_each_rule_it_breaks():
    asked = wishes(4, smallest_gap=2, largest_gap=4)
    days = [MONDAY + timedelta(days=day) for day in (0, 1, 3, 8)]

    assert breaches(asked, days) == [
        Breach(1, Wish.SMALLEST_GAP, 1, 2),
        Breach(2, Wish.PER_WEEK, 3, 2),
        Breach(3, Wish.LARGEST_GAP, 5, 4),
    ]
    assert breaches(asked, [days[0], days[2], days[3] - timedelta(days=1)]) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"sessions": 0},
        {"per_week": 0},
        {"per_week": ()},
        {"smallest_gap": 0},
        {"smallest_gap": 5, "largest_gap": 4},
        {"between": (TEN, NINE)},
        {"weekdays": frozenset({7})},
        {"must": frozenset({Wish.SESSIONS})},
    ],
)
def test_wishes_that_make_no_sense_are_refused(fields):
    with pytest.raises(ValueError, match=r"\.$"):
        wishes(**{"sessions": 2} | fields)
