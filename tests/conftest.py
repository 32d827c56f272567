import gc

import pytest
from django.db import connection, connections
from django.test import override_settings
from hypothesis import HealthCheck, settings

from plans.catalogue.services import load_acupoints
from tests.migrated import emptied_by_tests, hold_migrated, keep_migrated

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


def pytest_collection_modifyitems(config, items):
    other = [
        item
        for item in items
        for mark in item.iter_markers("only_on")
        if connection.vendor not in mark.args
    ]
    config.hook.pytest_deselected(items=other)
    items[:] = [item for item in items if item not in other]


def pytest_collection_finish():
    """What is imported and collected stays: it isn't looked through for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def migrated(django_db_modify_db_settings):
    return hold_migrated()


@pytest.fixture(scope="session")
def django_db_setup(migrated, django_db_setup, django_db_blocker):
    """Every test database has the acupoint catalogue, as every clinic's has."""
    if migrated:
        migrated.close()
    with django_db_blocker.unblock():
        keep_migrated()
        load_acupoints()
        with emptied_by_tests():
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
