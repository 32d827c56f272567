from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.forms import TrailForm
from clinic.audit.presenters import row
from clinic.audit.queries import trail
from clinic.core.paging import page_of

PAGE = 50  # events


@requires(Permission.VIEW_AUDIT)
@require_safe
def audit(request):
    """Who did what to which record, newest first."""
    form = TrailForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    events = trail(
        patient=asked.get("patient"),
        by=asked["by"].pk if asked.get("by") else None,
        action=asked.get("action", ""),
    )
    page = page_of(events, request.GET.get("page"), size=PAGE)
    rows = [row(event) for event in page.rows]
    return render(
        request, "clinic/audit/audit.html", {"form": form, "page": page, "rows": rows}
    )
