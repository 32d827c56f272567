"""A caseload, counted in the database: the same few queries whatever its size.

All but the adverse events are read from a row for each episode, which has to be brought
into line first (`services.rows`). Scores come back as counted pairs or cells.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Least

from clinic.accounts.models import User
from plans.adverse.models import AdverseEvent
from plans.outcomes.caseload import (
    Attendance,
    Events,
    Flow,
    Pair,
    Pairs,
    Quality,
    Selection,
    Totals,
    last_begun,
)
from plans.outcomes.casemix import BASE, COLUMNS, Cell, Group
from plans.outcomes.course import DurationBand, Stage
from plans.outcomes.explore import Treated
from plans.outcomes.models import CourseOutcome
from plans.scheduling.clock import bounds
from plans.scheduling.queries import clinic_zone
from plans.sessions.models import Session

WEEK = timedelta(weeks=1)
CASE = ("duration", "age", "sex", "again")
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
    planned, booked = (Stage.PLANNED, Stage.BOOKED, Stage.TREATED), Stage.BOOKED
    due = Q(begun_on__lte=last_begun(today))
    in_force = Q(planned__isnull=False)
    ended = in_force & Q(ends_on__lte=today)
    wanted = {
        "intakes": Count("pk"),
        "stopped": _if(stage=Stage.STOPPED),
        "open": _if(stage=Stage.OPEN),
        "clear": _if(stage=Stage.CLEAR),
        "planned": _if(stage__in=planned),
        "booked": _if(stage__in=(booked, Stage.TREATED)),
        "treated": _if(stage=Stage.TREATED),
        "seen_again": _if(leg_last__isnull=False),
        "due": Count("pk", filter=due),
        "complete": Count("pk", filter=due & BOTH),
        "courses": Count("pk", filter=in_force),
        "sessions_held": Sum("held", filter=in_force),
        "scored": Sum("scored", filter=in_force),
        "no_shows": Sum("no_shows", filter=in_force),
        "late_cancels": Sum("late_cancels", filter=in_force),
        "ended": Count("pk", filter=ended),
        "prescribed": Sum("planned", filter=ended),
        "held": Sum(
            Least("held", "planned", output_field=IntegerField()), filter=ended
        ),
        "all_held": Count("pk", filter=ended & Q(held__gte=F("planned"))),
        "sessions": Sum("held"),
        "all_scored": Sum("scored"),
        "no_onset": Count("pk", filter=TREATED & Q(duration=DurationBand.UNKNOWN)),
        "no_leg_base": Count("pk", filter=TREATED & Q(leg_base=None)),
        "no_disability": Count("pk", filter=TREATED & Q(disability_base=None)),
        "painless": Count("pk", filter=TREATED & Q(leg_base=0)),
        "odd_times": Sum("odd_times"),
        "signed_late": Sum("signed_late"),
        "typed_late": Sum("typed_late"),
        "corrected": Sum("corrected"),
    }
    # The columns have some of these names too.
    found = chosen_courses(chosen).aggregate(
        **{f"{name}_": each for name, each in wanted.items()}
    )
    number = {name.removesuffix("_"): value or 0 for name, value in found.items()}

    def of(*names: str) -> dict[str, int]:
        return {name: number[name] for name in names}

    return Totals(
        Flow(
            **of("intakes", "stopped", "open", "clear", "planned", "booked"),
            **of("treated", "seen_again", "due", "complete"),
        ),
        Attendance(
            **of("courses", "sessions_held", "scored", "no_shows", "late_cancels"),
            **of("ended", "prescribed", "held"),
            complete=number["all_held"],
        ),
        Quality(
            **of("treated", "sessions", "no_onset", "no_leg_base", "no_disability"),
            **of("painless", "odd_times", "signed_late", "typed_late", "corrected"),
            unscored=number["sessions"] - number["all_scored"],
        ),
    )


def _if(**conditions: Any) -> Count:
    return Count("pk", filter=Q(**conditions))


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
    kinds = {
        f"{name}_{kind}": Count("pk", filter=BOTH & Q(**{name: kind}))
        for name, kind in COLUMNS[1:]
    }
    rows = (
        _due(chosen, today)
        .values("by")
        .annotate(
            due=Count("pk"),
            complete=Count("pk", filter=BOTH),
            base=Sum("leg_base", filter=BOTH),
            later=Sum("leg_week_4", filter=BOTH),
            **kinds,
        )
    )
    return [_group(row) for row in rows]


def _group(row: Mapping[str, Any]) -> Group:
    complete = row["complete"]
    means = {}
    if complete:
        means = {
            (name, kind): (row["base"] if name == BASE else row[f"{name}_{kind}"])
            / complete
            for name, kind in COLUMNS
        }
    change = (row["later"] - row["base"]) / complete if complete else None
    return Group(row["by"], row["due"], complete, change, means)


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


def visits_of(chosen: Selection, today: date) -> list[tuple[int, int, int]]:
    """Sessions planned and held, of courses whose planned weeks are over. One query."""
    ended = chosen_courses(chosen).filter(planned__isnull=False, ends_on__lte=today)
    return list(ended.values_list("planned", "held").annotate(n=Count("pk")))


def events_of(chosen: Selection) -> list[Events]:
    """One query."""
    in_time = ExpressionWrapper(F("happened_on") + WEEK, output_field=DateField())
    late = Q(recorded_at__date__gt=in_time)
    in_error = Q(session__isnull=False, session__status=Session.Status.ERROR)
    rows = (
        AdverseEvent.objects.current()
        .filter(episode__in=chosen_courses(chosen).values("pk"))
        .order_by()
        .annotate(late=_whether(late), in_error=_whether(in_error))
        .values_list("kind", "grade", "late", "in_error")
    )
    return [Events(*row) for row in rows.annotate(n=Count("pk"))]


def _whether(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


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
            frozenset(_words(points) + _words(techniques)),
        )
        for base, later, duration, age, sex, again, points, techniques, number in rows
    ]


def courses_of(chosen: Selection, *, with_names: bool) -> list[CourseOutcome]:
    """For a file, in an order that is not that of the records. One query."""
    rows = chosen_courses(chosen).order_by("stage", "leg_base", "leg_last", "pk")
    return list(rows.select_related("episode__patient") if with_names else rows)


def _words(kept: str) -> list[str]:
    return [word for word in kept.split("|") if word]
