"""The database that tests begin with, and come back to.

Django replays every migration at each run, in each worker: seconds before the first
test. What they made lies in a file named by all that could make it otherwise.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from time import sleep

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.test import TransactionTestCase

TRIES, PAUSE = 40, 0.25  # seconds
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

    Django would empty every table, which what is fixed does not allow, and fill some
    anew. Here PostgreSQL empties what was empty, and SQLite is overwritten by a copy.
    """
    with ExitStack() as stack:
        if connection.vendor == "sqlite":
            copy = stack.enter_context(
                closing(sqlite3.connect(":memory:", check_same_thread=False))
            )
            connection.connection.backup(copy)
        else:
            full = tables_with_rows()

        def put_back(_case):
            connection.ensure_connection()
            if connection.vendor == "sqlite":
                copy.backup(connection.connection)
            else:
                empty(tables_with_rows() - full)

        def put_back_when_still(case):
            """A page may still be saving itself when its story is over."""
            for _try in range(TRIES):
                with suppress(sqlite3.OperationalError, OperationalError):
                    return put_back(case)
                sleep(PAUSE)
            return put_back(case)

        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(TransactionTestCase, "_fixture_teardown", put_back_when_still)
        yield


def tables_with_rows() -> set[str]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})"
                for table in tables
            )
        )
        return {table for (table,) in cursor}


def empty(tables: set[str]) -> None:
    """On PostgreSQL, whose foreign keys are looked up at the end of a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
