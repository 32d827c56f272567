"""The forecast for week 8: its numbers, and that it hides itself where it misses."""

from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest

from plans.reviews.forecast import (
    OVER,
    Hidden,
    PastCourse,
    Record,
    Seen,
    believe,
    binomial_p,
    outlook,
    predict,
    record,
    seen_at,
)

BEGIN = date(2020, 1, 1)


def seen(base, now, later, *, begun=BEGIN):
    return Seen(begun, base, now, later)


def in_turn(number):
    """The day a course begins on if week 8 of the one before was over by then."""
    return BEGIN + number * OVER


SMALL = [seen(8, 6, 3), seen(6, 6, 5), seen(7, 3, 2), seen(5, 4, 4), seen(9, 8, 8)]


def test_the_numbers_are_those_of_the_closed_form_in_fractions():
    """Worked out beside it: normal equations by Cramer's rule, t from a table."""
    rows = [(1, s.now - 5, s.base - s.now, s.later - s.now) for s in SMALL]
    weight = [
        [sum(r[i] * r[j] for r in rows) + (i == j) * (1, 4, 4)[i] for j in range(3)]
        for i in range(3)
    ]
    pull = [sum(r[i] * r[3] for r in rows) for i in range(3)]
    whole = determinant(weight)
    mean = [Fraction(determinant(swapped(weight, i, pull)), whole) for i in range(3)]
    squares = sum(r[3] ** 2 for r in rows)
    spread = Fraction(9, 2) + (squares - dot(mean, pull)) / 2
    shape = 2 + Fraction(len(SMALL), 2)
    x = [1, 6 - 5, 8 - 6]
    inverse = [Fraction(determinant(swapped(weight, i, x)), whole) for i in range(3)]
    middle = 6 + dot(x, mean)
    error = float(spread / shape * (1 + dot(x, inverse))) ** 0.5
    half = 1.383029 * error  # Student's t at 0.9 with 9 degrees of freedom

    found = predict(believe(SMALL), base=8, now=6)

    assert found.middle == pytest.approx(float(middle), abs=1e-9)
    assert found.low == pytest.approx(float(middle) - half, abs=1e-5)
    assert found.high == pytest.approx(float(middle) + half, abs=1e-5)


def dot(left, right):
    return sum(a * b for a, b in zip(left, right, strict=True))


def determinant(m):
    return sum(
        m[0][i]
        * (
            m[1][(i + 1) % 3] * m[2][(i + 2) % 3]
            - m[1][(i + 2) % 3] * m[2][(i + 1) % 3]
        )
        for i in range(3)
    )


def swapped(matrix, column, values):
    return [
        [values[row] if i == column else matrix[row][i] for i in range(3)]
        for row in range(3)
    ]


def test_before_any_course_it_says_as_now_give_or_take():
    found = predict(believe([]), base=7, now=5)

    assert found.middle == 5
    assert found.high - found.low > 5


def test_it_stays_on_the_scale():
    found = predict(believe([seen(3, 1, 0)] * 20), base=4, now=0)

    assert found.low == 0
    assert 0 <= found.middle <= found.high <= 10


@pytest.mark.parametrize(
    ("held", "n", "p"),
    [
        # scipy.stats.binomtest(held, n, 0.8).pvalue
        (4, 5, 1.0),
        (1, 5, 0.00672),
        (24, 30, 1.0),
        (18, 30, 0.0105865),
        (30, 30, 0.0024826),
    ],
)
def test_the_binomial_test(held, n, p):
    assert binomial_p(held, n, 0.8) == pytest.approx(p, abs=5e-4)


@pytest.mark.parametrize(
    ("held", "n", "enough", "calibrated"),
    [
        (24, 30, True, True),
        (23, 29, False, True),
        (21, 30, True, True),
        (20, 30, True, False),
        (28, 30, True, False),
        (288, 400, True, False),  # near, and yet no accident
    ],
)
def test_when_a_record_is_good_enough(held, n, enough, calibrated):
    found = Record(n, held, 3.0)

    assert (found.is_enough, found.is_calibrated) == (enough, calibrated)


def scored(value):
    return min(max(round(value), 0), 10)


def simulated(rng, n, scatter):
    """Courses that follow the line; `scatter(rng, index)` is what it leaves open."""
    found = []
    for index in range(n):
        base = rng.randint(4, 9)
        now = scored(base - rng.gauss(1.5, 1))
        later = scored(now - 0.5 - 0.2 * (base - now) + scatter(rng, index))
        found.append(seen(base, now, later, begun=in_turn(index)))
    return found


def test_where_its_assumptions_hold_it_is_calibrated():
    """Of twenty clinics nearly all show it, and their intervals hold four of five."""
    records = [
        record(simulated(Random(seed), 130, lambda rng, _: rng.gauss(0, 1.3)), 0)
        for seed in range(20)
    ]

    assert sum(each.is_enough and each.is_calibrated for each in records) >= 18
    assert 0.77 < sum(r.held for r in records) / sum(r.n for r in records) < 0.83


@pytest.mark.parametrize(
    "scatter",
    [
        # A few who do quite otherwise; a practice that changes.
        lambda rng, _: rng.gauss(0, 6 if rng.random() < 0.08 else 0.2),
        lambda rng, index: rng.gauss(0, 0.3) + (index > 60) * (index - 60) / 6,
    ],
)
def test_where_they_do_not_it_hides_itself(scatter):
    records = [record(simulated(Random(seed), 130, scatter), 0) for seed in range(10)]

    assert not any(each.is_calibrated for each in records)


def past(number, base=7.0, now=5.0, later=3.0):
    return PastCourse(in_turn(number), base, ((10, now), (56, later)))


class TestOutlook:
    @pytest.mark.parametrize(
        ("base", "now", "day", "hidden"),
        [
            (None, 5, 20, Hidden.NO_SCORE),
            (7, None, 20, Hidden.NO_SCORE),
            (7, 5, 49, Hidden.LATE),
            (7, 5, 20, Hidden.TOO_FEW),
        ],
    )
    def test_why_there_is_none(self, base, now, day, hidden):
        found = outlook([past(n) for n in range(39)], base=base, now=now, day=day)

        assert (found.forecast, found.hidden) == (None, hidden)

    def test_with_enough_that_hold_it_is_shown_with_its_record(self):
        rng = Random(7)
        courses = [
            past(number, seen.base, seen.now, seen.later)
            for number, seen in enumerate(
                simulated(rng, 110, lambda rng, _: rng.gauss(0, 1))
            )
        ]

        found = outlook(courses, base=7, now=5, day=12)

        assert found.hidden is None
        assert found.record.n == 100
        assert found.forecast.low < 4.1 < found.forecast.high
        assert 2 < found.forecast.high - found.forecast.low < 3.5

    @pytest.mark.parametrize(
        ("base", "now", "hidden"),
        [(7, 5, None), (8, 6, None), (8.1, 6, Hidden.UNLIKE), (7, 7, Hidden.UNLIKE)],
    )
    def test_of_a_course_unlike_the_others_it_says_nothing(self, base, now, hidden):
        rng = Random(7)
        courses = [past(n, later=scored(rng.gauss(3, 1))) for n in range(60)]

        found = outlook(courses, base=base, now=now, day=12)

        assert found.record.is_calibrated
        assert found.hidden is hidden
        assert (found.forecast is None) is (hidden is not None)

    def test_with_intervals_that_miss_the_record_is_shown_alone(self):
        courses = [past(n, later=3.0 + 4 * (n % 2)) for n in range(60)]

        found = outlook(courses, base=7, now=5, day=12)

        assert (found.forecast, found.hidden) == (None, Hidden.MISSES)
        assert found.record.n == 50


def test_a_course_is_seen_as_it_was_on_the_same_day():
    def at(day, *scores, base=7):
        return seen_at([PastCourse(BEGIN, base, scores)], day)

    scores = ((7, 6), (14, 5), (30, 4), (50, 3), (60, 2))

    assert at(14, *scores) == [seen(7, 5, 2)]
    assert at(13, *scores) == [seen(7, 6, 2)]
    assert at(29, *scores) == []  # nothing of the last two weeks
    assert at(8, (7, 6), (48, 1)) == []  # no week 8
    assert at(8, (7, 6), (56, 1), base=None) == []


@pytest.mark.parametrize(
    ("apart", "day", "n"),
    [
        (0, 0, 0),  # all at once: of none was week 8 over
        (63, 0, 30),
        (62, 0, 29),
        (62, 1, 30),
        (7, 0, 22),  # the nine courses before were still going on
        (7, 28, 26),
    ],
)
def test_a_past_forecast_knows_only_what_was_known_on_its_day(apart, day, n):
    courses = [
        seen(7, 5, 3, begun=BEGIN + number * timedelta(days=apart))
        for number in range(40)
    ]

    assert record(courses, day).n == n


def test_what_came_later_does_not_lend_its_weight():
    """From the sixtieth day on everybody fares better: no one could know it then."""
    rng = Random(3)
    courses = [
        seen(
            *(7, 5, scored(5 - 4 * (day > 60) + rng.gauss(0, 0.6))),
            begun=BEGIN + timedelta(days=day),
        )
        for day in range(120)
    ]

    found = record(courses, 7)

    assert (found.n, found.held) == (55, 0)
