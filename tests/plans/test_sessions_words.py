import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.catalogue.codes import catalogue_names
from plans.catalogue.points import read_catalogue
from plans.sessions.words import SIDES, TECHNIQUES, Wanted, parse, write

NAMES = catalogue_names()


@pytest.mark.parametrize(
    ("text", "points", "minutes"),
    [
        ("bl23 gb30 L 30m", [Wanted("BL23"), Wanted("GB30", "left")], 30),
        ("UB40, wei zhong", [Wanted("BL40")], None),
        ("委中 双 1.5寸 泻", [Wanted("BL40", "both", 38, "reducing")], None),
        ("gb34r 25 mm warm needle", [Wanted("GB34", "right", 25, "warm_needle")], None),
        ("Yao Jia Ji L4 R", [Wanted("EX-B2-L4", "right")], None),
        ("bl23 L; bl23 20mm", [Wanted("BL23", "left", 20)], None),
        ("B 40 b 20 min", [Wanted("BL40", "both")], 20),
        ("bl57 75mm", [Wanted("BL57", depth_mm=75)], None),
        ("", [], None),
    ],
)
def test_what_is_understood(text, points, minutes):
    parsed = parse(text, NAMES)

    assert list(parsed.points) == points
    assert parsed.retention_min == minutes
    assert parsed.left == ""


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("bl99 gb30", "bl99"),
        ("L gb30", "L"),
        ("gb30 foo L", "foo, L"),
        ("bl57 76mm", "76mm"),
        ("91m", "91m"),
        ("bl57 9cun", "9cun"),
    ],
)
def test_what_is_not_understood_stays_as_typed(text, left):
    assert parse(text, NAMES).left == left


def test_a_name_that_two_points_share_gives_both():
    shared, codes = next((n, c) for n, c in NAMES.items() if len(c) > 1)

    (item,) = parse(shared, NAMES).unclear

    assert item.candidates == codes


@given(st.text(max_size=80))
def test_nothing_crashes_and_nothing_is_lost(text):
    parsed = parse(text, NAMES)

    again = parse(parsed.left, NAMES)
    assert not again.points or parsed.unclear


WANTED = st.builds(
    Wanted,
    code=st.sampled_from(sorted(read_catalogue())),
    side=st.none() | st.sampled_from(sorted(set(SIDES.values()))),
    depth_mm=st.none() | st.integers(0, 75),
    technique=st.none() | st.sampled_from(sorted(set(TECHNIQUES.values()))),
)


@given(
    st.lists(WANTED, max_size=8, unique_by=lambda wanted: wanted.code),
    st.none() | st.integers(0, 90),
)
def test_what_is_written_reads_back_the_same(points, minutes):
    parsed = parse(write(points, minutes), NAMES)

    assert list(parsed.points) == points
    assert parsed.retention_min == minutes
    assert parsed.unclear == ()
