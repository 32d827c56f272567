from datetime import date
from functools import wraps

from allauth.account.adapter import get_adapter
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.core.texts import LANGUAGE_NAMES
from patients.measures import rmdq
from plans.patient_mode import presenters, services
from plans.patient_mode.answers import NUMBERS, STATEMENTS, Told
from plans.patient_mode.forms import (
    BirthDateForm,
    CheckForm,
    InitialsForm,
    NumberForm,
    StatementsForm,
    TimeForm,
)
from plans.patient_mode.limits import FORGOTTEN, LONGEST
from plans.patient_mode.middleware import SPEAKS, TABLET, TOLD
from plans.patient_mode.queries import (
    MAY_TELL,
    asks_statements,
    episode_of,
    flagged_today,
    is_locked,
    report_in,
    visit_to_tell_of,
    visits_of_today,
)

BORN, CALLED = "patient_mode_born", "patient_mode_called"


@requires(Permission.START_PATIENT_MODE)
@require_http_methods(["GET", "POST"])
def start(request):
    """Sign out of this device and hand it to the patients."""
    if request.method == "GET":
        return render(request, "plans/patient_mode/start.html")
    address = get_adapter().get_client_ip(request)
    tablet = services.start_patient_mode(
        by=request.user, address=address, now=timezone.now()
    )
    language = request.LANGUAGE_CODE
    logout(request)
    request.session[TABLET] = tablet.pk
    request.session[SPEAKS] = language
    request.session.set_expiry(LONGEST)
    return redirect("plans:welcome")


def on_a_tablet(view):
    """Open to whoever holds a device in patient mode, and to nobody else."""

    @login_not_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.tablet is None:
            return redirect("home")
        if is_locked(request.tablet, timezone.now()):
            forget(request)
            return render(request, "plans/patient_mode/locked.html", status=423)
        return view(request, *args, **kwargs)

    return guarded


def forget(request):
    """Nothing of one patient is there for the next."""
    for name in (BORN, CALLED, TOLD):
        request.session.pop(name, None)


def remember(request, told):
    request.session[TOLD] = told.to_json()
    request.session[TOLD]["at"] = timezone.now().timestamp()


def told_so_far(request):
    """None once it was sent, or left alone for too long."""
    kept = dict(request.session.get(TOLD) or {})
    if not kept:
        return None
    age = timezone.now().timestamp() - kept.pop("at")
    return Told(**kept) if age < FORGOTTEN.total_seconds() else None


@on_a_tablet
@require_safe
def welcome(request):
    forget(request)
    languages = LANGUAGE_NAMES.items()
    return render(request, "plans/patient_mode/welcome.html", {"languages": languages})


@on_a_tablet
@require_POST
def speak(request):
    language = request.POST.get("language")
    if language not in LANGUAGE_NAMES:
        return redirect("plans:welcome")
    forget(request)
    request.session[SPEAKS] = language
    return redirect("plans:birth_date")


@on_a_tablet
@require_http_methods(["GET", "POST"])
def birth_date(request):
    form = BirthDateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        request.session[BORN] = form.cleaned_data["born"].isoformat()
        return redirect("plans:initials")
    return show(request, "birth_date", {"form": form})


@on_a_tablet
@require_http_methods(["GET", "POST"])
def initials(request):
    if BORN not in request.session:
        return redirect("plans:welcome")
    form = InitialsForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return show(request, "initials", {"form": form})
    request.session[CALLED] = form.cleaned_data["initials"]
    visits = those_named(request)
    if len({visit.patient_id for visit in visits}) > 1:
        return redirect("plans:visit_time")
    return begin(request, visits)


@on_a_tablet
@require_http_methods(["GET", "POST"])
def visit_time(request):
    """Two are born on one day and called alike: whoever is meant knows the time."""
    if CALLED not in request.session:
        return redirect("plans:welcome")
    form = TimeForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return show(request, "time", {"form": form})
    at = form.cleaned_data["time"].replace(second=0)
    visits = [
        visit
        for visit in those_named(request)
        if timezone.localtime(visit.starts_at).time().replace(second=0) == at
    ]
    if len({visit.patient_id for visit in visits}) > 1:
        return farewell(request, "ask")
    return begin(request, visits)


def those_named(request):
    born = date.fromisoformat(request.session[BORN])
    return visits_of_today(born, request.session[CALLED], timezone.localdate())


def begin(request, visits):
    """Ask whoever was found; nobody found is a wrong try, and never says of what."""
    now = timezone.now()
    visit = visit_to_tell_of(visits)
    if visit is None:
        locked = services.count_wrong(tablet=request.tablet, now=now)
        forget(request)
        return redirect("plans:welcome") if locked else farewell(request, "unknown")
    if report_in(visit):
        return farewell(request, "already")
    if visit.status not in MAY_TELL or episode_of(visit) is None:
        return farewell(request, "ask")
    forget(request)
    told = Told(visit=visit.pk, asks_statements=asks_statements(visit, now))
    remember(request, told)
    return redirect("plans:ask", step=told.next_step)


@on_a_tablet
@require_http_methods(["GET", "POST"])
def ask(request, step):
    """One step of the questions; none can be jumped to past one not answered."""
    told = told_so_far(request)
    if told is None:
        return redirect("plans:welcome")
    if step not in told.steps or told.steps.index(step) > told.steps.index(
        told.next_step
    ):
        return redirect("plans:ask", step=told.next_step)
    if step in NUMBERS:
        return ask_number(request, told, step)
    if step == STATEMENTS:
        return ask_statements(request, told, step)
    return ask_safety(request, told, step)


def on(request, told):
    remember(request, told)
    return redirect("plans:ask", step=told.next_step)


def ask_number(request, told, step):
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        told.numbers[step] = form.number
        return on(request, told)
    asked = {"ask": presenters.ASKS[step], "scores": range(11)}
    return show_step(request, told, step, "number", asked)


def ask_statements(request, told, step):
    form = StatementsForm(
        request.POST if request.method == "POST" else None,
        initial={"ticked": told.ticked or []},
    )
    if form.is_valid():
        not_today = request.POST.get("do") == "pass"
        told.ticked = None if not_today else form.cleaned_data["ticked"]
        told.passed_statements = True
        return on(request, told)
    asked = {
        "form": form,
        "intro": rmdq.INTRO,
        "unvalidated": request.LANGUAGE_CODE in rmdq.UNVALIDATED,
    }
    return show_step(request, told, step, "statements", asked)


def ask_safety(request, told, step):
    form = CheckForm(
        request.POST if request.method == "POST" else None,
        initial={"visit": told.visit},
    )
    if not form.is_valid() or form.cleaned_data["visit"] != told.visit:
        asked = {"form": form, "said": presenters.said(told)}
        return show_step(request, told, step, "check", asked)
    try:
        report = services.tell(
            tablet=request.tablet,
            visit=told.visit,
            numbers=told.numbers,
            ticked=told.ticked,
            safety=form.safety,
            now=timezone.now(),
        )
    except services.AlreadyTold:
        return farewell(request, "already")
    except services.TooLate:
        return farewell(request, "ask")
    return farewell(request, "flagged" if report.flagged else "thanks")


def farewell(request, how):
    forget(request)
    return redirect("plans:farewell", how=how)


@on_a_tablet
@require_safe
def say_farewell(request, how):
    """The last page says nothing of anybody, so its address may be read by the next."""
    return show(request, "farewell", {"how": how})


def show_step(request, told, step, page, context):
    number, of = presenters.step_of(told, step)
    return show(request, page, {"step": step, "number": number, "of": of} | context)


def show(request, page, context=None, status=None):
    context = context or {}
    form = context.get("form")
    status = status or (422 if form is not None and form.is_bound else 200)
    return render(request, f"plans/patient_mode/{page}.html", context, status=status)


@requires(Permission.VIEW_DIARY)
@require_safe
def alerts(request):
    """Who of today's patients said yes to a safety question; asked for by pages.

    Nothing is sent to a page that knows of all of them, so it announces each once.
    """
    mine = None if request.user.is_front_desk else request.user
    but = request.GET.get("but", "")
    found = flagged_today(timezone.now(), mine)
    reports = [report for report in found if str(report.pk) != but]
    known = "-".join(str(report.pk) for report in reports)
    if request.GET.get("known") == known:
        return HttpResponse(status=204)
    context = {"reports": reports, "known": known, "but": but, "asked": True}
    return render(request, "plans/patient_mode/_watch.html", context)
