"""A device in patient mode shows patient mode and nothing else."""

from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation

from plans.patient_mode.queries import running_tablet
from plans.patient_mode.services import end_patient_mode

# In the session of the device: the tablet, the patient's language, what they said.
TABLET, SPEAKS, TOLD = "patient_mode", "patient_mode_speaks", "patient_mode_told"

# The pages of signing in, by which staff takes the device back.
WAY_OUT = {
    "account_login",
    "account_inactive",
    "mfa_authenticate",
    "set_language",
}


def confine(get_response):
    """Let nothing through but patient mode and the way out of it.

    The session of whoever started it is gone from the device, so there is nothing for
    another address to show; this also spares the patient the page that says so.
    """

    def middleware(request):
        request.tablet = None
        number = request.session.get(TABLET)
        if number is None:
            return get_response(request)
        if request.user.is_authenticated:
            take_back(request, number)
            return get_response(request)
        request.tablet = running_tablet(number, timezone.now())
        if request.tablet is None:
            request.session.flush()
            return get_response(request)
        name = view_name(request)
        if name in WAY_OUT:
            return get_response(request)
        if not name or not request.path.startswith(reverse("plans:welcome")):
            return redirect("plans:welcome")
        with translation.override(request.session.get(SPEAKS, request.LANGUAGE_CODE)):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            response.headers["Content-Language"] = request.LANGUAGE_CODE
            return response

    return middleware


def view_name(request) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


def take_back(request, number) -> None:
    """Somebody has signed in: the session is theirs, with the life of any other."""
    end_patient_mode(by=request.user, number=number, now=timezone.now())
    for name in (TABLET, SPEAKS, TOLD):
        request.session.pop(name, None)
    request.session.set_expiry(None)
