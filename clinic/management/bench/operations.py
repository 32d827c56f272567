"""What is measured: a page as it is, and the statements a person would write for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.db import connection
from django.urls import reverse

from clinic.accounts.models import User
from clinic.management.bench.floor import Statement
from clinic.management.bench.generate import HALVES
from patients.records.models import SearchTerm
from plans.planning.models import PlanVersion
from plans.scheduling.clock import moment_of
from plans.scheduling.models import Appointment, Bed
from plans.scheduling.queries import clinic_zone, day_bounds

SAMPLE = 60  # patients
AHEAD = timedelta(weeks=12)  # where nothing is booked yet
COURSE = 12  # sessions
TURNS = 3  # each round takes three numbers: bare statements, floor, page
READERS = ("acupuncturist", "front_desk", "admin")


@dataclass(frozen=True)
class Clinic:
    """Whom the pages are about: courses that run, and plans that wait for theirs."""

    today: date
    readers: Mapping[str, User]
    treating: Sequence[int]
    beds: Sequence[int]
    courses: Sequence[PlanVersion]
    unbooked: Sequence[int]
    names: Sequence[str]

    def course(self, turn: int) -> PlanVersion:
        return self.courses[turn % len(self.courses)]


@dataclass(frozen=True)
class Asked:
    url: str
    posted: Sequence[tuple[str, Any]] | None = None


@dataclass(frozen=True)
class Operation:
    """`most` is the target: so many times the floor's time, at the median.

    `asked` and `statements` are given a number of their own for every call.
    """

    name: str
    reader: str
    most: float | None
    asked: Callable[[Clinic, int], Asked]
    statements: Callable[[Clinic, int], list[Statement]]
    writes: bool = False
    slow: bool = False
    times: Callable[[Clinic], int] = lambda _clinic: 10**9  # it can be asked at most


def read_clinic(today: date) -> Clinic:
    running = PlanVersion.objects.in_force().filter(
        plan__episode__closed_on=None, treated__isnull=False
    )
    waiting = PlanVersion.objects.in_force().filter(
        plan__appointments=None, sessions__gte=COURSE
    )
    return Clinic(
        today=today,
        readers={
            reader: User.objects.filter(**{f"is_{reader}": True})[0]
            for reader in READERS
        },
        treating=list(User.objects.acupuncturists().values_list("pk", flat=True)),
        beds=list(Bed.objects.values_list("pk", flat=True)),
        courses=list(
            running.select_related("plan__episode").distinct().order_by("pk")[:SAMPLE]
        ),
        unbooked=list(waiting.values_list("plan_id", flat=True)),
        names=list(
            SearchTerm.objects.order_by("pk").values_list("term", flat=True)[:SAMPLE]
        ),
    )


# ---------------------------------------------------------------- reading


def _moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _search(clinic: Clinic, turn: int) -> Asked:
    return Asked(
        f"{reverse('patients:search')}?{urlencode({'q': _typed(clinic, turn)})}"
    )


def _typed(clinic: Clinic, turn: int) -> str:
    return clinic.names[turn % len(clinic.names)][:4]


def _found(clinic: Clinic, turn: int) -> list[Statement]:
    typed = _typed(clinic, turn)
    prefix, values = "term >= %s AND term < %s", [typed, f"{typed}\U0010ffff"]
    if connection.vendor == "postgresql":
        prefix, values = "term LIKE %s", [f"{typed}%"]
    sql = (
        "SELECT id, family_name, given_name, birth_date, phone FROM patients_patient "
        f"WHERE id IN (SELECT patient_id FROM patients_searchterm WHERE {prefix}) "  # nosec B608
        "ORDER BY family_name, given_name LIMIT 20"
    )
    return [(sql, values)]


def _patient(clinic: Clinic, turn: int) -> Asked:
    patient = clinic.course(turn).plan.episode.patient_id
    return Asked(reverse("patient", args=[patient]))


def _at_the_desk(clinic: Clinic, turn: int) -> list[Statement]:
    episode = clinic.course(turn).plan.episode
    return [
        (
            "SELECT family_name, given_name, birth_date, sex, phone, email, alerts "
            "FROM patients_patient WHERE id = %s",
            [episode.patient_id],
        ),
        (
            "SELECT a.id, a.starts_at, a.status, u.name, b.name "
            "FROM plans_appointment a JOIN clinic_user u ON u.id = a.practitioner_id "
            "JOIN plans_bed b ON b.id = a.bed_id WHERE a.patient_id = %s "
            "AND a.starts_at >= %s AND a.status NOT IN ('cancelled', 'late_cancel') "
            "ORDER BY a.starts_at LIMIT 5",
            [episode.patient_id, _moment(day_bounds(clinic.today)[0])],
        ),
        (
            "SELECT v.sessions, v.per_week, "
            "COUNT(CASE WHEN a.status = 'done' THEN 1 END), "
            "COUNT(CASE WHEN a.status = 'booked' THEN 1 END), MAX(a.starts_at) "
            "FROM plans_planversion v JOIN plans_plan p ON p.id = v.plan_id "
            "LEFT JOIN plans_appointment a ON a.plan_id = p.id "
            "WHERE p.episode_id = %s AND v.status = 'approved' "
            "GROUP BY v.id, v.sessions, v.per_week",
            [episode.pk],
        ),
    ]


def _clinical(clinic: Clinic, turn: int) -> list[Statement]:
    episode = clinic.course(turn).plan.episode
    return [
        *_at_the_desk(clinic, turn),
        (
            "SELECT e.id, e.complaint, e.opened_on, e.closed_on, (SELECT i.screen "
            "FROM patients_intake i WHERE i.episode_id = e.id "
            "ORDER BY i.taken_at DESC LIMIT 1) "
            "FROM patients_episode e WHERE e.patient_id = %s",
            [episode.patient_id],
        ),
        (
            "SELECT t.acupoint_id, t.side, t.depth_mm, t.technique "
            "FROM plans_planpoint t JOIN plans_planversion v ON v.id = t.version_id "
            "JOIN plans_plan p ON p.id = v.plan_id "
            "WHERE p.episode_id = %s AND v.status = 'approved' ORDER BY t.id",
            [episode.pk],
        ),
        *_progressed(clinic, turn),
    ]


def _progress(clinic: Clinic, turn: int) -> Asked:
    return Asked(reverse("plans:progress", args=[clinic.course(turn).plan.episode_id]))


def _progressed(clinic: Clinic, turn: int) -> list[Statement]:
    episode = clinic.course(turn).plan.episode_id
    return [
        (
            "SELECT scale, moment, taken_at, value FROM patients_score "
            "WHERE episode_id = %s ORDER BY taken_at",
            [episode],
        ),
        (
            "SELECT a.starts_at, a.status, s.id FROM plans_appointment a "
            "JOIN plans_plan p ON p.id = a.plan_id "
            "LEFT JOIN plans_session s ON s.appointment_id = a.id "
            "WHERE p.episode_id = %s ORDER BY a.starts_at",
            [episode],
        ),
    ]


def _day(clinic: Clinic, turn: int) -> Asked:
    return Asked(f"{reverse('plans:day')}?day={_weekday(clinic, turn)}")


def _weekday(clinic: Clinic, turn: int) -> date:
    """One of the ten working days before next week."""
    monday = clinic.today - timedelta(days=clinic.today.weekday() + 7)
    return monday + timedelta(days=turn % 5 + 7 * (turn // 5 % 2))


def _on_the_day(clinic: Clinic, turn: int) -> list[Statement]:
    begins, ends = day_bounds(_weekday(clinic, turn))
    sql = (
        "SELECT a.id, a.starts_at, a.ends_at, a.status, a.kind, q.family_name, "
        "q.given_name, u.name, b.name FROM plans_appointment a "
        "JOIN patients_patient q ON q.id = a.patient_id "
        "JOIN clinic_user u ON u.id = a.practitioner_id "
        "JOIN plans_bed b ON b.id = a.bed_id "
        "WHERE a.starts_at >= %s AND a.starts_at < %s ORDER BY a.starts_at, a.id"
    )
    return [(sql, [_moment(begins), _moment(ends)])]


def _outcomes(clinic: Clinic, turn: int) -> Asked:
    return Asked(f"{reverse('plans:outcomes')}?first=&last=&by=")


def _own_outcomes(clinic: Clinic, turn: int) -> Asked:
    by = clinic.treating[turn % len(clinic.treating)]
    return Asked(f"{reverse('plans:outcomes')}?first=&last=&by={by}")


def _treated(clinic: Clinic, turn: int) -> list[Statement]:
    """Leg pain before treatment and from the fourth week, by practitioner."""
    fourth = "datetime(first_at, '+25 days')"
    if connection.vendor == "postgresql":
        fourth = "first_at + interval '25 days'"
    leg = (
        "SELECT value FROM patients_score c WHERE c.episode_id = begun.episode_id "
        "AND c.scale = 'leg_nrs' AND c.moment <> 'after' AND c.taken_at"
    )
    sql = (  # of words that stand above
        "SELECT who, base, later, COUNT(*) FROM (SELECT who, "  # nosec B608
        f"({leg} <= first_at ORDER BY c.taken_at DESC LIMIT 1) AS base, "
        f"({leg} >= {fourth} ORDER BY c.taken_at LIMIT 1) AS later "
        "FROM (SELECT p.episode_id, v.approved_by_id AS who, "
        "MIN(s.started_at) AS first_at FROM plans_session s "
        "JOIN plans_planversion v ON v.id = s.plan_version_id "
        "JOIN plans_plan p ON p.id = v.plan_id WHERE s.status = 'signed' "
        "GROUP BY p.episode_id, v.approved_by_id) AS begun) AS pairs "
        "GROUP BY who, base, later"
    )
    return [
        (sql, []),
        ("SELECT status, COUNT(*) FROM plans_appointment GROUP BY status", []),
    ]


# ---------------------------------------------------------------- booking


@dataclass(frozen=True)
class Place:
    """A half hour far ahead that is nobody's."""

    practitioner: int
    bed: int
    at: datetime  # on the clinic's clock


def forget_bookings(clinic: Clinic) -> None:
    Appointment.objects.filter(
        starts_at__gte=day_bounds(clinic.today + AHEAD - timedelta(days=7))[0]
    ).delete()


def _places(clinic: Clinic, turn: int, sessions: int = 1) -> list[Place]:
    """Sessions of a course are a week apart, each turn at another place.

    Whoever asks has a weekday for itself: the page takes whatever bed is free.
    """
    number, weekday = divmod(turn, TURNS)
    number, who = divmod(number, len(clinic.treating))
    block, half = divmod(number, len(HALVES))
    first = clinic.today + AHEAD - timedelta(days=clinic.today.weekday())
    first += timedelta(weeks=block * COURSE, days=weekday)
    return [
        Place(
            clinic.treating[who],
            clinic.beds[2 * who + half % 2],
            datetime.combine(first + timedelta(weeks=week), HALVES[half]),
        )
        for week in range(sessions)
    ]


def _book(clinic: Clinic, turn: int) -> Asked:
    patient = clinic.course(turn).plan.episode.patient_id
    (place,) = _places(clinic, turn)
    posted = {
        "kind": Appointment.Kind.TREATMENT,
        "day": place.at.date(),
        "time": f"{place.at:%H:%M}",
        "practitioner": place.practitioner,
        "bed": "",
        "submission": uuid4(),
    }
    return Asked(f"{reverse('plans:book')}?patient={patient}", list(posted.items()))


def _book_course(clinic: Clinic, turn: int) -> Asked:
    plan = clinic.unbooked[turn // TURNS]
    starts = [
        ("start", f"{place.at:%Y-%m-%dT%H:%M} {place.practitioner}")
        for place in _places(clinic, turn, COURSE)
    ]
    return Asked(
        reverse("plans:book_course", args=[plan]), [("submission", uuid4()), *starts]
    )


def _booked(clinic: Clinic, turn: int) -> list[Statement]:
    return _written(clinic, turn, 1)


def _course_booked(clinic: Clinic, turn: int) -> list[Statement]:
    return _written(clinic, turn, COURSE)


def _written(clinic: Clinic, turn: int, sessions: int) -> list[Statement]:
    version, by = clinic.course(turn), clinic.readers["front_desk"].pk
    patient = version.plan.episode.patient_id
    now = _moment(moment_of(datetime.combine(clinic.today, time(9)), clinic_zone()))
    found: list[Statement] = []
    for place in _places(clinic, turn, sessions):
        starts = moment_of(place.at, clinic_zone())
        needled, ends = (starts + timedelta(minutes=each) for each in (15, 45))
        token = _token(uuid4())
        found += [
            (
                "INSERT INTO plans_appointment (patient_id, plan_id, practitioner_id, "
                "bed_id, kind, starts_at, needling_ends_at, ends_at, status, "
                "status_since, cancel_reason, created_at, created_by_id, revision, "
                "submission) VALUES (%s, %s, %s, %s, 'treatment', %s, %s, %s, "
                "'booked', %s, '', %s, %s, 0, %s)",
                [
                    *(patient, version.plan_id, place.practitioner, place.bed),
                    *(_moment(starts), _moment(needled), _moment(ends)),
                    *(now, now, by, token),
                ],
            ),
            (
                "INSERT INTO plans_statuschange (appointment_id, revision, status, at, "
                "by_id) SELECT id, 0, status, %s, %s FROM plans_appointment "
                "WHERE submission = %s",
                [now, by, token],
            ),
        ]
    audited = (
        "INSERT INTO clinic_auditevent (at, by_id, action, subject_type, subject_id, "
        "patient_id, details) VALUES (%s, %s, 'book', 'plan', %s, %s, '{}')"
    )
    return [*found, (audited, [now, by, str(version.plan_id), patient])]


def _token(token: UUID) -> Any:
    return token if connection.vendor == "postgresql" else token.hex


CLINICIAN, DESK, ADMIN = READERS
SEARCH = Operation("search", DESK, 2, _search, _found)
CHART = Operation("patient, clinical", CLINICIAN, 2.5, _patient, _clinical)
PROGRESS = Operation("progress", CLINICIAN, 2, _progress, _progressed)
DAY = Operation("day, everybody", DESK, 1.5, _day, _on_the_day)
REVIEW = Operation("outcomes, everything", ADMIN, 1.5, _outcomes, _treated, slow=True)
OPERATIONS = (
    SEARCH,
    Operation("patient, at the desk", DESK, 2.5, _patient, _at_the_desk),
    CHART,
    PROGRESS,
    DAY,
    Operation("book one", DESK, 3, _book, _booked, writes=True),
    Operation(
        f"book a course of {COURSE}",
        DESK,
        None,
        _book_course,
        _course_booked,
        writes=True,
        times=lambda clinic: len(clinic.unbooked),
    ),
    REVIEW,
    Operation("outcomes, one person", ADMIN, None, _own_outcomes, _treated, slow=True),
)
