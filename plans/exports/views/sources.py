from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from plans.exports.presenters.shelf import READ
from plans.exports.shelf import shelf


@requires(Permission.VIEW_PLAN)
@require_safe
def sources(request):
    """What the rules rest on. The same for every reader, and read from no table."""
    found = [(entry, READ[entry.source.tag]) for entry in shelf()]
    return render(request, "plans/exports/sources.html", {"entries": found})
