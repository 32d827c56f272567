"""What the field that adds points asks while it is typed in. Nothing here writes."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from plans.catalogue.codes import catalogue_names, find_codes
from plans.combinations.queries import by_name, combinations_for
from plans.sessions import presenters
from plans.sessions.presenters.points import (
    begun_so,
    found_points,
    heard_words,
    questions,
)
from plans.sessions.queries import (
    appointments_to_write,
    points_begun,
    version_to_treat_by,
)
from plans.sessions.sheet import LONGEST_TEXT, read_in
from plans.sessions.views.desk import Desk


@requires(Permission.LOG_SESSION)
@require_safe
def found(request, appointment_id):
    """Points that the last words of what is typed may begin.

    The list under a field: whoever sees it has opened the session, which is on record.
    """
    desk = being_logged(request, appointment_id)
    typed = request.GET.get("add", "").replace("\0", "")[-LONGEST_TEXT:]
    before, points = points_begun(typed)
    name = typed.removeprefix(before).strip()
    return render(
        request,
        "components/found_points.html",
        {
            "typed": name if points else "",
            "before": before,
            "named": find_codes(name, catalogue_names()),
            "found": found_points(points, desk.ground),
            "combinations": begun_so(combinations_for(request.user), typed),
        },
    )


@requires(Permission.LOG_SESSION)
@require_POST
def read(request, appointment_id):
    """The rows that are new or changed by what was typed or tapped, and what is asked.

    Reads the form as it stands in the browser; it is saved with the session.
    """
    desk = being_logged(request, appointment_id)
    sent, heard = read_in(
        dict(request.POST.lists()), desk.ground, by_name(request.user)
    )
    form = desk.form(sent)
    named = {*heard.added, *heard.changed, *heard.left_out}
    rows = presenters.rows(form, desk.start, desk.ground)
    return render(
        request,
        "plans/sessions/_read_points.html",
        {
            "rows": [row for row in rows if row.point.code in named],
            "compared_with": desk.begun.copied_from,
            "questions": questions(form.unclear),
            "retention_min": heard.retention_min,
            "said": heard_words(heard),
        },
    )


def being_logged(request, appointment_id):
    """The desk of the practitioner's own appointment that is not signed yet."""
    today = timezone.localdate()
    mine = appointments_to_write(request.user, today).select_related(
        "session__plan_version__plan__episode"
    )
    appointment = get_object_or_404(mine, pk=appointment_id)
    session = getattr(appointment, "session", None)
    if session and session.is_written:
        raise Http404
    version = session.plan_version if session else version_to_treat_by(appointment)
    if version is None:
        raise Http404
    return Desk(appointment, version, session, by=request.user)
