"""What is written once stays as written, whoever holds the pen: kept by triggers.

A model says so with an attribute, `fixed = Fixed(...)`. The triggers are made after
every migration, since SQLite drops them with each table that Django remakes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from django.apps import apps
from django.core import checks
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "fixed_"
# Of SQLite: the columns of each unique index of a table, and what made it.
UNIQUE = (
    "SELECT one.name, group_concat(info.name), made.sql "
    "FROM pragma_index_list(%s) one JOIN pragma_index_info(one.name) info "
    "LEFT JOIN sqlite_master made ON made.name = one.name "
    'WHERE one."unique" GROUP BY one.name, made.sql ORDER BY one.name'
)


@dataclass(frozen=True)
class Fixed:
    """Rows of the model that may no longer be changed or deleted.

    Args:
        name: what the refusal says.
        when: SQL over `{row}` that picks those rows; empty for all of them.
        but: columns that may change as long as `when` holds.
        unless: columns that may change if SQL over `OLD` and `NEW` says so.
        parts: relations whose rows are fixed with them, and get no new ones.
    """

    name: str
    when: str = "TRUE"
    but: tuple[str, ...] = ()
    unless: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trigger:
    name: str
    table: str
    event: str
    refused_if: str
    says: str


def wanted(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Only for tables that are there, as half-way through the migrations."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    return [
        trigger
        for model in apps.get_models()
        if isinstance(fixed := getattr(model, "fixed", None), Fixed)
        and model._meta.db_table in there
        for trigger in _triggers(connection, model, fixed)
        if trigger.table in there
    ]


def _triggers(
    connection: BaseDatabaseWrapper, model: type[models.Model], fixed: Fixed
) -> Iterator[Trigger]:
    def trigger(table: str, event: str, refused_if: str) -> Trigger:
        name = f"{PREFIX}{table}_{event.lower()}"
        return Trigger(name, table, event, refused_if, fixed.name)

    def refused(table: str, event: str, *conditions: str) -> Iterator[Trigger]:
        if conditions:
            yield trigger(table, event, " OR ".join(conditions))

    own = model._meta.db_table
    old, new, held = (fixed.when.format(row=row) for row in ("OLD", "NEW", "held"))
    inserted, updated = _replaced(connection, own, held)
    changed = _changed(connection, own, fixed)
    yield from refused(own, "INSERT", *inserted)
    yield from refused(own, "UPDATE", f"{old} AND (NOT ({new}) OR {changed})", *updated)
    yield from refused(own, "DELETE", old)
    tables = [own]
    for table, column in (_part(model, name) for name in fixed.parts):
        old, new, held = (
            f"EXISTS (SELECT 1 FROM {own} whole WHERE whole.id = {row}.{column} "  # nosec B608
            f"AND {fixed.when.format(row='whole')})"
            for row in ("OLD", "NEW", "held")
        )
        inserted, updated = _replaced(connection, table, held)
        yield from refused(table, "INSERT", new, *inserted)
        yield from refused(table, "UPDATE", old, new, *updated)
        yield from refused(table, "DELETE", old)
        tables.append(table)
    if connection.vendor == "postgresql":
        yield from (trigger(table, "TRUNCATE", "TRUE") for table in tables)


def _replaced(
    connection: BaseDatabaseWrapper, table: str, is_fixed: str
) -> tuple[list[str], list[str]]:
    """When an INSERT, and when an UPDATE, puts its row in the place of a fixed one.

    With OR REPLACE, SQLite deletes whatever has the same unique columns, and calls no
    trigger of that.

    Args:
        is_fixed: SQL over the row `held`.
    """
    if connection.vendor != "sqlite":
        return [], []
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)
        cursor.execute(UNIQUE, [table])
        found = [("id", None), *((names, sql) for _name, names, sql in cursor)]
    new = ", ".join(f'NEW."{column.name}" AS "{column.name}"' for column in columns)
    inserted = []
    for names, sql in found:
        same = [f'held."{name}" = NEW."{name}"' for name in sorted(names.split(","))]
        if only := (sql or "").partition(" WHERE ")[2]:
            same += [f"({only})", f"EXISTS (SELECT 1 FROM (SELECT {new}) WHERE {only})"]  # nosec B608
        inserted.append(" AND ".join([*same, is_fixed]))
    start = f"EXISTS (SELECT 1 FROM {table} held WHERE "  # nosec B608
    return (
        [f"{start}{each})" for each in inserted],
        [f"{start}held.id <> OLD.id AND {each})" for each in inserted],
    )


def _changed(connection: BaseDatabaseWrapper, table: str, fixed: Fixed) -> str:
    """By the columns as they are in the database, which may be older than the model."""
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return "TRUE"
        columns = connection.introspection.get_table_description(cursor, table)
    quoted = {column.name: connection.ops.quote_name(column.name) for column in columns}
    found = {
        name: f"OLD.{column} {differs} NEW.{column}"
        for name, column in quoted.items()
        if name not in fixed.but
    }
    for name in fixed.unless.keys() & found.keys():
        found[name] = f"({found[name]} AND NOT ({fixed.unless[name]}))"
    return " OR ".join(found.values())


def _part(model: type[models.Model], name: str) -> tuple[str, str]:
    field = model._meta.get_field(name)
    if isinstance(field, models.ManyToManyField):
        return field.m2m_db_table(), field.m2m_column_name()
    if not isinstance(field, models.ManyToOneRel):
        raise TypeError(f"{name} is no relation with rows of its own")
    return field.related_model._meta.db_table, field.field.column


class Standing(NamedTuple):
    table: str
    text: str


def standing(
    connection: BaseDatabaseWrapper, prefix: str = PREFIX
) -> dict[str, Standing]:
    """By name, the triggers that are there and not switched off."""
    sql = {
        "sqlite": (
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        ),
        "postgresql": (
            "SELECT tgname, tgrelid::regclass::text, prosrc FROM pg_trigger "
            "JOIN pg_proc ON pg_proc.oid = tgfoid "
            "WHERE NOT tgisinternal AND tgenabled <> 'D'"
        ),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {
            name: Standing(table, text)
            for name, table, text in cursor
            if name.startswith(prefix)
        }


def loosen(connection: BaseDatabaseWrapper, prefix: str = PREFIX) -> None:
    for name, there in standing(connection, prefix).items():
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER {name}")
            else:
                cursor.execute(f"DROP TRIGGER {name} ON {there.table}")
                cursor.execute(f"DROP FUNCTION {name}")


def fix(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger, unless all stand as they should.

    So a start without migrations changes nothing, and needs no right to.
    """
    triggers = wanted(connection)
    kept = {trigger.name: _text(connection, trigger) for trigger in triggers}
    there = standing(connection)
    if kept == {name: each.text for name, each in there.items()}:
        return
    write = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}[connection.vendor]
    with transaction.atomic(using=connection.alias):
        loosen(connection)
        for trigger in triggers:
            with connection.cursor() as cursor:
                cursor.execute(write(trigger))


def _text(connection: BaseDatabaseWrapper, trigger: Trigger) -> str:
    """What the database keeps of it: SQLite the statement, PostgreSQL the body."""
    return (_on_sqlite if connection.vendor == "sqlite" else _body)(trigger)


def _on_sqlite(trigger: Trigger) -> str:
    return (
        f"CREATE TRIGGER {trigger.name} BEFORE {trigger.event} ON {trigger.table} "
        f"WHEN {trigger.refused_if} "
        f"BEGIN SELECT RAISE(ABORT, '{trigger.says}'); END"
    )


def _on_postgresql(trigger: Trigger) -> str:
    each = "STATEMENT" if trigger.event == "TRUNCATE" else "ROW"
    return (
        f"CREATE OR REPLACE FUNCTION {trigger.name}() RETURNS trigger "
        f"LANGUAGE plpgsql AS $${_body(trigger)}$$; "
        f"CREATE TRIGGER {trigger.name} BEFORE {trigger.event} ON {trigger.table} "
        f"FOR EACH {each} EXECUTE FUNCTION {trigger.name}()"
    )


def _body(trigger: Trigger) -> str:
    goes_on = "OLD" if trigger.event == "DELETE" else "NEW"
    return (
        f"BEGIN IF {trigger.refused_if} THEN "
        f"RAISE '{trigger.says}' USING ERRCODE = 'integrity_constraint_violation'; "
        f"END IF; RETURN {goes_on}; END"
    )


@contextmanager
def unfixed(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """For filling an empty database with invented rows, and for nothing else."""
    with transaction.atomic(using=connection.alias):
        _settle(connection)
        loosen(connection)
        yield
        _settle(connection)
        fix(connection)


def _settle(connection: BaseDatabaseWrapper) -> None:
    """PostgreSQL changes no trigger of a table with foreign keys yet to look up."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def loosen_before_migrations(
    *, using: str, plan: Sequence[object], **signal: object
) -> None:
    """A trigger that reads another table would stop SQLite from renaming that."""
    if plan:
        loosen(connections[using])


def fix_after_migrations(*, using: str, **signal: object) -> None:
    fix(connections[using])


def check_all_stand(
    *, databases: Sequence[str] | None, **_options: object
) -> list[checks.CheckMessage]:
    return [
        checks.Warning(
            f"{trigger.table}: nothing stops an {trigger.event} of what is fixed.",
            hint="Run migrate: it makes every trigger anew.",
            id="clinic.W001",
        )
        for alias in databases or ()
        for there in [standing(connections[alias])]
        for trigger in wanted(connections[alias])
        if trigger.name not in there
    ]
