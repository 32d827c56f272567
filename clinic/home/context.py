"""What the frame around every page needs. Asks the database nothing."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.access.roles import Permission


@dataclass(frozen=True)
class Place:
    label: str
    url: str
    icon: str
    active: bool


PLACES = (
    (_("Today"), "home", "sun", Permission.VIEW_DIARY),
    (_("Schedule"), "plans:day", "calendar-days", Permission.VIEW_DIARY),
    (_("Beds"), "plans:room", "clock", Permission.BOOK_COURSE),
    (_("Patients"), "patients:search", "users", Permission.VIEW_PATIENT),
    (_("Messages"), "plans:mailbox", "envelope", Permission.BOOK_COURSE),
    (_("Outcomes"), "plans:outcomes", "chart-bar", Permission.REVIEW_OUTCOMES),
    (_("Staff"), "staff", "identification", Permission.MANAGE_STAFF),
    (_("Audit"), "audit", "shield-check", Permission.VIEW_AUDIT),
)


# Where an address begins otherwise than the place it belongs to.
BELONGS = {
    "plans:day": ("/appointments/",),
    "patients:search": ("/episodes/", "/plans/", "/sessions/"),
}


address = cache(reverse)  # these never change


def places(request: HttpRequest) -> list[Place]:
    """The few places the signed-in person's roles reach, for the rail."""
    if not request.user.is_authenticated:
        return []
    found = []
    for label, name, icon, permission in PLACES:
        if request.user.has_perm(permission):
            url = address(name)
            within = (*BELONGS.get(name, ()), *([url] if url != "/" else ()))
            here = request.path == url or request.path.startswith(within)
            found.append(Place(str(label), url, icon, here))
    return found


def frame(request: HttpRequest) -> dict:
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "frame": {
            "clinic_name": settings.CLINIC_NAME,
            "clinic_phone": settings.CLINIC_PHONE,
            "demo": settings.DEMO,
            "places": places(request) if signed_in else [],
        }
    }
