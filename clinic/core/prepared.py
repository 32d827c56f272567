"""Queries whose SQL is written once.

Django takes a millisecond or more to write the SQL of a query with joins, several times
what the database takes to answer it, and a page's queries differ in values only.
"""

from collections.abc import Callable
from copy import copy
from threading import local
from typing import Any

from django.db import connections
from django.db.models import Expression, Field, QuerySet


class Given(Expression):
    """Stands in a prepared query for a value that is given with each call."""

    def __init__(self, name: str, output_field: Field) -> None:
        super().__init__(output_field)
        self.name = name
        self.turn: Callable[[Any], Any] | None = None

    def turned(self, turn: Callable[[Any], Any]) -> "Given":
        """The same value, but as `turn` makes it."""
        found = copy(self)
        found.turn = turn
        return found

    def as_sql(self, compiler, connection):
        return "%s", [self]

    def bind(self, values: dict[str, Any], connection) -> Any:
        value = values[self.name]
        if self.turn:
            value = self.turn(value)
        return self.output_field.get_db_prep_value(value, connection)


def prepared(write: Callable[[], QuerySet]) -> Callable[..., list]:
    """Make a query set with `Given` values a function of those values.

    It is written once for each connection and asked with every call; the answer is the
    list of its rows. For what is asked on every page: elsewhere the plain query set
    reads better. Nothing is kept but the SQL.
    """
    mine = local()  # a connection belongs to one thread

    def ask(**values: Any) -> list:
        queryset, connection = getattr(mine, "written", (None, None))
        if queryset is None or connection is not connections[queryset.db]:
            queryset = write()
            connection = connections[queryset.db]
            _write(queryset, connection, mine)
            mine.written = queryset, connection
        mine.values = values
        rows: Any = queryset._iterable_class(queryset)
        return list(rows)

    return ask


def _write(queryset: QuerySet, connection, mine: local) -> None:
    """Let the compiler give the SQL of now for good, and how its rows are read."""
    compiler = queryset.query.get_compiler(queryset.db)
    sql, params = compiler.as_sql()

    def as_sql(*_args, **_options):
        return sql, tuple(
            each.bind(mine.values, connection) if isinstance(each, Given) else each
            for each in params
        )

    converters = compiler.get_converters([column for column, *_ in compiler.select])
    vars(compiler)["as_sql"] = as_sql
    vars(compiler)["get_converters"] = lambda _columns: converters
    vars(queryset.query)["get_compiler"] = lambda *_args, **_options: compiler
