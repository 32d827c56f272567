import smtplib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, transaction

from clinic.access.roles import Role
from clinic.core.conflicts import Stale
from plans.messages import services
from plans.messages.models import Mention, Message
from plans.messages.policy import POLICY
from plans.messages.queries import upcoming
from tests.factories import (
    make_user,
)
from tests.plans.messages_setting import (
    DAY,
    HOUR,
    LATER,
    MINUTE,
    NOW,
    SILENT,
    booked,
    said,
    send,
    someone,
    states,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return make_user(Role.FRONT_DESK)


# ------------------------------------------------------------------ what goes wrong


class Refusing(EmailBackend):
    """Sends to all but those whose address says why not."""

    def send_messages(self, messages):
        for message in messages:
            (address,) = message.to
            if address.startswith("nobody"):
                raise smtplib.SMTPRecipientsRefused({address: (550, b"no such user")})
            if address.startswith("silent"):
                raise TimeoutError(f"no answer for {address}")
        return super().send_messages(messages)


@pytest.fixture
def refusing(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"


def test_one_that_fails_does_not_keep_the_others(refusing, caplog):
    for name in ("ana", "nobody", "silent", "ben"):
        booked(someone(email=f"{name}@example.org"))

    run = send()

    assert (run.sent, run.failed) == (2, 2)
    assert [to for to, _ in said()] == [["ana@example.org"], ["ben@example.org"]]
    assert [state for _, state in states()] == ["sent", "failed", "unsure", "sent"]
    assert list(Message.objects.order_by("pk").values_list("why", flat=True)) == [
        "",
        "SMTPRecipientsRefused 550",
        "TimeoutError",
        "",
    ]
    assert "example.org" not in caplog.text
    assert send(at=LATER + DAY).sent == 0  # nothing is sent again by itself


def test_without_a_mail_server_nothing_is_lost(settings):
    booked()
    settings.EMAIL_BACKEND = SILENT

    with pytest.raises(services.NoMailServer):
        send()

    assert states() == [("booking", "queued")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send(at=LATER + HOUR).sent == 1


def test_a_claim_without_an_end_waits_for_a_person(desk):
    booked()
    services.queue_due(now=LATER)
    message = Message.objects.get()
    assert services.claim(message.pk, now=LATER)

    assert send(at=LATER + DAY).sent == 0
    with pytest.raises(Stale):  # it may be on its way still
        services.told_by_phone(by=desk, message=message, now=LATER + MINUTE)
    services.told_by_phone(
        by=desk, message=message, now=LATER + POLICY.unsure_after + MINUTE
    )
    with pytest.raises(Stale):
        services.try_again(by=desk, message=message, now=LATER + DAY)
    assert states() == [("booking", "by_phone")]
    assert send(at=LATER + DAY).sent == 0


def test_tried_again_it_is_sent_if_it_is_still_true(refusing, desk):
    patient = someone(email="nobody@example.org")
    booked(patient)
    send()
    patient.email = "ana@example.org"
    patient.save()

    services.try_again(by=desk, message=Message.objects.get(), now=LATER + HOUR)

    assert send(at=LATER + HOUR).sent == 1
    assert states() == [("booking", "sent")]


def test_a_person_may_settle_while_the_worker_still_waits(desk, monkeypatch):
    """The mail server takes a quarter of an hour: the desk was quicker."""
    booked()

    def slow(self, *args, **kwargs):
        message = Message.objects.get()
        services.told_by_phone(by=desk, message=message, now=LATER + 20 * MINUTE)

    monkeypatch.setattr("django.core.mail.EmailMessage.send", slow)
    send()

    assert states() == [("booking", "by_phone")]


# ------------------------------------------------------------------ the database's part


def mention(appointment, kind, **fields):
    message = Message.objects.create(
        patient=appointment.patient, kind=kind, queued_at=NOW
    )
    defaults = {"starts_at": appointment.starts_at, "revision": 0}
    return Mention.objects.create(
        message=message, appointment=appointment, kind=kind, **defaults | fields
    )


@pytest.mark.parametrize(
    ("kind", "other", "allowed"),
    [
        ("early_reminder", {"revision": 1}, False),
        ("early_reminder", {"starts_at": NOW + 11 * DAY}, True),
        ("moved", {"starts_at": NOW + 11 * DAY}, False),
        ("moved", {"revision": 1}, True),
    ],
)
def test_nothing_is_told_twice_whoever_writes_it(kind, other, allowed):
    appointment = booked()
    mention(appointment, kind)

    if allowed:
        mention(appointment, kind, **other)
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            mention(appointment, kind, **other)
    mention(appointment, kind, dropped=True)


@pytest.mark.parametrize(
    "fields",
    [{"kind": "advert"}, {"state": "posted"}, {"state": "sent"}, {"claimed_at": NOW}],
    ids=str,
)
def test_a_message_without_sense_is_refused(fields):
    defaults = {"patient": someone(), "kind": "booking", "queued_at": NOW}

    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(**defaults | fields)


WORKERS = 8


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_each_message_has_one(many_connections):
    patient = someone()
    messages = Message.objects.bulk_create(
        Message(patient=patient, kind="booking", queued_at=NOW) for _ in range(200)
    )
    gate = Barrier(WORKERS)

    def work(_worker):
        gate.wait()
        try:
            return [row.pk for row in messages if services.claim(row.pk, now=LATER)]
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        claimed = [pk for found in pool.map(work, range(WORKERS)) for pk in found]

    assert sorted(claimed) == sorted(row.pk for row in messages)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_each_message_once(many_connections):
    for number in range(12):
        booked(someone(email=f"p{number}@example.org"))
    gate = Barrier(4)

    def run(_worker):
        gate.wait()
        try:
            return send().sent
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 12

    assert len({to for (to,), _ in said()}) == len(mail.outbox) == 12


@pytest.mark.parametrize("owed", [1, 12])
def test_what_is_owed_is_found_in_two_queries(django_assert_num_queries, owed):
    for _ in range(owed):
        booked()

    with django_assert_num_queries(2):
        assert len(upcoming(LATER)) == owed
