"""A small clinic for the tests of the diary: Tuesday 3 March 2026, noon."""

from datetime import UTC, datetime

import pytest

from clinic.access.roles import Role
from tests.factories import make_hours, make_user


@pytest.fixture
def clock(monkeypatch):
    """What the time is; a test may say another."""

    class Clock:
        now = datetime(2026, 3, 3, 12, tzinfo=UTC)

    monkeypatch.setattr("django.utils.timezone.now", lambda: Clock.now)
    return Clock


@pytest.fixture
def tuesday_noon(clock):
    return clock.now


@pytest.fixture
def una(db):
    practitioner = make_user(name="Una Hart")
    make_hours(practitioner)
    return practitioner


@pytest.fixture
def desk(client, db):
    client.force_login(make_user(Role.FRONT_DESK))
    return client


@pytest.fixture
def admin(client, db):
    client.force_login(make_user(Role.ADMIN))
    return client
