"""The outbox: what is owed is queued, claimed by one worker, sent at most once.

Sending twice is worse than a call from the desk: a message that was claimed and is not
known to be sent waits for a person and is never sent again by itself.
"""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage, get_connection
from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from plans.messages import queries
from plans.messages.due import Kind, Planned, still_holds
from plans.messages.ical import CANCEL, PUBLISH, calendar_file
from plans.messages.letters import WITH_FILE, Clinic, Date, event_words, letter
from plans.messages.models import CalendarAddress, Mention, Message
from plans.scheduling.clock import wall
from plans.scheduling.models import Appointment
from plans.scheduling.policy import POLICY as DIARY
from plans.scheduling.queries import clinic_zone
from plans.scheduling.services.booking import alone_with_the_diary
from plans.scheduling.statuses import AHEAD

State = Message.State

MOST = 500  # messages a run; the next one takes the rest
# The server said no before it took the message over, so it can't have left.
REFUSED = (
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPDataError,
    BadHeaderError,
)


class NoMailServer(Exception):
    """Nothing can be sent now; nothing was claimed, so all of it is sent later."""


@dataclass(slots=True)
class Run:
    sent: int = 0
    failed: int = 0
    dropped: int = 0


def can_send() -> bool:
    """The demo keeps its messages, so it needs no mail server."""
    return bool(settings.DEMO or settings.EMAIL_URL)


# ------------------------------------------------------------------ what is owed


def queue_due(*, now: datetime) -> int:
    """Queue what may leave now. Whoever is owed something is looked at once more while
    nobody books and nobody else queues; mostly nobody is, and no desk has to wait.
    """
    patients = {row.patient for row in queries.upcoming(now) if row.leaves_at <= now}
    if not patients:
        return 0
    with transaction.atomic():
        alone_with_the_diary()
        owed = queries.upcoming(now, patients=patients)
        return _queue([row for row in owed if row.leaves_at <= now], now)


def _queue(due: Sequence[Planned], now: datetime) -> int:
    messages = Message.objects.bulk_create(
        Message(patient_id=row.patient, kind=row.kind, queued_at=now) for row in due
    )
    Mention.objects.bulk_create(
        Mention(
            message=message,
            appointment_id=visit.appointment,
            kind=row.kind,
            starts_at=visit.starts_at,
            was=visit.told_start if row.kind == Kind.MOVED else None,
            revision=visit.revision,
        )
        for message, row in zip(messages, due, strict=True)
        for visit in row.visits
    )
    return len(due)


def claim(message_id: int, *, now: datetime) -> Message | None:
    """The message, for whoever comes first; None for everybody else."""
    free = Message.objects.filter(pk=message_id, state=State.QUEUED, claimed_at=None)
    if not free.update(state=State.CLAIMED, claimed_at=now):
        return None
    return Message.objects.select_related("patient").get(pk=message_id)


# ------------------------------------------------------------------ sending


def send_what_is_due(*, by: User | None, clock: Callable[[], datetime]) -> Run:
    """Queue, claim and send; one that fails does not keep the others.

    Raises NoMailServer as soon as the server does not answer.
    """
    run = Run()
    queue_due(now=clock())
    queued = Message.objects.filter(state=State.QUEUED).order_by("queued_at", "pk")
    connection = get_connection()
    try:
        for message_id in list(queued.values_list("pk", flat=True)[:MOST]):
            try:
                connection.open()
            except (OSError, SMTPException) as error:
                raise NoMailServer(why_of(error)) from error
            message = claim(message_id, now=clock())
            if message is None:
                continue
            if not _write(message, now=clock()):
                run.dropped += 1
            elif _send(message, connection, by=by, clock=clock):
                run.sent += 1
            else:
                run.failed += 1
    finally:
        _hang_up(connection)
    return run


@transaction.atomic
def _write(message: Message, *, now: datetime) -> bool:
    """Put into words what is still true; say whether anything is."""
    patient = message.patient
    true: list[Mention] = []
    untrue: list[Mention] = []
    for mention in message.mentions.select_related("appointment"):
        appointment = mention.appointment
        holds = patient.reminders_by_email and still_holds(
            message.kind,
            is_held=appointment.status in AHEAD,
            starts_at=appointment.starts_at,
            said=mention.starts_at,
            now=now,
        )
        (true if holds else untrue).append(mention)
    Mention.objects.filter(pk__in=[mention.pk for mention in untrue]).update(
        dropped=True
    )
    if not true or not patient.email:
        message.mentions.update(dropped=True)
        _settle(message, State.DROPPED, now=now)
        return False
    zone = clinic_zone()
    said = letter(
        message.kind,
        [
            Date(
                wall(mention.starts_at, zone),
                wall(mention.was, zone) if mention.was else None,
            )
            for mention in true
        ],
        first_name=patient.given_name or patient.family_name,
        language=patient.language,
        clinic=Clinic(
            settings.CLINIC_NAME,
            settings.CLINIC_PHONE,
            int(DIARY.late_within.total_seconds()) // 3600,
        ),
    )
    message.subject, message.body = said.subject, said.body
    message.calendar = _calendar(message, [mention.appointment_id for mention in true])
    message.save(update_fields=["subject", "body", "calendar"])
    return True


def _calendar(message: Message, appointments: list[int]) -> str:
    is_cancelled = message.kind == Kind.CANCELLED
    if message.kind not in WITH_FILE and not is_cancelled:
        return ""
    language = message.patient.language
    return calendar_file(
        queries.patients_events(
            Appointment.objects.filter(pk__in=appointments),
            language,
            is_cancelled=is_cancelled,
        ),
        name=event_words(language, settings.CLINIC_NAME),
        method=CANCEL if is_cancelled else PUBLISH,
        organizer=queries.organizer(),
    )


def _send(message: Message, connection, *, by: User | None, clock) -> bool:
    email = EmailMessage(
        message.subject,
        message.body,
        to=[message.patient.email],
        connection=connection,
        headers={"Auto-Submitted": "auto-generated"},
    )
    if message.calendar:
        email.attach("appointments.ics", message.calendar, "text/calendar")
    try:
        email.send()
    except Exception as error:  # whatever it was, the others have to go
        # The connection is in an unknown state, so the next message gets a new one.
        _hang_up(connection)
        state = State.FAILED if isinstance(error, REFUSED) else State.UNSURE
        _settle(message, state, now=clock(), why=why_of(error))
        return False
    with transaction.atomic():
        _settle(message, State.SENT, now=clock())
        record(
            "send_message",
            by=by,
            subject=message,
            patient_id=message.patient_id,
            kind=message.kind,
        )
    return True


def _hang_up(connection) -> None:
    with suppress(OSError, SMTPException):
        connection.close()


def why_of(error: Exception) -> str:
    """What it was, without the address that the server's own words may repeat."""
    if isinstance(error, SMTPRecipientsRefused):
        codes: list[object] = [code for code, _said in error.recipients.values()]
    elif isinstance(error, SMTPResponseException):
        codes = [error.smtp_code]
    else:
        codes = []
    return " ".join([type(error).__name__, *map(str, codes)])[:60]


def _settle(message: Message, state: str, *, now: datetime, why: str = "") -> None:
    """Unless a person has settled it meanwhile."""
    Message.objects.filter(pk=message.pk, state=State.CLAIMED).update(
        state=state, settled_at=now, why=why
    )


# ------------------------------------------------------------------ seen to by a person


@transaction.atomic
def told_by_phone(*, by: User, message: Message, now: datetime) -> None:
    """Raises Stale when there is nothing to see to any more."""
    _see_to(
        message,
        now,
        state=State.BY_PHONE,
        settled_at=now,
        handled_by=by,
    )
    record("tell_by_phone", by=by, subject=message, patient_id=message.patient_id)


@transaction.atomic
def try_again(*, by: User, message: Message, now: datetime) -> None:
    """Raises Stale when there is nothing to see to any more."""
    _see_to(
        message,
        now,
        state=State.QUEUED,
        queued_at=now,
        claimed_at=None,
        settled_at=None,
        why="",
    )
    record("retry_message", by=by, subject=message, patient_id=message.patient_id)


def _see_to(message: Message, now: datetime, **fields: object) -> None:
    rows = Message.objects.filter(queries.needs_somebody(now), pk=message.pk)
    if not rows.update(**fields):
        raise Stale


# ------------------------------------------------------------------ calendar addresses


@transaction.atomic
def make_calendar_address(*, by: User, now: datetime) -> CalendarAddress:
    """A new address for one's own diary; the old one leads nowhere from now on."""
    address, _is_new = CalendarAddress.objects.update_or_create(
        practitioner=by, defaults={"key": secrets.token_hex(32), "made_at": now}
    )
    record("make_calendar_address", by=by, subject=address)
    return address


@transaction.atomic
def end_calendar_address(*, by: User) -> None:
    address = CalendarAddress.objects.filter(practitioner=by).first()
    if address is not None:
        record("end_calendar_address", by=by, subject=address)
        address.delete()
