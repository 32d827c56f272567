"""Triggers that mark an episode whenever a record changes that its outcome counts.

They stand in the database, so that no service has to remember it and nothing that
writes past the services is missed. Where they had to be made anew, somebody may have
written while they were away: then every episode is marked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core import checks
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from clinic.core import fixed

PREFIX = "marks_"
# Raise it when `plans.outcomes.course` counts otherwise: it stands in the triggers, as
# does the clinic's time zone, so that they are made anew, and with that everybody is
# marked.
COUNTED_AS = 4
EVENTS = ("INSERT", "UPDATE", "DELETE")
MARKS = "plans_outcomemark"
OF_PLAN = "SELECT episode_id FROM plans_plan WHERE id = {row}.plan_id"
OF_VERSION = (
    "SELECT p.episode_id FROM plans_planversion v "
    "JOIN plans_plan p ON p.id = v.plan_id WHERE v.id = "
)
OF_SIGNED = OF_VERSION + (  # nosec B608
    "(SELECT plan_version_id FROM plans_session "
    "WHERE id = {row}.session_id AND status = 'signed')"
)


@dataclass(frozen=True)
class Source:
    """A table that is counted. `episodes` is SQL over `{row}` that gives theirs."""

    table: str
    episodes: str
    when: str = "TRUE"


# In the order of `services.rows`, which reads them.
SOURCES = (
    # A patient's next episode makes none of the others the first.
    Source(
        "patients_episode",
        "SELECT id FROM patients_episode WHERE patient_id = {row}.patient_id "
        "UNION ALL SELECT {row}.id",
    ),
    Source(
        "patients_patient",
        "SELECT id FROM patients_episode WHERE patient_id = {row}.id",
    ),
    Source("patients_intake", "SELECT {row}.episode_id"),
    Source("patients_score", "SELECT {row}.episode_id"),
    Source(
        "patients_withdrawal",
        "SELECT episode_id FROM patients_score WHERE id = {row}.score_id",
    ),
    Source("plans_plan", "SELECT {row}.episode_id"),
    Source("plans_planversion", OF_PLAN, "{row}.status <> 'draft'"),
    Source("plans_appointment", OF_PLAN, "{row}.plan_id IS NOT NULL"),
    Source(
        "plans_session", OF_VERSION + "{row}.plan_version_id", "{row}.status = 'signed'"
    ),
    Source("plans_needling", OF_SIGNED),
    Source("plans_paperrecord", OF_SIGNED),
)


@dataclass(frozen=True)
class Trigger:
    name: str
    table: str
    event: str
    when: str
    marks: str  # the statement that leaves them


def _triggers() -> Iterator[Trigger]:
    for source in SOURCES:
        for event in EVENTS:
            rows = {"INSERT": ("NEW",), "DELETE": ("OLD",)}.get(event, ("OLD", "NEW"))
            found = " UNION ".join(
                f"SELECT * FROM ({source.episodes.format(row=row)}) AS of_{row}"  # nosec B608
                for row in rows
            )
            yield Trigger(
                name=f"{PREFIX}{source.table}_{event.lower()}",
                table=source.table,
                event=event,
                when=" OR ".join(source.when.format(row=row) for row in rows),
                marks=(
                    f"/* counted as {COUNTED_AS} in {settings.TIME_ZONE} */ "
                    f"INSERT INTO {MARKS} (episode) {found}"  # nosec B608
                ),
            )


def stand(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger, unless all stand as they should."""
    tables = set(connection.introspection.table_names())
    if not tables.issuperset({MARKS, *(source.table for source in SOURCES)}):
        return  # half-way through the migrations
    triggers = list(_triggers())
    there = {
        name: each.text for name, each in fixed.standing(connection, PREFIX).items()
    }
    if there == {trigger.name: _text(connection, trigger) for trigger in triggers}:
        return
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        fixed.loosen(connection, PREFIX)
        for trigger in triggers:
            cursor.execute(_made(connection, trigger))
        mark_all(connection)


def mark_all(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {MARKS} (episode) SELECT id FROM patients_episode"  # nosec B608
        )


def _text(connection: BaseDatabaseWrapper, trigger: Trigger) -> str:
    """What the database keeps of it: SQLite the statement, PostgreSQL the body."""
    return (_on_sqlite if connection.vendor == "sqlite" else _body)(trigger)


def _made(connection: BaseDatabaseWrapper, trigger: Trigger) -> str:
    return (_on_sqlite if connection.vendor == "sqlite" else _on_postgresql)(trigger)


def _on_sqlite(trigger: Trigger) -> str:
    return (
        f"CREATE TRIGGER {trigger.name} AFTER {trigger.event} ON {trigger.table} "
        f"WHEN {trigger.when} BEGIN {trigger.marks}; END"
    )


def _body(trigger: Trigger) -> str:
    return f"BEGIN IF {trigger.when} THEN {trigger.marks}; END IF; RETURN NULL; END"


def _on_postgresql(trigger: Trigger) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {trigger.name}() RETURNS trigger "
        f"LANGUAGE plpgsql AS $${_body(trigger)}$$; "
        f"CREATE TRIGGER {trigger.name} AFTER {trigger.event} ON {trigger.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {trigger.name}()"
    )


def loosen_before_migrations(
    *, using: str, plan: Sequence[object], **signal: object
) -> None:
    """A trigger that reads another table would stop SQLite from renaming that.

    PostgreSQL keeps them: there to count everybody anew takes minutes.
    """
    if plan and connections[using].vendor == "sqlite":
        fixed.loosen(connections[using], PREFIX)


def stand_after_migrations(*, using: str, **signal: object) -> None:
    stand(connections[using])


def check_all_stand(
    *, databases: Sequence[str] | None, **_options: object
) -> list[checks.CheckMessage]:
    return [
        checks.Warning(
            f"{trigger.table}: an {trigger.event} would not reach the outcomes.",
            hint="Run migrate: it makes every trigger anew.",
            id="plans.W001",
        )
        for alias in databases or ()
        for there in [fixed.standing(connections[alias], PREFIX)]
        for trigger in _triggers()
        if trigger.name not in there
    ]
