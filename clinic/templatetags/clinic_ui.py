"""Tags and filters of every page; the settings load them everywhere.

Each tag's docstring is its usage. A wrong argument is an error while the template is
tested, not a page that looks a little wrong.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar

import heroicons
from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.template import TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clinic.core.course import Step
from clinic.core.dates import full_years
from clinic.core.messages import undo_url
from clinic.core.paging import Page as UncountedPage
from clinic.core.shapes import SHAPES, drawn_shape
from clinic.core.words import with_weekday

register = template.Library()

TONES = {
    "neutral": "minus-circle",
    "info": "information-circle",
    "success": "check-circle",
    "warning": "exclamation-triangle",
    "danger": "exclamation-circle",
}
# Django's message levels that go by another name here.
MESSAGE_TONES = {"debug": "neutral", "error": "danger"}

# A stored state: its tone and its shape. The disc fills as a visit goes on.
STATUSES = {
    "held": ("warning", "clock"),
    "booked": ("neutral", "ring"),
    "confirmed": ("info", "target"),
    "arrived": ("info", "half"),
    "in_bed": ("success", "most"),
    "needles_in": ("success", "needle"),
    "needles_out": ("success", "disc"),
    "done": ("success", "check"),
    "untreated": ("warning", "octagon"),
    "no_show": ("warning", "cross"),
    "late_cancel": ("warning", "slash"),
    "cancelled": ("neutral", "slash"),
    "draft": ("neutral", "dashes"),
    "approved": ("success", "check"),
    "superseded": ("neutral", "dash"),
    "signed": ("success", "lock"),
    "stopped": ("warning", "octagon"),
    "error": ("danger", "cross"),
    "raised": ("danger", "octagon"),
    "unanswered": ("warning", "question"),
    "clear": ("success", "check"),
}

SIDES = {
    "left": (pgettext_lazy("side, short", "L"), _("left")),
    "right": (pgettext_lazy("side, short", "R"), _("right")),
    "both": (pgettext_lazy("side, short", "L+R"), _("both sides")),
    "midline": ("", ""),
    "": ("", ""),
}
FACT = "<div><dt>{}</dt><dd>{}</dd></div>"
NO_FACT = '<div><dt>{}</dt><dd class="facts__none">{}</dd></div>'
CHIP_SIDE = (
    '<span class="chip__side"><span aria-hidden="true">{}</span>'
    '<span class="unseen">{}</span></span>'
)
# What the strength of a rule says, and how sure a text is where that must be said.
STRENGTHS = {
    "A": _("expert consensus or tested in trials"),
    "B": _("several independent sources agree"),
    "C": _("one source, or sources disagree"),
    "D": _("no direct support published"),
}
TAGS = {
    "recalled": _("to be confirmed by a clinician"),
    "proposal": _("clinic policy, to be confirmed by a clinician"),
    "derived": _("derived from the source, to be confirmed by a clinician"),
}
STEP_WORDS = {
    "intake": pgettext_lazy("step of a course", "Intake"),
    "screen": pgettext_lazy("step of a course", "Screen"),
    "plan": pgettext_lazy("step of a course", "Plan"),
    "course": pgettext_lazy("step of a course", "Course"),
    "sessions": pgettext_lazy("step of a course", "Sessions"),
    "outcome": pgettext_lazy("step of a course", "Outcome"),
}
STATE_WORDS = {
    "done": _("done"),
    "here": _("now"),
    "ahead": _("to come"),
    "stopped": _("stopped here"),
}


def check(tag: str, argument: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise TemplateSyntaxError(f"{tag}: no such {argument} as {value!r}")


def trimmed(content: SafeString) -> SafeString:
    """Without the white space around it, so that an empty body is empty."""
    # What a block tag hands over is rendered already.
    return mark_safe(content.strip())  # nosec B308 B703


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, *, size: int = 20) -> SafeString:
    """{% icon "calendar-days" %} or size=16 for one that stands in a line of text.

    A Heroicon. It says nothing to a screen reader: the words beside it do.
    """
    style = "outline" if size > 16 else "micro"
    try:
        drawing = heroicons._render_icon(style, str(name), size, {"class": "icon"})
    except heroicons.IconDoesNotExist as error:
        raise TemplateSyntaxError(f"icon: {error}") from error
    # From the package's own files; every argument is a template's.
    return mark_safe(drawing)  # nosec B308 B703


@register.simple_block_tag
def notice(content, *, title, tone="info", level=2):
    """{% notice title="Refer today" tone="danger" %}...{% endnotice %}

    Tones: info, success, warning, danger. A screen reader announces a danger notice
    at once, and no other. `level` is the level of its heading.
    """
    check("notice", "tone", tone, TONES)
    context = {"content": content, "title": title, "tone": tone, "level": level}
    return render_to_string("components/notice.html", context | {"icon": TONES[tone]})


@register.simple_tag
def shape(name):
    """{% shape "octagon" %}: that of a pill by itself."""
    check("shape", "shape", name, SHAPES)
    return drawn_shape(name)


@register.simple_tag
def pill(label, *, tone="neutral", shape="diamond"):
    """{% pill _("Score due") tone="warning" shape="ring" %}: `clinic.core.shapes`"""
    check("pill", "tone", tone, TONES)
    check("pill", "shape", shape, SHAPES)
    html = '<span class="pill tone-{}">{}{}</span>'
    return format_html(html, tone, drawn_shape(shape), label)


@register.simple_tag
def status(value, label):
    """{% status appointment.status appointment.get_status_display %}"""
    check("status", "status", value, STATUSES)
    tone, shape = STATUSES[value]
    return pill(label, tone=tone, shape=shape)


@register.simple_tag
def chip(code, *, hanzi="", pinyin="", side="", url="", new=False):
    """{% chip "BL40" hanzi="委中" pinyin="wěizhōng" side="left" %}

    One acupoint. `new` marks what somebody added to a proposal.
    """
    check("chip", "side", side, SIDES)
    html = format_html('<span class="chip__code">{}</span>', code)
    names = [row for row in (("zh", hanzi), ("zh-Latn", pinyin)) if row[1]]
    if names:
        named = format_html_join(" ", '<span lang="{}">{}</span>', names)
        html += format_html('<span class="chip__name">{}</span>', named)
    short, words = SIDES[side]
    if short:
        html += format_html(CHIP_SIDE, short, words)
    kind = "chip chip--new" if new else "chip"
    if url:
        return format_html('<a class="{}" href="{}">{}</a>', kind, url, html)
    return format_html('<span class="{}">{}</span>', kind, html)


@register.simple_block_tag
def page_head(content, *, title, lede=""):
    """{% page_head title=patient lede="..." %}buttons{% endpage_head %}"""
    context = {"content": trimmed(content), "title": title, "lede": lede}
    return render_to_string("components/page_head.html", context)


@register.simple_block_tag
def section(content, *, title, id="", aside="", more="", more_url=""):  # noqa: A002
    """{% section title="Sessions" more="All" more_url=url %}...{% endsection %}

    A heading on a hairline. `aside` is a short text at its right, `more` a link there.
    """
    context = {"content": content, "title": title, "id": id, "aside": aside}
    return render_to_string(
        "components/section.html", context | {"more": more, "more_url": more_url}
    )


@register.simple_block_tag
def fold(content, *, title, id="", count="", gist="", opened=False):  # noqa: A002
    """{% fold title="Why this dose" count=3 gist="..." %}...{% endfold %}

    Words behind one line. `gist` is what they come to, shown while it is closed.
    """
    context = {"content": content, "title": title, "id": id, "count": count}
    return render_to_string(
        "components/fold.html", context | {"gist": gist, "opened": opened}
    )


@register.simple_block_tag
def nothing(content, *, title, icon=""):
    """{% nothing title="No sessions yet" %}what to do next{% endnothing %}

    The empty case of a list, always with the next step. (`empty` belongs to `for`.)
    """
    context = {"content": trimmed(content), "title": title, "icon": icon}
    return render_to_string("components/nothing.html", context)


@register.simple_tag
def fact(term, value):
    """{% fact _("Phone") patient.phone %} inside a <dl class="facts">.

    Add the class facts--lines for one fact a line. No value reads "Not recorded".
    """
    if value in (None, ""):
        return format_html(NO_FACT, term, _("Not recorded"))
    return format_html(FACT, term, value)


@register.simple_block_tag
def table_scroll(content, *, label):
    """{% table_scroll label="Sessions" %}<table class="table">...{% endtable_scroll %}

    A wide table scrolls inside itself and can be reached by keyboard.
    """
    context = {"content": content, "label": label}
    return render_to_string("components/table_scroll.html", context)


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context, page: Page | UncountedPage):
    """{% pager page %}: keeps the rest of the address. Draws nothing for one page.

    A page of Django's paginator says how many there are; one of `clinic.core.paging`
    does not know.
    """
    has_next = page.has_next() if isinstance(page, Page) else page.has_next
    return {
        "page": page,
        "counted": isinstance(page, Page),
        "previous": page.number - 1,
        "next": page.number + 1 if has_next else 0,
    }


@register.simple_tag
def course_line(steps: Iterable[Step]):
    """{% course_line steps %}, where the steps are `clinic.core.course.course_steps`"""
    rows = [
        {"step": step, "word": STEP_WORDS[step.key], "state": STATE_WORDS[step.state]}
        for step in steps
    ]
    return render_to_string("components/course_line.html", {"rows": rows})


@register.filter
def in_language(text: Mapping[str, str] | str) -> str:
    """The text of a data file in the language of the page."""
    if isinstance(text, str):
        return text
    return text.get(get_language() or "en", text["en"])


@register.filter
def side_letter(side: str) -> str:
    """{{ row.side|side_letter }}: L, R, L+R, or nothing on the midline."""
    return str(SIDES[side][0])


@register.filter
def side_words(side: str) -> str:
    return str(SIDES[side][1])


@register.filter
def strength_words(strength: str) -> str:
    """{{ rule.strength|strength_words }}"""
    return str(STRENGTHS[strength])


@register.filter
def tag_words(tag: str) -> str:
    """{{ rule.tag|tag_words }}: nothing where the source says so itself."""
    return str(TAGS.get(tag, ""))


@register.filter
def age(birth_date: date) -> int:
    """Years today, in the clinic's time zone."""
    return full_years(birth_date, timezone.localdate())


Moment = TypeVar("Moment", date, datetime)


def local(moment: Moment) -> Moment:
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        return timezone.localtime(moment)
    return moment


def time_element(machine: str, words: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', machine, words)


@register.filter
def day(moment: date | None) -> str:
    """Mon 23 Nov 2026, from a date or a moment."""
    if moment is None:
        return ""
    moment = local(moment)
    on = moment.date() if isinstance(moment, datetime) else moment
    return time_element(on.isoformat(), with_weekday(on))


@register.filter
def short_day(moment: date) -> str:
    """Mon 23 Nov, where the year is plain."""
    words = pgettext("date format", "D j M")
    return str(formats.date_format(local(moment), words))


@register.filter
def clock(moment: datetime | None) -> str:
    """09:30, the clinic's wall clock."""
    if moment is None:
        return ""
    words = f"{local(moment):%H:%M}"
    return time_element(words, words)


@register.filter
def day_and_clock(moment: datetime | None) -> str:
    """Mon 23 Nov 2026 09:30"""
    if moment is None:
        return ""
    moment = local(moment)
    words = f"{with_weekday(moment.date())} {moment:%H:%M}"
    return time_element(moment.isoformat(timespec="minutes"), words)


@register.filter
def message_tone(message) -> str:
    return MESSAGE_TONES.get(message.level_tag, message.level_tag)


@register.filter
def tone_icon(tone: str) -> str:
    return TONES[tone]


@register.filter
def message_undo(message) -> str:
    """The address that undoes what the message tells, if it has one."""
    return undo_url(message.extra_tags or "")


@register.filter
def first_control(field: BoundField) -> str:
    """The id that a link from the error summary leads to."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label
