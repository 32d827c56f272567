from dataclasses import replace

import pytest

from plans.sessions.changes import changes
from plans.sessions.entry import Line

BL40 = Line("BL40", "right", 20, "even")
GB30 = Line("GB30", "right", 40, "even")


@pytest.mark.parametrize(
    "now",
    [
        replace(BL40, depth_mm=21),
        replace(BL40, side="both"),
        replace(BL40, technique="electro"),
    ],
)
def test_another_choice_is_a_change(now):
    (change,) = changes([BL40, GB30], [now, GB30])

    assert (change.kind, change.before, change.now) == ("changed", BL40, now)


@pytest.mark.parametrize(
    "now", [BL40, replace(BL40, de_qi=True), replace(BL40, reason="Heavy build")]
)
def test_what_was_observed_is_none_nor_is_the_order(now):
    assert changes([BL40, GB30], [GB30, now]) == ()


def test_what_was_left_out_stands_last():
    found = changes([BL40], [GB30])

    assert [(c.kind, c.code) for c in found] == [("added", "GB30"), ("dropped", "BL40")]
