import gc

import pytest
from django.apps import apps
from django.db import connections
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.signals import post_migrate
from django.test import override_settings
from hypothesis import HealthCheck, settings

from clinic.core.fixed import unfixed
from plans.catalogue.services import load_acupoints
from tests.migrated import keep_migrated, migrated_before

# No deadline, no complaint of slowness: the machine may have other work.
settings.register_profile(
    "quick",
    max_examples=50,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
# ./test --hypothesis-profile=thorough: before a release, not at every change.
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=1250)
settings.load_profile("quick")

PLAIN = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "STORAGES": {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        },
    },
    # No collected files are looked for, so none are missed.
    "WHITENOISE_AUTOREFRESH": True,
}


@pytest.fixture(scope="session", autouse=True)
def plain_settings():
    """Quick passwords, and static files without a manifest."""
    with override_settings(**PLAIN):
        yield


def pytest_collection_finish():
    """What is imported and collected stays: it isn't looked through for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    with migrated_before():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Every test database has the acupoint catalogue, as every clinic's has.

    A test with transactions of its own empties the tables after it, and says so by
    this signal: whatever runs next finds the catalogue again.
    """

    def load(**_signal):
        load_acupoints()

    with django_db_blocker.unblock():
        keep_migrated()
        load_acupoints()
    post_migrate.connect(load, sender=apps.get_app_config("plans"), weak=False)


@pytest.fixture(scope="session", autouse=True)
def tests_may_empty_tables():
    """A test with transactions of its own clears them after it, fixed rows too."""
    empty = BaseDatabaseOperations.execute_sql_flush

    def loosened(operations, sql_list):
        with unfixed(operations.connection):
            empty(operations, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", loosened)
        yield


@pytest.fixture
def many_connections(transactional_db, tmp_path):
    """Let threads write at once, as workers do. SQLite in memory can't: use a file."""
    in_memory = connections["default"]
    if in_memory.vendor != "sqlite":
        yield
        return
    path = tmp_path / "test.sqlite3"
    with in_memory.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    settings = connections.settings["default"]
    name, settings["NAME"] = settings["NAME"], str(path)
    connections["default"] = connections.create_connection("default")
    yield
    connections["default"].close()
    settings["NAME"] = name
    connections["default"] = in_memory
