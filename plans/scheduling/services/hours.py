"""Hours, closures and beds. None of them touches an appointment that is booked."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from itertools import pairwise

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from plans.scheduling.free import Length
from plans.scheduling.models import Bed, Closure, VisitLength, WorkingHours

Period = tuple[int, time, time]  # weekday, starts, ends


@transaction.atomic
def set_week(*, by: User, practitioner: User, periods: Iterable[Period]) -> None:
    """Replace the whole week. Raises ValueError where two periods of a day overlap."""
    ordered = in_order(periods)
    # Of two weeks sent at once the later one stands, whole.
    User.objects.select_for_update().get(pk=practitioner.pk)
    WorkingHours.objects.filter(practitioner=practitioner, day=None).delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(practitioner=practitioner, weekday=day, starts=starts, ends=ends)
        for day, starts, ends in ordered
    )
    record(
        "set_hours",
        by=by,
        subject=practitioner,
        week=[f"{day} {starts:%H:%M}-{ends:%H:%M}" for day, starts, ends in ordered],
    )


def in_order(periods: Iterable[Period]) -> list[Period]:
    ordered = sorted(periods)
    for (day, _, ends), (other, starts, _) in pairwise(ordered):
        if day == other and starts < ends:
            raise ValueError(f"two periods overlap on weekday {day}")
    return ordered


@transaction.atomic
def set_day(
    *, by: User, practitioner: User, day: date, periods: Iterable[tuple[time, time]]
) -> None:
    """Hours of one day instead of the week's; without any, the week's hold again.

    A day on which nobody is there is a closure. Raises ValueError as `set_week`.
    """
    ordered = in_order((day.weekday(), starts, ends) for starts, ends in periods)
    User.objects.select_for_update().get(pk=practitioner.pk)
    WorkingHours.objects.filter(practitioner=practitioner, day=day).delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(
            practitioner=practitioner,
            weekday=weekday,
            starts=starts,
            ends=ends,
            day=day,
        )
        for weekday, starts, ends in ordered
    )
    record(
        "set_day_hours",
        by=by,
        subject=practitioner,
        day=day.isoformat(),
        hours=[f"{starts:%H:%M}-{ends:%H:%M}" for _, starts, ends in ordered],
    )


@transaction.atomic
def set_lengths(*, by: User, lengths: Mapping[str, Length]) -> None:
    """Minutes of each kind of visit that is booked from now on."""
    for kind, (needling, stay) in sorted(lengths.items()):
        VisitLength.objects.update_or_create(
            kind=kind, defaults={"needling_min": needling, "stay_min": stay}
        )
        record(
            "set_visit_length",
            by=by,
            subject=VisitLength(kind=kind),
            minutes=[needling, stay],
        )


@transaction.atomic
def add_closure(
    *,
    by: User,
    first_day: date,
    last_day: date,
    reason: str,
    practitioner: User | None = None,
) -> Closure:
    """The same closure sent twice is one. No practitioner means the whole clinic."""
    closure, is_new = Closure.objects.get_or_create(
        first_day=first_day,
        last_day=last_day,
        reason=reason,
        practitioner=practitioner,
    )
    if is_new:
        record(
            "add_closure",
            by=by,
            subject=closure,
            first_day=first_day.isoformat(),
            last_day=last_day.isoformat(),
            practitioner=practitioner.pk if practitioner else None,
        )
    return closure


@transaction.atomic
def remove_closure(*, by: User, closure: Closure) -> None:
    record(
        "remove_closure",
        by=by,
        subject=closure,
        first_day=closure.first_day.isoformat(),
        last_day=closure.last_day.isoformat(),
        practitioner=closure.practitioner_id,
    )
    closure.delete()


@transaction.atomic
def save_bed(
    *, by: User, name: str, room: str, order: int, is_active: bool, bed: Bed | None
) -> Bed:
    """Raises IntegrityError when another bed has the name."""
    bed = bed or Bed()
    bed.name, bed.room, bed.order, bed.is_active = name, room, order, is_active
    bed.save()
    record("save_bed", by=by, subject=bed, is_active=is_active)
    return bed
