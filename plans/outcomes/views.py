from datetime import timedelta
from functools import wraps
from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.core.spreadsheet import as_csv
from plans.outcomes.explore import explore
from plans.outcomes.findings import findings
from plans.outcomes.forms import SelectionForm, TakeForm, last_twelve_months
from plans.outcomes.models import TakeAway
from plans.outcomes.presenters.explorer import explorer_table, hypotheses
from plans.outcomes.presenters.files import COURSES, course_lines, dictionary
from plans.outcomes.presenters.leaving import left_out, lines
from plans.outcomes.presenters.page import (
    may_leave,
    present,
    present_on_paper,
    tables,
)
from plans.outcomes.presenters.words import whole
from plans.outcomes.queries import (
    cells_of,
    courses_of,
    events_of,
    groups_of,
    intake_takers,
    pairs_of,
    totals_of,
    treated_of,
)
from plans.outcomes.services.rows import bring_into_line
from plans.outcomes.services.taking import fetch_courses, take_courses

EXPLORER, DICTIONARY = "explorer", "dictionary"
KEPT = timedelta(hours=1)  # a file may be fetched so long after it was taken
MOST = 1_000  # episodes, that somebody may wait for: two seconds


def in_line(view):
    """Count only what is in line with the records; say so where that takes long.

    Else those who load the page again, and again, would hold every worker for minutes.
    """

    @wraps(view)
    def counted(request, **of):
        # What was typed into a form must not get lost.
        most = None if request.method == "POST" else MOST
        if waiting := bring_into_line(most):
            return _ask_again(request, waiting)
        return view(request, **of)

    return counted


def _ask_again(request, waiting):
    context = {"waiting": waiting, "number": whole(waiting)}
    response = render(
        request,
        "plans/outcomes/waiting.html",
        context,
        status=HTTPStatus.SERVICE_UNAVAILABLE,
    )
    response.headers["Refresh"] = "1"  # second
    return response


@requires(Permission.REVIEW_OUTCOMES)
@require_safe
@in_line
def outcomes(request):
    """What became of the episodes of a period, and how much of that is not known."""
    form, context = _chosen(request)
    if form.is_valid():
        found = _found(form)
        context |= {"found": found, "shown": present(found, form.names)}
    return _answer(request, form, "plans/outcomes/outcomes.html", context)


@requires(Permission.REVIEW_OUTCOMES)
@require_safe
@in_line
def paper(request):
    """The same to be printed: paper leaves the clinic, so small counts are left out."""
    form, context = _chosen(request)
    if form.is_valid():
        found = _found(form)
        context["found"] = found
        if may_leave(found):
            context["shown"] = present_on_paper(found, form.names)
    return _answer(request, form, "plans/outcomes/paper.html", context)


@requires(Permission.REVIEW_OUTCOMES)
@require_safe
@in_line
def explorer(request):
    """Which points and techniques went with another change: a search for questions."""
    form, context = _chosen(request)
    if form.is_valid():
        found = explore(treated_of(form.selection, form.today))
        context |= {
            "found": found,
            "table": explorer_table(found),
            "hypotheses": hypotheses(found),
        }
    return _answer(request, form, "plans/outcomes/explorer.html", context)


@requires(Permission.REVIEW_OUTCOMES)
@require_http_methods(["GET", "HEAD", "POST"])
@in_line
def take_away(request):
    """The files of what was chosen; course by course only with a reason."""
    form, context = _chosen(request)
    may_name = request.user.has_perm(Permission.TAKE_NAMES)
    taking = TakeForm(request.POST or None, may_name=may_name)
    if form.is_valid():
        if request.method == "POST" and taking.is_valid():
            taken = take_courses(
                by=request.user,
                chosen=form.as_sent(),
                at=timezone.now(),
                **taking.cleaned_data,
            )
            return redirect("plans:courses_file", taken.pk)
        found = _found(form)
        files = [(table.key, table.title) for table in tables(found, form.names)]
        context |= {
            "files": [*files, (EXPLORER, _("Explorer"))] if may_leave(found) else [],
            "taking": taking,
        }
    wrong = taking.is_bound and not taking.is_valid()
    return _answer(request, form, "plans/outcomes/take_away.html", context, wrong)


@requires(Permission.REVIEW_OUTCOMES)
@require_safe
@in_line
def table_file(request, key):
    """One table, or what all their columns mean. Small counts are left out."""
    form, _context = _chosen(request)
    if not form.is_valid():
        return redirect(f"{reverse('plans:outcomes')}?{request.GET.urlencode()}")
    if key == EXPLORER:
        found = explore(treated_of(form.selection, form.today))
        table = explorer_table(found)
        return _file(key, lines(table, left_out([table])))
    found = _found(form)
    every = {table.key: table for table in tables(found, form.names)}
    if key == DICTIONARY:
        explored = explorer_table(explore([]))
        return _file(key, dictionary([*every.values(), explored], form.said()))
    if key not in every:
        raise Http404
    if not may_leave(found):
        return redirect(f"{reverse('plans:take_away')}?{request.GET.urlencode()}")
    return _file(key, lines(every[key], left_out(tuple(every.values()))))


@requires(Permission.REVIEW_OUTCOMES)
@require_safe
@in_line
def courses_file(request, pk):
    """What was taken with a reason, for an hour and by nobody else."""
    since = timezone.now() - KEPT
    taken = get_object_or_404(TakeAway, pk=pk, by=request.user, at__gte=since)
    form = SelectionForm(
        taken.chosen, takers=list(intake_takers()), today=timezone.localdate()
    )
    if not form.is_valid():
        raise Http404
    rows = courses_of(
        form.selection, with_names=taken.with_names, seed=taken.submission
    )
    fetch_courses(by=request.user, taken=taken, rows=rows)
    days = [timezone.localdate(row.intake_at) for row in rows]
    return _file(COURSES, course_lines(rows, days, with_names=taken.with_names))


def _chosen(request):
    today = timezone.localdate()
    form = SelectionForm(
        request.GET or last_twelve_months(today),
        takers=list(intake_takers()),
        today=today,
    )
    return form, {"form": form, "chosen_query": request.GET.urlencode()}


def _found(form):
    chosen, today = form.selection, form.today
    return findings(
        totals_of(chosen, today),
        cells_of(chosen, today),
        groups_of(chosen, today),
        pairs_of(chosen, today),
        events_of(chosen),
    )


def _answer(request, form, template, context, wrong=False):
    status = 422 if wrong or not form.is_valid() else 200
    return render(request, template, context, status=status)


def _file(name, rows):
    response = HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="outcomes-{name}.csv"'
    return response
