"""A constraint: one resource is never held twice at the same moment.

PostgreSQL keeps it as an exclusion constraint, SQLite as a pair of triggers. SQLite has
one writer, so the look for a clash and the write cannot be parted by somebody else's.
"""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# No held time is longer, so SQLite need not look further back than this.
LONGEST = "-1 day"


class NoOverlap(models.BaseConstraint):
    """Rows with the same `resource` may not overlap in `[starts, ends)`.

    Args:
        resource: a field; rows where it is null hold nothing.
        free_when: values of `status_field` in which a row holds nothing.
    """

    def __init__(
        self,
        *,
        name: str,
        resource: str,
        starts: str,
        ends: str,
        status_field: str,
        free_when: tuple[str, ...],
        violation_error_message: "StrOrPromise | None" = None,
    ) -> None:
        super().__init__(
            name=name,
            violation_error_code="overlap",
            violation_error_message=violation_error_message,
        )
        self.resource = resource
        self.starts = starts
        self.ends = ends
        self.status_field = status_field
        self.free_when = tuple(free_when)

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        kwargs.pop("violation_error_code", None)
        kwargs |= {
            "resource": self.resource,
            "starts": self.starts,
            "ends": self.ends,
            "status_field": self.status_field,
            "free_when": self.free_when,
        }
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NoOverlap):
            return NotImplemented
        return self.deconstruct()[2] == other.deconstruct()[2]

    __hash__ = models.BaseConstraint.__hash__

    def constraint_sql(self, model, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            return self._exclusion(model, schema_editor)
        # A trigger needs its table: Django runs these after creating or remaking it.
        schema_editor.deferred_sql.extend(self._triggers(model, schema_editor))
        return None

    def create_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self._exclusion(model, schema_editor)}"

    def remove_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        name = schema_editor.quote_name(self.name)
        return f"ALTER TABLE {table} DROP CONSTRAINT {name}"

    def _columns(self, model, quote) -> tuple[str, str, str, str]:
        names = (self.resource, self.starts, self.ends, self.status_field)
        return tuple(quote(model._meta.get_field(name).column) for name in names)

    def _free(self) -> str:
        return ", ".join(f"'{status}'" for status in self.free_when)

    def _exclusion(self, model, schema_editor) -> str:
        quote = schema_editor.quote_name
        resource, starts, ends, status = self._columns(model, quote)
        return (
            f"CONSTRAINT {quote(self.name)} EXCLUDE USING gist "
            f"({resource} WITH =, tstzrange({starts}, {ends}) WITH &&) "
            f"WHERE ({status} NOT IN ({self._free()}))"
        )

    def _triggers(self, model, schema_editor) -> list[str]:
        quote = schema_editor.quote_name
        # While Django remakes a table it goes by this prefix for a moment.
        name = model._meta.db_table.removeprefix("new__")
        table, key = quote(name), quote(model._meta.pk.column)
        resource, starts, ends, status = self._columns(model, quote)
        # Every name comes from a model, none from a request.
        clash = (
            f"SELECT RAISE(ABORT, '{self.name}') WHERE NEW.{status} NOT IN "  # nosec B608
            f"({self._free()}) AND EXISTS (SELECT 1 FROM {table} held "
            f"WHERE held.{resource} = NEW.{resource} AND held.{key} IS NOT NEW.{key} "
            f"AND held.{starts} < NEW.{ends} AND held.{ends} > NEW.{starts} "
            f"AND held.{starts} > datetime(NEW.{starts}, '{LONGEST}') "
            f"AND held.{status} NOT IN ({self._free()}));"
        )
        changed = ", ".join((resource, starts, ends, status))
        return [
            f"CREATE TRIGGER IF NOT EXISTS {quote(self.name + '_insert')} "
            f"BEFORE INSERT ON {table} BEGIN {clash} END",
            f"CREATE TRIGGER IF NOT EXISTS {quote(self.name + '_update')} "
            f"BEFORE UPDATE OF {changed} ON {table} BEGIN {clash} END",
        ]

    def clashes(self, instance) -> models.QuerySet:
        """Rows that hold the instance's resource in its time."""
        model = type(instance)
        return (
            model._default_manager.filter(
                **{
                    self.resource: getattr(instance, self.resource),
                    f"{self.starts}__lt": getattr(instance, self.ends),
                    f"{self.ends}__gt": getattr(instance, self.starts),
                }
            )
            .exclude(pk=instance.pk)
            .exclude(**{f"{self.status_field}__in": self.free_when})
        )

    def validate(self, model, instance, exclude=None, using=DEFAULT_DB_ALIAS):
        status = getattr(instance, self.status_field)
        missing = None in (
            getattr(instance, model._meta.get_field(self.resource).attname),
            getattr(instance, self.starts),
            getattr(instance, self.ends),
        )
        if missing or status in self.free_when:
            return
        if self.clashes(instance).using(using).exists():
            raise ValidationError(
                self.get_violation_error_message(), code=self.violation_error_code
            )
