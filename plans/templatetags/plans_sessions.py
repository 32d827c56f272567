from datetime import datetime

from django import template
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from clinic.core.texts import Text
from clinic.templatetags.clinic_ui import in_language
from plans.sessions.timer import Timer

register = template.Library()


@register.simple_tag
def needle_clock(timer: Timer, now: datetime) -> str:
    """{% needle_clock timer now %}, inside something with `data-now` for the script."""
    return _clock(timer, now)


@register.simple_tag
def bed_clock(name: Text, timer: Timer, now: datetime) -> str:
    """{% bed_clock name timer now %}: one beside the needles, under its name."""
    return _clock(timer, now, name=in_language(name))


def _clock(timer: Timer, now: datetime, **named: str) -> str:
    context = {
        "words": words(timer, now),
        "due": timer.due,
        "is_due": timer.is_due(now),
    }
    return render_to_string("plans/sessions/_clock.html", context | named)


def words(timer: Timer, now: datetime) -> str:
    """Minutes left, or over; or how long the needles are in, where none were said."""
    left = timer.left(now)
    if left is None:
        return _("in for %(minutes)s min") % {"minutes": timer.passed(now)}
    if left > 0:
        return _("%(minutes)s min left") % {"minutes": left}
    return _("%(minutes)s min over") % {"minutes": -left}
