import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.records.names import (
    TERM_LENGTH,
    fold,
    full_name,
    near,
    patient_terms,
    query_terms,
    search_terms,
    share_a_word,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Reyes", "reyes"),
        ("José", "jose"),
        ("Łukasz Sørensen", "lukasz sorensen"),
        ("Þóra Æsa", "thora aesa"),
        ("Straße", "strasse"),
        ("Ａｎａ", "ana"),
        ("İpek", "ipek"),
        ("Nguyễn Đức", "nguyen duc"),
        ("王小明", "王小明"),
        ("℡", "tel"),
        ("ﬁ", "fi"),
    ],
)
def test_folding_leaves_what_anybody_would_type(text, folded):
    assert fold(text) == folded


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("family", "given", "name"),
    [
        ("Reyes", "Ana", "Ana Reyes"),
        ("Reyes", "", "Reyes"),
        ("王", "小明", "王小明"),
        ("", "小明", "小明"),
        ("司马", "相如", "司马相如"),
        ("Wang", "Xiaoming", "Xiaoming Wang"),
    ],
)
def test_a_name_stands_in_the_order_of_its_script(family, given, name):
    assert full_name(family, given) == name


def test_a_chinese_name_is_found_from_any_of_its_characters():
    terms = patient_terms("王", "小明", "", "")

    assert terms == {"王", "小明", "明", "王小明"}


@pytest.mark.parametrize("typed", ["o'brien", "O’Brien", "obrien", "brien", "O Brien"])
def test_a_name_with_an_apostrophe_is_found_however_it_is_typed(typed):
    terms = search_terms("O’Brien")

    assert set(query_terms(typed)) <= terms


def test_a_phone_is_found_from_any_digit_but_the_last_three():
    terms = search_terms(phone="+44 7700 900-123")

    assert {"447700900123", "7700900123", "0123"} <= terms
    assert "123" not in terms
    assert all(len(term) >= 4 for term in terms)


@pytest.mark.parametrize("phone", ["", "12", "ext.", "123"])
def test_a_phone_too_short_to_tell_people_apart_gives_no_term(phone):
    assert search_terms(phone=phone) == frozenset()


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("  Ana   REYES ", ("ana", "reyes")),
        ("07700 900 123", ("07700900123",)),
        ("(0117) 496-0000", ("01174960000",)),
        ("小明", ("小明",)),
        ("Ana 900", ("ana", "900")),
        ("!?·…", ()),
        ("\x00", ()),
        ("", ()),
    ],
)
def test_what_is_typed_becomes_words(typed, terms):
    assert query_terms(typed) == terms


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_at_all_gives_terms_that_fit_their_column(name, phone):
    for term in search_terms(name, phone=phone):
        assert 0 < len(term) <= TERM_LENGTH


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Ana Reyes", "Ana Reyez", True),
        ("Ana Reyes", "Reyes Ana", True),
        ("José Ruiz", "Jose Ruiz", True),
        ("Ana Reyes", "Anton Rausch", False),
        ("王小明", "李红", False),
    ],
)
def test_spellings_of_one_name_are_near(one, other, alike):
    assert near(one, other) == alike


def test_names_share_a_word_in_any_order():
    assert share_a_word("Ana Reyes", "Reyes-Lopez")
    assert not share_a_word("Ana", "Bo")
