from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from plans.outcomes.findings import findings
from plans.outcomes.forms import SelectionForm, last_twelve_months
from plans.outcomes.presenters.page import present
from plans.outcomes.queries import (
    cells_of,
    events_of,
    groups_of,
    intake_takers,
    pairs_of,
    totals_of,
    visits_of,
)
from plans.outcomes.services.rows import bring_into_line


@requires(Permission.REVIEW_OUTCOMES)
@require_safe
def outcomes(request):
    """What became of the episodes of a period, and how much of that is not known."""
    today = timezone.localdate()
    bring_into_line()
    takers = list(intake_takers())
    form = SelectionForm(request.GET or last_twelve_months(today), takers=takers)
    context = {"form": form, "today": today}
    if form.is_valid():
        chosen = form.selection
        found = found_of(chosen, today)
        names = {taker.pk: taker.name for taker in takers}
        context |= {"chosen": chosen, "narrowed": form.narrowed()}
        context |= {"found": found, "shown": present(found, names)}
    return render(
        request,
        "plans/outcomes/outcomes.html",
        context,
        status=200 if form.is_valid() else 422,
    )


def found_of(chosen, today):
    return findings(
        totals_of(chosen, today),
        cells_of(chosen, today),
        groups_of(chosen, today),
        pairs_of(chosen, today),
        visits_of(chosen, today),
        events_of(chosen),
    )
