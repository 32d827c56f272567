from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import groupby
from operator import attrgetter

from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    FilteredRelation,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
)
from django.utils import timezone

from clinic.accounts.models import User
from clinic.core.prepared import Given, prepared
from patients.records.models import Patient
from plans.planning.models import Plan, PlanVersion
from plans.scheduling.clock import bounds, skipped, wall
from plans.scheduling.free import (
    Calendar,
    Held,
    Hours,
    Length,
    Obstacle,
    Start,
    free_starts,
    obstacle,
    read_calendar,
)
from plans.scheduling.models import (
    Appointment,
    Bed,
    Closure,
    VisitLength,
    WorkingHours,
)
from plans.scheduling.planner import Answer, plan_course
from plans.scheduling.policy import POLICY, policy_gaps, visit_length
from plans.scheduling.standing import CourseState
from plans.scheduling.statuses import AHEAD, FREED, HELD, HERE
from plans.scheduling.wishes import Breach, Weekly, Wishes, breaches, habit_of

Status = Appointment.Status

HOLDING = [*(status for status in Status.values if status not in FREED), HELD]
# No appointment is longer, so none that began before can reach into a day.
LONGEST = timedelta(days=1)
SPARE_WEEKS = 4  # beyond those that a course fills, for holidays and full days
LOOK_BACK = timedelta(days=14)  # before the wished beginning, in case an earlier helps


def clinic_zone() -> tzinfo:
    return timezone.get_default_timezone()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The moments at which the clinic's day begins and has ended."""
    return bounds(day, day, clinic_zone())


def calendar(
    first: date,
    last: date,
    *,
    patient_id: int | None = None,
    without: Collection[int] = (),
) -> Calendar:
    """What is worked, shut and held from `first` to `last`, in three queries.

    Args:
        patient_id: whose own appointments stand in the way too.
        without: appointments that are being moved and so hold nothing.
    """
    zone = clinic_zone()
    begins, ends = bounds(first, last, zone)
    hours = hours_between(first, last).values_list(
        "practitioner_id", "weekday", "starts", "ends", "day"
    )
    beds = (
        Bed.objects.annotate(
            visit=FilteredRelation(
                "appointments",
                condition=Q(
                    appointments__starts_at__gt=begins - LONGEST,
                    appointments__starts_at__lt=ends,
                    appointments__ends_at__gt=begins,
                    appointments__status__in=HOLDING,
                )
                & (
                    Q(appointments__held_until=None)
                    | Q(appointments__held_until__gt=timezone.now())
                ),
            )
        )
        .filter(Q(is_active=True) | Q(visit__isnull=False))
        .order_by("order", "name")
        .values_list(
            "pk",
            "is_active",
            "visit__pk",
            "visit__practitioner_id",
            "visit__patient_id",
            "visit__starts_at",
            "visit__needling_ends_at",
            "visit__ends_at",
        )
    )
    held = [Held(Obstacle.CLOSED, *gone) for gone in skipped(first, last, zone)]
    held += _shut(closures_between(first, last))
    usable: dict[int, None] = {}
    for bed, is_active, visit, practitioner, patient, starts, needled, left in beds:
        if is_active:
            usable[bed] = None
        if visit is None or visit in without:
            continue
        start, end = wall(starts, zone), wall(left, zone)
        held.append(
            Held(Obstacle.PRACTITIONER, start, wall(needled, zone), practitioner)
        )
        held.append(Held(Obstacle.BED, start, end, bed))
        if patient == patient_id:
            held.append(Held(Obstacle.PATIENT, start, end))
    return read_calendar(
        hours=[
            Hours(who, weekday, opens, closes, day or date.min, day or date.max)
            for who, weekday, opens, closes, day in hours
        ],
        beds=usable,
        held=held,
    )


def _shut(closures: Iterable[Closure]) -> list[Held]:
    held = []
    for closure in closures:
        start = datetime.combine(closure.first_day, time.min)
        end = datetime.combine(closure.last_day + timedelta(days=1), time.min)
        away = closure.practitioner_id
        what = Obstacle.CLOSED if away is None else Obstacle.AWAY
        held.append(Held(what, start, end, away))
    return held


def find_courses(
    version: PlanVersion,
    wishes: Wishes,
    *,
    kept: Sequence[date],
    patient_id: int,
    now: datetime,
    without: Collection[int] = (),
) -> Answer:
    """The best whole courses that the diary has room for, in three queries."""
    at = wall(now, clinic_zone())
    length = visit_length(
        Appointment.Kind.TREATMENT, version.retention_min, visit_lengths()
    )
    missing = wishes.sessions - len(kept)
    weeks = -(-missing // min(wishes.taper)) + SPARE_WEEKS
    first = max(at.date(), wishes.earliest - LOOK_BACK)
    last = wishes.earliest + timedelta(weeks=weeks)
    known = calendar(first, last, patient_id=patient_id, without=without)
    starts = free_starts(known, length, first=first, last=last, after=at)
    return plan_course(
        wishes,
        starts,
        kept=kept,
        why_not=lambda wished, who: obstacle(known, length, wished, who),
        apart=max(1, missing // 3),
    )


def nearest_free(
    known: Calendar,
    length: Length,
    at: datetime,
    *,
    practitioner_id: int | None,
    after: datetime,
    number: int = 4,
) -> list[Start]:
    """Free starts of the same day, those nearest to the wished hour."""
    starts = free_starts(
        known,
        length,
        first=at.date(),
        last=at.date(),
        after=after,
        practitioners=None if practitioner_id is None else [practitioner_id],
    )
    by_distance = sorted(starts, key=lambda start: (abs(start.at - at), start.at))
    return sorted(by_distance[:number])


def hours_between(first: date, last: date) -> QuerySet[WorkingHours]:
    """Of every week and of single days, in the order of the diary's columns."""
    return WorkingHours.objects.filter(
        Q(day=None) | Q(day__range=(first, last)),
        practitioner__is_active=True,
        practitioner__is_acupuncturist=True,
    ).order_by("practitioner__name", "practitioner_id", "starts")


def hours_on(day: date) -> list[WorkingHours]:
    """Who works on a day, in the order of the diary's columns."""
    rows = hours_between(day, day).filter(weekday=day.weekday())
    return that_hold(rows.select_related("practitioner"))


def that_hold(rows: Iterable[WorkingHours]) -> list[WorkingHours]:
    """Of the hours of a week or less: weekly ones give way to those of a single day."""
    rows = list(rows)
    single = {(row.practitioner_id, row.weekday) for row in rows if row.day}
    return [
        row
        for row in rows
        if row.day or (row.practitioner_id, row.weekday) not in single
    ]


def single_days(
    practitioner_id: int, since: date
) -> list[tuple[date, list[WorkingHours]]]:
    """The days on which other hours hold than those of the week."""
    rows = WorkingHours.objects.filter(practitioner=practitioner_id, day__gte=since)
    by_day = groupby(rows.order_by("day", "starts"), key=attrgetter("day"))
    return [(day, list(hours)) for day, hours in by_day]


def outside_hours(
    practitioner_id: int, day: date, periods: Sequence[tuple[time, time]], now: datetime
) -> int:
    """How many appointments of a day are needled at other times than these."""
    begins, ends = day_bounds(day)
    zone = clinic_zone()
    rows = Appointment.objects.filter(
        practitioner=practitioner_id,
        starts_at__range=(max(begins, now), ends),
        status__in=AHEAD,
    )
    needled = (
        (wall(start, zone).time(), wall(end, zone).time())
        for start, end in rows.values_list("starts_at", "needling_ends_at")
    )
    return sum(
        not any(opens <= start and end <= closes for opens, closes in periods)
        for start, end in needled
    )


def visit_lengths() -> dict[str, Length]:
    """By kind of visit, the clinic's own where it has set one."""
    rows = VisitLength.objects.values_list("kind", "needling_min", "stay_min")
    own = {kind: Length(needling, stay) for kind, needling, stay in rows}
    return {**POLICY.lengths, **own}


def hours_in_week(first: date, last: date, practitioner_id: int) -> list[WorkingHours]:
    """When a practitioner works on the days of one week."""
    return that_hold(hours_between(first, last).filter(practitioner=practitioner_id))


def closures_between(first: date, last: date) -> QuerySet[Closure]:
    return Closure.objects.filter(
        first_day__lte=last, last_day__gte=first
    ).select_related("practitioner")


def practitioner_names() -> dict[int, str]:
    """Those who can be booked, in the order of the diary's columns."""
    return dict(User.objects.acupuncturists().values_list("pk", "name"))


def active_beds() -> QuerySet[Bed]:
    return Bed.objects.filter(is_active=True)


@dataclass(frozen=True, slots=True)
class DayRow:
    """All that a diary shows of one appointment."""

    pk: int
    patient_id: int
    family_name: str
    given_name: str
    practitioner_id: int
    practitioner: str
    bed_id: int
    bed: str
    kind: str
    starts_at: datetime
    needling_ends_at: datetime
    ends_at: datetime
    status: str
    status_since: datetime
    revision: int


def _within(
    first: date, last: date, practitioner_id: int | None
) -> QuerySet[Appointment]:
    begins, ends = bounds(first, last, clinic_zone())
    rows = Appointment.objects.filter(starts_at__gte=begins, starts_at__lt=ends)
    return (
        rows if practitioner_id is None else rows.filter(practitioner=practitioner_id)
    )


def day(
    on: date, *, until: date | None = None, practitioner_id: int | None = None
) -> list[DayRow]:
    """Every appointment of a day, or of several, cancelled ones too, in one query."""
    rows = (
        _within(on, until or on, practitioner_id)
        .order_by("starts_at", "pk")
        .values_list(
            "pk",
            "patient_id",
            "patient__family_name",
            "patient__given_name",
            "practitioner_id",
            "practitioner__name",
            "bed_id",
            "bed__name",
            "kind",
            "starts_at",
            "needling_ends_at",
            "ends_at",
            "status",
            "status_since",
            "revision",
        )
    )
    return [DayRow(*row) for row in rows]


def stamp_of(rows: Sequence[DayRow]) -> str:
    """Says another thing as soon as one of these appointments does."""
    keys, revisions = sum(row.pk for row in rows), sum(row.revision for row in rows)
    return _stamp(len(rows), keys, revisions)


def stamp_now(
    on: date, *, until: date | None = None, practitioner_id: int | None = None
) -> str:
    """What `stamp_of` says of the same rows as they are by now. One query."""
    found = _within(on, until or on, practitioner_id).aggregate(
        number=Count("pk"), keys=Sum("pk"), revisions=Sum("revision")
    )
    return _stamp(*(number or 0 for number in found.values()))


def _stamp(*numbers: int) -> str:
    return "-".join(map(str, numbers))


def standing(plan: Plan) -> QuerySet[Appointment]:
    """Appointments that count as sessions of the course, had or to come."""
    return (
        Appointment.objects.filter(plan=plan)
        .exclude(status__in=[*FREED, Status.NO_SHOW])
        .for_diary()
    )


def _with_counts(versions: QuerySet[PlanVersion]) -> QuerySet:
    """Rows of versions in force with what became of the course.

    An appointment of an earlier day that nobody marked is no longer booked.
    """
    midnight = Given("midnight", DateTimeField())
    now = Given("now", DateTimeField())
    visits = "plan__appointments"

    def of(*statuses: str, **when: Given) -> Q:
        found = Q(**{f"{visits}__status__in": statuses})
        return found & Q(**{f"{visits}__starts_at__{k}": v for k, v in when.items()})

    in_force = versions.in_force()  # type: ignore[attr-defined]
    return (
        in_force.order_by()
        .values("plan_id", "sessions", "per_week", "weekly", "approved_at")
        .annotate(
            attended=Count(visits, filter=of(Status.DONE)),
            booked=Count(visits, filter=of(*AHEAD, *HERE, gte=midnight)),
            missed=Count(visits, filter=of(Status.NO_SHOW)),
            first_at=Min(f"{visits}__starts_at", filter=of(Status.DONE)),
            last_at=Max(f"{visits}__starts_at", filter=of(Status.DONE)),
            next_at=Min(f"{visits}__starts_at", filter=of(*AHEAD, gte=now)),
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
    """Where the dates of a course break its gaps or its sessions a week."""
    zone = clinic_zone()
    rows = list(standing(plan))
    if not rows:
        return []
    dates = [wall(row.starts_at, zone).date() for row in rows]
    wishes = plain_wishes(version, dates[0])
    return [(rows[breach.index], breach) for breach in breaches(wishes, dates)]


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
    """Other dates for what follows an appointment, as near to its habits as can be."""
    zone = clinic_zone()
    had = standing(version.plan).filter(starts_at__lte=appointment.starts_at)
    kept = [wall(row.starts_at, zone).date() for row in had]
    starts = [wall(row.starts_at, zone) for row in rest]
    plain = plain_wishes(version, kept[-1])
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
        without=[row.pk for row in rest],
    )


def upcoming_within(
    first: date, last: date, now: datetime, practitioner: User | None = None
) -> int:
    """How many booked appointments stand on days that are about to close."""
    begins, ends = bounds(first, last, clinic_zone())
    rows = Appointment.objects.filter(
        starts_at__gte=max(begins, now), starts_at__lt=ends, status__in=AHEAD
    )
    if practitioner is not None:
        rows = rows.filter(practitioner=practitioner)
    return rows.count()
