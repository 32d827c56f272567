"""The database that tests begin with, and come back to.

Django replays every migration at each run, in each worker: seconds before the first
test. What they made lies in a file named by all that could make it otherwise.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.signals import post_migrate
from django.test import TransactionTestCase

from clinic.core.fixed import unfixed
from plans.catalogue.services import load_acupoints

MADE_BY = ("*/migrations/*.py", "clinic/core/*.py", "requirements.txt")


def kept_at() -> Path:
    digest = sha256(sqlite3.sqlite_version.encode())
    for pattern in MADE_BY:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return settings.DATA_DIR / f"migrated-{digest.hexdigest()[:16]}.sqlite3"


def hold_migrated() -> sqlite3.Connection | None:
    """The test database as the last run's was; in memory while somebody holds it."""
    path = kept_at()
    if connection.vendor != "sqlite" or not path.exists():
        return None
    held = sqlite3.connect(connection.creation._get_test_db_name(), uri=True)
    with closing(sqlite3.connect(path)) as kept:
        kept.backup(held)
    return held


def keep_migrated() -> None:
    path = kept_at()
    if connection.vendor != "sqlite" or path.exists():
        return
    for older in path.parent.glob("migrated-*.sqlite3"):
        older.unlink(missing_ok=True)
    # Two workers may be here at once: each writes its own, and either will do.
    mine = path.with_suffix(f".{os.getpid()}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(mine)])
    mine.rename(path)


@contextmanager
def emptied_by_tests() -> Iterator[None]:
    """A test with transactions of its own leaves the database as it was before all.

    Django would empty every table. What is fixed may not be; and on SQLite a copy is
    back sooner than a table is emptied.
    """
    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(":memory:", check_same_thread=False)) as copy:
                connection.connection.backup(copy)

                def put_back(_case):
                    connection.ensure_connection()
                    copy.backup(connection.connection)

                patch.setattr(TransactionTestCase, "_fixture_teardown", put_back)
                yield
            return
        empty = BaseDatabaseOperations.execute_sql_flush

        def loosened(operations, sql_list):
            with unfixed(operations.connection):
                empty(operations, sql_list)

        def load(**_signal):
            load_acupoints()

        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", loosened)
        post_migrate.connect(load, sender=apps.get_app_config("plans"))
        yield
