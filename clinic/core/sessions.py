"""Django's sessions in the database, found by a query whose SQL is written once."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField, QuerySet
from django.utils import timezone

from clinic.core.prepared import Given, prepared


class SessionStore(DatabaseStore):
    def load(self) -> dict[str, Any]:
        found = _live(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None  # so that nobody chooses the key of a session
            return {}
        return self.decode(found[0])


@prepared
def _live() -> QuerySet:
    return Session.objects.filter(
        session_key=Given("key", CharField()),
        expire_date__gt=Given("now", DateTimeField()),
    ).values_list("session_data", flat=True)
