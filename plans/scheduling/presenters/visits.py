"""The rows of a day's column as HTML. A full day has hundreds, each of a dozen parts:
written here they take a small part of the time that a template takes for them. Words
and addresses are escaped; the rest is numbers, and names of ours.
"""

from collections.abc import Iterable
from html import escape

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.scheduling.presenters.columns import FreeCell, Visit

VISIT = """\
<li class="visit {visit.classes}" id="a{visit.pk}"{held}><span class="visit__rest">\
</span><div class="visit__needling {visit.needling}"><span class="visit__time">\
{visit.starts}<span class="visit__until">–{visit.until}</span></span>\
<a class="visit__name" href="{url}">{name}</a><span class="visit__where">{where}</span>\
<span class="visit__state"><span class="visit__status tone-{visit.tone}"><svg>\
<use href="#{visit.shape}"/></svg>{status}</span>{minutes}{first}</span>{step}</div>\
</li>
"""
HELD = ' data-held="{}"'
FIXED = ' data-held="{}" data-fixed'
MINUTES = """\
<span class="visit__minutes"><span aria-hidden="true" data-minutes="{}">{}′</span>\
<span class="unseen">{}</span></span>"""
STEP = """\
<button class="visit__next" formaction="{}" name="step" value="{}" title="{}">\
<svg><use href="#next"/></svg><span class="visit__step">{}</span>\
<span class="unseen">: {}</span></button>"""
LIT = '<li><a class="{}" href="{}">{}</a></li>'
FREE = '<li><a class="{}" href="{}" tabindex="-1">{}</a></li>'


def visit_rows(visits: Iterable[Visit]) -> SafeString:
    first = format_html('<span class="visit__first">{}</span>', _("First"))
    return _drawn(
        VISIT.format(
            visit=visit,
            held=_held(visit) if visit.held else "",
            url=escape(visit.url),
            name=escape(visit.name),
            where=escape(visit.where),
            status=escape(visit.status),
            minutes="" if visit.minutes is None else _minutes(visit.minutes),
            first=first if visit.first else "",
            step=_step(visit) if visit.step else "",
        )
        for visit in visits
    )


def free_rows(cells: Iterable[FreeCell]) -> SafeString:
    return _drawn(FREE.format(cell.at, escape(cell.url), cell.time) for cell in cells)


def lit_rows(cells: Iterable[FreeCell]) -> SafeString:
    return _drawn(LIT.format(cell.at, escape(cell.url), cell.time) for cell in cells)


def _drawn(rows: Iterable[str]) -> SafeString:
    return mark_safe("".join(rows))  # nosec B308 B703


def _held(visit: Visit) -> SafeString:
    return format_html(FIXED if visit.is_fixed else HELD, visit.held)


def _minutes(number: int) -> SafeString:
    words = ngettext("for %(n)s minute", "for %(n)s minutes", number) % {"n": number}
    return format_html(MINUTES, number, number, words)


def _step(visit: Visit) -> SafeString:
    words = visit.step_words
    return format_html(STEP, visit.step_url, visit.step, words, words, visit.name)
