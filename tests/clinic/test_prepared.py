"""A prepared query answers as the plain one does, each time for the values of now."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.db.models import BigIntegerField, CharField, DateTimeField, Value

from clinic.core.prepared import Given, prepared
from patients.records.models import Episode, Patient
from tests.factories import MONDAY_NINE, make_episode, make_patient

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@prepared
def episodes_of():
    return Episode.objects.filter(
        patient=Given("patient", BigIntegerField())
    ).select_related("patient")


@prepared
def names_since():
    since = Given("since", DateTimeField())
    name = Given("name", CharField())
    all_since = Patient.objects.filter(registered_at__gte=since).order_by()
    found = all_since.filter(family_name=name)
    others = all_since.exclude(family_name=name)
    shape = ("family_name", "registered_at")
    return found.values_list(Value(1), *shape).union(
        others.values_list(Value(2), *shape), all=True
    )


def test_each_call_asks_for_its_own_values():
    ana, ben = make_episode(), make_episode(patient=make_patient(given_name="Ben"))

    assert episodes_of(patient=ana.patient_id) == [ana]
    found = episodes_of(patient=ben.patient_id)
    assert found == [ben]
    assert found[0].patient.given_name == "Ben"
    assert episodes_of(patient=0) == []


def test_what_is_written_meanwhile_is_found():
    patient = make_patient()
    assert episodes_of(patient=patient.pk) == []

    episode = make_episode(patient=patient)

    assert episodes_of(patient=patient.pk) == [episode]


def test_it_is_one_query_with_related_rows(django_assert_num_queries):
    episode = make_episode()
    with django_assert_num_queries(1):
        assert episodes_of(patient=episode.patient_id)[0].patient.family_name


def test_values_are_turned_into_python_as_always():
    """Also where one value stands in several places of a union."""
    make_patient(family_name="Reyes")
    make_patient(family_name="Örnek", registered_at=MONDAY_NINE - DAY)
    make_patient(family_name="O'Brien; --")

    found = names_since(since=MONDAY_NINE, name="O'Brien; --")

    assert sorted(found) == [
        (1, "O'Brien; --", MONDAY_NINE),
        (2, "Reyes", MONDAY_NINE),
    ]


def test_a_value_left_out_is_an_error():
    with pytest.raises(KeyError, match="patient"):
        episodes_of()


def test_every_thread_asks_by_its_own_connection(many_connections):
    episode = make_episode()
    episodes_of(patient=episode.patient_id)
    found = []

    def ask():
        found.append(episodes_of(patient=episode.patient_id))
        connection.close()

    other = Thread(target=ask)
    other.start()
    other.join()

    assert found == [[episode]]
