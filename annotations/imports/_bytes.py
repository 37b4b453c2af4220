"""Bytes to text, for every format alike."""

import codecs

MOST_MEGABYTES = 50
MOST_BYTES = MOST_MEGABYTES * 1_000_000  # of one line, or of one article


class Unreadable(ValueError):
    """The bytes are no text. The message is a sentence."""


def decoded(raw: bytes) -> str:
    """The bytes as text. Raises Unreadable where they are not UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"This is not UTF-8 (byte {error.start} is 0x{raw[error.start]:02x}); "
            "save the file as UTF-8 and try again."
        ) from None


def without_mark(raw: bytes) -> tuple[bytes, bool]:
    """The bytes of a file's start without a byte order mark, and whether there was one."""
    marked = raw.startswith(codecs.BOM_UTF8)
    return raw.removeprefix(codecs.BOM_UTF8), marked


MARK_DROPPED = "A byte order mark at the start of the file was dropped."
