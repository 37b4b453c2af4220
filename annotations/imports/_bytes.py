"""Bytes to text, for every format alike."""

import codecs
import re
from typing import BinaryIO

MOST_MEGABYTES = 50
MOST_BYTES = MOST_MEGABYTES * 1_000_000  # of one line, of one item, or of one document

# What a file is instead of text, by its first bytes; UTF-32 begins with the mark of UTF-16.
_OTHER_FILES = (
    (codecs.BOM_UTF32_LE, "UTF-32 text, not UTF-8; save it as UTF-8 and try again"),
    (codecs.BOM_UTF16_LE, "UTF-16 text, not UTF-8; save it as UTF-8 and try again"),
    (codecs.BOM_UTF16_BE, "UTF-16 text, not UTF-8; save it as UTF-8 and try again"),
    (b"PK\x03\x04", "a zip archive (or an Office document); unpack it and bring in what is inside"),
    (b"%PDF-", "a PDF; save its text and bring in that"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as plain text and bring in that"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_CHARSETS = re.compile(  # those of the web; Python knows more, and some of them do strange things
    r"utf-?8|(us-)?ascii|latin-?1|(iso-?8859|windows|cp)-?\d+(-\d+)?|koi8-[ru]|macintosh|gb(2312|k|18030)"
    r"|big5(-hkscs)?|shift_jis|sjis|euc-(jp|kr)|iso-2022-jp",
    re.IGNORECASE,
)


class Unreadable(ValueError):
    """The bytes are no text. The message is a sentence."""


class Refused(Unreadable):
    """The file as a whole is not for coming in as articles. The message is a sentence."""


def decoded(raw: bytes) -> str:
    """The bytes as text. Raises Unreadable where they are not UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        for beginning, words in _OTHER_FILES:
            if raw.startswith(beginning):
                raise Unreadable(f"This is {words}.") from None
        raise Unreadable(
            f"This is not UTF-8 (byte {error.start} is 0x{raw[error.start]:02x}); "
            "save the file as UTF-8 and try again."
        ) from None


def declared(raw: bytes, charset: str) -> str:
    """The bytes as text in the charset that the document names. Raises Unreadable.

    As on the web, Latin-1 means Windows-1252.
    """
    name = charset.strip().lower()
    if not name or name in ("utf-8", "utf8"):
        return decoded(raw)
    if not _CHARSETS.fullmatch(name):
        raise Unreadable(f"The document says that it is in “{charset[:40]}”, which is not known.")
    if name in ("iso-8859-1", "iso8859-1", "latin1", "latin-1", "ascii", "us-ascii"):
        name = "windows-1252"
    try:
        return raw.decode(name)
    except LookupError:
        raise Unreadable(
            f"The document says that it is in “{charset}”, which is not known."
        ) from None
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"The document says that it is in “{charset}”, but byte {error.start} is not."
        ) from None


def whole(stream: BinaryIO) -> bytes:
    """All that is left of the stream. Raises Unreadable where that is too much."""
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_MEGABYTES} MB.")
    return raw


def without_mark(raw: bytes) -> tuple[bytes, bool]:
    """The bytes of a file's start without a byte order mark, and whether there was one."""
    marked = raw.startswith(codecs.BOM_UTF8)
    return raw.removeprefix(codecs.BOM_UTF8), marked


MARK_DROPPED = "A byte order mark at the start of the file was dropped."
