"""The floor: the thinnest honest Django page over the same tables.

Django's own middleware, session and signed-in user, the statements as a person would
write them, one plain template without frame, menu or translation.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import Context, Engine
from django.test import override_settings
from django.urls import path

Statement = tuple[str, Sequence[Any]]

MIDDLEWARE = [
    "clinic.management.bench.floor.use_these_addresses",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
PAGE = Engine().from_string(
    "<!doctype html><html lang=en><title>{{ title }}</title><h1>{{ title }}</h1>"
    "{% for rows in tables %}<table>{% for row in rows %}<tr>"
    "{% for cell in row %}<td>{{ cell }}</td>{% endfor %}"
    "</tr>{% endfor %}</table>{% endfor %}"
)
SESSIONS = "django.contrib.sessions.backends.db"
NAME = "page"
# What the page of a name asks the database; filled before it is asked.
STATEMENTS: dict[str, Sequence[Statement]] = {}


def handler() -> WSGIHandler:
    with override_settings(MIDDLEWARE=MIDDLEWARE, SESSION_ENGINE=SESSIONS):
        return WSGIHandler()


def use_these_addresses(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__
        return get_response(request)

    return middleware


def ask(statements: Sequence[Statement]) -> list[list[tuple]]:
    """The rows of each statement; those that write are one transaction."""
    tables = []
    with connection.cursor() as cursor:
        for sql, values in statements:
            cursor.execute(sql, values)
            tables.append(cursor.fetchall() if cursor.description else [])
    return tables


@login_required
def page(request: HttpRequest, name: str) -> HttpResponse:
    if request.method == "POST":
        with transaction.atomic():
            ask(STATEMENTS[name])
        return HttpResponseRedirect("/")
    context = Context({"title": name, "tables": ask(STATEMENTS[name])})
    return HttpResponse(PAGE.render(context))


urlpatterns = [path("<str:name>/", page)]
