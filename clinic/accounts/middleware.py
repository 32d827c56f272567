import time
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

TOUCH_EVERY = 60  # seconds between two writes of the same session


def keep_session_alive(get_response):
    """Let a session end by idleness, at the cost of one write a minute at most.

    What a page asks of itself, as the diary does every few seconds, is no sign of life.
    """

    def middleware(request):
        session = request.session
        is_sign_of_life = "X-Unattended" not in request.headers
        if is_sign_of_life and session.session_key and "_auth_user_id" in session:
            now = int(time.time())
            if now - session.get("seen", 0) >= TOUCH_EVERY:
                session["seen"] = now
        return get_response(request)

    return middleware


def speak_the_users_language(get_response):
    """The user's own language; before sign-in, the cookie's or the browser's."""

    def middleware(request):
        language = (
            request.user.language
            if request.user.is_authenticated
            else translation.get_language_from_request(request)
        )
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


class SignInFirst(LoginRequiredMiddleware):
    """Says so when a form came from somebody signed out; leads back to its page."""

    def handle_no_permission(self, request, view_func):
        if request.method != "POST" or "X-Unattended" in request.headers:
            return super().handle_no_permission(request, view_func)
        messages.warning(
            request, _("You had been signed out: what you sent was not saved.")
        )
        return redirect_to_login(page_of_form(request), self.get_login_url(view_func))


def page_of_form(request):
    """Where the form stood. The address it was sent to may take nothing but forms."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return request.path
    parts = urlsplit(page)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
