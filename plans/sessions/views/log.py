from contextlib import suppress
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
)

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from clinic.core.conflicts import Stale
from patients.intake.queries import latest_intake
from patients.records.models import Episode
from plans.catalogue.words import ASHI, Wanted, write
from plans.combinations.queries import by_name, combinations_for
from plans.patient_mode.queries import report_of
from plans.pauses.queries import standing_pause
from plans.planning.models import Technique
from plans.scheduling.models import Appointment
from plans.scheduling.services import StatusRefused
from plans.scheduling.statuses import Refusal
from plans.sessions import presenters, services
from plans.sessions.drafts import APART, CHOICE, TooLong, as_typed, merged
from plans.sessions.forms import as_sent
from plans.sessions.forms.amendment import AmendmentForm
from plans.sessions.presenters import record, texts
from plans.sessions.presenters.points import body, questions
from plans.sessions.queries import (
    added_to,
    appointments_to_write,
    entry_as_told,
    entry_of,
    pause_in_the_way,
    standing_session,
    version_to_treat_by,
    visits_of,
)
from plans.sessions.rules import Problem, problems, screen_today
from plans.sessions.sheet import read_in
from plans.sessions.timer import Timer
from plans.sessions.views.about import about, about_report, signed_parts
from plans.sessions.views.desk import Desk, as_read, standing_form

OK = 200
NEAR = 12  # combinations beside the field
RECENT = 6  # visits beside the form
CANCELLED = gettext_lazy(
    "The appointment was cancelled or moved meanwhile. The draft is kept."
)
PAUSED = gettext_lazy("No needles: the plan is paused until it has been reviewed.")
NO_STOP = {
    services.NothingRaised: gettext_lazy(
        "Today’s answers raise no red flag: there is nothing to stop for."
    ),
    services.NeedlesGiven: gettext_lazy(
        "Needles were put in, so this is no stop before needling. If none were, clear "
        "the counts and set the visit back to “In bed”."
    ),
}
PLACES = {
    "": "#points",  # a button of the points, which says more than what to do
    "add": "#points",
    "needles_in": "#needles",
    "needles_out": "#needles",
}
NEEDLES = {
    "needles_in": gettext_lazy("The draft is saved, and the clock of the bed runs."),
    "needles_out": gettext_lazy("The draft is saved, and the needles are out."),
}


@requires(Permission.LOG_SESSION)
@require_http_methods(["GET", "POST"])
def log(request, appointment_id):
    """Write up an appointment: only the signed-in practitioner's own."""
    today = timezone.localdate()
    appointment = get_object_or_404(
        appointments_to_write(request.user, today), pk=appointment_id
    )
    session = getattr(appointment, "session", None)
    if request.method == "POST":
        return write_up(request, appointment, session)
    is_written = session and session.is_written
    if is_written or not appointment.may_sign:
        return redirect("plans:session", session_id=session.pk)
    version = session.plan_version if session else version_to_treat_by(appointment)
    record_opening(by=request.user, patient=appointment.patient)
    if version is None:
        return show_no_plan(request, appointment)
    pause = None if session else pause_in_the_way(appointment, version)
    if pause:
        return show_paused(request, appointment, version, pause)
    desk = Desk(appointment, version, session, by=request.user)
    form = desk.form()
    return show_form(request, desk, form, form_entry(form, desk), session)


def form_entry(form, desk):
    if not form.is_bound:
        return entry_as_told(desk.standing, desk.report)
    return form.entry if form.is_valid() else form.what_is_typed()


def write_up(request, appointment, session):
    try:
        session = session or services.open_session(
            by=request.user, appointment=appointment
        )
    except services.NoPlan:
        return show_no_plan(request, appointment)
    except services.PlanPaused:
        version = version_to_treat_by(appointment)
        pause = standing_pause(version.plan_id)
        return show_paused(request, appointment, version, pause)
    desk = Desk(appointment, session.plan_version, session, by=request.user)
    sent, _heard = read_in(chosen(request, desk), desk.ground, by_name(request.user))
    form = desk.form(sent)
    try:
        if form.is_valid():
            return keep(request, desk, form)
        return keep_as_typed(request, desk, form)
    except TooLong:
        return show_form(request, desk, form, None, session, status=422)
    except Stale:
        return show_both(request, desk, form)


def chosen(request, desk):
    """What was sent; of two texts that were shown, the parts that were chosen."""
    sent = dict(request.POST.lists())
    taken = {
        name.removeprefix(CHOICE)
        for name, choice in request.POST.items()
        if name.startswith(CHOICE) and choice == "theirs"
    }
    if not taken:
        return sent
    apart = {name: sent[name] for name in APART & sent.keys()}
    return apart | merged(as_read(desk.form(sent)), as_read(standing_form(desk)), taken)


def keep(request, desk, form):
    """Save or sign. What can't be signed is saved, so that nothing typed is lost."""
    session, entry = desk.session, form.entry
    kept = {
        "by": request.user,
        "session": session,
        "revision": form.cleaned_data["revision"],
    }
    kept |= {"entry": entry, "hand": form.hand}
    may_sign = desk.appointment.may_sign
    do = request.POST.get("do", "")
    try:
        if may_sign and do == "sign":
            seen = form.cleaned_data["seen_report"]
            services.sign(**kept, now=timezone.now(), seen_report=seen)
            messages.success(request, _("The session is signed."))
            return redirect("plans:session", session_id=session.pk)
        if may_sign and do == "stop":
            services.stop(**kept, now=timezone.now())
            messages.success(request, _("The session is stopped."))
            return redirect("plans:session", session_id=session.pk)
    except services.NotReady as refused:
        services.save_draft(**kept)
        desk.report = report_of(desk.appointment)
        entry = entry_as_told(entry, desk.report)
        return show_problems(request, desk, entry, refused.problems)
    except tuple(NO_STOP) as refused:
        messages.error(request, NO_STOP[type(refused)])
    except StatusRefused:
        may_sign = False
    services.save_draft(**kept)
    if not may_sign:
        messages.error(request, CANCELLED)
        return redirect("plans:session", session_id=session.pk)
    if do in NEEDLES:
        follow_needles(request, desk, form, do)
    else:
        messages.success(request, _("The draft is saved."))
    if do == "combine":
        return redirect(combining(desk.appointment, entry))
    place = PLACES.get(do, "")
    return redirect(reverse("plans:log", args=[desk.appointment.pk]) + place)


def combining(appointment, entry):
    """Where today's points get a name. A depth and a single side are this patient's."""
    points = [
        Wanted(
            line.code,
            side=line.side if line.side == "both" else None,
            technique=None if line.technique == Technique.EVEN else line.technique,
        )
        for line in entry.lines
        if line.code != ASHI
    ]
    query = urlencode({"points": write(points), "from": appointment.pk})
    return f"{reverse('plans:new_combination')}?{query}"


def follow_needles(request, desk, form, status):
    """One press starts the clock of the bed or stops it; the draft is saved by now."""
    if status == "needles_in" and (why := why_no_needles(desk, form)):
        messages.error(request, why)
        return
    try:
        services.follow_needles(
            by=request.user, appointment=desk.appointment, status=status
        )
    except StatusRefused as refused:
        is_paused = refused.why == Refusal.PAUSED
        messages.error(request, PAUSED if is_paused else CANCELLED)
    else:
        messages.success(request, NEEDLES[status])


def why_no_needles(desk, form):
    """What the patient has said, or has told a tablet and nobody has read yet."""
    if desk.report and desk.report.pk != form.cleaned_data["seen_report"]:
        return presenters.sentence(Problem("told", ""), form.entry)
    if screen_today(form.entry, desk.ground).raised:
        return _("No needles: a red flag is raised.")
    return ""


def keep_as_typed(request, desk, form):
    """A draft holds anything; whoever wants to sign is told all of what is wrong."""
    entry = form.what_is_typed()
    if form.has_error("revision"):  # not sent by a page of ours
        return show_form(request, desk, form, entry, desk.session, status=422)
    services.save_draft(
        by=request.user,
        session=desk.session,
        revision=form.cleaned_data["revision"],
        entry=entry,
        sent=as_typed(form.data.lists()),
        hand=form.hand,
    )
    if entry and request.POST.get("do") == "sign":
        entry = entry_as_told(entry, desk.report)
        add_problems(form, problems(entry, desk.ground), entry)
    return show_form(request, desk, form, entry, desk.session, status=422)


def show_problems(request, desk, entry, found):
    form = desk.form(as_sent(entry, desk.session.revision))
    form.is_valid()
    add_problems(form, found, entry)
    return show_form(request, desk, form, entry, desk.session, status=422)


def add_problems(form, found, entry):
    """Beside its field each, unless the field says already that it can't be read."""
    for problem in found:
        part, name = form.find(problem.field)
        if not part.has_error(name):
            part.add_error(name, presenters.sentence(problem, entry))


def show_both(request, desk, form):
    """Somebody saved or signed first: both texts, and nothing typed is lost."""
    mine = as_read(form)
    desk.session = standing_session(desk.session)
    theirs = as_read(standing_form(desk))
    found = texts.differences(desk.form(mine), desk.form(theirs))
    if desk.session.is_written:
        return show_too_late(request, desk, found)
    form = desk.form(mine)
    if not found and form.is_valid():
        form.cleaned_data |= {"revision": desk.session.revision, "page": None}
        with suppress(Stale):  # saved once more at this moment: the form stays
            return keep(request, desk, form)
    entry = form_entry(form, desk)
    return show_form(
        request, desk, form, entry, desk.session, differences=found, status=409
    )


def show_too_late(request, desk, found):
    if not found:
        return redirect("plans:session", session_id=desk.session.pk)
    text = "\n".join(f"{part.label}: {part.mine}" for part in found if part.mine)
    amendment = AmendmentForm(
        initial={"submission": uuid4(), "text": text}, parts=signed_parts(desk.session)
    )
    context = {"session": desk.session, "differences": found, "form": amendment}
    context |= about(desk.version)
    return render(request, "plans/sessions/too_late.html", context, status=409)


def show_form(request, desk, form, entry, session, *, differences=(), status=200):
    rows = presenters.rows(form, desk.start, desk.ground)
    stops = presenters.stops(screen_today(entry, desk.ground)) if entry else []
    last = entry_of(desk.begun.last) if desk.begun.last else None
    added = added_to(desk.appointment)
    return render(
        request,
        "plans/sessions/log.html",
        about(desk.version)
        | {
            "appointment": desk.appointment,
            "version": desk.version,
            "session": session,
            "form": form,
            "rows": rows,
            "counts": presenters.counts(rows),
            "combinations": combinations_for(request.user)[:NEAR],
            "body": body(form, desk.start.lines, desk.ground),
            "start": desk.start,
            "mistakes": presenters.mistakes(form) if status != OK else [],
            "questions": questions(form.unclear),
            "stops": stops,
            "needles": entry.needles if entry else desk.start.needles,
            "last": desk.begun.last,
            "last_amended": texts.amended(desk.begun.last.amendments.all())
            if desk.begun.last
            else [],
            "prescription": desk.begun.prescription,
            "compared_with": desk.begun.copied_from,
            "stimulation": record.stimulation_parts(form, desk.start),
            "last_stimulation": record.stimulation(last) if last else [],
            "last_changes": record.told_changes(desk.begun.last),
            "last_points": presenters.given(last.lines) if last else [],
            "last_scores": presenters.score_pairs(last.scores) if last else [],
            "visits": visits_of(desk.version.plan.episode_id)[-RECENT:],
            "timer": timer_of(desk.appointment, session, desk.start, added),
            "added": added,
            "pause": standing_pause(desk.version.plan_id),
            "now": timezone.now(),
            "is_today": timezone.localdate(desk.appointment.starts_at)
            == timezone.localdate(),
            "cautions": desk.version.proposal.get("cautions", []),
            "differences": differences,
            "revision": session.revision if session else 0,
            "page": uuid4(),
            **about_report(desk.report),
        },
        status=status,
    )


def timer_of(appointment, session, start, added):
    if appointment.status != Appointment.Status.NEEDLES_IN:
        return None
    minutes = session.retention_min if session else start.retention_min
    return Timer(appointment.status_since, minutes + added)


def show_no_plan(request, appointment):
    episode = Episode.objects.open().filter(patient=appointment.patient_id).first()
    return render(
        request,
        "plans/sessions/no_plan.html",
        {
            "appointment": appointment,
            "patient": appointment.patient,
            "episode": episode,
            "intake": latest_intake(episode) if episode else None,
        },
    )


def show_paused(request, appointment, version, pause):
    context = {"appointment": appointment, "pause": pause}
    return render(
        request, "plans/sessions/paused.html", about(version) | context, status=409
    )
