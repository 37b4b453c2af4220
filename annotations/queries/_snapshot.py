"""Reading with several statements, as of one moment."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def snapshot(*, lock: bool = False) -> Iterator[None]:
    """Let all statements within see the database as of one moment, and fetch by and by.

    A transaction that cannot write, unless one is open already: on PostgreSQL a REPEATABLE READ
    one (without any, its cursors would first copy the whole result); on SQLite a DEFERRED one,
    which takes no write lock. With a write-ahead log nobody waits for it; with a rollback journal
    others write, and commit only when it ends: so be quick. With `lock` SQLite keeps everybody
    else from writing from the start, as it does for deeds.
    """
    if connection.in_atomic_block:
        yield
    elif lock and connection.vendor == "sqlite":
        with transaction.atomic():
            yield
    elif connection.vendor == "sqlite":
        with _deferred():
            yield
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


@contextmanager
def _deferred() -> Iterator[None]:
    with ExitStack() as stack:
        with _begins_deferred():
            stack.enter_context(transaction.atomic())
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = ON")
            stack.callback(_may_write_again)
        yield


@contextmanager
def _begins_deferred() -> Iterator[None]:
    connection.ensure_connection()  # not within: connecting sets the mode, too
    sqlite: Any = connection  # the only one that has a mode
    usual, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        sqlite.transaction_mode = usual


def _may_write_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = OFF")
