"""Reading for long, as of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all statements within see the database as of one moment, and fetch by and by.

    On PostgreSQL a REPEATABLE READ transaction, unless one is open already; without any, its
    cursors would first copy the whole result. On SQLite nothing: a transaction would take the
    write lock, and as long as one statement is not read to its end, the others of this
    connection see what it sees.
    """
    if connection.vendor == "sqlite":
        yield
        return
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
