"""Pain regions lie on the body, touch their neighbours and overlap none."""

import tomllib
from functools import cache
from itertools import combinations, pairwise

import pytest

from patients.intake.regions import (
    FILE,
    REGIONS,
    SIDES,
    RegionFileError,
    load_regions,
    sided,
    split_sided,
)

# The schematic body from the waist down, left half seen from behind (front alike), and
# from the patient's left. Unit coordinates.
HALF = (
    *((0.5, 0.34), (0.284, 0.34), (0.2867, 0.3467), (0.3, 0.3867), (0.29, 0.4267)),
    *((0.2667, 0.4733), (0.255, 0.5067), (0.2342, 0.5333), (0.2433, 0.5733)),
    *((0.2551, 0.6133), (0.2708, 0.6667), (0.2863, 0.7067), (0.2967, 0.7333)),
    *((0.3017, 0.76), (0.3081, 0.8), (0.3063, 0.84), (0.3254, 0.8933)),
    *((0.3435, 0.9333), (0.35, 0.9733), (0.3383, 0.9867), (0.3267, 0.9987)),
    *((0.44, 1.0), (0.45, 0.9907), (0.4433, 0.9733), (0.4435, 0.9333)),
    *((0.4554, 0.8933), (0.4662, 0.84), (0.4581, 0.8), (0.4583, 0.76), (0.46, 0.7333)),
    *((0.467, 0.7067), (0.4775, 0.6667), (0.4865, 0.6133), (0.4883, 0.5733)),
    *((0.4917, 0.5547), (0.5, 0.5547)),
)
SIDE = (
    *((0.3667, 0.34), (0.3667, 0.4), (0.3533, 0.4533), (0.3667, 0.4933)),
    *((0.38, 0.5333), (0.39, 0.6), (0.4, 0.6667), (0.4167, 0.7333), (0.42, 0.76)),
    *((0.4333, 0.7867), (0.4433, 0.84), (0.4533, 0.9067), (0.4633, 0.96)),
    *((0.4133, 0.976), (0.3167, 0.9867), (0.2267, 0.992), (0.22, 1.0), (0.58, 1.0)),
    *((0.5933, 0.9893), (0.5767, 0.9667), (0.5567, 0.9333), (0.5733, 0.8933)),
    *((0.59, 0.84), (0.5833, 0.8), (0.5733, 0.76), (0.5867, 0.72), (0.61, 0.64)),
    *((0.6333, 0.5867), (0.6567, 0.5467), (0.6533, 0.5067), (0.6433, 0.48)),
    *((0.6067, 0.44), (0.5867, 0.4), (0.6029, 0.34)),
)
TOLERANCE = 0.004  # 0.3 cun, under two pixels on a figure of 480


def mirror(polygon):
    return tuple((1 - x, y) for x, y in polygon)


BODY = {
    "back": (HALF, mirror(HALF)),
    "front": (HALF, mirror(HALF)),
    "left": (SIDE,),
    "right": (mirror(SIDE),),
}
PLACES = [(region, place) for region in REGIONS for place in region.places]


def contains(polygon, point):
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            inside = not inside
    return inside


def distance(polygon, point):
    """To the polygon's edge."""
    x, y = point
    best = 9.0
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length
        along = min(1, max(0, along))
        nearest = (x0 + along * (x1 - x0), y0 + along * (y1 - y0))
        best = min(best, ((x - nearest[0]) ** 2 + (y - nearest[1]) ** 2) ** 0.5)
    return best


def crosses(a, b, c, d):
    def turn(p, q, r):
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def grid(view):
    """Points of the body, none of them on an edge."""
    for row in range(340, 1000, 4):
        for column in range(200, 800, 7):
            point = (column / 1000 + 0.00037, row / 1000 + 0.00053)
            if any(contains(body, point) for body in BODY[view]):
                yield point


def regions_at(view, point):
    return [
        sided(region.id, place.side)
        for region, place in PLACES
        if place.view == view and contains(place.polygon, point)
    ]


@pytest.mark.parametrize(("region", "place"), PLACES)
def test_a_polygon_is_simple_and_lies_on_the_body(region, place):
    polygon = place.polygon
    edges = list(pairwise((*polygon, polygon[0])))

    assert len(polygon) >= 3
    assert len(set(polygon)) == len(polygon)
    assert not any(crosses(*one, *other) for one, other in combinations(edges, 2))
    for point in polygon:
        assert 0 <= point[0] <= 1
        assert 0 <= point[1] <= 1
        assert any(
            contains(body, point) or distance(body, point) < TOLERANCE
            for body in BODY[place.view]
        ), (region.id, point)


@cache
def regions_on(view):
    return {point: regions_at(view, point) for point in grid(view)}


@pytest.mark.parametrize("view", BODY)
def test_no_two_regions_overlap(view):
    for point, regions in regions_on(view).items():
        assert len(regions) <= 1, point


@pytest.mark.parametrize(
    ("view", "from_y"),
    [("back", 0.345), ("front", 0.575), ("left", 0.575), ("right", 0.575)],
)
def test_neighbours_touch(view, from_y):
    """No point of the body is left over, above the belt of the view's first region."""
    for (x, y), regions in regions_on(view).items():
        if y > from_y and not regions:
            assert any(distance(body, (x, y)) <= TOLERANCE for body in BODY[view]), y


@pytest.mark.parametrize(
    ("view", "point", "expected"),
    [
        ("back", (0.38, 0.654), "left_posterior_thigh"),  # BL37
        ("back", (0.62, 0.765), "right_knee_back"),  # BL40
        ("back", (0.40, 0.495), "left_buttock"),  # BL54
        ("back", (0.55, 0.386), "right_low_back"),  # BL23
        ("back", (0.4717, 0.476), "left_sacrum"),  # BL32
        ("left", (0.5117, 0.64), "left_lateral_thigh"),  # GB31
        ("right", (0.4983, 0.7853), "right_lateral_leg"),  # GB34
        ("left", (0.5767, 0.8667), "left_posterior_leg"),  # BL57
        ("front", (0.6388, 0.801), "left_anterior_leg"),  # ST36
        ("front", (0.42, 0.707), "right_medial_thigh"),  # SP10
        ("front", (0.4083, 0.9755), "right_foot_dorsum"),  # LR3
    ],
)
def test_known_places(view, point, expected):
    assert regions_at(view, point) == [expected]


def test_every_region_can_be_marked_on_both_sides():
    for region in REGIONS:
        assert {place.side for place in region.places} == set(SIDES)
        for side in SIDES:
            assert split_sided(sided(region.id, side)) == (side, region.id)


def test_labels_name_the_side():
    thigh = next(region for region in REGIONS if region.id == "posterior_thigh")

    assert thigh.label == {"en": "back of the thigh", "zh-hans": "大腿后侧"}
    assert thigh.sided_labels["left"] == {
        "en": "back of the left thigh",
        "zh-hans": "左大腿后侧",
    }
    for region in REGIONS:
        for text in (region.label, *region.sided_labels.values()):
            assert "{" not in text["en"] + text["zh-hans"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('part = "back"', 'part = "wing"', "region low_back: part"),
        (', zh-hans = "{side}腰部"', "", "region low_back: label"),
        ('en = "{side} low back"', 'en = "low back"', "region low_back: the label"),
        ('id = "sacrum"', 'id = "low_back"', "low_back stands there twice"),
        ("back = [", "elbow = [", "region sacrum: it lies nowhere"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path, old, new, words):
    text = FILE.read_text(encoding="utf-8")
    if old == "back = [":
        at = text.index(old, text.index('id = "sacrum"'))
        text = text[:at] + text[at:].replace(old, new, 1)
    else:
        text = text.replace(old, new, 1)
    path = tmp_path / "regions.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RegionFileError, match=words):
        load_regions(path)


def test_the_file_holds_nothing_that_is_not_read():
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["region"]

    assert {key for row in rows for key in row} == {
        "id",
        "part",
        "label",
        "back",
        "front",
        "side",
    }
