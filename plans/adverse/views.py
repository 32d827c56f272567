from uuid import uuid4

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.conflicts import Stale
from clinic.core.paging import page_of
from patients.records.models import Episode
from plans.adverse import presenters, services
from plans.adverse.forms import EventForm
from plans.adverse.models import Timing
from plans.adverse.queries import events_of, for_reading
from plans.adverse.rules import KINDS, all_first_aid, first_aid
from plans.pauses.queries import standing_pause
from plans.sessions.models import Session

PAGE = 20  # events


@requires(Permission.LOG_SESSION)
@require_http_methods(["GET", "POST"])
def record_event(request, session_id):
    """Write down what went wrong at, or after, one session."""
    session = get_object_or_404(
        Session.objects.select_related("plan_version__plan__episode__patient").exclude(
            status=Session.Status.ERROR
        ),
        pk=session_id,
    )
    episode = session.plan_version.plan.episode
    day = timezone.localdate(session.started_at)
    kind = request.GET.get("kind", "")
    initial = {"happened_on": day, "kind": kind if kind in KINDS else ""}
    return tell(request, episode, session, initial)


@requires(Permission.LOG_SESSION)
@require_http_methods(["GET", "POST"])
def tell_event(request, episode_id):
    """Write down what the patient tells of later, of no session in particular."""
    episode = get_object_or_404(
        Episode.objects.select_related("patient"), pk=episode_id
    )
    return tell(request, episode, None, {"timing": Timing.LATER})


def tell(request, episode, session, initial):
    form = event_form(request, initial)
    if not form.is_valid():
        return show_form(request, form, episode, session=session)
    event = services.record_event(
        by=request.user,
        episode=episode,
        session=session,
        now=timezone.now(),
        **form.told(),
    )
    messages.success(request, _("The adverse event is recorded."))
    return redirect("plans:event", event.pk)


@requires(Permission.LOG_SESSION)
@require_http_methods(["GET", "POST"])
def correct_event(request, event_id):
    """Put a corrected entry in the place of one, which is kept."""
    event = get_object_or_404(for_reading(), pk=event_id)
    told = dict(services.told_of(event))
    form = event_form(request, told | {"point": told.pop("acupoint_id")})
    if not form.is_valid():
        return show_form(request, form, event.episode, event=event)
    try:
        correction = services.correct_event(
            by=request.user, event=event, now=timezone.now(), **form.told()
        )
    except Stale:
        form.add_error(None, _("Somebody has corrected this entry already."))
        return show_form(request, form, event.episode, event=event, status=409)
    messages.success(request, _("The correction stands; the first entry is kept."))
    return redirect("plans:event", correction.pk)


def event_form(request, initial):
    return EventForm(
        request.POST if request.method == "POST" else None,
        today=timezone.localdate(),
        initial=initial | {"submission": uuid4()},
    )


def show_form(request, form, episode, *, session=None, event=None, status=422):
    context = {
        "form": form,
        "episode": episode,
        "patient": episode.patient,
        "session": session,
        "event": event,
        "first_aid": all_first_aid(),
    }
    status = status if form.is_bound else 200
    return render(request, "plans/adverse/form.html", context, status=status)


@requires(Permission.VIEW_CLINICAL)
@require_safe
def event(request, event_id):
    """One event, what to do at once, and whether the plan waits."""
    found = get_object_or_404(for_reading(), pk=event_id)
    record_opening(by=request.user, patient=found.episode.patient)
    plan = getattr(found.episode, "plan", None)
    context = {
        "event": found,
        "row": presenters.row(found),
        "facts": presenters.facts(found),
        "first_aid": first_aid(found.kind, found.grade),
        "pause": standing_pause(plan) if plan else None,
        "plan": plan,
        "correction": getattr(found, "corrected_by", None),
        "episode": found.episode,
        "patient": found.episode.patient,
        "may_correct": request.user.has_perm(Permission.LOG_SESSION),
    }
    return render(request, "plans/adverse/event.html", context)


@requires(Permission.VIEW_CLINICAL)
@require_safe
def events(request, episode_id):
    """What went wrong in an episode, the newest first."""
    episode = get_object_or_404(
        Episode.objects.select_related("patient"), pk=episode_id
    )
    record_opening(by=request.user, patient=episode.patient)
    page = page_of(events_of(episode), request.GET.get("page"), size=PAGE)
    context = {
        "page": page,
        "rows": [presenters.row(event) for event in page.rows],
        "episode": episode,
        "patient": episode.patient,
        "may_tell": request.user.has_perm(Permission.LOG_SESSION),
    }
    return render(request, "plans/adverse/events.html", context)
