from datetime import date

import pytest

from tests.factories import make_episode, make_patient, make_user


@pytest.fixture
def user(client):
    user = make_user(name="Mei Lindqvist", qualification="LicAc")
    client.force_login(user)
    return user


@pytest.fixture
def episode():
    return make_episode(patient=make_patient(birth_date=date(1976, 1, 15)))
