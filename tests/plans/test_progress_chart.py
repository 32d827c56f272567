import itertools
import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.measures.scales import SCALES
from plans.progress.band import Caveat
from plans.progress.canvas import ChartTexts
from plans.progress.chart import draw
from plans.progress.panels import draw_disability, draw_sparkline
from plans.progress.shapes import Label, spread, text_width, wrap
from plans.progress.trend import (
    Disability,
    Dose,
    Event,
    Occasion,
    Pain,
    ProgressSeries,
    Reading,
)

DAY = date(2026, 3, 3)
TEXTS = ChartTexts(
    title="Leg pain fell",
    description="from 7 to 3",
    lower_is_better="lower is better",
    leg="Leg",
    back="Back",
    acupuncture="acupuncture, trial mean",
    electro="electroacupuncture, trial mean",
    sham="change seen without specific needling",
    important="change that matters",
    target="target",
    disability="RMDQ",
    zones={word: word for word in ("none", "mild", "moderate", "severe")},
    reviews={key: key for key in ("session_4", "week_4", "week_8")},
    day=lambda day: f"{day:%d %b}",
    number=lambda value: f"{value:g}",
    reading=lambda reading: [f"{reading.on:%d %b}", f"Leg {reading.before.leg}"],
)
CHRONIC = {"dose": Dose(10, 4), "onset_weeks": 30}
SIZES = [(760, 380), (358, 320)]


def reading(day, leg=None, back=None, after=None, occasion=Occasion.SESSION):
    on = DAY + timedelta(days=day)
    return Reading(on, occasion, Pain(leg, back), Pain(after, after), 1)


def course(*legs, every=4):
    """Sessions four days apart; None is a session without a score."""
    return tuple(reading(i * every, leg) for i, leg in enumerate(legs))


def drawn(*readings, size=SIZES[0], **fields):
    series = ProgressSeries(readings, **(CHRONIC | fields))
    return draw(series, width=size[0], height=size[1], texts=TEXTS)


def paths(chart, kind):
    return [shape.d for shape in chart.shapes if shape.kind == kind]


def corners(path):
    return [
        (float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)
    ]


def words(chart):
    return [label.text for label in chart.labels]


def test_line_joins_neighbours_and_breaks_where_a_score_is_missing():
    chart = drawn(*course(7, 6, None, 5, 4, 3))

    assert [len(corners(path)) for path in paths(chart, "leg")] == [2, 3]
    assert len(paths(chart, "leg-before")) == 5


def test_missed_appointment_breaks_the_line_and_is_a_hollow_ring():
    missed = reading(6, occasion=Occasion.MISSED)

    chart = drawn(*course(7, 6), missed, reading(8, 5), reading(12, 5))

    assert [len(corners(path)) for path in paths(chart, "leg")] == [2, 2]
    assert len(paths(chart, "missed")) == 1


def test_lower_pain_stands_lower_and_the_axis_is_fixed():
    first, second = corners(paths(drawn(*course(9, 2)), "leg")[0])
    same_top = corners(paths(drawn(*course(3, 2)), "leg")[0])[1]

    assert first[1] < second[1]
    assert same_top[1] == second[1]


def test_leg_is_solid_and_back_is_dashed():
    chart = drawn(reading(0, 7, 5), reading(4, 6, 4))
    looks = {shape.kind: shape.look for shape in chart.shapes}

    assert not looks["leg"].dash
    assert looks["back"].dash


def test_leg_and_back_of_one_value_do_not_hide_each_other():
    chart = drawn(reading(0, 5, 5), reading(4, 5, 5))

    leg, back = (corners(paths(chart, kind)[0]) for kind in ("leg", "back"))
    assert all(abs(a[1] - b[1]) >= 3 for a, b in zip(leg, back, strict=True))


def test_score_after_needling_is_a_mark_of_its_own():
    chart = drawn(reading(0, 7, after=5), reading(4, 6, after=4))

    assert len(paths(chart, "leg-after")) == len(paths(chart, "leg-stem")) == 2


def test_last_value_stands_at_the_end_of_its_line():
    chart = drawn(reading(0, 7, 5), reading(4, 6, 4))

    assert {"Leg 6", "Back 4"} <= set(words(chart))


def test_band_and_thresholds_are_drawn_and_named():
    chart = drawn(*course(7, 6))

    assert len(paths(chart, "shade")) == 2
    assert all(paths(chart, kind) for kind in ("trial", "electro", "sham"))
    assert {"change that matters 4.9", "target 1.75"} <= set(words(chart))
    assert chart.caveats == ()


@pytest.mark.parametrize(
    ("fields", "leg", "caveat", "shades"),
    [
        ({}, 3, Caveat.LOW_BASELINE, 0),
        ({"dose": Dose(4, 4)}, 7, Caveat.FAR_DOSE, 0),
        ({"dose": Dose(8, 4)}, 7, Caveat.NEAR_DOSE, 2),
        ({"onset_weeks": 3}, 7, Caveat.NOT_CHRONIC, 2),
        ({}, None, Caveat.NO_BASELINE, 0),
    ],
)
def test_band_is_hidden_or_qualified_where_it_does_not_fit(fields, leg, caveat, shades):
    chart = drawn(reading(0, leg, 6), **fields)

    assert chart.caveats == (caveat,)
    assert len(paths(chart, "shade")) == shades


def test_reviews_are_marked_at_session_four_and_weeks_four_and_eight():
    ahead = reading(12, occasion=Occasion.AHEAD)

    short = drawn(*course(7, 6, 5), ahead)
    long = drawn(*course(7, 6, 5, 4, 4, 4, 4, 4, 3, 3))

    assert [w for w in words(short) if w in TEXTS.reviews] == ["session_4", "week_4"]
    assert [w for w in words(long) if w in TEXTS.reviews] == [
        "session_4",
        "week_4",
        "week_8",
    ]


def test_events_are_flags_numbered_in_their_order():
    events = tuple(Event(DAY + timedelta(days=day), "x") for day in (2, 3, 20))

    chart = drawn(*course(7, 6, 5), events=events)

    assert [label.text for label in chart.labels if label.kind == "flag"] == list("123")


def test_every_occasion_but_those_ahead_can_be_pointed_at_with_its_values():
    chart = drawn(*course(7, None), reading(12, occasion=Occasion.AHEAD))

    assert [point.words for point in chart.points] == [
        "03 Mar, Leg 7",
        "07 Mar, Leg None",
    ]


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="nothing"):
        drawn()


def test_single_score_makes_a_chart():
    chart = drawn(reading(0, 6, occasion=Occasion.INTAKE))

    assert paths(chart, "leg") == []
    assert "Leg 6" in words(chart)


scores = st.one_of(st.none(), st.integers(0, 10))
occasions = st.lists(
    st.tuples(
        st.integers(0, 200),
        scores,
        scores,
        scores,
        st.sampled_from(
            [Occasion.SESSION, Occasion.SESSION, Occasion.MISSED, Occasion.REVIEW]
        ),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[0],
)


@settings(max_examples=150, deadline=None)
@given(occasions, st.sets(st.integers(0, 200), max_size=8), st.sampled_from(SIZES))
def test_any_course_is_drawn_inside_the_picture_with_no_name_over_another(
    rows, events, size
):
    readings = [
        reading(day, leg, back, after, occasion)
        for day, leg, back, after, occasion in sorted(rows, key=lambda row: row[0])
    ]
    flags = tuple(Event(DAY + timedelta(days=day), "x") for day in sorted(events))

    chart = drawn(*readings, size=size, events=flags)

    for shape in chart.shapes:
        for x, y in corners(shape.d):
            assert -1 <= x <= chart.width + 1
            assert -1 <= y <= chart.height + 1
    for label in chart.labels:
        left, top, right, bottom = label.box
        assert left >= -6
        assert right <= chart.width + 6
        assert top >= -2
        assert bottom <= chart.height
    named = [label for label in chart.labels if label.kind in ("word", "leg", "back")]
    margin = [label for label in named if label.x > 0.7 * chart.width]
    for index, one in enumerate(margin):
        for other in margin[index + 1 :]:
            if one.x == other.x:
                assert abs(one.y - other.y) >= one.size


@given(
    st.lists(st.tuples(st.floats(-50, 450), st.floats(1, 40)), max_size=9),
)
def test_spread_keeps_apart_and_within_the_room(items):
    wanted, sizes = [w for w, _ in items], [s for _, s in items]

    placed = spread(wanted, sizes, (0, 400))

    edges = sorted((p - s / 2, p + s / 2) for p, s in zip(placed, sizes, strict=True))
    assert all(a[1] <= b[0] + 1e-6 for a, b in itertools.pairwise(edges))
    if edges:
        assert edges[0][0] >= -1e-6
        assert edges[-1][1] <= 400 + 1e-6


def test_spread_leaves_alone_what_does_not_touch():
    assert spread([10, 100, 50], [10, 10, 10], (0, 400)) == [10, 100, 50]


def test_words_are_broken_between_words_and_between_chinese_signs():
    assert wrap("change seen without", 60, 12) == ["change", "seen", "without"]
    assert wrap("无特异性针刺时的变化", 60, 12) == ["无特异性针", "刺时的变化"]
    assert text_width("针", 12) == 12


def test_label_knows_the_room_it_takes():
    label = Label("word", 100, 50, "针刺", "end", 12)

    assert label.box[0] == 76
    assert label.box[2] == 100


def test_disability_stands_on_the_dates_of_the_pain_chart():
    disability = Disability(SCALES["rmdq"], ((DAY, 14), (DAY + timedelta(days=8), 9)))
    series = ProgressSeries(course(7, 6, 5), disability=disability, **CHRONIC)

    panel = draw_disability(series, width=760, height=124, texts=TEXTS)
    pain = draw(series, width=760, height=380, texts=TEXTS)

    dates = [x for x, _ in corners(paths(panel, "disability")[0])]
    pain_dates = [x for x, _ in corners(paths(pain, "leg")[0])]
    assert dates == [pain_dates[0], pain_dates[2]]
    assert {"change that matters 9", "9"} <= set(words(panel))
    assert [point.words for point in panel.points] == [
        "03 Mar, RMDQ: 14",
        "11 Mar, RMDQ: 9",
    ]


@pytest.mark.parametrize(("base", "shades"), [(42, 1), (12, 0)])
def test_trial_change_of_odi_is_drawn_where_it_has_room_to_fall(base, shades):
    series = ProgressSeries(
        course(7, 6), disability=Disability(SCALES["odi"], ((DAY, base),)), **CHRONIC
    )

    panel = draw_disability(series, width=760, height=124, texts=TEXTS)

    assert len(paths(panel, "shade")) == shades


def test_no_disability_score_is_no_panel():
    series = ProgressSeries(course(7, 6), **CHRONIC)

    assert draw_disability(series, width=760, height=124, texts=TEXTS) is None


def test_sparkline_keeps_the_gaps_and_is_empty_without_scores():
    line = draw_sparkline(ProgressSeries(course(7, 6, None, 5, 4)))

    assert len([s for s in line.shapes if s.kind == "leg"]) == 2
    assert draw_sparkline(ProgressSeries(course(None))).shapes == ()
