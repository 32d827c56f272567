from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record, record_opening
from clinic.core.conflicts import Stale
from clinic.core.paging import page_of
from patients.intake.queries import latest_intake
from plans.adverse.queries import for_reading
from plans.pauses.queries import standing_pause
from plans.planning.models import Plan
from plans.planning.queries import draft_of, version_in_force
from plans.planning.services import EpisodeClosed, NothingToPlan, ScreenNotClear
from plans.progress.queries import series_of, series_of_many
from plans.reviews import queries
from plans.reviews.decisions import ENDS, Decision, judge
from plans.reviews.forecast import LATEST, RECENT, outlook
from plans.reviews.forms import ReviewForm
from plans.reviews.presenters import paper
from plans.reviews.presenters.ahead import ahead
from plans.reviews.presenters.held import due_row, held_row, rules_of
from plans.reviews.presenters.standing import options, shown, why_words
from plans.reviews.services import as_booked, as_read, hold_review
from plans.scheduling.queries import course_state, open_courses

PAGE = 25  # courses
EARLIER = 10  # reviews


@requires(Permission.VIEW_CLINICAL)
@require_http_methods(["GET", "POST"])
def review(request, plan_id):
    """How a course stands, what could be done, and the decision."""
    may_decide = request.user.has_perm(Permission.APPROVE_PLAN)
    if request.method == "POST" and not may_decide:
        raise PermissionDenied(str(Permission.APPROVE_PLAN))
    plan = get_object_or_404(
        Plan.objects.select_related("episode__patient"), pk=plan_id
    )
    version = version_in_force(plan)
    if version is None or (plan.episode.closed_on and request.method == "GET"):
        messages.info(request, _("There is no plan in force to look back on."))
        return redirect(plan.episode.patient)
    now = timezone.now()
    seen = look_back(plan, now)
    form = ReviewForm(
        request.POST if request.method == "POST" else None,
        initial={
            "submission": uuid4(),
            "read": seen["read"],
            "booked": as_booked(seen["booked"]),
            "cancel": [Decision.FINISH],
        },
    )
    if request.method == "GET":
        record_opening(by=request.user, patient=plan.episode.patient)
    status = 200
    if form.is_bound:
        status, answer = decide(request, version, form, seen, now)
        if answer:
            return answer
    return show(request, version, form if may_decide else None, seen, status)


def look_back(plan, now):
    # First: what comes while the rest is read is then told as news.
    newest = queries.newest_of(plan)
    series, course = series_of(plan.episode, now), course_state(plan, now)
    earlier = list(queries.reviews_of(plan)[:EARLIER])
    pause = standing_pause(plan)
    judgement = judge(series, course.today, paused=pause is not None)
    why = queries.why_due(
        series,
        course.today,
        last=queries.held_of(earlier[0]) if earlier else None,
        paused=pause is not None,
    )
    return {
        "series": series,
        "course": course,
        "earlier": earlier,
        "pause": pause,
        "booked": queries.booked_ahead(plan, now),
        "judgement": judgement,
        "why": why,
        "read": as_read(newest, course, judgement, why),
    }


def look_ahead(plan, seen, now):
    """Leg pain at week 8; earlier courses are read only where it can be told."""
    leg, course = seen["judgement"].leg, seen["course"]
    begun = seen["series"].begins
    day = (course.today - begun).days if begun else 0
    is_late = leg.on is None or (course.today - leg.on).days >= RECENT
    latest = None if is_late else leg.now
    can = latest is not None and day < LATEST
    past = queries.past_courses(now, but=plan) if can else []
    return outlook(past, base=leg.base, now=latest, day=day)


def decide(request, version, form, seen, now):
    """The page to go to, or the status to show the form with again."""
    if not form.is_valid():
        return 422, None
    cleaned = form.cleaned_data
    try:
        held = hold_review(
            by=request.user,
            version=version,
            course=seen["course"],
            judgement=seen["judgement"],
            why=seen["why"],
            now=now,
            today=timezone.localdate(now),
            **cleaned,
        )
    except EpisodeClosed:
        seen.update(look_back(version.plan, now))
        form.add_error(
            None,
            _(
                "The episode was closed meanwhile, so nothing is decided here any "
                "more. What you typed still stands below."
            ),
        )
        return 409, None
    except Stale:
        # What was typed stays; sent once more it is knowingly after what is new.
        seen.update(look_back(version.plan, now))
        form.data = form.data.copy()
        form.data["read"] = seen["read"]
        form.data["booked"] = as_booked(seen["booked"])
        form.add_error(None, news(seen))
        return 409, None
    except (ScreenNotClear, NothingToPlan):
        form.add_error(
            "decision",
            _(
                "The latest intake does not allow another version of the plan: "
                "settle its screen first, or refer."
            ),
        )
        return 409, None
    return 302, after(request, held, seen["booked"] if cleaned["cancel"] else ())


def news(seen):
    if seen["pause"]:
        return _(
            "This course has changed since you opened the page, and the plan is "
            "paused: read why, then decide."
        )
    return _(
        "This course has changed since you opened the page: read how it stands and "
        "what others decided, then decide."
    )


def after(request, held, cancelled):
    messages.success(request, _("The review is held and its decision kept."))
    if cancelled:
        words = ngettext(
            "%(number)d appointment is cancelled.",
            "%(number)d appointments are cancelled.",
            len(cancelled),
        )
        messages.success(request, words % {"number": len(cancelled)})
    drafts = {Decision.CONTINUE, Decision.TAPER, Decision.CHANGE}
    if held.decision in drafts and draft_of(held.plan):
        return redirect("plans:draft", held.plan_id)
    return redirect("plans:review_held", held.pk)


def show(request, version, form, seen, status):
    plan, judgement = version.plan, seen["judgement"]
    chosen = form["decision"].value() if form else None
    paused = seen["pause"] is not None
    context = {
        "plan": plan,
        "version": version,
        "episode": plan.episode,
        "patient": plan.episode.patient,
        "form": form,
        "chosen": chosen,
        "booked": seen["booked"],
        "cancelling": form["cancel"].value() if form else [],
        "series": seen["series"],
        "pause": seen["pause"],
        "why": why_words(seen["why"]),
        "shown": shown(judgement),
        "options": options(version, seen["course"], judgement, paused=paused),
        "earlier": [held_row(each) for each in seen["earlier"]],
        "ahead": ahead(look_ahead(plan, seen, timezone.now()), judgement.leg.now),
        "intake": latest_intake(plan.episode),
    }
    return render(request, "plans/reviews/review.html", context, status=status)


@requires(Permission.VIEW_CLINICAL)
@require_safe
def reviews(request):
    """Every course that is to be looked back on, the most pressing first."""
    now = timezone.now()
    found = queries.reviews_due(open_courses(now), now)
    page = page_of(found, request.GET.get("page"), size=PAGE)
    rows = [due_row(each) for each in queries.with_whom(page.rows)]
    lines = series_of_many([row.episode_id for row in rows], now)
    context = {
        "page": page,
        "rows": [(row, lines[row.episode_id]) for row in rows],
        "number": len(found),
    }
    return render(request, "plans/reviews/reviews.html", context)


@requires(Permission.VIEW_CLINICAL)
@require_safe
def held(request, review_id):
    """One review with its chart, to read and to print for a referrer."""
    found = get_object_or_404(queries.for_reading(), pk=review_id)
    now, plan = timezone.now(), found.plan
    patient = plan.episode.patient
    record("print_review", by=request.user, subject=found, patient_id=patient.pk)
    ends, treatment = found.decision in ENDS, queries.treatment_of(plan)
    context = {
        "review": found,
        "row": held_row(found),
        "advice": rules_of(found),
        "planned": paper.planned(found.version),
        "given": paper.given(treatment),
        "needled": paper.needled(treatment),
        "harm": paper.harm(for_reading().counted().filter(episode=plan.episode)),
        "series": series_of(plan.episode, now),
        "plan": plan,
        "episode": plan.episode,
        "patient": patient,
        "intake": latest_intake(plan.episode),
        "today": timezone.localdate(now),
        "still_booked": len(queries.booked_ahead(plan, now)) if ends else 0,
        "is_closing": found.decision == Decision.FINISH,
        "is_referral": found.decision == Decision.REFER,
    }
    return render(request, "plans/reviews/held.html", context)
