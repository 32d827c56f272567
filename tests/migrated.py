"""A database that the migrations have made, kept for the next run.

Django replays every migration at each run, in each worker: seconds before the first
test. What they made lies in a file named by all that could make it otherwise.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import connection

MADE_BY = ("*/migrations/*.py", "clinic/core/*.py", "requirements.txt")


def kept_at() -> Path:
    digest = sha256(sqlite3.sqlite_version.encode())
    for pattern in MADE_BY:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return settings.DATA_DIR / f"migrated-{digest.hexdigest()[:16]}.sqlite3"


@contextmanager
def migrated_before() -> Iterator[None]:
    """Within it the test database in memory is as the last run's after migrating."""
    path = kept_at()
    if connection.vendor != "sqlite" or not path.exists():
        yield
        return
    with closing(sqlite3.connect(name_of_test_database(), uri=True)) as held:
        with closing(sqlite3.connect(path)) as kept:
            kept.backup(held)
        yield


def name_of_test_database() -> str:
    return connection.creation._get_test_db_name()


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
