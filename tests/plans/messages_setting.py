"""Patients who are written to, and what has left by when."""

from datetime import timedelta

from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from plans.messages import services
from plans.messages.models import Message
from plans.messages.policy import POLICY
from tests.factories import (
    MONDAY_NINE,
    make_appointment,
    make_patient,
)

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
NOW = MONDAY_NINE  # every appointment of the factory was booked then
LATER = NOW + POLICY.undo


def someone(**fields):
    defaults = {"email": "ana@example.org", "reminders_by_email": True}
    return make_patient(**defaults | fields)


def booked(patient=None, days=10, **fields):
    return make_appointment(
        patient=patient or someone(), starts_at=NOW + days * DAY, **fields
    )


def send(at=LATER, by=None):
    return services.send_what_is_due(by=by, clock=lambda: at)


def said():
    return [(row.to, row.subject) for row in mail.outbox]


def states():
    return list(Message.objects.order_by("pk").values_list("kind", "state"))


class Silent(EmailBackend):
    def open(self):
        raise ConnectionRefusedError


SILENT = f"{__name__}.{Silent.__name__}"
