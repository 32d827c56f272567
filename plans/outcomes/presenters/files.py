"""What leaves the clinic as a file: the tables, what they mean, course by course."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.utils.translation import gettext as _

from plans.outcomes.models import CourseOutcome
from plans.outcomes.presenters.leaving import WITHHELD
from plans.outcomes.presenters.tables import Kind, Table, Value, tidy
from plans.outcomes.withhold import rare

KIND_MEANS = {
    Kind.COUNT: "count",
    Kind.WHOLE: "count",
    Kind.VALUE: "number",
    Kind.WORD: "text",
}
COURSES = "courses"
# Together these could tell who somebody is.
TELLING = ("year", "age", "sex", "duration", "again")
PLAIN = (
    "stage",
    "phase",
    "patterns",
    "points",
    "techniques",
    "planned",
    "held",
    "scored",
    "no_shows",
    "late_cancels",
    "leg_base",
    "leg_week_4",
    "leg_last",
    "back_base",
    "back_week_4",
    "disability",
    "disability_base",
    "disability_week_4",
)
NAMES = ("patient", "family_name", "given_name", "birth_date", "first_intake")


def dictionary(tables: Iterable[Table], said: Sequence[str]) -> Iterator[list[Value]]:
    """Every column of every file, what it means and how it is counted."""
    yield ["file", "column", "kind", "meaning"]
    for line in said:
        yield ["", "", "", line]
    withheld = _(
        "%(mark)s in place of a count: withheld, because it is below five or would "
        "give away one that is. What rests on it is left empty."
    )
    yield ["", "", "", withheld % {"mark": WITHHELD}]
    for table in tables:
        yield [table.key, "", "", table.title]
        yield [table.key, "block", "text", _("Group of rows, where there is one")]
        yield [table.key, "row", "text", _("Code of the row, in any language")]
        yield [table.key, "label", "text", table.head]
        for column in table.parts:
            yield [table.key, column.name, KIND_MEANS[column.kind], column.means]
        for line in table.how:
            yield [table.key, "", "", line]
    yield [COURSES, "", "", _("One row for each episode, in no order that tells.")]
    for name, means in courses_mean():
        yield [COURSES, name, "", means]


def courses_mean() -> Iterator[tuple[str, str]]:
    said = {
        "number": _("Of the row, in this file only"),
        "year": _("Year of the first intake"),
        "age": _("Full years at the first intake, in bands"),
        "sex": _("Sex as registered"),
        "duration": _("From the onset to the first session"),
        "again": _("Whether it is not the patient’s first episode here"),
        "stage": _("How far the episode came"),
        "phase": _("Phase at the first intake"),
        "patterns": _("Patterns found at the first intake"),
        "points": _("Points of the first session"),
        "techniques": _("Techniques of the first session"),
        "planned": _("Sessions that the plan in force prescribes"),
        "held": _("Sessions held"),
        "scored": _("Sessions with a leg score on arrival"),
        "no_shows": _("No-shows"),
        "late_cancels": _("Late cancels"),
        "leg_base": _("Leg pain before treatment"),
        "leg_week_4": _("Leg pain at week 4"),
        "leg_last": _("Leg pain, last score"),
        "back_base": _("Back pain before treatment"),
        "back_week_4": _("Back pain at week 4"),
        "disability": _("Which disability scale was used"),
        "disability_base": _("Disability before treatment"),
        "disability_week_4": _("Disability at week 4"),
        "patient": _("Number of the patient; with names only"),
        "family_name": _("With names only"),
        "given_name": _("With names only"),
        "birth_date": _("With names only"),
        "first_intake": _("Day of the first intake; with names only"),
    }
    for name in ("number", *TELLING, *PLAIN, *NAMES):
        yield name, said[name]


def course_lines(
    rows: Sequence[CourseOutcome], days: Sequence[date], *, with_names: bool
) -> Iterator[list[object]]:
    """Without names, what few rows share is withheld; with names nothing is.

    Args:
        days: of the first intakes, on the clinic's calendar.
    """
    yield ["number", *TELLING, *PLAIN, *(NAMES if with_names else ())]
    kinds = [_telling(row, day) for row, day in zip(rows, days, strict=True)]
    hidden = set() if with_names else rare(kinds)
    for number, (row, day, kind) in enumerate(zip(rows, days, kinds, strict=True), 1):
        told = (WITHHELD,) * len(TELLING) if kind in hidden else kind
        yield [
            number,
            *told,
            *(_plain(getattr(row, name)) for name in PLAIN),
            *(_names(row, day) if with_names else ()),
        ]


def _telling(row: CourseOutcome, day: date) -> tuple[object, ...]:
    return day.year, row.age, row.sex, row.duration, int(row.again)


def _plain(value: object) -> object:
    if isinstance(value, float):
        return tidy(value)
    return value.strip("|").replace("|", " ") if isinstance(value, str) else value


def _names(row: CourseOutcome, day: date) -> tuple[object, ...]:
    patient = row.episode.patient
    born = patient.birth_date.isoformat()
    return patient.pk, patient.family_name, patient.given_name, born, day.isoformat()
