"""Reading ahead: the next is read while what was read before is worked on."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

T = TypeVar("T")


def ahead(items: Generator[T, None, None]) -> Generator[T, None, None]:
    """The items, in their order, each read while the one before it is in use: one, no more.

    They are read on a thread of its own, on the database connection of the caller, within their
    transaction. What goes wrong there is raised here, where its item would have come. Closing
    waits for the item that is being read, and closes `items`. Use it up or close it.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    none: Any = object()
    connection.inc_thread_sharing()
    try:
        with (
            closing(items),
            ThreadPoolExecutor(1, "reads-ahead", _connected, (connection,)) as reader,
        ):
            coming = reader.submit(next, items, none)
            while (item := coming.result()) is not none:
                coming = reader.submit(next, items, none)
                yield item
    finally:
        connection.dec_thread_sharing()


def _connected(connection: Any) -> None:
    connections[DEFAULT_DB_ALIAS] = connection
