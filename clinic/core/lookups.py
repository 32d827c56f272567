from collections.abc import Callable

from django.db.models import CharField, Lookup
from django.db.models.expressions import OrderBy

from clinic.core.prepared import Given


@CharField.register_lookup
class Prefix(Lookup):
    """`term__prefix="ana"`: like `startswith`, by the index on both engines.

    SQLite never uses an index for Django's LIKE; a range over binary order does the
    same. On PostgreSQL the index with pattern operators serves LIKE.
    """

    lookup_name = "prefix"

    def as_sql(self, compiler, connection):
        column, column_params = self.process_lhs(compiler, connection)
        escape = connection.ops.prep_for_like_query
        typed = as_turned(self.rhs, lambda text: f"{escape(text)}%")
        return f"{column} LIKE %s", [*column_params, typed]

    def as_sqlite(self, compiler, connection):
        column, column_params = self.process_lhs(compiler, connection)
        last = as_turned(self.rhs, lambda text: f"{text}\U0010ffff")
        return (
            f"({column} >= %s AND {column} < %s)",
            [*column_params, self.rhs, *column_params, last],
        )


def as_turned(text: str | Given, turn: Callable[[str], str]) -> str | Given:
    return text.turned(turn) if isinstance(text, Given) else turn(text)


class ByteOrder(OrderBy):
    """Ascending in binary order, which is the order of the index that serves `prefix`:
    the first few matches of a short prefix are read without sorting all of them.
    """

    def as_postgresql(self, compiler, connection):
        # Django's compiler looks for ASC or DESC to tell the column from its order.
        template = "%(expression)s USING ~<~ /* ASC */"
        return super().as_sql(compiler, connection, template)
