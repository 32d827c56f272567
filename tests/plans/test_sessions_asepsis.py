"""The aseptic checklist as data: complete, and each item says where it was read."""

import pytest

from plans.sessions.asepsis import CHECKLIST, UNASKED, load_checklist

ITEM = """
[[item]]
id = "hands"
text = { en = "Hands washed", zh-hans = "已洗手" }
sources = ["CNT7"]
tag = "seen"
"""


def test_the_list_shipped_names_each_procedure():
    assert {"hands", "skin", "field", "needles", "sharps"} < CHECKLIST.items.keys()
    assert CHECKLIST.version != UNASKED


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ('"CNT7"', '"NOBODY"', "not on the shelf"),
        ('["CNT7"]', "[]", "where it was read"),
        ('"seen"', '"heard"', "where it was read"),
        (', zh-hans = "已洗手"', "", "zh-hans is missing"),
        (ITEM, ITEM * 2, "stands there twice"),
    ],
)
def test_a_list_that_is_not_complete_is_refused(tmp_path, was, now, why):
    path = tmp_path / "asepsis.toml"
    path.write_text(('version = "1"\n' + ITEM).replace(was, now), encoding="utf-8")

    with pytest.raises(ValueError, match=why):
        load_checklist(path)
