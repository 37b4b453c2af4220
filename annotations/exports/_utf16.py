"""Offsets as JavaScript counts them: in UTF-16 units."""

from bisect import bisect_left
from collections.abc import Callable


def units_of(text: str) -> Callable[[int], int]:
    """What turns an offset of the text in code points into one in UTF-16 units."""
    if text.isascii() or max(text) <= "\uffff":
        return int
    pairs = [at for at, character in enumerate(text) if character > "\uffff"]
    return lambda offset: offset + bisect_left(pairs, offset)
