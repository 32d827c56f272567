"""The outcomes’ statistics as SciPy and statsmodels found them, and at the edges."""

import json
from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from plans.outcomes.casemix import (
    COLUMNS,
    Cell,
    Group,
    case_mix,
    limits,
    standing,
)
from plans.outcomes.explore import Treated, explore, holm
from plans.outcomes.rates import Rate, poisson, rate
from tests.plans.outcome_references import (
    FILE,
    HOLM,
    POISSON,
    SEEDS,
    caseload,
    dealt,
)

FOUND = json.loads(FILE.read_text(encoding="utf-8"))


def near(value):
    return pytest.approx(value, rel=1e-7, abs=1e-9)


def cells_of(seed):
    return [each.cell for each in caseload(seed)]


@pytest.mark.parametrize("number", range(len(POISSON)))
def test_exact_poisson_interval(number):
    events, level = POISSON[number]

    span = poisson(events, level)

    assert [span.low, span.high] == near(FOUND["poisson"][number])


def test_a_rate_is_per_thousand_and_none_among_none():
    assert rate(3, 1500).rate == 2
    assert rate(0, 600).interval.high == near(FOUND["poisson"][0][1] / 0.6)
    assert rate(2, 0) == Rate(2, 0, None, None)
    with pytest.raises(ValueError, match="no number"):
        poisson(-1)


@pytest.mark.parametrize("number", range(len(HOLM)))
def test_holm(number):
    assert holm(HOLM[number]) == near(FOUND["holm"][number])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_line_of_the_case_mix(seed):
    mix, line = case_mix(cells_of(seed)), FOUND["lines"][str(seed)]

    assert mix.courses == line["courses"]
    assert mix.constant == near(line["constant"])
    assert mix.spread == near(line["spread"])
    assert {
        "_".join(map(str, term.column)): [
            term.value,
            term.interval.low,
            term.interval.high,
        ]
        for term in mix.terms
    } == {name: near(value) for name, value in line["terms"].items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_lies_outside_whom_a_column_of_their_own_would_not_tell(seed):
    by = dealt(seed)
    mix = case_mix([cell for cells in by.values() for cell in cells])

    for who, cells in by.items():
        found = standing(mix, group_of(cells))
        beyond, chance = FOUND["people"][str(seed)][str(who)]
        told = 1 - chance
        assert found.beyond == near(beyond)
        assert (found.outside or 0) < told
        assert found.outside is not None or told < 0.97


@pytest.mark.parametrize("sizes", [(40, 40), (70, 10), (30, 30, 30), (20,) * 5])
def test_where_nobody_differs_one_of_twenty_lies_outside(sizes):
    """The same courses, dealt out by chance 300 times."""
    courses = [replace(cell, count=1) for cell in cells_of(1)][: sum(sizes)]
    mix, rng = case_mix(courses), Random(1)
    outside = shown = 0
    for _deal in range(300):
        rng.shuffle(courses)
        left = iter(courses)
        for size in sizes:
            found = standing(mix, group_of(list(islice(left, size))))
            outside += found.outside is not None
            shown += 1

    assert 0.025 < outside / shown < 0.065


@pytest.mark.parametrize("seed", SEEDS)
def test_the_comparisons_of_the_explorer(seed):
    found = explore(caseload(seed))

    assert {
        row.feature: [row.difference, row.interval.low, row.interval.high, row.chance]
        for row in found.compared
    } == {point: near(row) for point, row in FOUND["compared"][str(seed)].items()}


def test_courses_one_by_one_or_counted_together_are_the_same():
    cells = cells_of(1)
    singles = [replace(cell, count=1) for cell in cells for _each in range(cell.count)]

    one, other = case_mix(cells), case_mix(singles)

    assert one.constant == near(other.constant)
    assert [t.interval.low for t in one.terms] == near(
        [t.interval.low for t in other.terms]
    )


class TestEdges:
    CELL = Cell(8.0, 4.0, "3_12m", "40_54", "female", False, 1)

    def test_one_patient_has_no_case_mix(self):
        assert case_mix([self.CELL]) is None
        assert case_mix([]) is None

    def test_where_all_changed_alike_there_is_nothing_to_adjust(self):
        assert case_mix([replace(self.CELL, count=50)]) is None

    def test_all_missing(self):
        missing = [replace(self.CELL, later=None, count=60)]

        assert case_mix(missing) is None
        assert explore(caseload(1)[:0]).compared == ()

    def test_what_cannot_be_told_apart_is_left_out(self):
        """Everybody young is male here: one of the two columns says it all."""
        cells = [
            Cell(base, later, "3_12m", age, sex, False, 6)
            for base, later in ((8.0, 4.0), (6.0, 5.0), (7.0, 2.0), (5.0, 4.0))
            for age, sex in (("40_54", "female"), ("under_40", "male"))
        ]

        mix = case_mix(cells)

        assert [term.column for term in mix.terms] == [
            ("base", ""),
            ("age", "under_40"),
        ]
        assert [kind for name, kind in mix.compared if name == "age"] == ["40_54"]
        assert [kind for name, kind in mix.compared if name == "sex"] == [
            "female",
            "male",
        ]

    def test_those_compared_are_the_commonest_that_are_there(self):
        """Nobody of 12 weeks to a year; fewer than ten are with those compared."""
        cells = [
            replace(self.CELL, base=base, later=later, **case)
            for base, later in ((8.0, 4.0), (6.0, 5.0), (7.0, 2.0))
            for case in (
                {"duration": "under_6w", "sex": "male", "count": 6},
                {"duration": "over_1y", "sex": "male", "count": 9},
                {"duration": "over_1y", "sex": "other", "count": 3},
            )
        ]

        mix = case_mix(cells)

        assert mix.compared == (
            ("duration", "over_1y"),
            ("age", "40_54"),
            ("sex", "male"),
            ("again", "False"),
        )
        assert [term.column for term in mix.terms] == [
            ("base", ""),
            ("duration", "under_6w"),
        ]

    def test_expected_of_everybody_together_is_what_came(self):
        cells = cells_of(2)
        mix, group = case_mix(cells), group_of(cells)

        assert mix.expected(group.means) == near(group.change)

    def test_nobody_is_shown_beside_fewer_than_ten_of_others(self):
        mix, group = case_mix(cells_of(2)), group_of(cells_of(2))

        assert standing(mix, group) is None
        assert standing(mix, replace(group, complete=mix.courses - 9)) is None
        assert standing(mix, replace(group, complete=mix.courses - 10)) is not None

    def test_nobody_with_fewer_than_ten_is_shown(self):
        mix = case_mix(cells_of(2))
        group = group_of(cells_of(2))

        assert standing(mix, replace(group, complete=9)) is None
        assert standing(mix, replace(group, complete=10)) is not None
        assert standing(mix, replace(group, complete=10, change=None)) is None

    @pytest.mark.parametrize(
        ("times", "outside"), [(0.99, None), (1.01, 0.95), (1.6, 0.998)]
    )
    def test_which_limits_are_passed(self, times, outside):
        mix, group = case_mix(cells_of(2)), group_of(cells_of(2))
        far = times * limits(mix, 20, 0.95).high
        moved = replace(group, complete=20, change=group.change - far)

        assert standing(mix, moved).outside == outside


def group_of(cells):
    number = sum(cell.count for cell in cells)

    def mean(value):
        return sum(value(cell) * cell.count for cell in cells) / number

    return Group(
        by=1,
        due=number,
        complete=number,
        change=mean(lambda cell: cell.later - cell.base),
        means={
            (name, kind): mean(
                lambda cell, name=name, kind=kind: (
                    float(str(getattr(cell, name)) == kind) if kind else cell.base
                )
            )
            for name, kind in COLUMNS
        },
    )


POOL = caseload(1)


def shuffled(seed, courses=200, points=30):
    """No point does anything: what was done is dealt out by chance."""
    rng = Random(seed)
    names = [f"P{number}" for number in range(points)]
    return [
        replace(
            one,
            cell=replace(one.cell, count=1),
            features=frozenset(rng.sample(names, points // 3)),
        )
        for one in rng.choices(POOL, k=courses)
    ]


class TestExplorer:
    def test_on_shuffled_data_it_names_no_winner(self):
        """By chance one caseload of a hundred may have one: 7 of 200 would be too many.

        Of 200 at one in a hundred, seven or more come with a chance of 0.4 per cent.
        """
        caseloads = range(200)
        named = sum(
            any(row.is_named for row in explore(shuffled(seed)).compared)
            for seed in caseloads
        )

        assert named < 7

    def test_it_finds_what_is_there(self):
        strong = [
            replace(
                each,
                cell=replace(each.cell, later=max(each.cell.later - 3, 0.0)),
            )
            if "BL40" in each.features
            else each
            for each in caseload(2)
        ]

        named = [row.feature for row in explore(strong).compared if row.is_named]

        assert named == ["BL40"]

    def test_it_counts_whoever_has_both_scores_as_the_case_mix_does(self):
        """Also whose first session was over before the first needle."""
        courses = [*caseload(1), Treated(TestEdges.CELL, frozenset())]

        found = explore(courses)

        assert found.courses == case_mix([each.cell for each in courses]).courses
        assert {row.with_it + row.without for row in found.compared} == {found.courses}

    @pytest.mark.parametrize(("count", "compared"), [(29, 0), (30, 1)])
    def test_thirty_courses_on_either_side(self, count, compared):
        few = [
            replace(
                each,
                cell=replace(each.cell, count=1),
                features=frozenset({"EVERY", *(["BL40"] if number < count else [])}),
            )
            for number, each in enumerate(caseload(1))
        ]

        found = explore(few)

        assert len(found.compared) == compared
        assert found.too_few == 2 - compared
