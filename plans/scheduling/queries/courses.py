from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    Max,
    Min,
    Q,
    QuerySet,
)

from clinic.core.prepared import Given, prepared
from patients.records.models import Patient
from plans.planning.models import Plan, PlanVersion
from plans.scheduling.clock import wall
from plans.scheduling.free import Length, Start, free_starts, obstacle
from plans.scheduling.models import Appointment
from plans.scheduling.planner import Answer, plan_course
from plans.scheduling.policy import policy_gaps, visit_length
from plans.scheduling.queries.hours import clinic_zone, day_bounds, visit_lengths
from plans.scheduling.queries.places import calendar
from plans.scheduling.standing import CourseState, Pace, as_usual, off_pace
from plans.scheduling.statuses import AHEAD, HERE, NO_SESSION
from plans.scheduling.wishes import Breach, Weekly, Wishes, breaches, habit_of

Status = Appointment.Status
VISITS = "plan__appointments"
SPARE_WEEKS = 4  # beyond those that a course fills, for holidays and full days
LOOK_BACK = timedelta(days=14)  # before the wished beginning, in case an earlier helps


def standing(plan: Plan) -> QuerySet[Appointment]:
    """Appointments that count as sessions of the course, had or to come."""
    return (
        Appointment.objects.filter(plan=plan).exclude(status__in=NO_SESSION).for_diary()
    )


def had_and_to_come(midnight: datetime | Given) -> dict[str, Count]:
    """`attended` and `booked`, of versions of a plan.

    An appointment of an earlier day that nobody marked is no longer booked.
    """
    ahead = _of(*AHEAD, *HERE, gte=midnight)
    return {
        "attended": Count(VISITS, filter=_of(Status.DONE)),
        "booked": Count(VISITS, filter=ahead),
    }


def _of(*statuses: str, **when: datetime | Given) -> Q:
    found = Q(**{f"{VISITS}__status__in": statuses})
    return found & Q(**{f"{VISITS}__starts_at__{k}": v for k, v in when.items()})


def _with_counts(versions: QuerySet[PlanVersion]) -> QuerySet:
    """Rows of versions in force with what became of the course."""
    midnight = Given("midnight", DateTimeField())
    now = Given("now", DateTimeField())
    in_force = versions.in_force()  # type: ignore[attr-defined]
    return (
        in_force.order_by()
        .values("plan_id", "sessions", "per_week", "weekly", "approved_at")
        .annotate(
            **had_and_to_come(midnight),
            missed=Count(VISITS, filter=_of(Status.NO_SHOW)),
            first_at=Min(f"{VISITS}__starts_at", filter=_of(Status.DONE)),
            last_at=Max(f"{VISITS}__starts_at", filter=_of(Status.DONE)),
            next_at=Min(f"{VISITS}__starts_at", filter=_of(*AHEAD, gte=now)),
        )
    )


@prepared
def _open_courses() -> QuerySet:
    return _with_counts(PlanVersion.objects.filter(plan__episode__closed_on=None))


@prepared
def _one_course() -> QuerySet:
    return _with_counts(
        PlanVersion.objects.filter(plan=Given("plan", BigIntegerField()))
    )


def _states(
    ask: Callable[..., list], now: datetime, **which: int
) -> dict[int, CourseState]:
    """How the courses stand whose version in force is among these, by plan."""
    zone = clinic_zone()
    today = wall(now, zone).date()
    return {
        row["plan_id"]: CourseState(
            prescribed=row["sessions"],
            per_week=tuple(row["weekly"]) or row["per_week"],
            attended=row["attended"],
            booked=row["booked"],
            missed=row["missed"],
            since=wall(row["last_at"] or row["approved_at"], zone).date(),
            next_on=wall(row["next_at"], zone).date() if row["next_at"] else None,
            today=today,
            began=wall(row["first_at"], zone).date() if row["first_at"] else None,
        )
        for row in ask(now=now, midnight=day_bounds(today)[0], **which)
    }


def course_state(plan: Plan, now: datetime) -> CourseState | None:
    """None while no version of the plan is in force. One query."""
    return _states(_one_course, now, plan=plan.pk).get(plan.pk)


def open_courses(now: datetime) -> list[tuple[int, CourseState]]:
    """Plans and how their courses stand, the longest gap first. One query."""
    found = _states(_open_courses, now).items()
    return sorted(found, key=lambda row: (-row[1].gap, row[0]))


def courses_behind(now: datetime) -> list[tuple[int, CourseState]]:
    return [(plan, state) for plan, state in open_courses(now) if state.behind]


def with_patients(
    rows: Iterable[tuple[int, CourseState]],
) -> list[tuple[Plan, Patient, CourseState]]:
    rows = list(rows)
    plans = Plan.objects.select_related("episode__patient")
    known = plans.in_bulk([plan for plan, _ in rows])
    return [(known[plan], known[plan].episode.patient, state) for plan, state in rows]


def behind_plan(
    now: datetime, limit: int = 20
) -> list[tuple[Plan, Patient, CourseState]]:
    """Open courses that fall behind their plan, the longest gap first.

    Two queries: how all of them stand, and who the first few are.
    """
    return with_patients(courses_behind(now)[:limit])


def rhythm_of(version: PlanVersion) -> Weekly:
    return tuple(version.weekly) or version.per_week


def plain_wishes(version: PlanVersion, earliest: date) -> Wishes:
    """What the plan and the clinic ask of every course, and nothing beyond."""
    per_week = rhythm_of(version)
    smallest, largest = policy_gaps(per_week)
    return Wishes(
        sessions=version.sessions,
        earliest=earliest,
        per_week=per_week,
        smallest_gap=smallest,
        largest_gap=largest,
    )


def breaches_of(plan: Plan, version: PlanVersion) -> list[tuple[Appointment, Breach]]:
    """Where the dates of a course stand out of its gaps or its sessions a week."""
    zone = clinic_zone()
    rows = list(standing(plan))
    if not rows:
        return []
    dates = [wall(row.starts_at, zone).date() for row in rows]
    wishes = as_usual(plain_wishes(version, dates[0]), dates)
    return [(rows[breach.index], breach) for breach in breaches(wishes, dates)]


def pace_of(plan: Plan, version: PlanVersion) -> Pace | None:
    """Where the dates of a course are faster or slower than its plan. One query."""
    rows = standing(plan).values_list("starts_at", flat=True)
    dates = [wall(starts_at, clinic_zone()).date() for starts_at in rows]
    return off_pace(rhythm_of(version), dates)


def find_courses(
    version: PlanVersion,
    wishes: Wishes,
    *,
    kept: Sequence[date],
    patient_id: int,
    now: datetime,
    standing: Sequence[Appointment] = (),
) -> Answer:
    """The best whole courses that the diary has room for, in three queries.

    Of those `standing` as many stay as the rules allow.
    """
    zone = clinic_zone()
    at = wall(now, zone)
    usual = visit_length(
        Appointment.Kind.TREATMENT, version.retention_min, visit_lengths()
    )
    length = _longest([row.length for row in standing] or [usual])
    missing = wishes.sessions - len(kept)
    weeks = -(-missing // min(wishes.taper)) + SPARE_WEEKS
    first = max(at.date(), wishes.earliest - LOOK_BACK)
    last = wishes.earliest + timedelta(weeks=weeks)
    last = max([last, *(wall(row.starts_at, zone).date() for row in standing)])
    without = [row.pk for row in standing]
    known = calendar(first, last, patient_id=patient_id, without=without)
    starts = free_starts(known, length, first=first, last=last, after=at)
    if standing:
        stay = [
            start
            for start, row in zip(map(_place, standing), standing, strict=True)
            if obstacle(known, row.length, start.at, start.practitioner) is None
        ]
        places = frozenset((start.at, start.practitioner) for start in stay)
        wishes = replace(wishes, standing=places)
        starts = [s for s in starts if (s.at, s.practitioner) not in places] + stay
    return plan_course(
        wishes,
        starts,
        kept=kept,
        why_not=lambda wished, who: obstacle(known, length, wished, who),
        apart=1 if standing else max(1, missing // 3),
    )


def _place(row: Appointment) -> Start:
    at = wall(row.starts_at, clinic_zone())
    return Start(at, row.practitioner_id, row.bed_id)


def _longest(lengths: Iterable[Length]) -> Length:
    return Length(*(max(minutes) for minutes in zip(*lengths, strict=True)))


def rest_of_course(appointment: Appointment) -> list[Appointment]:
    """Those of its course that come after it and can still be moved."""
    if appointment.plan_id is None:
        return []
    return list(
        Appointment.objects.filter(
            plan_id=appointment.plan_id,
            starts_at__gt=appointment.starts_at,
            status__in=AHEAD,
        ).for_diary()
    )


def shifted_courses(
    version: PlanVersion,
    appointment: Appointment,
    rest: Sequence[Appointment],
    now: datetime,
) -> Answer:
    """Dates for what follows an appointment: as many as can be stay as they are, the
    others as near to the habits of the course as can be.
    """
    zone = clinic_zone()
    had = standing(version.plan).filter(starts_at__lte=appointment.starts_at)
    kept = [wall(row.starts_at, zone).date() for row in had]
    starts = [wall(row.starts_at, zone) for row in rest]
    dates = [*kept, *(start.date() for start in starts)]
    plain = as_usual(plain_wishes(version, kept[-1]), dates)
    habit = habit_of(starts, version.per_week)
    who = {row.practitioner_id for row in rest}
    wishes = replace(
        plain,
        sessions=len(kept) + len(rest),
        weekdays=frozenset(habit.weekdays if habit else ()),
        between=habit.between if habit else None,
        practitioner=who.pop() if len(who) == 1 else None,
    )
    return find_courses(
        version,
        wishes,
        kept=kept,
        patient_id=appointment.patient_id,
        now=now,
        standing=rest,
    )
