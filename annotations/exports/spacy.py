"""Format `spacy`: a DocBin, which is msgpack under zlib, written without spaCy (ADR 0025).

A DocBin is one map whose values hold the parts of all documents, each value with its length
before it. So the parts are spooled side by side, and then written one after the other.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import msgspec

from annotations.exports import _carried
from annotations.exports._spacy_strings import number_of
from annotations.exports._spool import Spool
from annotations.exports._tokens import Token, places, tokens
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

SPANS_KEY = "sc"  # where spaCy's span categorizer looks, unless told
_ORTH = 65  # the number of the one attribute that tokens have here: their text
_SPAN = struct.Struct(">QQQllll")
_KNOWN_WORDS = 50_000  # as many numbers of words are kept at a time
_pack = msgspec.msgpack.encode


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """The file in pieces, a document for each article; in code points, as spaCy counts.

    The first piece comes when the last article was read.
    """
    with ExitStack() as stack:
        documents = _Documents(stack)
        for article, spans in rows:
            documents.add(article, spans)
        packer = zlib.compressobj()
        for piece in documents.pieces():
            yield packer.compress(piece)
        yield packer.flush()


class _Documents:
    """The documents, taken apart into the columns of a DocBin."""

    def __init__(self, stack: ExitStack) -> None:
        names = ("tokens", "spaces", "lengths", "strings", "span_groups", "user_data")
        self._parts = {name: Spool() for name in names}
        for part in self._parts.values():
            stack.callback(part.close)
        self._numbers: dict[str, int] = {}

    def add(self, article: ExportedArticle, spans: Sequence[ExportedSpan]) -> None:
        found = tokens(article.text, spans)
        words = [self._number(article.text[token.start : token.end]) for token in found]
        parts = self._parts
        parts["tokens"].add(struct.pack(f"<{len(words)}Q", *words))
        parts["spaces"].add(bytes(token.spaced for token in found))
        parts["lengths"].add(struct.pack("<i", len(found)))
        parts["span_groups"].add(_pack(self._groups(found, spans)))
        known = {
            "article": _carried.by_article(article),
            "spans": {str(span.uid): _carried.by_span(span) for span in spans},
        }
        parts["user_data"].add(_pack(_pack(known)))

    def pieces(self) -> Iterator[bytes]:
        """The map, uncompressed."""
        parts = self._parts
        count = parts["lengths"].count
        yield b"\x8a"  # a map of ten
        yield _pack("version") + _pack("0.1") + _pack("attrs") + _pack([_ORTH])
        for name in ("tokens", "spaces", "lengths"):
            yield _pack(name) + b"\xc6" + parts[name].size.to_bytes(4)
            yield from parts[name].pieces()
        for name in ("strings", "span_groups", "user_data"):
            yield _pack(name) + _array(parts[name].count)
            yield from parts[name].pieces()
        for name, value in (("cats", {}), ("flags", {"has_unknown_spaces": False})):
            yield _pack(name) + _array(count)
            each = _pack(value)
            for _ in range(count):
                yield each

    def _groups(self, found: list[Token], spans: Sequence[ExportedSpan]) -> bytes:
        """The one span group, there even where it is empty: a trainer asks for it."""
        packed = [
            _SPAN.pack(
                *(self._new_number(str(span.uid)), 0, self._number(span.label)),
                *(first, behind, span.start, span.end),
            )
            for span, (first, behind) in zip(spans, places(found, spans), strict=True)
        ]
        group = _pack({"name": SPANS_KEY, "attrs": {}, "spans": packed})
        return b"\x81" + _pack(group) + _pack([SPANS_KEY])

    def _number(self, string: str) -> int:
        """The number of a string that may come up again.

        Some get into the file again when the memory of what is there is full; it does no harm.
        """
        number = self._numbers.get(string)
        if number is None:
            if len(self._numbers) >= _KNOWN_WORDS:
                self._numbers.clear()
            number = self._numbers[string] = self._new_number(string)
        return number

    def _new_number(self, string: str) -> int:
        """The string's number, the string being put into the file's list of strings."""
        self._parts["strings"].add(_pack(string))
        return number_of(string)


def _array(count: int) -> bytes:
    """The head of a msgpack array."""
    return b"\xdd" + count.to_bytes(4)
