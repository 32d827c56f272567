from uuid import uuid4

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.core.conflicts import Stale
from clinic.core.paging import page_of
from plans.catalogue.words import write
from plans.combinations import services
from plans.combinations.forms import (
    GIVEN,
    ChangeForm,
    CombinationForm,
    DeleteForm,
    shown,
)
from plans.combinations.models import Combination
from plans.combinations.queries import combinations_for, points_of

PAGE = 20
LONGEST_NUMBER = 18  # figures of an appointment's number


@requires(Permission.LOG_SESSION)
@require_safe
def combinations(request):
    """One's own and the shared ones, with what each adds."""
    page = page_of(combinations_for(request.user), request.GET.get("page"), size=PAGE)
    rows = [(each, write(points_of(each))) for each in page.rows]
    return render(
        request, "plans/combinations/combinations.html", {"page": page, "rows": rows}
    )


@requires(Permission.LOG_SESSION)
@require_http_methods(["GET", "POST"])
def new_combination(request):
    """From what a session holds, or from nothing; back to the session afterwards."""
    if request.method == "GET":
        points = request.GET.get("points", "")
        form = CombinationForm(initial={"points": points, "submission": uuid4()})
        return show(request, form)
    form = CombinationForm(request.POST)
    if form.is_valid() and (saved := written(request.user, form)):
        messages.success(
            request, _("“%(name)s” is saved: type its name.") % {"name": saved.name}
        )
        return redirect(back_of(request))
    return show(request, form, status=422)


@requires(Permission.LOG_SESSION)
@require_http_methods(["GET", "POST"])
def combination(request, combination_id):
    """Change one of one's own."""
    found = Combination.objects.filter(pk=combination_id).first()
    if found is None and request.method == "POST":
        return show_gone(request)
    if found is None or found.owner_id != request.user.pk:
        raise Http404
    if request.method == "GET":
        form = ChangeForm(initial=shown(found, points_of(found)))
        return show(request, form, found)
    form = ChangeForm(request.POST)
    try:
        if form.is_valid() and written(request.user, form, found):
            messages.success(request, _("The combination is changed."))
            return redirect("plans:combinations")
    except Stale:
        return show_both(request, form, found.pk)
    return show(request, form, found, status=422)


def show_both(request, form, combination_id):
    """It was saved meanwhile: both stand on the page, and nothing typed is lost."""
    standing = Combination.objects.filter(pk=combination_id).first()
    if standing is None:
        return show_gone(request)
    points = points_of(standing)
    if form.given == {
        "name": standing.name,
        "points": points,
        "is_shared": standing.is_shared,
    }:
        return redirect("plans:combinations")
    theirs = shown(standing, points)
    form.data = form.data.copy()
    form.data["revision"] = standing.revision
    return show(request, form, standing, status=409, theirs=theirs)


def show_gone(request):
    """It was deleted meanwhile: what was typed may become a new one."""
    typed = {name: request.POST.get(name, "") for name in GIVEN}
    form = CombinationForm(initial=typed | {"submission": uuid4()})
    return show(request, form, status=409, is_gone=True)


@requires(Permission.LOG_SESSION)
@require_POST
def delete_combination(request, combination_id):
    found = get_object_or_404(Combination, pk=combination_id, owner=request.user)
    form = DeleteForm(request.POST)
    try:
        if not form.is_valid():
            raise Stale
        services.delete_combination(
            by=request.user, combination=found, **form.cleaned_data
        )
    except Stale:
        messages.error(
            request,
            _("“%(name)s” was changed meanwhile: look at it first.")
            % {"name": found.name},
        )
    else:
        messages.success(request, _("The combination is deleted."))
    return redirect("plans:combinations")


def written(user, form, standing=None):
    """The combination; None where its name is taken, which the form then says."""
    try:
        if standing:
            return services.change_combination(
                by=user,
                combination=standing,
                revision=form.cleaned_data["revision"],
                **form.given,
            )
        submission = form.cleaned_data["submission"] or uuid4()
        return services.save_combination(by=user, submission=submission, **form.given)
    except services.NameTaken:
        form.add_error(
            "name", _("A combination of yours, or a shared one, has this name.")
        )
        return None


def show(request, form, combination=None, status=200, **told):
    context = {"form": form, "combination": combination, "back": back_of(request)}
    return render(
        request, "plans/combinations/combination.html", context | told, status=status
    )


def back_of(request):
    """The session it came from, else the list."""
    number = request.GET.get("from", "")
    if number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER:
        return reverse("plans:log", args=[int(number)]) + "#points"
    return reverse("plans:combinations")
