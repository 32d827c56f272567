from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from patients.records.models import Episode, Patient
from patients.records.queries import (
    MOST_FOUND,
    find_patients,
    first_found,
    likely_duplicates,
    open_episodes,
)
from patients.records.services import (
    close_episode,
    correct_patient,
    open_episode,
    register_patient,
    reopen_episode,
)
from tests.factories import make_episode, make_patient, make_user

pytestmark = pytest.mark.django_db


def register(family_name="Reyes", given_name="Ana", **fields):
    defaults = {
        "by": None,
        "submission": uuid4(),
        "now": timezone.now(),
        "birth_date": date(1980, 3, 12),
        "sex": "female",
    }
    return register_patient(
        family_name=family_name, given_name=given_name, **defaults | fields
    )


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


class TestRegister:
    def test_a_registration_is_audited_without_the_name(self):
        desk = make_user(Role.FRONT_DESK)

        patient = register(by=desk)

        event = AuditEvent.objects.get()
        assert (event.action, event.by) == ("register_patient", desk)
        assert event.patient_id == patient.pk
        assert event.details == {}

    def test_the_same_form_sent_twice_registers_once(self):
        submission = uuid4()

        first = register(submission=submission)
        second = register(submission=submission)

        assert first == second
        assert actions() == ["register_patient"]


class TestFind:
    @pytest.mark.parametrize(
        "typed",
        [
            "rey",
            "REYES",
            "ana reyes",
            "Reyes, Ana",
            "an re",
            "anita",
            "0123",
            "07700 900123",
            "12/03/1980",
            "1980-03-12 ana",
        ],
    )
    def test_by_any_part_in_any_order(self, typed):
        patient = register(preferred_name="Añita", phone="07700 900123")
        register("Lopez", "Bo", birth_date=date(1990, 1, 1))

        assert list(find_patients(typed)) == [patient]
        assert first_found(typed, 2) == [patient]

    @pytest.mark.parametrize(
        "typed", ["王", "王小明", "小明", "明", "王 小明", "小明 王"]
    )
    def test_a_chinese_name(self, typed):
        patient = register("王", "小明")
        register("李", "红")

        assert list(find_patients(typed)) == [patient]
        assert first_found(typed, 2) == [patient]

    @pytest.mark.parametrize(
        "typed", ["", "  ", "%", "_", "rey%", "12/03/1981", "\x00"]
    )
    def test_nobody_is_found_by_nothing(self, typed):
        register()
        expected = 1 if typed == "rey%" else 0  # punctuation is not looked for

        assert len(find_patients(typed)) == expected
        assert len(first_found(typed, 2)) == expected

    def test_exact_words_stand_first(self):
        register("Liang", "Ada")
        li = register("Li", "Zoe")

        assert find_patients("li").first() == li
        assert first_found("li", 1) == [li]

    def test_the_same_search_is_asked_anew(self):
        lopez, reyes = register("Lopez", "Bo"), register("Reyes", "Bo")

        assert first_found("bo lopez", 2) == [lopez]
        assert first_found("bo reyes", 2) == [reyes]
        assert first_found("bo", 2) == [lopez, reyes]
        assert first_found("bo", 1) == [lopez]

    def test_the_newest_open_episode_comes_along(self):
        patient = register()
        make_episode(patient=patient, complaint="Old", closed_on=timezone.localdate())
        make_episode(patient=patient, complaint="Right sciatica")
        newest = make_episode(patient=patient, complaint="Left sciatica")

        assert open_episodes([patient, register("Lopez")]) == {patient.pk: newest}

    def test_no_search_reads_everybody(self, django_assert_num_queries):
        for number in range(3):
            register(given_name=f"Ana {number}")

        with django_assert_num_queries(1):
            found = list(find_patients("an rey"))

        assert len(found) == 3
        assert str(find_patients("an rey").query).count(f"LIMIT {MOST_FOUND}") == 1


class TestPlan:
    """What the database does; at 100,000 patients a scan would be felt."""

    def plan(self, typed):
        found = find_patients(typed)[:21]
        if connection.vendor == "sqlite":
            return found.explain()
        # A small table is scanned and sorted; now only where no index can serve.
        with connection.cursor() as cursor:
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        return found.explain()

    @pytest.mark.parametrize(
        ("typed", "index"),
        [
            ("reyes", "search_term_by_prefix"),
            ("r", "search_term_by_prefix"),
            ("rey an", "search_term_by_prefix"),
            ("王", "search_term_by_prefix"),
            ("07700", "search_term_by_prefix"),
            ("12/03/1980", "birth_date"),
            ("12/03/1980 an", "birth_date"),
        ],
    )
    def test_the_index_serves(self, typed, index):
        register()

        plan = self.plan(typed)

        assert index in plan
        assert "Seq Scan" not in plan
        assert "SCAN patients" not in plan

    def test_the_first_matches_are_read_in_the_order_of_the_index(self):
        register()

        plan = self.plan("re")

        if connection.vendor == "postgresql":
            assert "Sort Key: u0.term" not in plan
        else:
            first = plan.split("LIST SUBQUERY")[1].split("CORRELATED")[0]
            assert "TEMP B-TREE" not in first


class TestDuplicates:
    def duplicates(self, **fields):
        wanted = {
            "family_name": "Reyes",
            "given_name": "Ana",
            "birth_date": date(1980, 3, 12),
            "phone": "",
        }
        return likely_duplicates(**wanted | fields)

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"family_name": "Reyez"},
            {"family_name": "Smith"},
            {"family_name": "Ana", "given_name": "Reyes"},
            {"birth_date": date(1980, 12, 3)},
            {"birth_date": date(1981, 1, 1), "phone": "+44 7700 900123"},
        ],
    )
    def test_the_same_person_typed_otherwise(self, fields):
        patient = register(phone="07700 900 123")

        assert self.duplicates(**fields) == [patient]

    @pytest.mark.parametrize(
        "fields",
        [
            {"birth_date": date(1980, 3, 13)},
            {"given_name": "Bo", "family_name": "Smith"},
            {
                "given_name": "Bo",
                "birth_date": date(2012, 1, 1),
                "phone": "07700900123",
            },
        ],
    )
    def test_somebody_else(self, fields):
        register(phone="07700 900 123")

        assert self.duplicates(**fields) == []


class TestCorrect:
    def test_a_correction_changes_what_the_patient_is_found_by(self):
        patient = register(phone="07700 900123")
        desk = make_user(Role.FRONT_DESK)

        correct_patient(
            by=desk, patient=patient, revision=0, family_name="Lopez", phone=""
        )

        assert list(find_patients("lopez")) == [patient]
        assert not find_patients("reyes")
        assert not find_patients("0123")
        assert AuditEvent.objects.filter(action="correct_patient").get().details == {
            "fields": ["family_name", "phone"],
            "revision": 1,
        }

    def test_the_second_of_two_is_told_and_writes_nothing(self):
        patient = register()
        desk = make_user(Role.FRONT_DESK)
        correct_patient(by=desk, patient=patient, revision=0, family_name="Lopez")

        with pytest.raises(Stale):
            correct_patient(by=desk, patient=patient, revision=0, family_name="Diaz")

        assert Patient.objects.get().family_name == "Lopez"
        assert list(find_patients("lopez")) == [patient]


class TestEpisodes:
    def test_an_episode_opens_once_on_the_day_given(self):
        patient, user, submission = make_patient(), make_user(), uuid4()

        for _ in range(2):
            episode = open_episode(
                by=user,
                patient=patient,
                complaint="Left sciatica",
                onset_on=date(2026, 1, 1),
                on=date(2026, 3, 2),
                submission=submission,
            )

        assert Episode.objects.get() == episode
        assert episode.opened_on == date(2026, 3, 2)
        assert actions() == ["open_episode"]

    def test_closing_twice_keeps_the_first_day_and_it_can_be_undone(self):
        episode, user = make_episode(), make_user()
        first = episode.opened_on + timedelta(days=30)

        close_episode(by=user, episode=episode, on=first)
        close_episode(by=user, episode=episode, on=first + timedelta(days=1))

        assert episode.closed_on == first

        reopen_episode(by=user, episode=episode)

        assert episode.closed_on is None
        assert actions() == ["close_episode", "reopen_episode"]
