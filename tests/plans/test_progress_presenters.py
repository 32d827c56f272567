"""Words and tables of the progress chart. No database."""

import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from patients.measures.scales import SCALES
from plans.progress.presenters.course import present, present_small
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


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def session(number, leg=None, back=None, after=None):
    on = DAY + timedelta(days=4 * (number - 1))
    return Reading(on, Occasion.SESSION, Pain(leg, back), Pain(after), number)


def series(*readings, **fields):
    return ProgressSeries(readings, **fields)


FULL = series(
    Reading(DAY - timedelta(days=3), Occasion.INTAKE, Pain(8, 5)),
    session(1, 7, 5, after=4.5),
    Reading(DAY + timedelta(days=2), Occasion.MISSED),
    session(2),
    session(3, 4, 5, after=3),
    events=(Event(DAY + timedelta(days=5), "Flare-up <b>"),),
    disability=Disability(SCALES["rmdq"], ((DAY, 14), (DAY + timedelta(days=30), 8))),
    dose=Dose(8, 4),
    onset_weeks=30,
)


def test_finding_stands_first_in_words():
    progress = present(FULL)

    assert progress.findings == (
        "Leg pain fell from 7 to 4 in 8 days: a response (2 points or 30 per cent).",
        "Back pain is 5 after 8 days, as before treatment.",
    )
    assert progress.counts == "Sessions: 3. Missed: 1. Without a leg score: 1."
    assert progress.wide.title == progress.findings[0]
    assert progress.wide.description.startswith("Back pain is 5")


def test_target_is_said_when_it_is_reached():
    assert (
        "It is at the target of 1.75 or less."
        in present(series(session(1, 6), session(2, 1))).findings
    )


def test_table_has_every_number_and_says_what_is_missing():
    rows = present(FULL).rows

    assert [(row.occasion, [cell.text for cell in row.cells]) for row in rows] == [
        ("Intake", ["8", "", "5", "", ""]),
        ("Session 1", ["7", "4.5", "5", "", "14"]),
        ("Missed", ["", "", "", "", ""]),
        ("Session 2", ["", "", "", "", ""]),
        ("Session 3", ["4", "3", "5", "", ""]),
        ("Review", ["", "", "", "", "8"]),
    ]
    assert [cell.missing for cell in rows[3].cells] == [True] * 4 + [False]
    assert [row.flags for row in rows] == [(), (), (), (1,), (), ()]


@pytest.mark.parametrize(
    ("fields", "has_band", "said"),
    [
        (
            {"dose": Dose(8, 4), "onset_weeks": 30},
            True,
            "The trials gave 10 sessions in 4 weeks, this course 8 in 4: "
            "that dose was not measured.",
        ),
        (
            {"dose": Dose(4, 4), "onset_weeks": 3},
            False,
            "No expected band: the trials gave 10 sessions in 4 weeks, "
            "this course 4 in 4.",
        ),
        (
            {"onset_weeks": 30},
            False,
            "No expected band: the dose of this course isn't known.",
        ),
    ],
)
def test_what_the_band_does_not_fit_is_said(fields, has_band, said):
    progress = present(series(session(1, 7), **fields))

    assert progress.has_band is has_band
    assert progress.caveats == (said,)


def test_numbers_have_as_many_decimals_as_they_need():
    progress = present(series(session(1, 7), session(2, 4.25), session(3, 4.5)))

    assert [row.cells[0].text for row in progress.rows] == ["7", "4.25", "4.5"]


def test_nothing_yet_is_nothing():
    assert present(series()) is None


@pytest.mark.parametrize(
    ("readings", "words"),
    [((7, 4), "7 → 4"), ((7,), "7"), ((None,), "no score")],
)
def test_small_line_has_its_words(readings, words):
    small = present_small(
        series(*(session(number, leg) for number, leg in enumerate(readings, 1)))
    )

    assert small.words == words


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def shown(template, **context):
    html = render_to_string(f"plans/progress/{template}", context)
    page = Page()
    page.feed(html)
    return html, page.tags


def test_picture_is_named_and_described_and_carries_its_look_in_attributes():
    html, tags = shown("_chart.html", progress=present(FULL), key="leg")

    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    pictures = [attrs for _, attrs in tags if "aria-labelledby" in attrs]
    assert len(ids) == len(set(ids))
    assert len(pictures) == 4
    for attrs in pictures:
        assert attrs["role"] == "img"
        assert {attrs["aria-labelledby"], attrs["aria-describedby"]} <= set(ids)
    assert not any("style" in attrs or "onclick" in attrs for _, attrs in tags)
    drawn = [attrs for tag, attrs in tags if tag == "path"]
    assert drawn
    assert all("fill" in attrs for attrs in drawn)
    assert "Flare-up &lt;b&gt;" in html


def test_points_can_be_focused_and_say_their_values():
    _, tags = shown("_chart.html", progress=present(FULL), key="leg")

    said = [attrs["aria-label"] for _, attrs in tags if attrs.get("tabindex") == "0"]
    assert "3 Mar 2026 · Session 1, Leg 7 → 4.5, Back 5" in said
    assert "5 Mar 2026 · Missed" in said
    assert "7 Mar 2026 · Session 2, no score" in said


def test_coordinates_stay_plain_numbers_in_any_language():
    with translation.override("zh-hans"):
        html, tags = shown("_chart.html", progress=present(FULL), key="leg")

    numbers = [attrs["x"] for tag, attrs in tags if tag == "text"]
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", number) for number in numbers)
    assert "3月3日" in html


def test_sparkline_is_words_to_a_screen_reader():
    html, tags = shown("_sparkline.html", small=present_small(FULL))

    assert [attrs.get("aria-hidden") for tag, attrs in tags if tag == "svg"] == ["true"]
    assert "7 → 4" in html
