"""Every key a page answers to: what the page of keys lists, and the tests look for.

A key in `data-key` clicks what it stands on; the others are a script's.
"""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Key(NamedTuple):
    keys: tuple[str, ...]
    words: object
    by_script: bool = False


ESCAPE, ENTER, SHIFT = "Esc", "Enter", "Shift"  # as keyboards have them

KEYS: tuple[tuple[object, tuple[Key, ...]], ...] = (
    (
        _("On every page"),
        (
            Key(("/",), _("find a patient")),
            Key(("?",), _("this list of keys")),
        ),
    ),
    (
        _("The day and the week"),
        (
            Key(("t",), _("today, or this week")),
            Key(("n",), _("the next day or week")),
            Key(("p",), _("the day or week before")),
            Key(("w",), _("from the day to the week")),
            Key(("d",), _("from the week to the day")),
            Key(tuple("1234567"), _("a day of the week")),
            Key(("b",), _("a new appointment")),
            Key(("l",), _("light up free places, or put the light out")),
        ),
    ),
    (
        _("On an appointment in the diary"),
        (
            Key(
                ("a",), _("its next step: arrive, to bed, needles in, out, done"), True
            ),
            Key(("c",), _("copy it: the places where it fits are lit"), True),
            Key(("m",), _("move it"), True),
        ),
    ),
    (
        _("While moving"),
        (
            Key(("↑", "↓"), _("a quarter of an hour earlier or later"), True),
            Key(("←", "→"), _("to the column beside"), True),
            Key((SHIFT, "↑", "↓"), _("a shorter or longer time in bed"), True),
            Key(("+", "−"), _("a longer or shorter needling"), True),
            Key((ENTER,), _("put it there"), True),
            Key((ESCAPE,), _("leave it where it was"), True),
        ),
    ),
)
