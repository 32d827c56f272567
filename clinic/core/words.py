"""Dates, numbers and texts of data files as a reader's language has them."""

from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language

from clinic.core.texts import Text

DAYS = {"en": "j M", "zh-hans": "n月j日"}
LONG_DAYS = {"en": "j M Y", "zh-hans": "Y年n月j日"}


def number(value: float | None) -> str:
    if value is None:
        return ""
    exact = round(value, 2)
    places = next((places for places in (0, 1) if round(value, places) == exact), 2)
    return number_format(exact, places)


def said(text: Text) -> str:
    return text.get(language(), text["en"])


def short_day(day: date) -> str:
    """2 Mar"""
    return date_format(day, DAYS[language()])


def long_day(day: date) -> str:
    """2 Mar 2026"""
    return date_format(day, LONG_DAYS[language()])


def language() -> str:
    return get_language() or "en"
