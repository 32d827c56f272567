from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.templatetags.clinic_ui import in_language
from patients.intake.queries import facts_of
from plans.catalogue.codes import catalogue_names, find_codes
from plans.catalogue.queries import find_points
from plans.engine.objections import Line, deepest, objections
from plans.planning.forms import Added
from plans.planning.models import Plan
from plans.planning.presenters.finding import found_points
from plans.planning.queries import draft_of, intake_to_judge_by, rule_book

LONGEST = 60  # letters of a name, as the field takes
SHOWN = 8


@requires(Permission.APPROVE_PLAN)
@require_safe
def points(request, plan_id):
    """Points that what is typed may mean, with what the rules say of each here.

    The list under a field: whoever sees it has opened the draft, which is on record.
    """
    version = draft_of(get_object_or_404(Plan, pk=plan_id))
    if version is None:
        raise Http404
    typed = request.GET.get("add", "").strip()[:LONGEST]
    facts = facts_of(intake_to_judge_by(version), on=timezone.localdate())
    return render(
        request,
        "components/found_points.html",
        {
            "typed": typed,
            "named": find_codes(typed, catalogue_names()),
            "found": found_points(
                find_points(typed, SHOWN),
                standing={row.acupoint_id for row in version.points.all()},
                facts=facts,
                book=rule_book(),
            ),
        },
    )


def read_added(form, version, wanted, today):
    """The point that was typed, with the engine's depth; an error beside the field."""
    codes = find_codes(wanted, catalogue_names())
    book, facts = rule_book(), facts_of(intake_to_judge_by(version), on=today)
    if not codes:
        form.add_error("add", _("No acupoint is called “%(name)s”.") % {"name": wanted})
    elif len(codes) > 1:
        form.add_error(
            "add",
            _("“%(name)s” can mean %(codes)s: type the code.")
            % {"name": wanted, "codes": ", ".join(codes)},
        )
    elif not book.points[codes[0]].needled or codes[0] == "ASHI":
        form.add_error(
            "add", _("%(code)s is not needled as a coded point.") % {"code": codes[0]}
        )
    elif blocked := refusal(codes[0], facts, book):
        form.add_error("add", blocked)
    else:
        return Added(codes[0], cap_mm=deepest(codes[0], facts=facts, book=book))
    return None


def refusal(code, facts, book):
    """The reason in words when this point is not to be needled in this patient."""
    for objection in objections([Line(code, 0, "even")], facts=facts, book=book):
        if objection.code and not objection.needs_reason:
            return _("%(code)s cannot be added: %(because)s") % {
                "code": code,
                "because": in_language(objection.caution.text),
            }
    return None
