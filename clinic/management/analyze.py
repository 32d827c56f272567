from django.db.backends.base.base import BaseDatabaseWrapper


def analyze(connection: BaseDatabaseWrapper) -> None:
    """Let PostgreSQL look at what was just written, as it does by itself, but later.

    Until then it takes the tables for empty, and may join thousands of rows one by one.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
