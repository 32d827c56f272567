import pytest
from django.urls import reverse
from django.utils import timezone

from patients.intake.models import Clearance, Intake
from tests.patients.intake_setting import (
    CANCER,
    CLEAR,
    SADDLE,
    address,
    send,
    taken,
    text,
)

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- the screen


def test_open_questions_are_listed_and_lead_to_their_fields(client, user, episode):
    answers = {k: v for k, v in CLEAR.items() if k not in ("fever_unwell", "foot_drop")}
    intake = taken(user, episode, answers)

    page = text(client.get(address("screen", intake)))

    assert "Not clear yet: 2 questions are open" in page
    assert f'href="{address("intake", episode)}#id_fever_unwell_0"' in page
    assert 'id="id_fever_unwell_0"' in text(client.get(address("intake", episode)))
    assert reverse("plans:propose", args=[episode.pk]) not in page
    assert "Unknown is not no" in page


def test_a_raised_flag_shows_its_reason_source_and_what_is_to_confirm(
    client, user, episode
):
    intake = taken(
        user, episode, CLEAR | {"cancer_history": True, "major_trauma": True}
    )

    page = text(client.get(address("screen", intake)))

    assert "2 red flags are raised" in page
    assert "NICE guideline NG59" in page
    assert "strength B" in page
    assert "to be confirmed by a clinician" in page
    assert "Cancer, now or ever?" in page


def clearance(client, intake, **fields):
    defaults = {
        "flag": "RF3",
        "revision": intake.revision,
        "cleared_by": "Dr Osei",
        "cleared_on": timezone.localdate().isoformat(),
        "note": "",
    }
    return client.post(address("clearance", intake), defaults | fields)


def test_a_clearance_opens_the_way_and_a_changed_answer_shuts_it(client, user, episode):
    intake = taken(user, episode, CANCER)

    page = text(client.get(clearance(client, intake).url))

    assert "Clear, with a doctor’s clearance" in page
    assert "Dr Osei" in page
    assert reverse("plans:propose", args=[episode.pk]) in page

    sent = send(client, episode, CANCER | {"weight_loss": True})
    page = text(client.get(sent.url))

    assert "A red flag is raised: a doctor first" in page
    assert "Lapsed" in page
    assert reverse("plans:propose", args=[episode.pk]) not in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cleared_by": ""}, "This field is required."),
        ({"cleared_on": "soon"}, "Give a day such as 2026-03-31."),
        ({"cleared_on": "0001-01-01"}, "This is too long ago to rely on."),
        ({"cleared_on": "9999-12-31"}, "This day is still to come."),
        ({"cleared_by": "Dr\x00"}, "Null characters are not allowed."),
        ({"note": "x" * 301}, "at most 300 characters"),
    ],
)
def test_what_is_wrong_with_a_clearance_stands_beside_it(
    client, user, episode, fields, words
):
    intake = taken(user, episode, CANCER)

    answer = clearance(client, intake, **{"note": "seen"} | fields)

    assert answer.status_code == 422
    assert words in text(answer)
    assert not Clearance.objects.exists()


def test_a_clearance_for_answers_of_before_is_refused(client, user, episode):
    intake = taken(user, episode, CANCER)
    send(client, episode, CANCER | {"weight_loss": True})

    answer = client.get(clearance(client, intake).url)

    assert "The answers were changed meanwhile" in text(answer)
    assert not Clearance.objects.exists()


@pytest.mark.parametrize("flag", ["RF1", "RF4", "", "RF99", "x" * 99, "\x00"])
def test_a_flag_that_takes_no_clearance(client, user, episode, flag):
    intake = taken(user, episode, SADDLE)

    answer = client.get(clearance(client, intake, flag=flag).url)

    assert "This flag takes no clearance." in text(answer)
    assert Intake.objects.get().screen == "raised"


def test_a_hard_stop_hides_the_clearances_of_other_flags(client, user, episode):
    intake = taken(user, episode, SADDLE | {"cancer_history": True})

    assert "Record the clearance" not in text(client.get(address("screen", intake)))


def test_a_letter_without_a_flag_reads_as_a_letter(client, user, episode):
    intake = taken(user, episode, CLEAR | {"anticoagulant": True, "leg_nrs": 5})

    page = text(client.get(address("letter", intake)))

    assert "We ask for your assessment and advice." in page
    assert "Blood thinners?" in page
    assert "Asked and answered no" in page


def test_the_letter_tells_what_a_doctor_cleared(client, user, episode):
    intake = taken(user, episode, CANCER | {"fever_unwell": True})
    clearance(client, intake)

    page = text(client.get(address("letter", intake)))

    assert "Cleared by a doctor before" in page
    assert "Possible infection" in page
