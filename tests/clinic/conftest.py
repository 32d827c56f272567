import pytest
from django.core.cache import cache


@pytest.fixture
def nothing_counted_yet(db):
    """Failed attempts of one test don't count in the next."""
    cache.clear()
