"""A caseload, counted in the database: the same few queries whatever its size.

All but the adverse events are read from a row for each episode, which has to be brought
into line first (`services.rows`). Scores come back as counted pairs or cells.
"""

from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)

from clinic.accounts.models import User
from plans.adverse.models import AdverseEvent
from plans.outcomes.caseload import (
    Events,
    Pair,
    Pairs,
    Reached,
    Selection,
    Totals,
    last_begun,
    totals,
)
from plans.outcomes.casemix import Cell, Group, Taken, groups
from plans.outcomes.course import DurationBand
from plans.outcomes.explore import Treated
from plans.outcomes.models import CourseOutcome
from plans.scheduling.clock import bounds
from plans.scheduling.queries import clinic_zone
from plans.sessions.models import Session

WEEK = timedelta(weeks=1)
CASE = ("duration", "age", "sex", "again")
# Columns of `Reached`, in its order.
KNOWN = ("leg_base", "leg_last", "disability_base")
SUMMED = (
    *("scored", "no_shows", "late_cancels"),
    *("odd_times", "signed_late", "typed_late", "corrected"),
)
BOTH = Q(leg_base__isnull=False, leg_week_4__isnull=False)
TREATED = Q(begun_on__isnull=False)


def intake_takers() -> QuerySet[User]:
    """Whoever took a first intake, those who have left too."""
    taken = CourseOutcome.objects.filter(by=OuterRef("pk"))
    return User.objects.filter(Exists(taken)).order_by("name", "pk")


def chosen_courses(chosen: Selection) -> QuerySet[CourseOutcome]:
    found = CourseOutcome.objects.order_by()
    zone = clinic_zone()
    if chosen.first:
        found = found.filter(intake_at__gte=bounds(chosen.first, chosen.first, zone)[0])
    if chosen.last:
        found = found.filter(intake_at__lt=bounds(chosen.last, chosen.last, zone)[1])
    if chosen.by:
        found = found.filter(by=chosen.by)
    if chosen.phase:
        found = found.filter(phase=chosen.phase)
    if chosen.pattern:
        found = found.filter(patterns__contains=f"|{chosen.pattern}|")
    if chosen.technique:
        found = found.filter(techniques__contains=f"|{chosen.technique}|")
    return found


def totals_of(chosen: Selection, today: date) -> Totals:
    """How far the episodes came, what was held, and what is missing. One query."""
    rows = (
        chosen_courses(chosen)
        .annotate(
            ended=_whether(ends_on__lte=today),
            due=_whether(begun_on__lte=last_begun(today)),
        )
        .values_list("stage", "planned", "held", "ended", "due")
        .annotate(
            *(Count(name) for name in ("pk", *KNOWN)),
            *(Sum(name) for name in SUMMED),
            complete=Count("pk", filter=BOTH),
            painless=Count("pk", filter=Q(leg_base=0)),
            no_onset=Count("pk", filter=TREATED & Q(duration=DurationBand.UNKNOWN)),
        )
    )
    return totals([Reached(*row) for row in rows])


def _whether(**condition: Any) -> ExpressionWrapper:
    return ExpressionWrapper(Q(**condition), output_field=BooleanField())


def cells_of(chosen: Selection, today: date) -> list[Cell]:
    """Leg scores before treatment and at week 4, with the case. One query."""
    rows = (
        _due(chosen, today)
        .values_list("leg_base", "leg_week_4", *CASE)
        .annotate(Count("pk"))
    )
    return [Cell(*row) for row in rows]


def _due(chosen: Selection, today: date) -> QuerySet[CourseOutcome]:
    return chosen_courses(chosen).filter(begun_on__lte=last_begun(today))


def groups_of(chosen: Selection, today: date) -> list[Group]:
    """Courses due by who took the first intake. One query."""
    rows = (
        _due(chosen, today)
        .values_list("by", *CASE)
        .annotate(
            due=Count("pk"),
            complete=Count("pk", filter=BOTH),
            base=Sum("leg_base", filter=BOTH),
            later=Sum("leg_week_4", filter=BOTH),
        )
    )
    return groups([Taken(*row) for row in rows])


def pairs_of(chosen: Selection, today: date) -> Pairs:
    """One query."""
    due = _due(chosen, today)
    kinds = ("back", "last")
    scaled = due.exclude(disability="")
    rows = _counted(due, Value("back"), "back_base", "back_week_4").union(
        _counted(due, Value("last"), "leg_base", "leg_last"),
        _counted(scaled, F("disability"), "disability_base", "disability_week_4"),
        all=True,
    )
    found: dict[str, list[Pair]] = {}
    for kind, *pair in rows:
        found.setdefault(kind, []).append(Pair(*pair))
    back, last = (tuple(found.pop(kind, ())) for kind in kinds)
    return Pairs(back, last, {code: tuple(found[code]) for code in sorted(found)})


def _counted(due: QuerySet, kind: Any, base: str, later: str) -> QuerySet:
    return (
        due.annotate(kind=kind).values_list("kind", base, later).annotate(n=Count("pk"))
    )


def events_of(chosen: Selection) -> list[Events]:
    """One query."""
    in_time = ExpressionWrapper(F("happened_on") + WEEK, output_field=DateField())
    late = _whether(recorded_at__date__gt=in_time)
    in_error = _whether(session__isnull=False, session__status=Session.Status.ERROR)
    rows = (
        AdverseEvent.objects.current()
        .filter(episode__in=chosen_courses(chosen).values("pk"))
        .order_by()
        .annotate(late=late, in_error=in_error)
        .values_list("kind", "grade", "late", "in_error")
    )
    return [Events(*row) for row in rows.annotate(n=Count("pk"))]


def treated_of(chosen: Selection, today: date) -> list[Treated]:
    """For the explorer: scores, case and first session of courses due. One query."""
    rows = (
        _due(chosen, today)
        .values_list("leg_base", "leg_week_4", *CASE, "points", "techniques")
        .annotate(n=Count("pk"))
    )
    return [
        Treated(
            Cell(base, later, duration, age, sex, again, number),
            _features(points, techniques),
        )
        for base, later, duration, age, sex, again, points, techniques, number in rows
    ]


def courses_of(
    chosen: Selection, *, with_names: bool, seed: UUID
) -> list[CourseOutcome]:
    """For a file, in an order that tells nothing: another of each seed. One query."""
    rows = chosen_courses(chosen)
    rows = rows.select_related("episode__patient") if with_names else rows
    return sorted(rows, key=lambda row: sha256(f"{seed} {row.pk}".encode()).digest())


@lru_cache(maxsize=4096)
def _features(points: str, techniques: str) -> frozenset[str]:
    """The words of both; most courses begin like many others."""
    return frozenset(f"{points}|{techniques}".split("|")) - {""}
