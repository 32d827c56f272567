"""Ask bare statements, the floor and the page in turn, and say how they compare."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib import import_module
from time import perf_counter, process_time, time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.test import RequestFactory

from clinic.accounts.models import User
from clinic.management.bench import floor
from clinic.management.bench.operations import (
    TURNS,
    Asked,
    Clinic,
    Operation,
    forget_bookings,
)

SLOWER = 10  # slow operations are asked so many times less often
WARM = 2  # rounds that are not counted
FORM = "application/x-www-form-urlencoded"
TOKEN = "b" * 32  # of the forms; cookie and field need only be the same


@dataclass
class Times:
    """Milliseconds: by the clock, and of this process alone."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @contextmanager
    def taken(self) -> Iterator[None]:
        wall, cpu = perf_counter(), process_time()
        yield
        self.cpu.append((process_time() - cpu) * 1000)
        self.wall.append((perf_counter() - wall) * 1000)


@dataclass
class Result:
    """Bare statements, the thin page of the floor, and the page itself."""

    operation: Operation
    bare: Times
    thin: Times
    page: Times
    queries: int = 0
    bytes: int = 0
    thin_bytes: int = 0

    def forget(self) -> None:
        for times in (self.bare, self.thin, self.page):
            times.wall.clear()
            times.cpu.clear()


class Failed(Exception):
    """A page did not answer as it should, so its time means nothing."""


class Browser:
    """Asks as a signed-in person's browser does, without network or server."""

    def __init__(self, handler: WSGIHandler, user: User) -> None:
        self._handler = handler
        self._factory = RequestFactory(
            HTTP_HOST=settings.ALLOWED_HOSTS[0].lstrip("*.") or "localhost",
            HTTP_COOKIE=(
                f"{settings.SESSION_COOKIE_NAME}={_signed_in(user)}; "
                f"{settings.CSRF_COOKIE_NAME}={TOKEN}"
            ),
        )

    def request(self, asked: Asked) -> dict[str, Any]:
        secure = settings.SECURE_SSL_REDIRECT
        if asked.posted is None:
            return self._factory.get(asked.url, secure=secure).environ
        posted = urlencode([*asked.posted, ("csrfmiddlewaretoken", TOKEN)])
        sent = self._factory.post(asked.url, posted, FORM, secure=secure)
        host = sent.environ["HTTP_HOST"]
        return sent.environ | {"HTTP_REFERER": f"https://{host}/"}

    def send(self, environ: dict[str, Any]) -> int:
        """Return the bytes of the answer's body."""
        status: list[int] = []

        def start(line: str, _headers: object, *_more: object) -> Any:
            status.append(int(line[:3]))

        response = self._handler(environ, start)
        body = b"".join(response)
        response.close()
        expected = HTTPStatus.OK if environ["REQUEST_METHOD"] == "GET" else 302
        if status != [expected]:
            raise Failed(f"{environ['PATH_INFO']} answered {status[0]}")
        return len(body)


def _signed_in(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["seen"] = int(time())
    session.create()
    return session.session_key


def measure(clinic: Clinic, operation: Operation, rounds: int) -> Result:
    """Leaves nothing booked behind, but what the audit says of it."""
    user = clinic.readers[operation.reader]
    thin, page = Browser(floor.handler(), user), Browser(WSGIHandler(), user)
    found = Result(operation, Times(), Times(), Times())
    forget_bookings(clinic)  # of a run that was broken off
    for number in range(-WARM, _rounds(clinic, operation, rounds)):
        if not number:
            found.forget()
        turn = (number + WARM) * TURNS
        statements = operation.statements(clinic, turn)
        with found.bare.taken(), transaction.atomic():
            floor.ask(statements)
        floor.STATEMENTS[floor.NAME] = operation.statements(clinic, turn + 1)
        sent = thin.request(Asked(f"/{floor.NAME}/", () if operation.writes else None))
        with found.thin.taken():
            found.thin_bytes += thin.send(sent)
        sent = page.request(operation.asked(clinic, turn + 2))
        with _counted() as queries, found.page.taken():
            found.bytes += page.send(sent)
        found.queries = len(queries)
    forget_bookings(clinic)
    return found


def _rounds(clinic: Clinic, operation: Operation, rounds: int) -> int:
    if operation.slow:
        return max(rounds // SLOWER, 2)
    return min(rounds, operation.times(clinic) - WARM)


@contextmanager
def _counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def timed(works: Iterable[Callable[[], object]]) -> Times:
    times = Times()
    for work in works:
        with times.taken():
            work()
    return times
