from uuid import uuid4

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from plans.pauses.queries import standing_pause
from plans.planning.models import Plan, PlanVersion
from plans.scheduling import queries, services
from plans.scheduling.clock import DAY, wall
from plans.scheduling.forms.course import (
    ChosenForm,
    WishesForm,
    asked_or_default,
    weekly_words,
)
from plans.scheduling.models import Appointment
from plans.scheduling.policy import POLICY
from plans.scheduling.presenters.course import present_course, ways_out, wished_words
from plans.scheduling.presenters.words import (
    behind_words,
    breach_words,
    clash_words,
    pace_words,
)
from plans.scheduling.wishes import after_a_break, habit_of, longest_wait

CONFLICT = 409


def plan_or_404(plan_id: int) -> Plan:
    plans = Plan.objects.select_related("episode__patient")
    return get_object_or_404(plans, pk=plan_id)


@requires(Permission.BOOK_COURSE)
@require_http_methods(["GET", "POST"])
def book_course(request, plan_id):
    """Wishes by GET, three whole courses to choose from, and one of them by POST."""
    plan = plan_or_404(plan_id)
    clashes, status = [], 200
    if request.method == "POST":
        chosen = ChosenForm(request.POST)
        if chosen.is_valid():
            try:
                rows = services.book_course(
                    by=request.user, plan=plan, **chosen.cleaned_data
                )
            except services.CourseClash as refused:
                clashes, status = refused.clashes, CONFLICT
            except services.TooMany:
                status = CONFLICT
                messages.warning(
                    request,
                    _("Somebody has booked sessions of this plan meanwhile."),
                )
            except services.NoPlanInForce:
                status = CONFLICT
            else:
                said = ngettext(
                    "%(count)d appointment is booked.",
                    "%(count)d appointments are booked.",
                    len(rows),
                )
                messages.success(request, said % {"count": len(rows)})
                return redirect("plans:course", plan_id=plan.pk)
        else:
            status = 422
            for sentence in chosen.non_field_errors() or [
                _("This course could not be read. Choose again.")
            ]:
                messages.error(request, sentence)
    else:
        record_opening(by=request.user, patient=plan.episode.patient)
    context = offer(request.GET, plan, clashes)
    return render(request, "plans/scheduling/book_course.html", context, status=status)


def offer(sent: QueryDict, plan: Plan, clashes) -> dict:
    """All that the page shows: the wishes, and what the diary has for them."""
    now = timezone.now()
    today = wall(now, queries.clinic_zone()).date()
    is_open = plan.episode.closed_on is None
    context = {"plan": plan, "patient": plan.episode.patient, "is_open": is_open}
    version = PlanVersion.objects.in_force().filter(plan=plan).first()
    if version is None or not is_open:
        return context
    if standing_pause(plan):
        return context | {"paused": True}
    standing = list(queries.standing(plan))
    starts = [wall(row.starts_at, queries.clinic_zone()) for row in standing]
    kept = [start.date() for start in starts]
    left = version.sessions - len(kept)
    context |= {"version": version, "left": left, "had": len(kept)}
    if left < 1:
        return context
    per_week = queries.rhythm_of(version)
    plain = queries.plain_wishes(version, today)
    earliest = today + DAY
    if kept:
        earliest = max(earliest, kept[-1] + plain.gaps(len(kept) - 1)[0] * DAY)
    names = queries.practitioner_names()
    usual = [standing[-1].practitioner_id] if standing else [version.approved_by_id]
    asked = asked_or_default(
        sent,
        sessions=left,
        per_week=per_week,
        earliest=earliest,
        practitioner_id=next((who for who in usual if who in names), None),
        habit=habit_of(starts, version.per_week),
    )
    form = WishesForm(
        asked,
        left=left,
        today=today,
        taper=per_week if isinstance(per_week, tuple) else POLICY.taper,
    )
    context |= {
        "form": form,
        "query": asked.urlencode(),
        "rhythm": weekly_words(per_week),
        "clashes": clash_words(clashes, names),
    }
    if form.is_valid():
        wishes = form.wishes(had=len(kept))
        # After a long break the rest is a course of its own: no gap can be kept.
        if kept and kept[-1] < wishes.earliest - longest_wait(wishes, kept) * DAY:
            wishes, kept = after_a_break(wishes, len(kept)), []
        answer = queries.find_courses(
            version,
            wishes,
            kept=kept,
            patient_id=plan.episode.patient_id,
            now=now,
        )
        numbered_from = context["had"]
        context |= {
            "courses": [
                present_course(course, names, had=numbered_from, is_best=not index)
                for index, course in enumerate(answer.courses)
            ],
            "wished": wished_words(wishes, names),
            "placed": answer.placed - len(kept),
            "asked_for": form.cleaned_data["sessions"],
            "ways": ways_out(answer.relaxed, asked, had=len(kept)),
            "submission": uuid4(),
        }
    return context


@requires(Permission.VIEW_DIARY)
@require_safe
def course(request, plan_id):
    """The appointments of a plan, on the screen and on paper for the patient."""
    plan = plan_or_404(plan_id)
    now = timezone.now()
    version = PlanVersion.objects.in_force().filter(plan=plan).first()
    state = queries.course_state(plan, now)
    broken = queries.breaches_of(plan, version) if version else []
    pace = queries.pace_of(plan, version) if version else None
    said = {}
    for row, breach in broken:
        said.setdefault(row.pk, []).append(breach_words(breach))
    rows = Appointment.objects.filter(plan=plan).for_diary()
    is_open = plan.episode.closed_on is None
    patient = plan.episode.patient
    record_opening(by=request.user, patient=patient)
    context = {
        "plan": plan,
        "patient": patient,
        "version": version,
        "state": state,
        "behind": behind_words(state) if state and is_open else [],
        "pace": pace_words(pace, weekly_words(queries.rhythm_of(version)))
        if pace
        else None,
        "to_book": state.to_book if state and is_open else 0,
        "rows": [(row, said.get(row.pk, [])) for row in rows],
        "late_hours": int(POLICY.late_within.total_seconds()) // 3600,
    }
    return render(request, "plans/scheduling/course.html", context)
