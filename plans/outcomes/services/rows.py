"""One row for each episode, brought into line with the records before it is read."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q

from patients.intake.models import Intake
from patients.measures.models import Score
from patients.measures.scales import SCALES
from patients.records.models import Episode
from plans.outcomes.course import (
    COLUMNS,
    Counted,
    Records,
    SessionHeld,
    counted,
)
from plans.outcomes.models import CourseOutcome, OutcomeMark
from plans.planning.course import weeks_of
from plans.planning.models import Plan, PlanVersion
from plans.progress.marks import ScoreMark
from plans.scheduling.clock import wall
from plans.scheduling.models import Appointment
from plans.scheduling.queries import clinic_zone
from plans.sessions.models import Needling, Session

AT_ONCE = 400  # episodes of a transaction: nobody waits long for it
LOCK = 4_871_906  # of PostgreSQL, anywhere it is used
EPISODE = "plan_version__plan__episode"


def bring_into_line(most: int | None = None) -> int:
    """Work out anew what changed since the last time; return how many episodes wait.

    Where it returns 0, the rows are what the records say. It always does, unless more
    than `most` wait: then it does a part, so that nobody waits for all. Costs one query
    where nothing changed.
    """
    while OutcomeMark.objects.exists():
        with transaction.atomic():
            _alone()
            _clear_some()
        if most is not None and (waiting := _waiting()) > most:
            return waiting
    return 0


def _waiting() -> int:
    return OutcomeMark.objects.aggregate(n=Count("episode", distinct=True))["n"]


def _alone() -> None:
    """Keep others from this until the transaction ends, as SQLite does anyway.

    Else one that had read earlier could write later.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _clear_some() -> None:
    """Marks are read before the records: what is changed after leaves a new one."""
    marked = OutcomeMark.objects.order_by("episode").values_list("episode", flat=True)
    episodes = list(marked.distinct()[:AT_ONCE])
    seen = OutcomeMark.objects.filter(episode__in=episodes)
    marks = list(seen.values_list("pk", flat=True))
    rows = [
        CourseOutcome(episode_id=pk, **vars(row)) for pk, row in worked_out(episodes)
    ]
    found = {row.episode_id for row in rows}
    gone = [pk for pk in episodes if pk not in found]
    CourseOutcome.objects.filter(pk__in=gone).delete()
    CourseOutcome.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["episode"], update_fields=UPDATED
    )
    OutcomeMark.objects.filter(pk__in=marks).delete()


UPDATED = ["by" if name == "by_id" else name for name in COLUMNS]


def worked_out(episodes: Collection[int]) -> Iterator[tuple[int, Counted]]:
    """The full count of these episodes: those with an intake. Seven queries."""
    zone = clinic_zone()
    intakes = _by_episode(
        Intake.objects.filter(episode__in=episodes)
        .order_by("taken_at", "pk")
        .values_list("episode", "taken_at", "taken_by", "screen", "answers")
    )
    versions = _versions(episodes)
    booked, missed = _appointments(episodes)
    sessions = _by_episode(
        _signed(episodes)
        .order_by("started_at", "pk")
        .values_list(
            *(EPISODE, "pk", "started_at", "signed_at"),
            *("appointment__starts_at", "paper__typed_at"),
        )
    )
    needled = _needled(rows[0][0] for rows in sessions.values())
    scores, corrected = _scores(episodes)
    for pk, born, sex, onset, again in _people(episodes):
        if not (taken := intakes[pk]):
            continue
        at, by, _screen, answers = taken[0]
        held = sessions[pk]
        is_planned, dose = versions.get(pk, (False, None))
        yield (
            pk,
            counted(
                Records(
                    by=by,
                    intake_at=at,
                    intake_on=wall(at, zone).date(),
                    answers=answers,
                    screen=taken[-1][2],
                    born=born,
                    sex=sex,
                    onset=onset,
                    again=again,
                    is_planned=is_planned,
                    is_booked=pk in booked,
                    dose=dose,
                    no_shows=missed[pk][Appointment.Status.NO_SHOW],
                    late_cancels=missed[pk][Appointment.Status.LATE_CANCEL],
                    sessions=[
                        SessionHeld(
                            at=wall(started, zone),
                            booked=wall(starts, zone),
                            signed=wall(signed, zone),
                            typed=wall(typed, zone) if typed else None,
                        )
                        for _pk, started, signed, starts, typed in held
                    ],
                    needled=needled[held[0][0]] if held else (),
                    scores=[
                        ScoreMark(wall(at, zone), SCALES[scale], moment, float(value))
                        for at, scale, moment, value in scores[pk]
                    ],
                    corrected=corrected[pk],
                )
            ),
        )


def _by_episode(rows: Any) -> dict[int, list[tuple[Any, ...]]]:
    found = defaultdict[int, list[tuple[Any, ...]]](list)
    for episode, *rest in rows:
        found[episode].append(tuple(rest))
    return found


def _people(episodes: Collection[int]) -> Any:
    earlier = Episode.objects.filter(patient=OuterRef("patient")).filter(
        Q(opened_on__lt=OuterRef("opened_on"))
        | Q(opened_on=OuterRef("opened_on"), pk__lt=OuterRef("pk"))
    )
    return (
        Episode.objects.filter(pk__in=episodes)
        .order_by()
        .values_list(
            "pk", "patient__birth_date", "patient__sex", "onset_on", Exists(earlier)
        )
    )


def _versions(
    episodes: Collection[int],
) -> Mapping[int, tuple[bool, tuple[int, int] | None]]:
    """By episode, whether a plan was approved, and the dose of what is in force."""
    approved = PlanVersion.objects.filter(
        plan__episode__in=episodes, approved_at__isnull=False
    )
    found: dict[int, tuple[bool, tuple[int, int] | None]] = {}
    # The proposal is long, and not read.
    approved = approved.order_by().select_related("plan")
    for version in approved.only(
        "sessions", "per_week", "weekly", "status", "plan__episode"
    ):
        episode = version.plan.episode_id
        dose = found.get(episode, (True, None))[1]
        if version.status == PlanVersion.Status.APPROVED:
            dose = version.sessions, weeks_of(version)
        found[episode] = True, dose
    return found


def _appointments(
    episodes: Collection[int],
) -> tuple[set[int], Mapping[int, Counter[str]]]:
    rows = (
        Appointment.objects.filter(plan__episode__in=episodes)
        .order_by()
        .values_list("plan__episode", "status")
        .annotate(Count("pk"))
    )
    missed = defaultdict[int, Counter[str]](Counter)
    for episode, status, number in rows:
        missed[episode][status] += number
    return set(missed), missed


def _signed(episodes: Collection[int]) -> Any:
    # By plan: an index of the versions serves it, one of episodes across would not.
    plans = Plan.objects.filter(episode__in=episodes)
    return Session.objects.filter(
        plan_version__plan__in=plans, status=Session.Status.SIGNED
    )


def _needled(sessions: Any) -> Mapping[int, list[tuple[Any, ...]]]:
    return _by_episode(
        Needling.objects.filter(session__in=list(sessions))
        .order_by()
        .values_list("session", "acupoint", "technique")
    )


def _scores(
    episodes: Collection[int],
) -> tuple[Mapping[int, list[tuple[Any, ...]]], Counter[int]]:
    """Those that stand, and how many were corrected."""
    standing = Score.objects.current().filter(episode__in=episodes)
    found = _by_episode(
        standing.order_by("taken_at", "pk").values_list(
            "episode", "taken_at", "scale", "moment", "value", "corrects"
        )
    )
    corrected = Counter(
        {pk: sum(row[-1] is not None for row in rows) for pk, rows in found.items()}
    )
    scores = defaultdict[int, list[tuple[Any, ...]]](
        list, {pk: [row[:-1] for row in rows] for pk, rows in found.items()}
    )
    return scores, corrected
