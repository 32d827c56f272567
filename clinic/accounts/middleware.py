import time

from django.utils import translation

TOUCH_EVERY = 60  # seconds between two writes of the same session


def keep_session_alive(get_response):
    """Let a session end by idleness, at the cost of one write a minute at most."""

    def middleware(request):
        session = request.session
        if session.session_key and "_auth_user_id" in session:
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
