"""Rows by the million: straight into their tables, past models and triggers."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from itertools import count
from typing import Any

from django.core.management.color import no_style
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from clinic.core.fixed import fix, loosen
from clinic.management.analyze import analyze
from plans.outcomes.services import marks

BATCH = 20_000  # rows of a transaction
NULL = r"\N"
# Their values go to the database as Python has them.
PLAIN = (models.CharField, models.IntegerField, models.BooleanField, models.ForeignKey)


class Table:
    """Numbers its rows itself, so that others can refer to them before they exist."""

    def __init__(self, model: type[models.Model], connection: BaseDatabaseWrapper):
        self.name = connection.ops.quote_name(model._meta.db_table)
        fields: Sequence[models.Field] = model._meta.concrete_fields
        self.columns = [connection.ops.quote_name(field.attname) for field in fields]
        self.numbers = count(1)
        self.waiting: list[list[Any]] = []
        self._connection = connection
        self._fill: list[tuple[str, Callable[[], Any], Callable[[Any], Any] | None]] = [
            (field.attname, field.get_default, self._prepare(field)) for field in fields
        ]

    def _prepare(self, field: models.Field) -> Callable[[Any], Any] | None:
        if isinstance(field, models.JSONField):
            return json.dumps
        # COPY takes all else as Python writes it.
        if isinstance(field, PLAIN) or self._connection.vendor == "postgresql":
            return None
        return lambda value: field.get_db_prep_save(value, self._connection)

    def add(self, **values: Any) -> int:
        """Put a row by; what is not named has its default. Return its number."""
        number = values["id"] = next(self.numbers)
        row = []
        for name, default, prepare in self._fill:
            value = values.pop(name) if name in values else default()
            row.append(prepare(value) if prepare and value is not None else value)
        if values:
            raise TypeError(f"{self.name} has no {', '.join(values)}")
        self.waiting.append(row)
        return number

    def write(self) -> int:
        """Write what was put by; return how many rows."""
        rows, self.waiting = self.waiting, []
        # Every name comes from a model.
        into = f"{self.name} ({', '.join(self.columns)})"
        with self._connection.cursor() as cursor:
            if self._connection.vendor == "sqlite":
                row = ", ".join(["%s"] * len(self.columns))
                cursor.executemany(f"INSERT INTO {into} VALUES ({row})", rows)  # nosec B608
            else:
                cursor.copy_expert(
                    f"COPY {into} FROM STDIN (FORMAT csv, NULL '{NULL}')", _as_csv(rows)
                )
        return len(rows)


def _as_csv(rows: Iterable[Sequence[Any]]) -> StringIO:
    """As COPY reads it: what is quoted is never NULL."""
    text = StringIO()
    write = csv.writer(text).writerow
    for row in rows:
        write([NULL if value is None else value for value in row])
    text.seek(0)
    return text


class Tables:
    """Rows of many tables, written together whenever there are enough of them.

    Tables are written in the order in which they first got a row. Their triggers are
    off from beginning to end: nothing else may write to this database meanwhile.
    """

    def __init__(
        self, connection: BaseDatabaseWrapper, written: Callable[[int], None]
    ) -> None:
        self._connection = connection
        self._written = written
        self._tables: dict[type[models.Model], Table] = {}
        self._waiting = 0
        self.totals: dict[type[models.Model], int] = defaultdict(int)

    def __enter__(self) -> "Tables":
        loosen(self._connection)
        loosen(self._connection, marks.PREFIX)
        return self

    def __exit__(self, failure: type | None, *_more: object) -> None:
        if failure is None:
            self._write()
        with self._connection.cursor() as cursor:
            for sql in self._connection.ops.sequence_reset_sql(
                no_style(), list(self._tables)
            ):
                cursor.execute(sql)
        analyze(self._connection)
        fix(self._connection)
        marks.stand(self._connection)

    def add(self, model: type[models.Model], **values: Any) -> int:
        table = self._tables.get(model)
        if table is None:
            table = self._tables[model] = Table(model, self._connection)
        number = table.add(**values)
        self._waiting += 1
        return number

    def pause(self) -> None:
        """Here everything refers only to what was put by: a batch may end."""
        if self._waiting >= BATCH:
            self._write()

    def _write(self) -> None:
        with transaction.atomic(using=self._connection.alias):
            for model, table in self._tables.items():
                self.totals[model] += table.write()
        self._waiting = 0
        self._written(sum(self.totals.values()))
