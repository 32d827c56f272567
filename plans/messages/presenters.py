"""The outbox in words: what leaves when, what has gone, what somebody has to see to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from patients.records.models import Patient
from plans.messages.due import Kind, Planned
from plans.messages.models import Message
from plans.messages.policy import POLICY

State = Message.State
KINDS = {
    Kind.BOOKING: gettext_lazy("Booked"),
    Kind.MOVED: gettext_lazy("Moved"),
    Kind.CANCELLED: gettext_lazy("Cancelled"),
}
# Words, tone and shape of what became of a message.
STATES = {
    State.QUEUED: (gettext_lazy("Waits to be sent"), "neutral", "ring"),
    State.CLAIMED: (gettext_lazy("On its way"), "info", "half"),
    State.SENT: (gettext_lazy("Sent"), "success", "check"),
    State.FAILED: (gettext_lazy("Not sent"), "danger", "cross"),
    State.UNSURE: (gettext_lazy("Perhaps sent"), "warning", "question"),
    State.DROPPED: (gettext_lazy("No longer true, not sent"), "neutral", "dash"),
    State.BY_PHONE: (gettext_lazy("Told by phone"), "success", "check"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A message, or one that is planned, and which appointments it is about."""

    patient: Patient
    what: str
    about: str
    at: str
    is_due: bool = False
    message: Message | None = None
    words: str = ""
    tone: str = "neutral"
    shape: str = "ring"


def kind_words(kind: str) -> str:
    if kind in KINDS:
        return str(KINDS[Kind(kind)])
    hours = POLICY.reminders[kind].opens.total_seconds() / 3600
    return _("Reminder, %(hours)s h before") % {"hours": f"{hours:g}"}


def day_and_hour(at: datetime) -> str:
    return formats.date_format(
        timezone.localtime(at), pgettext("date format", "D j M, H:i")
    )


def when(at: datetime, now: datetime) -> str:
    """Today's need no date."""
    if timezone.localdate(at) == timezone.localdate(now):
        return formats.time_format(timezone.localtime(at), "H:i")
    return day_and_hour(at)


def about(starts: Sequence[datetime]) -> str:
    first = day_and_hour(min(starts))
    if len(starts) == 1:
        return first
    said = ngettext(
        "%(count)d appointment, from %(first)s",
        "%(count)d appointments, from %(first)s",
        len(starts),
    )
    return said % {"count": len(starts), "first": first}


def planned_rows(
    planned: Iterable[Planned], patients: Mapping[int, Patient], now: datetime
) -> list[Row]:
    return [
        Row(
            patient=patients[row.patient],
            what=kind_words(row.kind),
            about=about([visit.starts_at for visit in row.visits]),
            at=when(row.leaves_at, now),
            is_due=row.leaves_at <= now,
        )
        for row in planned
    ]


def message_row(message: Message, now: datetime) -> Row:
    at = message.settled_at or message.claimed_at or message.queued_at
    words, tone, shape = STATES[state_of(message, now)]
    return Row(
        patient=message.patient,
        what=kind_words(message.kind),
        about=about([mention.starts_at for mention in message.mentions.all()]),
        at=when(at, now),
        is_due=message.state == State.QUEUED,
        message=message,
        words=str(words),
        tone=tone,
        shape=shape,
    )


def state_of(message: Message, now: datetime) -> State:
    """Whoever claimed it long ago and has said nothing since may have sent it."""
    state = State(message.state)
    if state == State.CLAIMED and message.claimed_at < now - POLICY.unsure_after:
        return State.UNSURE
    return state
