from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.accounts import services
from clinic.accounts.forms import ChangeMemberForm, NewMemberForm, PreferencesForm
from clinic.accounts.models import User

PAGE = 50  # people


@requires(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def preferences(request):
    form = PreferencesForm(
        request.POST or None, initial={"language": request.user.language}
    )
    if form.is_valid():
        services.set_preferences(by=request.user, **form.cleaned_data)
        with translation.override(request.user.language):
            messages.success(request, _("Your preferences are saved."))
        return redirect(page_to_return_to(request) or "preferences")
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return render(request, "clinic/accounts/preferences.html", context, status=status)


@requires(Permission.OWN_ACCOUNT)
@require_safe
def still_here(request):
    """What a page asks before it sends a form: who would be sending it."""
    return JsonResponse({"user": request.user.pk, "token": get_token(request)})


def page_to_return_to(request):
    """The page of ours on which the language was switched."""
    page = request.POST.get("next", "")
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else ""


@requires(Permission.MANAGE_STAFF)
@require_safe
def staff(request):
    people = User.objects.order_by("-is_active", "name", "pk")
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    return render(request, "clinic/accounts/staff.html", {"page": page})


@requires(Permission.MANAGE_STAFF)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def add_member(request):
    form = NewMemberForm(request.POST or None)
    if form.is_valid():
        try:
            member = services.add_member(by=request.user, **form.cleaned_data)
        except IntegrityError:
            form.add_error("username", _("This user name is taken."))
        else:
            messages.success(request, _("%(name)s can sign in.") % {"name": member})
            return redirect("staff")
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return render(request, "clinic/accounts/member.html", context, status=status)


@requires(Permission.MANAGE_STAFF)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def change_member(request, user_id):
    member = get_object_or_404(User, pk=user_id)
    form = ChangeMemberForm(
        request.POST or None,
        own=member == request.user,
        has_second_factor=is_mfa_enabled(member),
        initial={
            "name": member.name,
            "roles": sorted(member.roles),
            "qualification": member.qualification,
            "practising_since": member.practising_since,
            "trained": sorted(member.trained),
            "email": member.email,
            "language": member.language,
            "is_active": member.is_active,
        },
    )
    if form.is_valid():
        try:
            services.change_member(by=request.user, member=member, **form.cleaned_data)
        except services.LastAdmin:
            form.add_error(
                "roles",
                _("Somebody has to be admin: give another person the role first."),
            )
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": member})
            return redirect("staff")
    status = 422 if form.is_bound else 200
    context = {"form": form, "member": member}
    return render(request, "clinic/accounts/member.html", context, status=status)
