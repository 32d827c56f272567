"""What is still booked when a review ends a course: cancelled with it, or named."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from patients.records.models import Patient
from plans.messages.models import Message
from plans.messages.services import send_what_is_due
from plans.reviews.models import Review
from plans.scheduling.models import FreedPlace
from plans.scheduling.services import Slot, move_appointment
from tests.factories import make_hours, make_user, sign_in
from tests.plans.caseload import DAY, make_visit
from tests.plans.reviews_setting import (
    NOW,
    make_done_course,
    make_review,
    page_of,
    sent,
    text_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def day_28(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def version():
    return make_done_course()


@pytest.fixture
def ahead(version):
    """One tomorrow noon, which is near; one in a week."""
    return [
        make_visit(version, NOW + days * DAY, status=status)
        for days, status in ((0.5, "confirmed"), (7, "booked"))
    ]


def statuses(ahead):
    for row in ahead:
        row.refresh_from_db()
    return [row.status for row in ahead]


def test_to_finish_offers_to_cancel_them_and_names_each(client, version, ahead):
    sign_in(client, Role.ACUPUNCTURIST)
    make_visit(version, NOW + 9 * DAY, status="cancelled")

    page = text_of(client.get(page_of(version)))

    assert page.count("Cancel the 2 appointments that are still booked") == 2
    assert "Tue 31 Mar 2026 01:00" in page
    assert "Mon 6 Apr 2026 13:00" in page
    assert "8 Apr" not in page
    assert re.search(r'value="finish" id="cancel-finish" checked', page)
    assert 'value="refer" id="cancel-refer">' in page


def test_with_nothing_booked_nothing_is_offered(client, version):
    sign_in(client, Role.ACUPUNCTURIST)

    assert "Cancel the" not in text_of(client.get(page_of(version)))


@pytest.mark.parametrize("decision", ["finish", "refer"])
def test_ticked_they_are_cancelled_with_the_decision(client, version, ahead, decision):
    """By the clinic: none of them is a late cancellation of the patient's."""
    user = sign_in(client, Role.ACUPUNCTURIST)

    answer = client.post(page_of(version), sent(version, decision, cancel=[decision]))

    assert answer.status_code == 302
    assert statuses(ahead) == ["cancelled", "cancelled"]
    assert {row.cancel_reason for row in ahead} == {"Decided at a review"}
    done = AuditEvent.objects.filter(action="set_status", by=user)
    assert {event.subject_id for event in done} == {str(row.pk) for row in ahead}
    assert FreedPlace.objects.count() == 2
    page = text_of(client.get(answer.url))
    assert "2 appointments are cancelled." in page
    assert "still booked" not in page


@pytest.mark.parametrize(
    ("decision", "cancel"), [("finish", []), ("refer", ["finish"]), ("continue", [])]
)
def test_unticked_they_stay(client, version, ahead, decision, cancel):
    sign_in(client, Role.ACUPUNCTURIST)

    answer = client.post(page_of(version), sent(version, decision, cancel=cancel))

    assert statuses(ahead) == ["confirmed", "booked"]
    if decision != "continue":
        page = text_of(client.get(answer.url))
        assert "2 appointments are still booked" in page


def test_one_that_was_moved_meanwhile_is_seen_before_it_is_cancelled(
    client, version, ahead
):
    sign_in(client, Role.ACUPUNCTURIST)
    form = sent(version, "finish", cancel=["finish"])
    far = ahead[-1]
    make_hours(far.practitioner)
    there = Slot(far.practitioner_id, None, far.starts_at + DAY)
    move_appointment(by=make_user(), appointment=far, slot=there, revision=0)

    answer = client.post(page_of(version), form)

    assert answer.status_code == 409
    assert statuses(ahead) == ["confirmed", "booked"]
    assert not Review.objects.exists()
    page = text_of(answer)
    assert "Tue 7 Apr 2026 13:00" in page
    assert "Half way there" in page
    assert 'id="cancel-finish" checked' in page
    form["booked"] = re.search(r'name="booked" value="([^"]+)"', page)[1]
    assert client.post(page_of(version), form).status_code == 302
    assert statuses(ahead) == ["cancelled", "cancelled"]


def test_sent_twice_it_is_said_once(client, version, ahead):
    sign_in(client, Role.ACUPUNCTURIST)
    form = sent(version, "refer", cancel=["refer"])

    answers = [client.post(page_of(version), form) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Review.objects.count() == 1
    page = text_of(client.get(answers[1].url))
    assert page.count("2 appointments are cancelled.") == 1
    assert "0 appointments" not in page


def test_a_decision_that_comes_too_late_cancels_nothing(client, version, ahead):
    sign_in(client, Role.ACUPUNCTURIST)
    form = sent(version, "finish", cancel=["finish"])
    make_review(version, by=make_user(), reason="I was first")

    assert client.post(page_of(version), form).status_code == 409

    assert statuses(ahead) == ["confirmed", "booked"]


def test_a_patient_who_was_told_of_them_is_told_again(
    client, version, ahead, mailoutbox
):
    sign_in(client, Role.ACUPUNCTURIST)
    Patient.objects.update(email="a@example.org", reminders_by_email=True)
    send_what_is_due(by=None, clock=lambda: NOW)
    assert len(mailoutbox) == 1

    client.post(page_of(version), sent(version, "finish", cancel=["finish"]))

    send_what_is_due(by=None, clock=lambda: NOW + timedelta(hours=1))
    last = Message.objects.latest("pk")
    assert (last.kind, last.mentions.count()) == ("cancelled", 2)
