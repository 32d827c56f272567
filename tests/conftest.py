import pytest
from django.test import override_settings

from plans.catalogue.services import load_acupoints

PLAIN = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "STORAGES": {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        },
    },
}


@pytest.fixture(scope="session", autouse=True)
def plain_settings():
    """Quick passwords, and static files without a manifest."""
    with override_settings(**PLAIN):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Every test database has the acupoint catalogue, as every clinic's has."""
    with django_db_blocker.unblock():
        load_acupoints()
