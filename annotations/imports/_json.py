"""JSON as every format reads it: strictly, in bounded memory, one thing at a time.

A file is JSON Lines, one list, or one object after the other. Each line or item stands for itself:
what is wrong with it is told with its number, and the others come in.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator
from json.decoder import JSONDecodeError
from typing import Any, BinaryIO, NoReturn

from annotations.domain.records import SCHEMA as ARCHIVE
from annotations.imports._bytes import (
    MARK_DROPPED,
    MOST_BYTES,
    MOST_MEGABYTES,
    Refused,
    Unreadable,
    decoded,
    without_mark,
)
from annotations.imports._streams import CHUNK, Peeked, lines
from annotations.imports.rows import BadRow, Remark, Row

_BLANK = " \t\r\n"
# Make(number, object) -> the rows it makes; raises Bad and then has made none.
Make = Callable[[int, dict[str, Any]], Iterable[Row]]


class Bad(ValueError):
    """Why a line or an item cannot come in, as a sentence."""


def read(stream: BinaryIO, after: int, make: Make) -> Iterator[Row]:
    """The rows of a file, by what `make` makes of each object in it.

    after: the number of the last line (in a list: item) that was read before; those up to it
    are passed over. Raises Unreadable where the stream does; Refused for a file of ours that
    holds no articles.
    """
    peeked = Peeked(stream)
    if peeked.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decoded(peeked.head[:2])  # says what it is
    if peeked.head.startswith(codecs.BOM_UTF8) and not after:
        yield Remark(1, MARK_DROPPED)
    if _is_lines(without_mark(peeked.head)[0]):
        yield from _lines(peeked, after, make)
    else:
        yield from _items(peeked, after, make)


def parsed(words: str) -> dict[str, Any]:
    """The one object that a line is. Raises Bad."""
    try:
        return _object(_STRICT.decode(words))
    except JSONDecodeError as error:
        raise Bad(_not_json(error)) from None
    except RecursionError:
        raise Bad(_TOO_DEEP) from None
    except ValueError as error:  # ours, or a number of thousands of digits
        raise error if isinstance(error, Bad) else Bad(_TOO_LONG) from None


def shown(value: Any) -> str:
    """The value as a sentence may quote it."""
    try:
        words = json.dumps(value)
    except (RecursionError, ValueError):  # ValueError: a number of thousands of digits
        return "something very large"
    return words if len(words) <= 40 else words[:40] + "…"


def _is_lines(head: bytes) -> bool:
    """Whether each line is a value of its own: not a list, nor one object over several lines."""
    first, _, rest = head.lstrip().partition(b"\n")
    if first.startswith(b"["):
        return False
    if not first.startswith(b"{") or first.rstrip().endswith(b"}"):
        return True
    # Broken off, or the first line of many of one object: then no other begins on the next.
    return not rest.strip() or rest.lstrip().startswith(b"{")


def _lines(stream: Peeked, after: int, make: Make) -> Iterator[Row]:
    for number, raw in lines(stream):
        if number <= after:
            continue
        if number == 1:
            raw, _ = without_mark(raw)
        if len(raw) > MOST_BYTES:
            yield BadRow(number, f"The line is longer than {MOST_MEGABYTES} MB.")
        elif raw.strip():
            yield from _made(number, make, raw)


def _made(number: int, make: Make, raw: bytes) -> Iterable[Row]:
    try:
        return make(number, _of_articles(number, parsed(decoded(raw))))
    except Refused:
        raise
    except (Bad, Unreadable) as error:
        return [BadRow(number, str(error))]
    except RecursionError:
        return [BadRow(number, _TOO_DEEP)]


def _items(stream: Peeked, after: int, make: Make) -> Iterator[Row]:
    for number, found in enumerate(_Items(stream, after), 1):
        if number <= after:
            continue
        try:
            if isinstance(found, ValueError):
                raise found
            yield from list(make(number, _of_articles(number, _object(found))))
        except Refused:
            raise
        except (Bad, Unreadable) as error:
            yield BadRow(number, str(error))
        except RecursionError:
            yield BadRow(number, _TOO_DEEP)


class _Items:
    """The values of a list, or those that stand one after the other; or why one is bad.

    A value that is no JSON ends it: nobody knows where the next begins.
    """

    def __init__(self, stream: Peeked, after: int) -> None:
        self._stream, self._passing = (
            stream,
            after,
        )  # how many are passed over, and need not be good
        # Bytes that are no UTF-8 become half characters, so that they cost their own item only.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._held, self._at, self._ended = "", 0, False

    def __iter__(self) -> Iterator[Any]:
        listed = self._next() == "["
        self._at += listed
        while self._next() not in ("", "]" if listed else ""):
            value = self._value()
            self._passing -= 1
            yield value
            if isinstance(value, _Lost):
                return
            if listed and not self._separated():
                yield _Lost("A comma or the list’s end must follow. The rest was not read.")
                return
        if listed:
            if not self._next():
                yield _Lost("The list is broken off before its end.")
            else:
                self._at += 1
        if self._next():
            yield _Lost("Something follows after the list’s end. It was not read.")

    def _separated(self) -> bool:
        if self._next() == ",":
            self._at += 1
            return self._next() != "]"
        return self._next() in ("]", "")

    def _next(self) -> str:
        """The next character that is no blank; none at the end."""
        while True:
            rest = self._held[self._at : self._at + 1]
            if rest and rest not in _BLANK:
                return rest
            if rest:
                self._at += 1
            elif not self._more(CHUNK):
                return ""

    def _more(self, size: int) -> bool:
        """Hold about so many more bytes. Whether there were any."""
        if self._ended:
            return False
        raw = self._stream.read(size)
        self._ended = not raw
        self._held = self._held[self._at :] + self._decoder.decode(raw, final=self._ended)
        self._at = 0
        return bool(raw)

    def _value(self) -> Any:
        while True:
            try:
                value, end = self._decoded()
            except RecursionError:
                return _Lost(_TOO_DEEP + _REST)
            except JSONDecodeError as error:
                held = len(self._held) - self._at
                if held > MOST_BYTES:
                    return _Lost(f"The item is longer than {MOST_MEGABYTES} MB.{_REST}")
                if not self._more(max(CHUNK, held)):  # twice as much each time
                    return _Lost(_not_json(error, self._at) + _REST)
                continue
            if end == len(self._held) and self._more(CHUNK):
                continue  # a number might go on
            raw = self._held[self._at : end]
            self._at = end
            if _NO_UTF_8.search(raw):
                return Bad("This is not UTF-8; save the file as UTF-8 and try again.")
            return value

    def _decoded(self) -> tuple[Any, int]:
        """The value, or why it is bad, and where it ends."""
        try:
            decoder = _LENIENT if self._passing > 0 else _STRICT
            return decoder.raw_decode(self._held, self._at)
        except JSONDecodeError:
            raise
        except ValueError as error:
            bad = error if isinstance(error, Bad) else Bad(_TOO_LONG)
            return bad, _LENIENT.raw_decode(self._held, self._at)[1]


class _Lost(Bad):
    """Why nothing more can be read."""


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Bad("A line or an item must be one JSON object, in braces.")
    return value


def _of_articles(number: int, value: dict[str, Any]) -> dict[str, Any]:
    """The object, unless the file is one of ours that is not for this. Raises Refused."""
    schema = value.get("schema")
    if number == 1 and isinstance(schema, str) and schema in _NOT_FOR_THIS:
        raise Refused(_NOT_FOR_THIS[schema])
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Bad(f"“{twice[:60]}” stands twice in one object.")
    return value


def _no_number(constant: str) -> NoReturn:
    raise Bad(f"{constant} is not a number that JSON knows.")


def _not_json(error: JSONDecodeError, start: int = 0) -> str:
    return f"This is not JSON: {error.msg} (character {error.pos - start})."


_STRICT = json.JSONDecoder(object_pairs_hook=_once_each, parse_constant=_no_number)
_LENIENT = json.JSONDecoder(parse_int=str, parse_float=str)  # only says where a value ends
_NO_UTF_8 = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of stray bytes
_NOT_FOR_THIS = {
    ARCHIVE: "This is an archive of a newsroom; it comes back by import_articles --restore, into "
    "an empty database.",
    "newsroom.span/1": "These are spans without their articles. Export the format “articles” "
    "instead: it has the texts, and the spans with them.",
}
_TOO_DEEP = "Its brackets are nested too deeply."
_TOO_LONG = "A number is too long."
_REST = " What follows it was not read."
