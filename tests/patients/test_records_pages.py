"""The pages of finding, registering and correcting a patient."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from patients.records.models import Episode, Patient
from patients.records.services import correct_patient, register_patient
from tests.factories import make_episode, make_patient, sign_in

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
SEARCH = "/patients/"
REGISTER = "/patients/new/"


@pytest.fixture
def desk(client):
    return sign_in(client, Role.FRONT_DESK)


@pytest.fixture
def acupuncturist(client):
    return sign_in(client, Role.ACUPUNCTURIST)


def registered(**fields):
    defaults = {
        "by": None,
        "submission": uuid4(),
        "now": timezone.now(),
        "family_name": "Reyes",
        "given_name": "Ana",
        "birth_date": date(1980, 3, 12),
        "sex": "female",
    }
    return register_patient(**defaults | fields)


def filled_in(**fields):
    defaults = {
        "submission": str(uuid4()),
        "family_name": "Reyes",
        "given_name": "Ana",
        "preferred_name": "",
        "birth_date": "1980-03-12",
        "sex": "female",
        "phone": "07700 900123",
        "email": "",
        "language": "en",
        "emergency_name": "",
        "emergency_phone": "",
        "alerts": "",
    }
    return defaults | fields


def text_of(response):
    return response.content.decode()


class TestSearch:
    @pytest.mark.parametrize("patients", [1, 3])
    def test_query_count_does_not_grow(
        self, client, desk, django_assert_num_queries, patients
    ):
        """Four: the session, the user, the patients, their open episodes."""
        for number in range(patients):
            make_episode(patient=registered(given_name=f"Ana{number}"))

        with django_assert_num_queries(4):
            page = client.get(SEARCH, {"q": "ana"})

        assert text_of(page).count("12 Mar 1980") == patients

    def test_the_desk_sees_that_an_episode_is_open_but_not_which(self, client, desk):
        make_episode(patient=registered(), complaint="Left sciatica")

        page = text_of(client.get(SEARCH, {"q": "reyes"}))

        assert "since 2 Mar 2026" in page
        assert "Left sciatica" not in page

    def test_an_acupuncturist_sees_the_complaint(self, client, acupuncturist):
        make_episode(patient=registered(), complaint="Left sciatica")

        assert "Left sciatica" in text_of(client.get(SEARCH, {"q": "reyes"}))

    def test_as_one_types_only_the_links_come(self, client, desk):
        patient = registered(phone="07700 900123", preferred_name="Anita")

        page = client.get(SEARCH, {"q": "ani"}, **HTMX)

        assert "<html" not in text_of(page)
        assert f'href="/patients/{patient.pk}/"' in text_of(page)
        assert "…0123" in text_of(page)
        assert "HX-Request" in page["Vary"]

    def test_an_empty_box_shows_nothing_below_it(self, client, desk):
        registered()

        assert text_of(client.get(SEARCH, {"q": " "}, **HTMX)).strip() == ""

    def test_without_a_search_the_last_registered_are_shown(self, client, desk):
        patient = registered()

        assert patient.name in text_of(client.get(SEARCH))

    def test_a_search_in_vain_leads_to_registering_with_what_was_typed(
        self, client, desk
    ):
        page = text_of(client.get(SEARCH, {"q": "bo lopez"}))
        assert "/patients/new/?name=bo%20lopez" in page

        form = text_of(client.get(REGISTER, {"name": "bo lopez"}))
        assert 'value="Lopez"' in form
        assert 'value="Bo"' in form

    def test_more_than_a_page_is_turned_without_counting(self, client, desk):
        for number in range(21):
            registered(given_name=f"Ana{number:02}")

        first = text_of(client.get(SEARCH, {"q": "reyes"}))
        second = text_of(client.get(SEARCH, {"q": "reyes", "page": "2"}))

        assert "Ana19" in first
        assert "Ana20" not in first
        assert "q=reyes&amp;page=2" in first
        assert "Ana20" in second

    @pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "²", ""])
    def test_a_page_that_is_no_number_is_the_first(self, client, desk, page):
        registered()

        found = client.get(SEARCH, {"q": "reyes", "page": page})

        assert found.status_code == 200

    @pytest.mark.parametrize(
        "junk",
        ["\x00", "%", "'; DROP", "a" * 5000, "🦓", "\ud7ff", "1" * 300, "31/02/0000"],
    )
    def test_junk_is_looked_for_calmly(self, client, desk, junk):
        assert client.get(SEARCH, {"q": junk}).status_code == 200
        assert client.get(SEARCH, {"q": junk}, **HTMX).status_code == 200


class TestRegister:
    def test_a_patient_is_registered_and_their_page_comes_next(self, client, desk):
        page = client.post(REGISTER, filled_in())

        patient = Patient.objects.get()
        assert page.status_code == 302
        assert page["Location"] == f"/patients/{patient.pk}/"
        assert AuditEvent.objects.get().by == desk

    def test_a_double_click_registers_once(self, client, desk):
        form = filled_in()

        pages = [client.post(REGISTER, form) for _ in range(2)]

        assert {page["Location"] for page in pages} == {
            f"/patients/{Patient.objects.get().pk}/"
        }

    def test_a_likely_duplicate_is_shown_before_saving(self, client, desk):
        known = registered(given_name="Anna")

        page = client.post(REGISTER, filled_in())

        assert Patient.objects.get() == known
        assert known.get_absolute_url() in text_of(page)
        assert "07700 900123" in text_of(page)

    def test_somebody_else_is_registered_on_an_explicit_word(self, client, desk):
        registered()

        client.post(REGISTER, filled_in(is_someone_else="on"))

        assert Patient.objects.count() == 2

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("family_name", " ", "This field is required."),
            ("birth_date", "1899-12-31", "Nobody on our books was born before 1900."),
            ("birth_date", "9999-12-31", "This day is still to come."),
            ("birth_date", "0001-01-01", "Nobody on our books was born before 1900."),
            ("birth_date", "soon", "Give a day such as 2026-03-31."),
            ("sex", "robot", "Select a valid choice."),
            ("email", "ana", "Enter a valid email address."),
            ("language", "xx", "Select a valid choice."),
            ("phone", "0" * 41, "at most 40 characters"),
            ("alerts", "x" * 501, "at most 500 characters"),
            ("family_name", "Re\x00yes", "Null characters are not allowed."),
        ],
    )
    def test_bad_input_is_told_beside_the_field(
        self, client, desk, field, value, sentence
    ):
        page = client.post(
            REGISTER, filled_in(**{field: value, "emergency_name": "Ida"})
        )

        assert page.status_code == 422
        assert sentence in text_of(page)
        assert 'value="Ida"' in text_of(page)
        assert not Patient.objects.exists()

    def test_both_sides_of_the_oldest_and_the_newest_birth_date(self, client, desk):
        today = timezone.localdate()
        for day in (date(1900, 1, 1), today):
            client.post(REGISTER, filled_in(birth_date=day.isoformat(), phone=""))
        client.post(
            REGISTER, filled_in(birth_date=(today + timedelta(days=1)).isoformat())
        )

        assert Patient.objects.count() == 2

    @pytest.mark.parametrize("submission", ["", "x", "\x00", "0" * 500])
    def test_a_spoilt_submission_is_refused_without_a_crash(
        self, client, desk, submission
    ):
        page = client.post(REGISTER, filled_in(submission=submission))

        assert page.status_code == 422
        assert not Patient.objects.exists()

    @pytest.mark.parametrize(
        "name", ["\x00", "王小明", "12/03/1980", "12/03/25", "0771", "a" * 900, ",", ""]
    )
    def test_anything_typed_into_the_search_may_start_a_form(self, client, desk, name):
        assert client.get(REGISTER, {"name": name}).status_code == 200


class TestCorrect:
    def address(self, patient):
        return reverse("patients:correct", args=[patient.pk])

    def test_details_are_corrected(self, client, desk):
        patient = registered()

        page = client.post(
            self.address(patient), filled_in(family_name="Lopez", revision="0")
        )

        patient.refresh_from_db()
        assert page["Location"] == patient.get_absolute_url()
        assert (patient.family_name, patient.revision) == ("Lopez", 1)

    def test_the_second_of_two_sees_both_texts_and_loses_nothing(self, client, desk):
        patient = registered()
        correct_patient(by=desk, patient=patient, revision=0, family_name="Lopez")

        page = client.post(
            self.address(patient), filled_in(family_name="Diaz", revision="0")
        )

        assert page.status_code == 409
        assert "Lopez" in text_of(page)
        assert 'value="Diaz"' in text_of(page)
        assert Patient.objects.get().family_name == "Lopez"
        assert 'name="revision" value="1"' in text_of(page)

        client.post(self.address(patient), filled_in(family_name="Diaz", revision="1"))

        assert Patient.objects.get().family_name == "Diaz"

    def test_a_field_nobody_touched_here_is_taken_over(self, client, desk):
        patient = registered(phone="07700 900123")
        opened = client.get(self.address(patient)).context["form"]["seen"].value()
        correct_patient(by=desk, patient=patient, revision=0, alerts="Latex allergy")

        page = client.post(
            self.address(patient),
            filled_in(phone="0117 496 0000", revision="0", seen=opened),
        )

        assert page.status_code == 409
        assert "theirs is taken over" in text_of(page)
        again = page.context["form"].data
        assert (again["alerts"], again["phone"]) == ("Latex allergy", "0117 496 0000")

        client.post(self.address(patient), again)

        patient.refresh_from_db()
        assert (patient.alerts, patient.phone) == ("Latex allergy", "0117 496 0000")

    @pytest.mark.parametrize("seen", ["x", "[]", "null", '{"alerts": 3}', "{" * 9000])
    def test_a_spoilt_memory_of_the_form_takes_nothing_over(self, client, desk, seen):
        patient = registered()
        correct_patient(by=desk, patient=patient, revision=0, alerts="Latex allergy")

        page = client.post(
            self.address(patient), filled_in(revision="0", seen=seen, alerts="Asthma")
        )

        assert page.status_code in {409, 422}
        assert Patient.objects.get().alerts == "Latex allergy"

    def test_two_who_typed_the_same_need_not_decide(self, client, desk):
        patient = registered(phone="07700 900123")
        correct_patient(by=desk, patient=patient, revision=0, family_name="Lopez")

        page = client.post(
            self.address(patient), filled_in(family_name="Lopez", revision="0")
        )

        assert page.status_code == 302

    @pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 40])
    def test_a_spoilt_revision_saves_nothing(self, client, desk, revision):
        patient = registered()

        page = client.post(
            self.address(patient), filled_in(family_name="Diaz", revision=revision)
        )

        assert page.status_code == 422
        assert Patient.objects.get().family_name == "Reyes"


class TestEpisode:
    def opened(self, client, patient, **fields):
        form = {
            "complaint": "Left sciatica",
            "onset_on": "",
            "ago": "",
            "unit": "weeks",
            "submission": str(uuid4()),
        }
        return client.post(
            reverse("patients:open_episode", args=[patient.pk]), form | fields
        )

    def test_an_episode_leads_to_its_intake(self, client, acupuncturist):
        page = self.opened(client, make_patient(), ago="6")

        episode = Episode.objects.get()
        assert page["Location"] == reverse("patients:intake", args=[episode.pk])
        assert episode.onset_on == timezone.localdate() - timedelta(weeks=6)

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"complaint": ""}, "This field is required."),
            ({"onset_on": "2026-01-01", "ago": "3"}, "not both"),
            ({"onset_on": "9999-12-31"}, "This day is still to come."),
            ({"onset_on": "1979-12-31"}, "before the patient was born"),
            ({"ago": "1200", "unit": "years"}, "before the patient was born"),
            ({"ago": "1201"}, "less than or equal to 1200"),
            ({"ago": "-1"}, "greater than or equal to 0"),
            ({"ago": "9" * 50}, "less than or equal to 1200"),
            ({"ago": "3", "unit": "moons"}, "Select a valid choice."),
        ],
    )
    def test_an_impossible_beginning_is_refused(
        self, client, acupuncturist, fields, sentence
    ):
        page = self.opened(client, make_patient(), **fields)

        assert sentence in text_of(page)
        assert not Episode.objects.exists()

    def test_a_double_click_opens_one(self, client, acupuncturist):
        patient, submission = make_patient(), str(uuid4())

        for _ in range(2):
            self.opened(client, patient, submission=submission)

        assert Episode.objects.count() == 1

    def test_closing_can_be_undone_from_the_message(self, client, acupuncturist):
        episode = make_episode()
        close = reverse("patients:close_episode", args=[episode.pk])
        reopen = reverse("patients:reopen_episode", args=[episode.pk])

        page = client.post(close, {"on": episode.opened_on.isoformat()}, follow=True)
        assert reopen in text_of(page)

        client.post(reopen)
        episode.refresh_from_db()
        assert episode.closed_on is None

    @pytest.mark.parametrize("on", ["2026-03-01", "9999-12-31", "0001-01-01", "x", ""])
    def test_an_episode_closes_between_its_opening_and_today(
        self, client, acupuncturist, on
    ):
        episode = make_episode()

        client.post(reverse("patients:close_episode", args=[episode.pk]), {"on": on})

        episode.refresh_from_db()
        assert episode.closed_on is None


class TestRights:
    def pages(self):
        episode = make_episode()
        patient = episode.patient
        return {
            "search": reverse("patients:search"),
            "register": reverse("patients:register"),
            "correct": reverse("patients:correct", args=[patient.pk]),
            "open": reverse("patients:open_episode", args=[patient.pk]),
            "close": reverse("patients:close_episode", args=[episode.pk]),
        }

    @pytest.mark.parametrize(
        ("role", "may"),
        [
            (Role.FRONT_DESK, {"search", "register", "correct"}),
            (Role.ACUPUNCTURIST, {"search", "register", "correct", "open", "close"}),
            (Role.ADMIN, {"search"}),
        ],
    )
    def test_each_role_reaches_its_own(self, client, role, may):
        sign_in(client, role)

        answers = {
            name: client.get(url).status_code for name, url in self.pages().items()
        }

        assert {name for name, code in answers.items() if code == 200} == may
        assert {code for name, code in answers.items() if name not in may} <= {403}

    @pytest.mark.parametrize("name", ["correct", "open", "close"])
    def test_opening_a_record_is_audited(self, client, acupuncturist, name):
        client.get(self.pages()[name])

        event = AuditEvent.objects.get()
        assert (event.action, event.by) == ("open_record", acupuncturist)

    def test_a_stranger_is_led_to_the_sign_in(self, client):
        for url in self.pages().values():
            assert client.get(url)["Location"].startswith("/account/sign-in/")

    @pytest.mark.parametrize("pk", [0, 999_999, 10**30])
    def test_nobody_of_this_number_is_not_found(self, client, acupuncturist, pk):
        for name in ("correct", "open_episode", "close_episode"):
            assert client.get(reverse(f"patients:{name}", args=[pk])).status_code == 404

    def test_a_post_of_the_desk_opens_no_episode(self, client, desk):
        patient = make_patient()

        page = client.post(reverse("patients:open_episode", args=[patient.pk]))

        assert page.status_code == 403
