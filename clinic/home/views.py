from allauth.account.views import logout
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.keys import KEYS
from clinic.core.paging import page_of
from clinic.home import presenters
from clinic.home.journey import Action
from clinic.home.queries import (
    chapter,
    last_weeks,
    needle_differences,
    staff_numbers,
    with_progress,
)
from patients.records.models import Patient
from plans.messages.queries import to_see_to
from plans.progress.queries import series_of_many
from plans.reviews.queries import reviews_due
from plans.room.queries import needles_in_of
from plans.scheduling.queries import (
    behind_plan,
    day,
    open_courses,
    with_patients,
)
from plans.scheduling.queries.waiting import freed_places
from plans.sessions.queries import todays_appointments, unsigned_before

BEHIND = 10  # patients
PAGE = 25  # of them, where all are listed
FREED = 5  # places given up
UNSIGNED = 10  # sessions
CONFLICT = 409


@requires(Permission.OWN_ACCOUNT)
@require_safe
def home(request):
    """What each role does next; somebody with several roles sees them in order."""
    now = timezone.now()
    today = timezone.localdate(now)
    context = {"now": now}
    if request.user.is_acupuncturist:
        own = todays_appointments(request.user, today)
        context["own"] = with_progress(own, now)
        context["own_next"] = next((row for row in own if row.is_open), None)
        context["needles_in"] = [
            row for row in own if row.appointment.status == "needles_in"
        ]
        context["unsigned"] = unsigned_before(request.user, today, UNSIGNED)
    if request.user.is_front_desk:
        rows = day(today)
        context["visits"] = len(rows)
        context["arrivals"] = presenters.arrivals(rows, now)
        context["unsure_messages"] = to_see_to(now).count()
        found = behind_plan(now, BEHIND)
        due = reviews_due([(plan.pk, course) for plan, _, course in found], now)
        context["behind"] = presenters.behind_rows(found, {row[0] for row in due})
        context["freed"] = freed_places(now)[:FREED]
    if request.user.is_admin:
        context["weeks"] = last_weeks(today)
        context["staff"] = staff_numbers()
    return render(request, "clinic/home/home.html", context)


@requires(Permission.REVIEW_OUTCOMES)
@require_safe
def needle_counts(request):
    """Sessions of the last weeks whose needles differ and that no event explains."""
    found = needle_differences(timezone.localdate())
    page = page_of(found, request.GET.get("page"), size=PAGE)
    return render(request, "clinic/home/needle_counts.html", {"page": page})


@login_not_required
@require_http_methods(["GET", "POST"])
def sign_out(request):
    """Asks once more while patients of theirs have needles in.

    Open to whoever has given a password and not yet the code: they may turn back.
    """
    user = request.user
    left = needles_in_of(user, timezone.now()) if user.is_authenticated else ()
    if not left or "anyway" in request.POST:
        return logout(request)
    context = {"left": [presenters.left_behind(stay) for stay in left]}
    status = CONFLICT if request.method == "POST" else 200
    return render(request, "clinic/home/sign_out.html", context, status=status)


@requires(Permission.OWN_ACCOUNT)
@require_safe
def keys(request):
    return render(request, "clinic/home/keys.html", {"groups": KEYS})


@requires(Permission.BOOK_COURSE)
@require_safe
def behind(request):
    """Every open course that needs somebody: behind its plan, or up for review. How
    the pain goes is not the desk's concern.
    """
    now = timezone.now()
    courses = open_courses(now)
    to_review = {plan for plan, _course, _why in reviews_due(courses, now)}
    watched = [row for row in courses if row[1].behind or row[0] in to_review]
    page = page_of(watched, request.GET.get("page"), size=PAGE)
    found, lines = with_patients(page.rows), {}
    if clinical := request.user.has_perm(Permission.VIEW_CLINICAL):
        lines = series_of_many([plan.episode_id for plan, *_rest in found], now)
    context = {
        "page": page,
        "rows": [
            (row, lines.get(plan.episode_id))
            for row, (plan, *_rest) in zip(
                presenters.behind_rows(found, to_review), found, strict=True
            )
        ],
        "number": len(watched),
        "clinical": clinical,
    }
    return render(request, "clinic/home/behind.html", context)


@requires(Permission.VIEW_PATIENT)
@require_safe
def patient(request, patient_id):
    """Everything about one patient that the reader may see."""
    found = get_object_or_404(Patient, pk=patient_id)
    record_opening(by=request.user, patient=found)
    now = timezone.now()
    clinical = request.user.has_perm(Permission.VIEW_CLINICAL)
    shown = chapter(
        found,
        now=now,
        clinical=clinical,
        episode_id=number(request.GET.get("episode", "")),
    )
    at = presenters.standing(shown, reader=request.user, now=now)
    link = presenters.next_link(shown, found, at, reader=request.user, now=now)
    return render(
        request,
        "clinic/home/patient.html",
        {
            "patient": found,
            "episode": shown.episode,
            "shown": shown,
            "standing": at,
            "steps": presenters.steps(shown, at, reader=request.user)
            if clinical
            else (),
            "next": link,
            "may_book_visit": request.user.has_perm(Permission.BOOK_COURSE)
            and not (at.visit_ahead or (link and link.action is Action.BOOK_VISIT)),
            "due": presenters.due(shown) if at.is_open else [],
            "sessions": presenters.session_rows(shown.visits),
        },
    )


def number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
