from django.db.models import CharField, Lookup


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
