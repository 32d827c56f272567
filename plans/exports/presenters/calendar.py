"""The dates of a course as a calendar, a row a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from plans.exports.queries import CourseAhead, Visit

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Day:
    """`opens_month`: the month is said beside the number."""

    on: date
    opens_month: bool
    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class Calendar:
    """`practitioner` where all are with the same one, else each says with whom."""

    weeks: tuple[tuple[Day, ...], ...]
    practitioner: str


def calendar(course: CourseAhead) -> Calendar:
    """Whole weeks from the first appointment to come to the last."""
    visits = course.visits
    names = {visit.appointment.practitioner.name for visit in visits}
    return Calendar(
        weeks=tuple(_weeks(visits)),
        practitioner=names.pop() if len(names) == 1 else "",
    )


def _weeks(visits: Sequence[Visit]):
    if not visits:
        return
    monday = visits[0].on - timedelta(days=visits[0].on.weekday())
    first = monday
    while monday <= visits[-1].on:
        days = [monday + timedelta(days=number) for number in range(7)]
        yield tuple(
            Day(
                on=on,
                opens_month=on in {first, on.replace(day=1)},
                visits=tuple(visit for visit in visits if visit.on == on),
            )
            for on in days
        )
        monday += WEEK
