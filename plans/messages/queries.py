from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.crypto import constant_time_compare

from clinic.accounts.models import User
from plans.messages.due import REMINDERS, Planned, Visit, planned
from plans.messages.ical import Event, Organizer
from plans.messages.initials import initials
from plans.messages.letters import event_words
from plans.messages.models import CalendarAddress, Mention, Message
from plans.messages.policy import POLICY
from plans.planning.models import Plan
from plans.scheduling.models import Appointment
from plans.scheduling.statuses import AHEAD, FREED

State = Message.State
LONGEST_AHEAD = max(window.opens for window in POLICY.reminders.values())
FEED_BACK, FEED_AHEAD = timedelta(days=30), timedelta(weeks=26)


def upcoming(
    now: datetime,
    *,
    ahead: timedelta = timedelta(),
    patients: Iterable[int] | None = None,
) -> list[Planned]:
    """What patients are owed now, and the reminders of `ahead` too. Two queries.

    Args:
        patients: only these, all of them where there are none given.
    """
    said = Mention.objects.filter(appointment=OuterRef("pk"), dropped=False)
    last = said.order_by("-pk")
    soon = Q(starts_at__lte=now + LONGEST_AHEAD + ahead)
    unsaid = Q(told=None) | Q(told="cancelled") | ~Q(told_start=F("starts_at")) | soon
    rows = list(
        Appointment.objects.filter(
            Q() if patients is None else Q(patient__in=patients),
            starts_at__gt=now,
            status__in=[*AHEAD, *FREED],
            patient__reminders_by_email=True,
        )
        .exclude(patient__email="")
        # One that is on its way is waited for: only then is known what was said.
        .exclude(Exists(said.filter(message__state=State.QUEUED)))
        .annotate(
            told=Subquery(last.values("kind")[:1]),
            told_start=Subquery(last.values("starts_at")[:1]),
        )
        .filter(
            Q(status__in=AHEAD) & unsaid
            | Q(status__in=FREED, told__isnull=False) & ~Q(told="cancelled")
        )
        .values(
            "pk",
            "patient_id",
            "revision",
            "starts_at",
            "status",
            "created_at",
            "moved_at",
            "status_since",
            "told",
            "told_start",
        )
    )
    reminded: dict[tuple[int, datetime], set[str]] = {}
    for pk, starts_at, kind in Mention.objects.filter(
        appointment__in=[row["pk"] for row in rows],
        kind__in=REMINDERS,
        dropped=False,
    ).values_list("appointment_id", "starts_at", "kind"):
        reminded.setdefault((pk, starts_at), set()).add(kind)
    return planned(
        [
            Visit(
                appointment=row["pk"],
                patient=row["patient_id"],
                revision=row["revision"],
                starts_at=row["starts_at"],
                is_held=row["status"] in AHEAD,
                placed_at=row["moved_at"] or row["created_at"],
                status_since=row["status_since"],
                told=row["told"],
                told_start=row["told_start"],
                reminded=frozenset(reminded.get((row["pk"], row["starts_at"]), ())),
            )
            for row in rows
        ],
        now,
    )


def needs_somebody(now: datetime) -> Q:
    """Failed, perhaps failed, or begun so long ago that whoever began it is gone."""
    lost = Q(state=State.CLAIMED, claimed_at__lt=now - POLICY.unsure_after)
    return Q(state__in=[State.FAILED, State.UNSURE]) | lost


def messages() -> QuerySet[Message]:
    """Newest first, with all that a row shows. Two queries for a page."""
    return Message.objects.select_related("patient", "handled_by").prefetch_related(
        "mentions"
    )


def to_see_to(now: datetime) -> QuerySet[Message]:
    return messages().filter(needs_somebody(now))


def waiting() -> QuerySet[Message]:
    return messages().filter(state=State.QUEUED).order_by("queued_at", "pk")


def gone(now: datetime) -> QuerySet[Message]:
    """What nobody has to see to any more."""
    return messages().exclude(needs_somebody(now)).exclude(state=State.QUEUED)


# ------------------------------------------------------------------ calendar files


COLUMNS = (
    "submission",
    "revision",
    "starts_at",
    "ends_at",
    "created_at",
    "status_since",
    "moved_at",
)


def event_of(
    values: Sequence, *, summary: str, location: str, is_cancelled: bool = False
) -> Event:
    """An entry from the values of `COLUMNS`."""
    submission, revision, starts_at, ends_at, *changed = values
    return Event(
        uid=f"{submission}@acuplan",
        sequence=revision,
        stamp=max(at for at in changed if at is not None),
        starts_at=starts_at,
        ends_at=ends_at,
        summary=summary,
        location=location,
        is_cancelled=is_cancelled,
    )


def practitioners_events(practitioner: User, now: datetime) -> list[Event]:
    """Initials only: a calendar on a phone is seen by others. One query."""
    rows = (
        Appointment.objects.held()
        .filter(
            practitioner=practitioner,
            starts_at__gte=now - FEED_BACK,
            starts_at__lt=now + FEED_AHEAD,
        )
        .order_by("starts_at", "pk")
        .values_list(
            *COLUMNS, "patient__family_name", "patient__given_name", "bed__name"
        )
    )
    return [
        event_of(values, summary=initials(family, given), location=bed)
        for *values, family, given, bed in rows
    ]


def practitioner_at(token: str) -> User | None:
    """Whose diary an address leads to: of those who work here and treat. One query."""
    who = token.partition("-")[0]
    if not who.isdecimal() or len(who) > 18:
        return None
    address = (
        CalendarAddress.objects.select_related("practitioner")
        .filter(practitioner__in=User.objects.acupuncturists(), practitioner=int(who))
        .first()
    )
    if address is None or not constant_time_compare(address.token, token):
        return None
    return address.practitioner


def patients_events(
    appointments: QuerySet[Appointment], language: str, *, is_cancelled: bool = False
) -> list[Event]:
    summary = event_words(language, settings.CLINIC_NAME)
    rows = appointments.order_by("starts_at", "pk").values_list(*COLUMNS)
    return [
        event_of(
            values,
            summary=summary,
            location=settings.CLINIC_NAME,
            is_cancelled=is_cancelled,
        )
        for values in rows
    ]


def appointments_ahead(plan: Plan, now: datetime) -> QuerySet[Appointment]:
    return Appointment.objects.filter(plan=plan, status__in=AHEAD, starts_at__gt=now)


def organizer() -> Organizer:
    return Organizer(settings.CLINIC_NAME, parseaddr(settings.EMAIL_FROM)[1])
