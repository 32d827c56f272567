"""The colours keep WCAG 2.2 AA in both lights: 4.5 for text, 3 for edges and signs."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "clinic" / "static" / "clinic" / "css"
GROUNDS = ("paper", "rail", "sheet", "shade")
TEXT = (
    [
        (ink, ground)
        for ink in (
            "ink",
            "ink-soft",
            "ink-faint",
            "jade",
            "cinnabar",
            "amber",
            "indigo",
        )
        for ground in GROUNDS
    ]
    + [(tone, f"{tone}-ground") for tone in ("jade", "cinnabar", "amber", "indigo")]
    + [("ink", f"{tone}-ground") for tone in ("jade", "cinnabar", "amber", "indigo")]
    + [
        ("on-jade", "jade"),
        ("on-jade", "jade-deep"),
        ("jade-deep", "paper"),
        ("cinnabar-deep", "cinnabar-ground"),
        ("ink-soft", "jade-ground"),
        ("sheet", "ink-soft"),
    ]
)
EDGES = [(edge, ground) for edge in ("line", "focus") for ground in GROUNDS]


def colours(selector):
    rules = (CSS / "tokens.css").read_text()
    block = re.search(rf"^{re.escape(selector)} \{{(.*?)^\}}", rules, re.S | re.M)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block.group(1)))


LIGHTS = {"paper": colours(":root"), "dim": colours('[data-theme="dim"]')}


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def too_faint(light, pairs, least):
    found = {
        pair: contrast(*(LIGHTS[light][colour] for colour in pair)) for pair in pairs
    }
    return {pair: ratio for pair, ratio in found.items() if ratio < least}


@pytest.mark.parametrize("light", LIGHTS)
def test_text_can_be_read(light):
    assert too_faint(light, TEXT, 4.5) == {}


@pytest.mark.parametrize("light", LIGHTS)
def test_edges_can_be_seen(light):
    assert too_faint(light, EDGES, 3) == {}


def test_both_lights_have_the_same_colours():
    assert LIGHTS["paper"].keys() == LIGHTS["dim"].keys()


def test_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_colours_are_named_in_one_place():
    """Print is black on white by its own means; a code to scan needs white."""
    named = {
        sheet.name: set(
            re.findall(
                r"#[0-9a-f]{3,8}\b", sheet.read_text().partition("@media print")[0]
            )
        )
        for sheet in CSS.glob("*.css")
        if sheet.name not in {"tokens.css", "print.css"}
    }

    assert {name for name, colours in named.items() if colours - {"#fff"}} == set()
