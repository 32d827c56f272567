from datetime import datetime, time
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from patients.records.models import Patient
from patients.records.queries import first_found
from plans.planning.models import PlanVersion
from plans.planning.queries import version_to_treat_by
from plans.scheduling import queries, services
from plans.scheduling.clock import wall
from plans.scheduling.forms import BookForm, read_place
from plans.scheduling.free import Start
from plans.scheduling.models import Appointment
from plans.scheduling.policy import visit_length
from plans.scheduling.presenters.words import clash_words, day_words, start_words
from plans.scheduling.views.appointment import CONFLICT, day_url

MOST_FOUND = 10  # patients of one search
LONGEST_SEARCH = 100  # letters
MOST_FREE = 12  # starts offered
WISHED = ("kind", "day", "time", "practitioner", "bed")


@requires(Permission.BOOK_COURSE)
@require_http_methods(["GET", "POST"])
def book(request):
    """One appointment: first who, then where; the place clicked is kept throughout."""
    patient_id = request.GET.get("patient", "")
    if not patient_id.isascii() or not patient_id.isdigit() or len(patient_id) > 18:
        return choose_patient(request)
    version = version_to_treat_by(int(patient_id))
    patient = (
        version.plan.episode.patient
        if version
        else get_object_or_404(Patient, pk=int(patient_id))
    )
    if request.POST.get("do") == "free":
        return redirect(f"{request.path}?{place_of(request.POST, patient)}")
    if request.method == "GET":
        record_opening(by=request.user, patient=patient)
    wish = wished(request.GET, version, request.user)
    form = BookForm(request.POST if request.method == "POST" else None, initial=wish)
    offer, status = None, 200
    if request.method == "GET" and ("time" not in wish or "free" in request.GET):
        offer = free_offer(request, patient, version, {"time": time.min} | wish)
    if form.is_valid():
        try:
            row = book_for(request.user, patient, version, form)
        except services.CourseClash as refused:
            offer, status = (
                free_offer(request, patient, version, form.cleaned_data),
                CONFLICT,
            )
            names = queries.practitioner_names()
            for sentence in clash_words(refused.clashes, names):
                form.add_error("time", sentence)
        else:
            at = wall(row.starts_at, queries.clinic_zone())
            said = _("%(patient)s is booked for %(start)s.")
            messages.success(
                request, said % {"patient": patient, "start": start_words(at)}
            )
            return redirect(day_url(row))
    elif form.is_bound:
        status = 422
    given = queries.visit_lengths()
    context = {
        "patient": patient,
        "form": form,
        "version": version,
        "offer": offer,
        "lengths": [
            (label, visit_length(kind, version.retention_min if version else 0, given))
            for kind, label in Appointment.Kind.choices
        ],
    }
    return render(request, "plans/scheduling/book.html", context, status=status)


def choose_patient(request):
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    place = {name: request.GET[name] for name in WISHED if name in request.GET}
    links = request.GET.copy()
    links.pop("q", None)
    found = []
    for patient in first_found(typed, MOST_FOUND) if typed else ():
        links["patient"] = str(patient.pk)
        found.append((patient, links.urlencode()))
    context = {"typed": typed, "place": place, "found": found}
    return render(request, "plans/scheduling/choose_patient.html", context)


def wished(sent, version: PlanVersion | None, user) -> dict:
    """The place that was clicked, as far as it can be read."""
    found = {
        "kind": Appointment.Kind.TREATMENT if version else Appointment.Kind.FIRST,
        "day": timezone.localdate(),
        "practitioner": user.pk,
    }
    found |= read_place(sent)
    if sent.get("kind") in Appointment.Kind:
        found["kind"] = sent["kind"]
    return found


def book_for(user, patient, version, form) -> Appointment:
    treated = form.cleaned_data["kind"] == Appointment.Kind.TREATMENT and version
    return services.book_appointment(
        by=user,
        patient=patient,
        kind=form.cleaned_data["kind"],
        slot=form.slot(),
        submission=form.cleaned_data["submission"],
        plan=version.plan if treated else None,
        retention_min=version.retention_min if treated else 0,
    )


def place_of(sent, patient) -> str:
    """The place in the form, as an address that asks for what is free around it."""
    place = {name: sent.get(name, "") for name in WISHED}
    return urlencode({"patient": patient.pk, "free": "near"} | place)


def free_offer(request, patient, version, wish) -> dict:
    """Free starts near a wished one; with somebody else where there is none."""
    names = queries.practitioner_names()
    known = {str(pk): pk for pk in names}
    who = known.get(str(wish["practitioner"]), next(iter(names), None))
    words = {"day": day_words(wish["day"]), "name": names.get(who, "")}
    if starts := nearest(patient, version, wish, who):
        title = _("Free on %(day)s with %(name)s") % words
    elif starts := nearest(patient, version, wish, None):
        title = _("%(name)s has no time on %(day)s. Free with others") % words
    else:
        title = _("Nobody is free on %(day)s. Try another day.") % words
    links = [
        (free_words(start, names, who), free_query(request, wish, start))
        for start in starts
    ]
    return {"title": title, "links": links}


def nearest(patient, version, wish, practitioner) -> list[Start]:
    treated = wish["kind"] == Appointment.Kind.TREATMENT and version
    return queries.nearest_free(
        queries.calendar(wish["day"], wish["day"], patient_id=patient.pk),
        visit_length(
            wish["kind"],
            version.retention_min if treated else 0,
            queries.visit_lengths(),
        ),
        datetime.combine(wish["day"], wish["time"]),
        practitioner_id=practitioner,
        after=wall(timezone.now(), queries.clinic_zone()),
        number=MOST_FREE,
    )


def free_words(start: Start, names, who) -> str:
    at = f"{start.at:%H:%M}"
    return at if start.practitioner == who else f"{at} {names[start.practitioner]}"


def free_query(request, wish, start: Start) -> str:
    link = request.GET.copy()
    link.pop("free", None)
    link["kind"] = wish["kind"]
    link["day"], link["time"] = f"{start.at:%Y-%m-%d}", f"{start.at:%H:%M}"
    link["practitioner"] = str(start.practitioner)
    return link.urlencode()
