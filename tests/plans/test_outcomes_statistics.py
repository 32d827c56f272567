"""Against values computed once with SciPy 1.17.1 (binomtest, t.ppf, t.cdf, t.interval).

Nine digits leave room for rounding, and none for another formula.
"""

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.machine import Verdict
from plans.outcomes.statistics import (
    Interval,
    Mean,
    Share,
    may_compare,
    mean_change,
    responders,
    share,
    t_below,
    t_quantile,
    wilson,
)


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 1, 0.0, 0.7934506856227626),
        (1, 1, 0.20654931437723745, 1.0),
        (0, 10, 0.0, 0.27753279986288926),
        (3, 10, 0.10779126740630102, 0.6032218525388546),
        (10, 10, 0.7224672001371109, 1.0),
        (7, 12, 0.31951131254954973, 0.8067396863412435),
        (81, 263, 0.2552885198782742, 0.36620957698280004),
        (15, 148, 0.06238639953073629, 0.16048724172330803),
        (1, 29, 0.006113214292762667, 0.17175521879320282),
        (499, 1000, 0.468073488750724, 0.529934164766247),
        (55000, 100000, 0.5469146966154156, 0.5530814620733263),
    ],
)
def test_wilson_interval(part, whole, low, high):
    interval = wilson(part, whole)

    assert (interval.low, interval.high) == (near(low), near(high))


def test_wilson_interval_of_another_level():
    interval = wilson(7, 12, level=0.998)

    assert interval.low == near(0.21614390346652523)
    assert interval.high == near(0.8766655207028976)


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (-1, 5), (6, 5)])
def test_no_share_has_no_interval(part, whole):
    with pytest.raises(ValueError, match="no share"):
        wilson(part, whole)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_holds_the_share_within_zero_and_one(counts):
    part, whole = counts

    interval = wilson(part, whole)

    assert 0 <= interval.low <= part / whole <= interval.high <= 1


@pytest.mark.parametrize(
    ("probability", "freedom", "value"),
    [
        (0.6, 1, 0.32491969623290634),
        (0.6, 29, 0.25568363457125604),
        (0.6, 100000, 0.25334777715718015),
        (0.9, 2, 1.8856180831641272),
        (0.9, 107, 1.28951364795922),
        (0.975, 1, 12.706204736174694),
        (0.975, 2, 4.302652729749462),
        (0.975, 3, 3.1824463052837078),
        (0.975, 5, 2.5705818356363146),
        (0.975, 11, 2.200985160091639),
        (0.975, 29, 2.045229642132703),
        (0.975, 1000, 1.9623390808264083),
        (0.975, 100000, 1.9599877075346095),
        (0.999, 1, 318.30883898555015),
        (0.999, 3, 10.214531852407383),
        (0.999, 107, 3.1681516443724558),
        (0.025, 4, -2.7764451051977943),
        (0.5, 7, 0.0),
    ],
)
def test_quantile_of_students_t(probability, freedom, value):
    assert t_quantile(probability, freedom) == near(value)


@pytest.mark.parametrize(
    ("value", "freedom", "probability"),
    [
        (-3, 2, 0.04773298313335456),
        (0, 7, 0.5),
        (1.5, 1, 0.8128329581890011),
        (2.2, 30, 0.9821757800015821),
        (12, 4, 0.9998617857257485),
    ],
)
def test_distribution_of_students_t(value, freedom, probability):
    assert t_below(value, freedom) == near(probability)


def test_students_t_of_many_is_the_normal_distribution():
    normal = NormalDist().inv_cdf(0.975)

    assert t_quantile(0.975, 10**7) == pytest.approx(normal, rel=1e-6)


@pytest.mark.parametrize(("probability", "freedom"), [(0, 5), (1, 5), (0.5, 0)])
def test_quantile_of_nothing_is_refused(probability, freedom):
    with pytest.raises(ValueError, match="quantile"):
        t_quantile(probability, freedom)


@pytest.mark.parametrize(
    ("changes", "mean", "median", "low", "high"),
    [
        (
            [-3, -2, -4, 0, 1, -5, -2],
            -2.142857142857143,
            -2.0,
            -4.099554163824396,
            -0.18616012188988962,
        ),
        ([-1.5, 0.25], -0.625, -0.625, -11.742929144152855, 10.492929144152855),
        (
            [1e6, 1e6 + 1, 1e6 + 2],
            1000001.0,
            1000001.0,
            999998.5158622883,
            1000003.4841377117,
        ),
    ],
)
def test_mean_change_with_its_interval(changes, mean, median, low, high):
    found = mean_change(changes, [1] * len(changes))

    assert (found.n, found.mean, found.median) == (len(changes), near(mean), median)
    assert (found.interval.low, found.interval.high) == (near(low), near(high))


@pytest.mark.parametrize("changes", [[-2], [-2, -2], [-2.0] * 5])
def test_values_without_spread_have_no_interval(changes):
    assert mean_change(changes, [1] * len(changes)) == Mean(
        len(changes), -2.0, -2.0, None
    )


def test_mean_of_nothing_is_nothing():
    assert mean_change([], []) is None


def test_changes_counted_together_are_as_those_one_by_one():
    one = mean_change([-4, -4, -4, 0, 1], [1] * 5)
    together = mean_change([0, 1, -4], [1, 1, 3])

    assert (together.n, together.mean, together.median) == (5, one.mean, -4)
    assert together.interval.low == near(one.interval.low)
    assert mean_change([-1, -3], [2, 2]).median == -2


YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN


def test_unknown_responses_widen_the_share_both_ways():
    found = responders([(YES, 5), (YES, 1), (NO, 2), (UNKNOWN, 4)])

    assert (found.known.part, found.known.whole, found.known.share) == (6, 8, 0.75)
    assert (found.worst.part, found.worst.whole) == (6, 12)
    assert (found.best.part, found.best.whole) == (10, 12)


def test_without_unknowns_all_three_agree():
    found = responders([(YES, 2), (NO, 1)])

    assert found.known == found.worst == found.best


def test_all_unknown_is_anything_from_none_to_all():
    found = responders([(UNKNOWN, 3)])

    assert found.known == Share(0, 0, None, None)
    assert (found.worst.share, found.best.share) == (0, 1)


def test_share_of_none_is_unknown():
    assert responders([]).best == Share(0, 0, None, None)
    assert share(1, 1).interval == Interval(near(0.20654931437723745), 1.0)


@pytest.mark.parametrize(
    ("sizes", "allowed"),
    [((10, 10), True), ((10, 9), False), ((10,), True), ((), False)],
)
def test_small_groups_are_not_compared(sizes, allowed):
    assert may_compare(*sizes) is allowed
