"""Reading with several statements, as of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot(*, lock: bool = False) -> Iterator[None]:
    """Let all statements within see the database as of one moment, and fetch by and by.

    On PostgreSQL a REPEATABLE READ transaction, unless one is open already; without any, its
    cursors would first copy the whole result. On SQLite nothing, save with `lock`: there a
    transaction keeps everybody else from writing. Without it, what is read while an earlier
    statement of this connection is not read to its end is as of that one's moment.
    """
    if connection.vendor == "sqlite" and not lock:
        yield
        return
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql" and outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
