from django.db.models import CharField, Lookup
from django.db.models.expressions import OrderBy


@CharField.register_lookup
class Prefix(Lookup):
    """`term__prefix="ana"`: like `startswith`, by the index on both engines.

    SQLite never uses an index for Django's LIKE; a range over binary order does the
    same. On PostgreSQL the index with pattern operators serves LIKE.
    """

    lookup_name = "prefix"

    def as_sql(self, compiler, connection):
        column, column_params = self.process_lhs(compiler, connection)
        escaped = connection.ops.prep_for_like_query(self.rhs)
        return f"{column} LIKE %s", [*column_params, f"{escaped}%"]

    def as_sqlite(self, compiler, connection):
        column, column_params = self.process_lhs(compiler, connection)
        last = f"{self.rhs}\U0010ffff"
        return (
            f"({column} >= %s AND {column} < %s)",
            [*column_params, self.rhs, *column_params, last],
        )


class ByteOrder(OrderBy):
    """Ascending in binary order, which is the order of the index that serves `prefix`:
    the first few matches of a short prefix are read without sorting all of them.
    """

    def as_postgresql(self, compiler, connection):
        # Django's compiler looks for ASC or DESC to tell the column from its order.
        template = "%(expression)s USING ~<~ /* ASC */"
        return super().as_sql(compiler, connection, template)
