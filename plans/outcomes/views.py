from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from plans.outcomes.forms import SelectionForm, last_twelve_months
from plans.outcomes.presenters import present
from plans.outcomes.queries import attendance_of, flow_of, intake_takers, pairs_of
from plans.progress.reviews import WEEK_4, WINDOW


@requires(Permission.REVIEW_OUTCOMES)
@require_safe
def outcomes(request):
    """What became of the episodes of a period, and how much of that is not known."""
    today = timezone.localdate()
    takers = list(intake_takers())
    form = SelectionForm(request.GET or last_twelve_months(today), takers=takers)
    context = {"form": form, "today": today}
    if form.is_valid():
        chosen = form.selection
        names = {taker.pk: taker.name for taker in takers}
        context |= {
            "chosen": chosen,
            "taker": names.get(chosen.by),
            "found": present(
                flow_of(chosen),
                pairs_of(chosen, today),
                attendance_of(chosen, today),
                names,
            ),
            "from_day": WEEK_4 - WINDOW,
            "to_day": WEEK_4 + WINDOW,
        }
    return render(
        request,
        "plans/outcomes/outcomes.html",
        context,
        status=200 if form.is_valid() else 422,
    )
