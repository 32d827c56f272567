from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.core.paging import page_of
from plans.sessions.queries import missed_logs

PAGE = 25  # visits


@requires(Permission.VIEW_CLINICAL)
@require_safe
def missed(request):
    """Visits that nobody has written up: the reader's own, or the whole clinic's."""
    of_all = request.user.has_perm(Permission.REVIEW_OUTCOMES)
    found = missed_logs(
        timezone.localdate(), practitioner=None if of_all else request.user
    )
    page = page_of(found, request.GET.get("page"), size=PAGE)
    return render(
        request, "plans/sessions/missed.html", {"page": page, "of_all": of_all}
    )
