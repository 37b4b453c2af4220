"""What is chosen on its way out: read, shaped, counted and put on record, as one stream."""

from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Self

from django.conf import settings
from django.db import Error, connection

from annotations import actions
from annotations.exports import FORMATS, Rows, archive
from annotations.models import Export, Person, Token
from annotations.queries import exports as queries
from annotations.queries.archive import ARCHIVE, Record, records
from annotations.queries.exports import ExportFilter

CHUNK = 64 * 1024  # bytes
BROKEN_OFF = (
    b"\n\0This file broke off: something failed while it was read. It is not whole. Ask again.\n"
)


def export(format: str, chosen: ExportFilter, *, pseudonyms: bool = False) -> Iterator[bytes]:
    """The file of that format, in chunks of about 64 KB. It is not on record.

    Nobody waits for who reads it slowly; use it up or close it. Raises KeyError for a format there
    is not.
    """
    return _source(format, chosen, pseudonyms, _Tally())


def take_away(
    format: str,
    chosen: ExportFilter,
    *,
    person: Person | None,
    pseudonyms: bool = False,
    token: Token | None = None,
) -> "TakenAway":
    """Put the export on record and make it ready; nobody but exporters may (NotPermitted).

    person: None for an operator, who may take an archive, too. token: what they were known by, if
    not their session. Raises KeyError for a format there is not.
    """
    if format != ARCHIVE or person is not None:
        FORMATS[format]  # before it is on record
    record = actions.begin_export(
        person=person, format=format, chosen=chosen, pseudonyms=pseudonyms, token=token
    )
    return TakenAway(record, chosen)


class TakenAway:
    """An export on record, on its way out. The screen, programs and the command share it.

    A server iterates over it and closes it. The command writes what `chunks` gives within a
    `with` block, which ends the record: as whole, or as cut off if an exception leaves it.

    record: as it stands by now.
    """

    def __init__(self, record: Export, chosen: ExportFilter) -> None:
        self.record = record
        self._tally, self._left = _Tally(), 0
        self._sending: Generator[bytes, None, None] | None = None
        try:
            self._source = _source(record.format, chosen, record.pseudonyms, self._tally)
        except BaseException:
            with suppress(Error):
                self._end(whole=False)
            raise

    def chunks(self) -> Iterator[bytes]:
        """The file, counted as it is taken."""
        for chunk in self._source:
            yield chunk
            self._left += len(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._source.close()
            self._end(whole=True)
        else:
            self._break_off()

    def __iter__(self) -> Iterator[bytes]:
        self._sending = self._sent()
        return self._sending

    def close(self) -> None:
        """What a server calls when it has sent all, or nobody listens any more."""
        if self._sending is not None:
            self._sending.close()
        if self.record.ended_at is None:  # it was not even begun
            self._break_off()

    def _sent(self) -> Generator[bytes, None, None]:
        """The chunks as a server sends them.

        The record is ended before the last byte is given away: whoever has the file finds its
        manifest complete. After an error the file says that it broke off, in bytes that no reader
        of lines takes: there are servers that end the answer tidily all the same.
        """
        held = b""
        try:
            with self:
                for chunk in self.chunks():
                    if held:
                        yield held
                    held = chunk
                if len(held) > 1:
                    yield held[:-1]
        except Exception:
            yield BROKEN_OFF
            raise
        if held:
            yield held[-1:]

    def _break_off(self) -> None:
        self._source.close()
        with suppress(Error):  # what went wrong first tells more; without an end it is not whole
            self._end(whole=False)

    def _end(self, *, whole: bool) -> None:
        read = self._tally
        out = actions.Sum(
            read.spans, read.articles, read.bytes if whole else self._left, read.sum.hexdigest()
        )
        self.record = actions.end_export(export=self.record, out=out, whole=whole)


class _Tally:
    """What was read, and what it came to."""

    def __init__(self) -> None:
        self.spans = self.articles = self.bytes = 0
        self.sum = sha256()

    def rows(self, rows: Rows) -> Rows:
        for article, spans in rows:
            self.articles += 1
            self.spans += len(spans)
            yield article, spans

    def records(self, records: Iterator[Record]) -> Iterator[Record]:
        for record in records:
            self.articles += record.kind.name == "article"
            self.spans += record.kind.name == "span"
            yield record

    def chunks(self, chunks: Iterator[bytes]) -> Generator[bytes, None, None]:
        for chunk in chunks:
            self.bytes += len(chunk)
            self.sum.update(chunk)
            yield chunk


def _source(
    format: str, chosen: ExportFilter, pseudonyms: bool, tally: _Tally
) -> "Generator[bytes, None, None] | _Spooled":
    if format == ARCHIVE:
        lines = archive.lines(tally.records(records()))
    else:
        shape = FORMATS[format]
        rows = queries.articles(chosen, bare=shape.bare, pseudonyms=pseudonyms)
        lines = shape.lines(tally.rows(rows), queries.labels(chosen))
    chunks = tally.chunks(_chunks(lines))
    if format == ARCHIVE and connection.vendor == "sqlite":
        return _Spooled(chunks)  # its rows are read by and by, and nobody writes meanwhile
    return chunks


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= CHUNK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


class _Spooled:
    """Chunks written to a temporary file and read back; it goes when they are, or by `close`."""

    def __init__(self, chunks: Generator[bytes, None, None]) -> None:
        self._file = TemporaryFile(dir=settings.VAR_DIR)  # noqa: SIM115  see `close`
        try:
            with closing(chunks):  # what reads cannot write, and the record is to be ended next
                self._file.writelines(chunks)
            self._file.seek(0)
        except BaseException:
            self._file.close()
            raise

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        chunk = b"" if self._file.closed else self._file.read(CHUNK)
        if not chunk:
            self.close()
            raise StopIteration
        return chunk

    def close(self) -> None:
        self._file.close()
