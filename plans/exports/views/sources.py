from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from plans.exports.presenters.shelf import READ
from plans.exports.shelf import found_by, shelf, without_source

LONGEST = 100  # letters of what is looked for


@requires(Permission.VIEW_PLAN)
@require_safe
def sources(request):
    """What the rules rest on. The same for every reader, and read from no table."""
    asked = request.GET.get("q", "").strip()[:LONGEST]
    found = found_by(shelf(), asked)
    context = {
        "q": asked,
        "entries": [(entry, READ[entry.source.tag]) for entry in found],
        "without_source": [] if asked else without_source(),
    }
    return render(request, "plans/exports/sources.html", context)
