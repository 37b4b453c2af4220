"""Reading aside: as fast as the database gives it, while what came first is already worked on."""

import os
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import accumulate, pairwise
from queue import SimpleQueue
from tempfile import TemporaryFile
from threading import Event
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections


def aside(
    read: Generator[Sequence[bytes], None, None],
) -> Generator[list[memoryview], None, None]:
    """What `read` gives, in its order; it never waits for who takes it.

    It runs on a thread of its own, on the caller's database connection, which is the caller's
    again when this ends: leave it alone until then. What is not taken yet is in a temporary file,
    not in memory. What goes wrong there is raised here, after all that came before it. Closing
    this closes `read`, once it has given the one it is at. Use it up or close it.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    sizes: SimpleQueue[list[int] | None] = SimpleQueue()  # None: there is no more
    unwanted = Event()

    def put_by() -> None:
        borrowed: Any = connections
        borrowed[DEFAULT_DB_ALIAS] = connection
        try:
            with closing(read):
                for parts in read:
                    file.writelines(parts)
                    file.flush()
                    sizes.put([len(part) for part in parts])
                    if unwanted.is_set():
                        break
        finally:
            sizes.put(None)

    connection.inc_thread_sharing()
    try:
        with TemporaryFile(dir=settings.VAR_DIR) as file, ThreadPoolExecutor(1) as threads:
            reading, at = threads.submit(put_by), 0
            try:
                while (lengths := sizes.get()) is not None:
                    whole = memoryview(os.pread(file.fileno(), sum(lengths), at))
                    ends = list(accumulate(lengths, initial=0))
                    yield [whole[start:end] for start, end in pairwise(ends)]
                    at += len(whole)
                reading.result()
            finally:
                unwanted.set()
    finally:
        connection.dec_thread_sharing()
