from collections import Counter
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.catalogue.codes import catalogue_names, level_codes, near_codes
from plans.catalogue.points import read_catalogue
from plans.catalogue.words import (
    ASHI,
    SIDES,
    TECHNIQUES,
    Wanted,
    has_side,
    parse,
    split_last,
    write,
)

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
        ("委中 L 25mm 留针30分", [Wanted("BL40", "left", 25)], 30),
        (
            "委中左25毫米泻法，环跳雙側",
            [Wanted("BL40", "left", 25, "reducing"), Wanted("GB30", "both")],
            None,
        ),
        ("留针 30 分钟 ＢＬ４０ ３０ｍｍ", [Wanted("BL40", depth_mm=30)], 30),
        (
            "BL40(L)+gb34/BL57",
            [Wanted("BL40", "left"), Wanted("GB34"), Wanted("BL57")],
            None,
        ),
        ("ret 25 sp6 25mm even L", [Wanted("SP6", "left", 25, "even")], 25),
        ("Ashi", [Wanted(ASHI)], None),
        ("Ashi x3 L 15mm", [Wanted(ASHI, "left", 15, count=3)], None),
        ("阿是穴3个", [Wanted(ASHI, count=3)], None),
        ("ashi, bl40, ashi", [Wanted(ASHI, count=2), Wanted("BL40")], None),
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
        ("gb30 foo L 25mm bl40", "foo L 25mm"),
        ("gv4 L", "L"),
        ("bl40 x3", "x3"),
        ("三里双", "三里 双"),
        ("委中坏", "委中坏"),
        ("3 4", "3, 4"),
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


@pytest.mark.parametrize(
    "text",
    [
        "Huatuojiaji L4-L5",
        "Hua Tuo Jia Ji L4 - L5",
        "Yao Jia Ji L4–5",
        "Jiaji L4 L5",
        "jiaji l5-l4",
        "EX-B2 L4~L5",
        "EX-B2-L4-L5",
        "夹脊 L4-L5",
        "腰4至腰5夹脊",
        "华佗夹脊（腰4-5）",
    ],
)
def test_levels_are_a_point_each_and_share_what_is_said_of_them(text):
    sided = [Wanted("EX-B2-L4", "right"), Wanted("EX-B2-L5", "right")]

    assert list(parse(f"{text} R", NAMES).points) == sided


def test_levels_in_between_belong_to_a_range_alone():
    assert level_codes("Jiaji L2-L5", NAMES) == tuple(
        f"EX-B2-L{level}" for level in (2, 3, 4, 5)
    )
    assert level_codes("Jiaji L2 L5", NAMES) == ("EX-B2-L2", "EX-B2-L5")
    assert level_codes("Jiaji L4", NAMES) == ()
    assert level_codes("Weizhong L4-L5", NAMES) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("weizong", "BL40"),
        ("huantao", "GB30"),
        ("委", "BL40"),
        ("bl590", "BL59"),
        ("委种", "BL40"),
    ],
)
def test_what_is_nearly_a_name_is_offered(text, code):
    assert code in near_codes(text, NAMES)


@pytest.mark.parametrize("text", ["", "!!!", "w", "quite another word", "委" * 4000])
def test_what_is_like_nothing_offers_nothing(text):
    assert near_codes(text, NAMES) == ()


def test_the_name_of_a_combination_adds_all_its_points():
    saved = {"backpair": (Wanted("BL23", "both"), Wanted("BL25"))}

    parsed = parse("Back pair 20mm gb30", NAMES, saved)

    assert list(parsed.points) == [
        Wanted("BL23", "both", 20),
        Wanted("BL25", None, 20),
        Wanted("GB30"),
    ]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (
            "bl23 wei zh",
            [("", "bl23 wei zh"), ("bl23 ", "wei zh"), ("bl23 wei ", "zh")],
        ),
        ("gb30 L", []),
        ("L", [("", "L")]),
        ("", []),
    ],
)
def test_a_name_may_begin_at_any_of_the_last_words(typed, found):
    assert list(split_last(typed)) == found


# Everything that people type among points, in all its scripts, and everything else.
TYPED = st.one_of(
    st.sampled_from(sorted(NAMES)),
    st.sampled_from([*SIDES, *TECHNIQUES]),
    st.sampled_from(
        "UB40 BL-40 B40 委中 wěizhōng Ren6 Du4 TW5 SJ5 L4-L5 L4 - ashi x3 30m 25mm "
        "1.5寸 留针 30 分 mm ３０分 夹脊 阿是穴3个 委中左泻 bl99 foo 99m".split()
    ),
    st.text(max_size=12),
    st.integers().map(str),
)
TEXTS = st.builds(str.join, st.sampled_from(" ,、\n"), st.lists(TYPED, max_size=8))


def signs(text):
    """Its letters and figures, each as often as it comes."""
    return Counter(sign for sign in text if sign.isalnum())


@given(TEXTS)
def test_nothing_crashes_and_no_word_is_lost(text):
    """Taken away what was asked about, the rest reads without a question."""
    parsed = parse(text, NAMES)
    asked = sum((signs(item.text) for item in parsed.unclear), Counter())

    assert asked <= signs(text)
    assert bool(asked) or not parsed.unclear or not signs(text)
    if not parsed.points and parsed.retention_min is None:
        assert asked == signs(text)


CODES = st.sampled_from(
    ["UB40", "GB-30", "环跳", "Wei Zhong", "sp 6", "EX-B2-L4", "Du4"]
)
STRANGE = st.integers(0, 999).map("zzq{}qzz".format)
SAID = st.sampled_from(["L", "25mm", "泻", "30分", "even"])


@given(st.lists(CODES | STRANGE | SAID, max_size=20))
def test_every_word_is_understood_or_asked_about(words):
    parsed = parse(" ".join(words), NAMES)
    meant = {code: parse(code, NAMES).points[0].code for code in words if is_code(code)}

    assert {wanted.code for wanted in parsed.points} == set(meant.values())
    for word in words:
        if "zzq" in word:
            assert word in parsed.left.replace(",", "").split()


def is_code(word):
    return bool(parse(word, NAMES).points)


@given(TEXTS)
def test_what_is_asked_about_reads_the_same_alone(text):
    for item in parse(text, NAMES).unclear:
        again = parse(item.text, NAMES)

        assert again.points == ()
        assert again.unclear == (item,)


@pytest.mark.parametrize("part", ["a ", "a委", "委中", "x", "l4 ", "bl40 ", "1 ", "-"])
def test_ten_times_the_text_takes_about_ten_times_as_long(part):
    def seconds(times):
        before = perf_counter()
        parse(part * times, NAMES)
        return perf_counter() - before

    few = min(seconds(200) for _try in range(3))

    assert seconds(2000) < 40 * few + 0.1


def wanted(code):
    """Anything that can be said of the point."""
    return st.builds(
        Wanted,
        code=st.just(code),
        side=st.sampled_from([None, *SIDES.values()] if has_side(code) else [None]),
        depth_mm=st.none() | st.integers(0, 75),
        technique=st.sampled_from([None, *TECHNIQUES.values()]),
        count=st.sampled_from([None, *range(1, 10)] if code == ASHI else [None]),
    )


WANTED = st.sampled_from(sorted(read_catalogue())).flatmap(wanted)


@given(
    st.lists(WANTED, max_size=8, unique_by=lambda wanted: wanted.code),
    st.none() | st.integers(0, 90),
)
def test_what_is_written_reads_back_the_same(points, minutes):
    parsed = parse(write(points, minutes), NAMES)

    assert list(parsed.points) == points
    assert parsed.retention_min == minutes
    assert parsed.unclear == ()
