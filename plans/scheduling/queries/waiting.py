"""Who could take a freed place, and who first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from patients.records.models import Patient
from plans.pauses.models import Pause
from plans.planning.models import Plan, PlanVersion
from plans.scheduling.clock import wall
from plans.scheduling.free import obstacle
from plans.scheduling.models import Appointment, FreedPlace, Hold, WaitEntry
from plans.scheduling.policy import visit_length
from plans.scheduling.queries import (
    calendar,
    clinic_zone,
    course_state,
    courses_behind,
    day_bounds,
    had_and_to_come,
    live_holds,
    plain_wishes,
    visit_lengths,
)
from plans.scheduling.standing import CourseState
from plans.scheduling.statuses import AHEAD, FREED, NO_SESSION
from plans.scheduling.waiting import Claim, Wanted, claim_of
from plans.scheduling.wishes import Wish, breaches

Kind = Appointment.Kind
MOST_BEHIND = 200  # courses looked at for one place, the longest gaps
MOST_FREED = 20  # places shown
CROWDED = {Wish.SMALLEST_GAP, Wish.PER_WEEK}


@dataclass(frozen=True, slots=True)
class Fit:
    """Somebody who could have a place, and why they should."""

    patient: Patient
    plan: Plan | None
    kind: str
    retention_min: int
    claim: Claim
    course: CourseState | None
    entry: WaitEntry | None


def who_waits() -> QuerySet[WaitEntry]:
    rows = WaitEntry.objects.filter(left_at=None)
    return rows.select_related("patient", "practitioner")


def hold_on(starts_at: datetime, practitioner_id: int, now: datetime) -> Hold | None:
    there = {"starts_at": starts_at, "practitioner": practitioner_id}
    return live_holds(now).filter(**there).first()


def visit_to_move(hold: Hold, now: datetime) -> Appointment | None:
    """The next visit that would move to the place on offer, as all are booked."""
    later = Appointment.objects.filter(
        patient=hold.patient_id,
        plan=hold.plan_id,
        kind=hold.kind,
        starts_at__gt=hold.starts_at,
        status__in=AHEAD,
    )
    if hold.plan is not None:
        course = course_state(hold.plan, now)
        if course and course.to_book:
            return None
    return later.for_diary().first()


def freed_places(now: datetime) -> list[FreedPlace]:
    """Given up, still to come and still free for a treatment, in four queries."""
    rows = list(
        FreedPlace.objects.filter(starts_at__gt=now).select_related("practitioner")[
            :MOST_FREED
        ]
    )
    if not rows:
        return []
    zone = clinic_zone()
    walls = [wall(row.starts_at, zone) for row in rows]
    known = calendar(walls[0].date(), walls[-1].date())
    length = visit_length(Kind.TREATMENT, 0, visit_lengths())
    return [
        row
        for row, at in zip(rows, walls, strict=True)
        if obstacle(known, length, at, row.practitioner_id) is None
    ]


def fitting(starts_at: datetime, practitioner_id: int, now: datetime) -> list[Fit]:
    """Everybody who could have this place for the whole of their visit, best first.

    Those on the list, and those behind their plan without being on it; nobody twice,
    nobody who comes that day anyhow or gave this very place up, would come too soon
    after another session, or whose plan waits for a review.
    """
    at = wall(starts_at, clinic_zone())
    entries = {
        entry.patient_id: entry
        for entry in who_waits().filter(
            first_day__lte=at.date(), last_day__gte=at.date()
        )
        if wanted_by(entry).suits(at, practitioner_id)
    }
    behind = dict(courses_behind(now)[:MOST_BEHIND])
    paused = Pause.objects.filter(plan=OuterRef("plan"), ended_at=None)
    later = Appointment.objects.filter(starts_at__gt=starts_at, status__in=AHEAD)
    versions = list(
        PlanVersion.objects.in_force()
        .filter(
            Q(plan__in=behind) | Q(plan__episode__patient__in=entries),
            plan__episode__closed_on=None,
        )
        .defer("proposal")
        .select_related("plan__episode__patient")
        .annotate(
            is_paused=Exists(paused),
            may_move=Exists(later.filter(plan=OuterRef("plan"))),
            **had_and_to_come(day_bounds(wall(now, clinic_zone()).date())[0]),
        )
    )
    crowded = _too_close(versions, at.date())
    found: dict[int, Fit] = {}
    for version in versions:
        patient = version.plan.episode.patient
        entry, course = entries.get(patient.pk), behind.get(version.plan_id)
        is_first = entry and entry.kind == Kind.FIRST
        if version.plan_id in crowded or version.is_paused or is_first:
            continue
        is_full = version.attended + version.booked >= version.sessions
        if is_full and not version.may_move:
            continue
        claim = claim_of(patient.pk, course, entry.since if entry else None)
        before = found.get(patient.pk)
        if before is None or claim.rank < before.claim.rank:
            found[patient.pk] = Fit(
                patient,
                version.plan,
                Kind.TREATMENT,
                version.retention_min,
                claim,
                course,
                entry,
            )
    planned = {version.plan.episode.patient_id for version in versions}
    for pk, entry in entries.items():
        if entry.kind == Kind.FIRST or pk not in planned:
            claim = claim_of(pk, None, entry.since)
            found[pk] = Fit(entry.patient, None, entry.kind, 0, claim, None, entry)
    return _with_room(found.values(), starts_at, practitioner_id, now)


def wanted_by(entry: WaitEntry) -> Wanted:
    return Wanted(
        entry.first_day,
        entry.last_day,
        entry.weekdays,
        entry.time_from,
        entry.time_to,
        entry.practitioner_id,
    )


def _with_room(
    fits: Iterable[Fit], starts_at: datetime, practitioner_id: int, now: datetime
) -> list[Fit]:
    at = wall(starts_at, clinic_zone())
    known, lengths = calendar(at.date(), at.date()), visit_lengths()
    begins, ends = day_bounds(at.date())
    that_day = {"starts_at__gte": begins, "starts_at__lt": ends}
    comes, gave_it_up = ~Q(status__in=FREED), Q(starts_at=starts_at)
    busy = {
        *Appointment.objects.filter(comes | gave_it_up, **that_day).values_list(
            "patient", flat=True
        ),
        *live_holds(now).filter(**that_day).values_list("patient", flat=True),
    }
    room = [
        fit
        for fit in fits
        if fit.patient.pk not in busy
        and obstacle(
            known,
            visit_length(fit.kind, fit.retention_min, lengths),
            at,
            practitioner_id,
        )
        is None
    ]
    return sorted(room, key=lambda fit: fit.claim.rank)


def _too_close(versions: Iterable[PlanVersion], day: date) -> set[int]:
    """Plans in which a session on that day would crowd those that stand."""
    dates = _dates_of(versions)
    found = set()
    for version in versions:
        stand = sorted(dates[version.plan_id])
        if len(stand) >= version.sessions:
            # All are booked: the next one would move to that day.
            moves = next((date for date in stand if date > day), None)
            stand = [date for date in stand if date != moves]
        if _crowding(version, [*stand, day]) > _crowding(version, stand):
            found.add(version.plan_id)
    return found


def _dates_of(versions: Iterable[PlanVersion]) -> Mapping[int, list[date]]:
    zone = clinic_zone()
    found: dict[int, list[date]] = defaultdict(list)
    rows = Appointment.objects.filter(plan__in=[v.plan_id for v in versions])
    rows = rows.exclude(status__in=NO_SESSION)
    for plan, starts_at in rows.values_list("plan_id", "starts_at"):
        found[plan].append(wall(starts_at, zone).date())
    return found


def _crowding(version: PlanVersion, dates: list[date]) -> int:
    if not dates:
        return 0
    ordered = sorted(dates)
    rules = plain_wishes(version, ordered[0])
    return sum(breach.wish in CROWDED for breach in breaches(rules, ordered))
