from collections import defaultdict

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.accounts.models import User
from plans.scheduling import queries, services
from plans.scheduling.forms import DayForm
from plans.scheduling.forms.hours import (
    BedForm,
    ClosureForm,
    DayHoursForm,
    LengthsForm,
    WeekForm,
)
from plans.scheduling.models import Bed, Closure, WorkingHours
from plans.scheduling.policy import POLICY
from plans.scheduling.presenters.words import day_words, weekday_words

PAGE = 50  # practitioners; closures


@requires(Permission.MANAGE_HOURS)
@require_safe
def hours(request):
    """Who works when, when the clinic is closed, and which beds there are."""
    people = Paginator(User.objects.acupuncturists(), PAGE)
    page = people.get_page(request.GET.get("page"))
    weeks = defaultdict(lambda: defaultdict(list))
    periods = WorkingHours.objects.filter(
        practitioner__in=list(page.object_list), day=None
    )
    for period in periods.order_by("weekday", "starts"):
        words = f"{period.starts:%H:%M}–{period.ends:%H:%M}"
        weeks[period.practitioner_id][period.weekday].append(words)
    coming = Closure.objects.filter(last_day__gte=timezone.localdate())
    closures = Paginator(coming.select_related("practitioner"), PAGE)
    context = {
        "page": page,
        "weekdays": [weekday_words(weekday) for weekday in range(7)],
        "people": [
            (member, [weeks[member.pk][weekday] for weekday in range(7)])
            for member in page
        ],
        "closures": closures.get_page(request.GET.get("closures")),
        "beds": Bed.objects.all()[:PAGE],
        "lengths": queries.visit_lengths(),
        "late_hours": int(POLICY.late_within.total_seconds()) // 3600,
    }
    return render(request, "plans/scheduling/hours.html", context)


@requires(Permission.MANAGE_HOURS)
@require_http_methods(["GET", "POST"])
def week(request, user_id):
    member = get_object_or_404(User.objects.acupuncturists(), pk=user_id)
    known = defaultdict(list)
    periods = WorkingHours.objects.filter(practitioner=member, day=None)
    for period in periods.order_by("starts"):
        known[period.weekday].append((period.starts, period.ends))
    form = WeekForm(request.POST if request.method == "POST" else None, week=known)
    if form.is_valid():
        services.set_week(
            by=request.user, practitioner=member, periods=form.cleaned_data["periods"]
        )
        said = _("The hours of %(name)s are saved.") % {"name": member}
        messages.success(request, said)
        return redirect("plans:hours")
    days = queries.single_days(member.pk, timezone.localdate())
    context = {
        "form": form,
        "member": member,
        "days": Paginator(days, PAGE).get_page(request.GET.get("page")),
    }
    status = 422 if form.is_bound else 200
    return render(request, "plans/scheduling/week.html", context, status=status)


@requires(Permission.MANAGE_HOURS)
@require_http_methods(["GET", "POST"])
def add_day(request, user_id):
    """Other hours on one day, on a day off too."""
    member = get_object_or_404(User.objects.acupuncturists(), pk=user_id)
    now = timezone.now()
    data = request.POST if request.method == "POST" else None
    form = DayHoursForm(data, today=timezone.localdate(now))
    if form.is_valid():
        day, periods = form.cleaned_data["day"], form.cleaned_data["periods"]
        services.set_day(by=request.user, practitioner=member, day=day, periods=periods)
        words = {"name": member, "day": day_words(day)}
        messages.success(
            request, _("The hours of %(name)s on %(day)s are saved.") % words
        )
        outside = queries.outside_hours(member.pk, day, periods, now)
        if outside:
            said = ngettext(
                "%(count)d appointment lies outside these hours. It stays until you "
                "move or cancel it.",
                "%(count)d appointments lie outside these hours. They stay until you "
                "move or cancel them.",
                outside,
            )
            messages.warning(request, said % {"count": outside})
        return redirect("plans:week", user_id=member.pk)
    context = {"form": form, "member": member}
    status = 422 if form.is_bound else 200
    return render(request, "plans/scheduling/day_hours.html", context, status=status)


@requires(Permission.MANAGE_HOURS)
@require_POST
def remove_day(request, user_id):
    member = get_object_or_404(User.objects.acupuncturists(), pk=user_id)
    form = DayForm(request.POST)
    if form.is_valid() and form.cleaned_data["day"]:
        day = form.cleaned_data["day"]
        services.set_day(by=request.user, practitioner=member, day=day, periods=[])
        said = _("On %(day)s the hours of the week hold again.")
        messages.success(request, said % {"day": day_words(day)})
    return redirect("plans:week", user_id=member.pk)


@requires(Permission.MANAGE_HOURS)
@require_http_methods(["GET", "POST"])
def lengths(request):
    """How long each kind of visit is that is booked from now on."""
    data = request.POST if request.method == "POST" else None
    form = LengthsForm(data, lengths=queries.visit_lengths())
    if form.is_valid():
        services.set_lengths(by=request.user, lengths=form.cleaned_data["lengths"])
        messages.success(
            request, _("The lengths are saved for what is booked from now on.")
        )
        return redirect("plans:hours")
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return render(request, "plans/scheduling/lengths.html", context, status=status)


@requires(Permission.MANAGE_HOURS)
@require_http_methods(["GET", "POST"])
def add_closure(request):
    form = ClosureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        services.add_closure(by=request.user, **given)
        messages.success(request, _("The closure is saved."))
        standing = queries.upcoming_within(
            given["first_day"],
            given["last_day"],
            timezone.now(),
            given["practitioner"],
        )
        if standing:
            said = ngettext(
                "%(count)d appointment stands on these days. It stays until you "
                "move or cancel it.",
                "%(count)d appointments stand on these days. They stay until you "
                "move or cancel them.",
                standing,
            )
            messages.warning(request, said % {"count": standing})
        return redirect("plans:hours")
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return render(request, "plans/scheduling/closure.html", context, status=status)


@requires(Permission.MANAGE_HOURS)
@require_POST
def remove_closure(request, closure_id):
    closure = get_object_or_404(Closure, pk=closure_id)
    services.remove_closure(by=request.user, closure=closure)
    messages.success(request, _("The closure is removed."))
    return redirect("plans:hours")


@requires(Permission.MANAGE_HOURS)
@require_http_methods(["GET", "POST"])
def bed(request, bed_id=None):
    """Change a bed, or add one."""
    known = None if bed_id is None else get_object_or_404(Bed, pk=bed_id)
    data = request.POST if request.method == "POST" else None
    form = BedForm.of(known, data) if known else BedForm(data)
    if form.is_valid():
        try:
            saved = services.save_bed(by=request.user, bed=known, **form.cleaned_data)
        except IntegrityError:
            form.add_error("name", _("Another bed has this name."))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": saved})
            return redirect("plans:hours")
    status = 422 if form.is_bound else 200
    context = {"form": form, "bed": known}
    return render(request, "plans/scheduling/bed.html", context, status=status)
