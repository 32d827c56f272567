from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.records.search import MOST_WORDS, read_search

TWELFTH_OF_MARCH = date(1980, 3, 12)


@pytest.mark.parametrize(
    "typed",
    [
        "12/03/1980",
        "12.3.1980",
        "12-03-1980",
        "1980-03-12",
        "1980/3/12",
        "1980年3月12日",
        "12 Mar 1980",
        "12 march 1980",
        "12th March, 1980",
        "Mar 12, 1980",
        "１２/０３/１９８０",
    ],
)
def test_a_birth_date_is_read_as_people_type_it(typed):
    search = read_search(typed)

    assert search.birth_dates == (TWELFTH_OF_MARCH,)
    assert search.terms == ()


def test_the_day_comes_first_unless_it_cannot():
    assert read_search("25/12/1980").birth_dates == (date(1980, 12, 25),)
    assert read_search("12/25/1980").birth_dates == (date(1980, 12, 25),)


def test_a_year_of_two_digits_may_be_of_either_century():
    found = read_search("12/3/25").birth_dates

    assert found == (date(1925, 3, 12), date(2025, 3, 12))


def test_a_name_beside_a_date_is_kept():
    search = read_search("reyes 12/03/1980 ana")

    assert search.terms == ("reyes", "ana")
    assert search.birth_dates == (TWELFTH_OF_MARCH,)


@pytest.mark.parametrize("typed", ["45/45/1980", "0/0/0000", "31.2.1980"])
def test_what_is_no_date_is_looked_for_as_digits(typed):
    search = read_search(typed)

    assert search.birth_dates == ()
    assert search.terms


def test_a_phone_is_no_date():
    assert read_search("07700 900123").terms == ("07700900123",)
    assert read_search("0117-496-0000").birth_dates == ()


def test_a_search_of_many_words_keeps_the_first():
    assert len(read_search("a b c d e f g h i j").terms) == MOST_WORDS


@given(st.text(max_size=200))
def test_anything_can_be_typed(text):
    found = read_search(text)

    assert len(found.terms) <= MOST_WORDS
    assert all(found.terms)


@pytest.mark.parametrize("nothing", ["", "   ", "!!", "\x00\x00"])
def test_nothing_typed_is_no_search(nothing):
    assert not read_search(nothing)
