"""Whether a course keeps the pace of its plan: told once, not at every date."""

from datetime import date, timedelta
from itertools import cycle, islice

import pytest

from plans.scheduling.standing import as_usual, off_pace
from plans.scheduling.wishes import Wish, Wishes, breaches
from tests.factories import make_appointment, make_plan
from tests.plans.diary_setting import local


def every(*gaps, number):
    """Dates from a Monday on, with these gaps again and again."""
    days = [date(2026, 3, 2)]
    for gap in islice(cycle(gaps), number - 1):
        days.append(days[-1] + timedelta(days=gap))
    return days


@pytest.mark.parametrize(
    ("per_week", "dates", "pace"),
    [
        (2, every(3, 4, number=12), None),
        (2, [*every(3, 4, number=6), *(every(3, 4, number=13)[7:])], None),
        (2, every(7, number=12), (12, 12, 6)),
        (2, every(2, 2, 3, number=12), (12, 4, 6)),
        (1, every(3, 4, number=8), (8, 4, 8)),
        (3, every(3, 4, number=4), None),
        (2, every(7, number=3), (3, 3, 2)),
        (2, every(7, number=2), None),
        ((3, 3, 2, 2), every(2, 2, 3, 2, 2, 3, 3, 4, 3, 4, number=11), None),
        ((3, 3, 2, 2), every(7, number=8), (8, 8, 3)),
        (2, every(3, number=1), None),
        (2, [], None),
    ],
)
def test_a_course_is_off_its_pace_only_by_a_week_and_a_quarter(per_week, dates, pace):
    assert off_pace(per_week, dates) == pace


def broken(rules, dates):
    return {(b.wish, b.amount) for b in breaches(as_usual(rules, dates), dates)}


def test_a_course_booked_at_another_pace_is_not_told_at_every_date():
    """Only what stands out of it: a hole, or two days in a row."""
    twice = Wishes(12, date(2026, 3, 2), 2, 2, 7)
    once = Wishes(12, date(2026, 3, 2), 1, 5, 10)
    fast, slow = every(2, 2, 3, number=12), every(14, number=8)

    assert breaches(twice, fast), "by the rule itself each third"
    assert broken(twice, fast) == set()
    assert broken(once, fast) == set()
    assert broken(twice, slow) == set()
    hole = [*slow, slow[-1] + timedelta(days=15)]
    assert broken(twice, hole) == {(Wish.LARGEST_GAP, 15)}
    after = [*fast, fast[-1] + timedelta(days=1)]
    assert (Wish.SMALLEST_GAP, 1) in broken(twice, after)
    assert broken(twice, every(8, number=3)) == {(Wish.LARGEST_GAP, 8)}, "too few"


@pytest.mark.django_db
@pytest.mark.usefixtures("tuesday_noon")
def test_the_course_page_says_once_that_it_is_faster_than_the_plan(desk):
    version = make_plan(codes=(), sessions=8, per_week=1)
    for day in (6, 10, 13, 17, 20, 24, 27, 31):
        make_appointment(
            plan=version.plan,
            patient=version.plan.episode.patient,
            starts_at=local(day),
        )

    page = desk.get(f"/plans/{version.plan_id}/course/").content.decode()

    assert "Faster than the plan" in page
    assert (
        "8 sessions over 4 weeks; at the plan’s rate of 1 a week they take 8." in page
    )
    assert "after the session before" not in page
