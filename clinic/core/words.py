"""Dates, numbers and texts of data files as a reader's language has them."""

from datetime import date
from functools import lru_cache

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language

from clinic.core.texts import Text

DAYS = {"en": "j M", "zh-hans": "n月j日"}
LONG_DAYS = {"en": "j M Y", "zh-hans": "Y年n月j日"}
# Django's own formats leave the weekday out.
WEEKDAYS = {"en": "D j M Y", "zh-hans": "Y年n月j日 D"}


def number(value: float | None) -> str:
    return "" if value is None else _number(value, language())


@lru_cache(maxsize=2048)  # a page says the same few scores again and again
def _number(value: float, _language: str) -> str:
    exact = round(value, 2)
    places = next((places for places in (0, 1) if round(value, places) == exact), 2)
    return number_format(exact, places)


def said(text: Text) -> str:
    return text.get(language(), text["en"])


def short_day(day: date) -> str:
    """2 Mar"""
    return _written(day, DAYS[language()], language())


def long_day(day: date) -> str:
    """2 Mar 2026"""
    return _written(day, LONG_DAYS[language()], language())


def with_weekday(day: date) -> str:
    """Mon 2 Mar 2026"""
    return _written(day, WEEKDAYS[language()], language())


@lru_cache(maxsize=2048)  # nor are a page's days many
def _written(day: date, words: str, _language: str) -> str:
    return date_format(day, words)


def language() -> str:
    return get_language() or "en"
