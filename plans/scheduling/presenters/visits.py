"""The rows of a day's column as HTML. A full day has hundreds, each of a dozen parts:
written here they take a third of the time that a template takes for them.
"""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.scheduling.presenters.columns import FreeCell, Visit

VISIT = """\
<li class="visit {}" id="a{}"{}><span class="visit__rest"></span>\
<div class="visit__needling {}"><span class="visit__time">{}\
<span class="visit__until">–{}</span></span>\
<a class="visit__name" href="{}">{}</a><span class="visit__where">{}</span>\
<span class="visit__state"><span class="visit__status tone-{}"><svg>\
<use href="#{}"/></svg>{}</span>{}{}</span>{}</div></li>
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
    rows = (
        (
            visit.classes,
            visit.pk,
            _held(visit) if visit.held else "",
            visit.needling,
            visit.starts,
            visit.until,
            visit.url,
            visit.name,
            visit.where,
            visit.tone,
            visit.shape,
            visit.status,
            "" if visit.minutes is None else _minutes(visit.minutes),
            first if visit.first else "",
            _step(visit) if visit.step else "",
        )
        for visit in visits
    )
    return format_html_join("", VISIT, rows)


def free_rows(cells: Iterable[FreeCell]) -> SafeString:
    return format_html_join(
        "", FREE, ((cell.at, cell.url, cell.time) for cell in cells)
    )


def _held(visit: Visit) -> SafeString:
    return format_html(FIXED if visit.is_fixed else HELD, visit.held)


def lit_rows(cells: Iterable[FreeCell]) -> SafeString:
    return format_html_join("", LIT, ((cell.at, cell.url, cell.time) for cell in cells))


def _minutes(number: int) -> SafeString:
    words = ngettext("for %(n)s minute", "for %(n)s minutes", number) % {"n": number}
    return format_html(MINUTES, number, number, words)


def _step(visit: Visit) -> SafeString:
    words = visit.step_words
    return format_html(STEP, visit.step_url, visit.step, words, words, visit.name)
