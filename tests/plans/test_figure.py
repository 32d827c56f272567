import re
from itertools import combinations, pairwise, product
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from clinic.core import curves, labels
from clinic.core.body import CROPS, HEIGHT, HIT_RADIUS, VIEWS, Region, draw, outline
from clinic.core.labels import LINE, TEXT_SIZE, spread, text_width
from plans.catalogue.figure import (
    Mark,
    best_crop,
    figure,
    figures,
    place_of,
    views_showing,
)
from plans.catalogue.points import read_catalogue

POINTS = read_catalogue()
SIDES = {"paired": ("left", "right"), "midline": ("midline",), "variable": ()}
PLACED = [
    (code, side, view)
    for code, point in POINTS.items()
    for side in SIDES[point.side]
    for view in VIEWS
    if place_of(code, side, view)
]
CODES = sorted({code for code, _, _ in PLACED})


def marks(*codes, side="right"):
    return [
        Mark(code, "midline" if POINTS[code].side == "midline" else side)
        for code in codes
    ]


POSTERIOR = marks(
    "EX-B2-L4", "EX-B2-L5", "BL25", "BL54", "BL36", "BL37", "BL40", "BL57", "BL60",
    "BL23", "GV3", "KI3",
)  # fmt: skip
LATERAL = marks(
    "GB29", "GB30", "GB31", "GB32", "GB33", "GB34", "GB35", "GB36", "GB39", "GB40",
    "GB41", "BL60",
)  # fmt: skip
ANTERIOR = marks(
    "CV4", "CV6", "ST25", "ST31", "ST34", "SP10", "SP9", "ST36", "ST40", "SP6", "LR3",
    "KI3",
)  # fmt: skip
PRESCRIPTIONS = [
    ("back", POSTERIOR),
    ("back", [Mark(mark.code, "both") for mark in POSTERIOR if mark.side == "right"]),
    ("right", LATERAL),
    ("front", ANTERIOR),
]


def test_the_points_sciatica_needs_have_a_place():
    wanted = """
        BL17 BL20 BL23 BL24 BL25 BL26 BL27 BL28 BL31 BL32 BL33 BL34 BL36 BL37 BL40 BL52
        BL53 BL54 BL57 BL58 BL60 GB29 GB30 GB31 GB33 GB34 GB35 GB39 GB40 GB41 EX-B2-L1
        EX-B2-L2 EX-B2-L3 EX-B2-L4 EX-B2-L5 EX-B7 EX-B8 GV3 GV4 GV26 CV4 CV6 SP6 SP9
        SP10 ST36 KI3 KI4 KI6 LR3 LI4 LI11 TE5 TE6
    """.split()

    assert set(wanted) <= set(CODES)


@pytest.mark.parametrize("view", VIEWS)
def test_every_point_lies_inside_the_body(view):
    edge = curves.flatten(outline(view))

    outside = [
        (code, side)
        for code, side, seen in PLACED
        if seen == view and not curves.inside(place_of(code, side, view), edge)
    ]

    assert not outside


def test_left_and_right_are_mirror_images():
    for code in {code for code, side, _ in PLACED if side == "left"}:
        for view, mirrored in zip(
            VIEWS, ("front", "back", "right", "left"), strict=True
        ):
            left, right = (
                place_of(code, "left", view),
                place_of(code, "right", mirrored),
            )
            assert (left is None) == (right is None)
            if left and right:
                assert left == (-right[0], right[1])


@pytest.mark.parametrize("view", ["front", "back"])
def test_the_body_is_the_same_on_both_sides(view):
    corners = {(x, y) for stroke in outline(view) for x, y in stroke}

    assert corners == {(-x, y) for x, y in corners}


def test_the_patients_left_is_where_the_viewer_sees_it():
    assert place_of("BL40", "left", "back")[0] < 0
    assert place_of("ST36", "left", "front")[0] > 0
    assert place_of("GB30", "right", "left") is None
    letters = {side: x for side, x, _ in draw("back").letters}
    assert letters["left"] < letters["right"]
    letters = {side: x for side, x, _ in draw("front").letters}
    assert letters["right"] < letters["left"]


def test_points_stand_in_their_order_down_the_body():
    down = "BL17 BL23 BL24 BL25 BL54 BL36 BL37 BL40 BL57 BL60".split()
    heights = [place_of(code, "left", "back")[1] for code in down]

    assert heights == sorted(heights)


def box(drawn):
    """Left, top, right and bottom of a label's text."""
    x, y = drawn.label.at
    width = text_width(drawn.label.text)
    left = x if drawn.label.anchor == "start" else x - width
    return left, y - TEXT_SIZE / 2, left + width, y + TEXT_SIZE / 2


@pytest.mark.parametrize("crop", CROPS)
@pytest.mark.parametrize(("view", "prescription"), PRESCRIPTIONS)
def test_a_full_prescription_has_clear_labels(view, prescription, crop):
    drawn = figure(view, prescription, crop=crop)

    assert len(drawn.spots) >= len(prescription)
    for spot in drawn.spots:
        left, top, right, bottom = box(spot)
        assert left >= 0
        assert top >= 0
        assert right <= drawn.width
        assert bottom <= HEIGHT
    for one, other in combinations(map(box, drawn.spots), 2):
        apart = one[2] <= other[0] or other[2] <= one[0]
        assert apart or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize("crop", CROPS)
@pytest.mark.parametrize(("view", "prescription"), PRESCRIPTIONS)
def test_its_leader_lines_do_not_cross(view, prescription, crop):
    drawn = figure(view, prescription, crop=crop)

    for one, other in combinations(drawn.spots, 2):
        for a, b in product(pairwise(one.label.leader), pairwise(other.label.leader)):
            assert not curves.cross(*a, *b), (one.spot.code, other.spot.code)


@pytest.mark.parametrize(("view", "prescription"), PRESCRIPTIONS)
def test_a_thumb_hits_the_nearest_point_and_only_that(view, prescription):
    drawn = figure(view, prescription, crop="lower")
    areas = {spot: corners_of(spot.hit) for spot in drawn.spots}

    for spot, area in areas.items():
        assert curves.inside((spot.x, spot.y), area)
        for corner in area:
            own = distance(corner, spot)
            assert own <= HIT_RADIUS + 0.2
            assert own <= min(distance(corner, other) for other in drawn.spots) + 0.3


def test_a_point_alone_is_a_target_of_44_px_at_480_px():
    (spot,) = figure("back", marks("BL40")).spots
    xs = [x for x, _ in corners_of(spot.hit)]

    assert max(xs) - min(xs) == pytest.approx(44, abs=0.2)


def corners_of(path):
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def distance(corner, spot):
    return ((corner[0] - spot.x) ** 2 + (corner[1] - spot.y) ** 2) ** 0.5


def test_the_lower_half_is_drawn_larger():
    whole = figure("back", marks("BL40", "BL60"))
    lower = figure("back", marks("BL40", "BL60"), crop="lower")

    def gap(drawn):
        return drawn.spots[1].y - drawn.spots[0].y

    assert gap(lower) > 1.4 * gap(whole)


def test_what_is_below_the_waist_is_cropped_and_what_is_not_is_shown_whole():
    assert best_crop(POSTERIOR + LATERAL) == "lower"
    assert best_crop([*POSTERIOR, Mark("BL17", "both")]) == "whole"
    assert best_crop([*POSTERIOR, Mark("TE5", "left")]) == "whole"
    assert best_crop([Mark("LU1", "left")]) == "whole"
    assert best_crop([]) == "whole"


def test_the_fewest_views_show_every_point():
    assert views_showing(POSTERIOR) == ("back",)
    assert views_showing(marks("BL40", "GB34")) == ("right",)
    assert views_showing(marks("BL40", "GB34", side="both")) == ("left", "right")
    assert views_showing(marks("BL23", "GB34", "CV6")) == ("front", "back", "right")
    assert views_showing([]) == ()


def test_a_point_without_a_place_is_listed_and_not_drawn():
    drawn = figures([Mark("BL40", "both"), Mark("LU1", "left"), Mark("ASHI", "right")])

    assert [f.view for f in drawn.figures] == ["back"]
    assert [spot.spot.side for spot in drawn.figures[0].spots] == ["left", "right"]
    assert [mark.code for mark in drawn.not_shown] == ["LU1", "ASHI"]


@given(
    st.lists(
        st.tuples(st.sampled_from(CODES), st.sampled_from(["left", "right", "both"])),
        max_size=12,
        unique_by=lambda pair: pair[0],
    )
)
def test_any_prescription_is_shown_or_listed(pairs):
    asked = [
        Mark(code, "midline" if POINTS[code].side == "midline" else side)
        for code, side in pairs
    ]

    drawn = figures(asked)

    shown = {(s.spot.code, s.spot.side) for f in drawn.figures for s in f.spots}
    wanted = {
        (mark.code, side)
        for mark in asked
        for side in (("left", "right") if mark.side == "both" else (mark.side,))
    }
    assert shown == wanted
    assert not drawn.not_shown
    for one_figure in drawn.figures:
        for one, other in combinations(map(box, one_figure.spots), 2):
            apart = one[2] <= other[0] or other[2] <= one[0]
            assert apart or one[3] <= other[1] + 0.11 or other[3] <= one[1] + 0.11


def test_labels_keep_their_order_and_their_distance():
    heights = spread([10, 10, 10, 100, 101], (0, 480))

    assert heights == sorted(heights)
    assert min(b - a for a, b in pairwise(heights)) >= LINE - 1e-9
    assert sum(heights[:3]) / 3 == pytest.approx(max(10, LINE))


def test_labels_stay_within_their_room():
    assert spread([-50], (6, 474)) == [6]
    assert spread([470, 471, 472], (6, 474))[-1] == 474
    assert labels.set_column([], side=1, column_at=lambda *_: 0, room=(0, 1)) == []


def test_a_smooth_curve_runs_through_its_points():
    strokes = [[(0.0, 0.0), (1.0, 2.0), (3.0, 1.0)], [(3.0, 1.0), (0.0, 0.0)]]

    ends = [bezier[3] for stroke in strokes for bezier in curves.smooth(stroke)]

    assert ends == [(1.0, 2.0), (3.0, 1.0), (0.0, 0.0)]
    assert curves.path(strokes, closed=True).endswith("Z")


SVG = "{http://www.w3.org/2000/svg}"


def rendered(drawn, title="Back"):
    html = render_to_string(
        "components/body_figure.html", {"figure": drawn, "title": title}
    )
    return html, ElementTree.fromstring(
        html.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    )


def test_the_picture_says_what_it_shows():
    _, svg = rendered(figure("back", POSTERIOR, key="plan"))

    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "plan-title"
    assert svg.find(f"{SVG}title").text == "Back"
    told = " ".join(svg.find(f"{SVG}desc").text.split())
    assert "BL40 right." in told
    assert "GV3." in told
    groups = svg.findall(f"{SVG}g[@data-code]")
    assert [group.get("data-code") for group in groups] == [m.code for m in POSTERIOR]


def test_a_point_with_an_address_is_a_link_and_nothing_presentational_holds_it():
    drawn = figure("back", [Mark("BL40", "left", "BL40 委中", href="#bl40-left")])

    _, svg = rendered(drawn)

    (link,) = svg.findall(f"{SVG}a")
    assert link.get("href") == "#bl40-left"
    assert link.get("data-side") == "left"
    assert link.find(f"{SVG}text").text == "BL40 委中"
    assert svg.get("role") == "group"


def test_the_picture_keeps_the_content_policy_and_escapes_its_words():
    region = Region("x", "<b>&", [(0.4, 0.5), (0.5, 0.5), (0.5, 0.6)], selected=True)

    html, _ = rendered(figure("back", LATERAL, regions=[region]), title="<script>")

    assert "style=" not in html
    assert "<script" not in html
    assert "<b>" not in html


@pytest.mark.parametrize("language", ["en", "zh-hans", "de"])
def test_numbers_are_never_localised(language):
    with translation.override(language):
        html, _ = rendered(figure("back", POSTERIOR))

    assert not re.search(r'(?:x|y|cx|cy|width)="\d+,', html)


def test_a_region_is_drawn_where_it_lies_and_reaches_the_edge():
    """A corner a little inside the body's edge is moved past it; the edge then cuts."""
    thigh_edge = min(curves.crossings(53, curves.flatten(outline("back"))))
    near_edge, within = thigh_edge + 0.2, thigh_edge + 2
    corners = [((x + 15) / 30, 53 / 75) for x in (near_edge, within)]
    region = Region("left_thigh", "left thigh", [*corners, (0.4, 0.75)])

    drawn = figure("back", regions=[region], crop="lower")
    _, svg = rendered(drawn)

    scale = HEIGHT / (CROPS["lower"].bottom - CROPS["lower"].top)
    (moved, _), (kept, _), _ = corners_of(drawn.regions[0].path)
    assert (kept - moved) / scale > within - thigh_edge
    assert (kept - moved) / scale < within - thigh_edge + 1
    assert svg.find(f".//{SVG}g[@data-region]").get("data-region") == "left_thigh"


def test_drawing_is_pure():
    assert figures(POSTERIOR, key="a") == figures(POSTERIOR, key="a")
    assert figure("left", marks("GB34", side="left"), crop="lower").width == (
        figure("right", marks("GB34", side="right"), crop="lower").width
    )
