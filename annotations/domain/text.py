"""An article's text at the door, and code points, the one unit of every offset."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from hashlib import sha256

_LINE_ENDS = re.compile("\r\n?")


class UnfitText(ValueError):
    """The text cannot be an article's. The message is a sentence for whoever brought it."""


@dataclass(frozen=True, slots=True)
class CleanText:
    """A text as it is stored, and the way from the old offsets to the new.

    text: line ends folded to LF, nothing else touched.
    dropped: ascending old offsets of the code points that are gone (the CR of each CRLF).
    """

    text: str
    dropped: tuple[int, ...] = ()

    def moved(self, offset: int) -> int:
        """Where `offset` of the text that came in (code points) lies in the stored text.

        An offset between the CR and the LF of a pair moves to before the line end.
        """
        return offset - bisect_right(self.dropped, offset - 1)


def clean(raw: str) -> CleanText:
    """Fold CRLF and CR to LF and refuse what cannot be stored or marked up.

    Nothing else is touched: no normalisation, no trimming. Raises UnfitText.
    """
    if (nul := raw.find("\0")) >= 0:
        raise UnfitText(f"The text holds a NUL character (at {nul}), which no database keeps.")
    if (lone := _first_surrogate(raw)) is not None:
        raise UnfitText(
            f"The text holds half a character (a lone surrogate, at {lone}); "
            "it was cut or decoded wrongly before it came here."
        )
    if not raw.strip():
        raise UnfitText("The text is empty or only blank, so there is nothing to mark up.")
    dropped = tuple(
        match.start() for match in _LINE_ENDS.finditer(raw) if match.end() - match.start() == 2
    )
    return CleanText(_LINE_ENDS.sub("\n", raw), dropped)


def fold_line_ends(text: str) -> str:
    """`text` with every CRLF and CR as LF: a form post turns the one into the other."""
    return _LINE_ENDS.sub("\n", text)


def is_storable(words: str) -> bool:
    """Whether both databases keep `words` as they are: no NUL, no half a character."""
    return "\0" not in words and _first_surrogate(words) is None


def readable(words: str) -> str:
    """The words as every database keeps them and every terminal shows them.

    NUL and halves of characters are written as escapes: a sentence may quote what a file names.
    """
    return words.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def digest(text: str) -> str:
    """The SHA-256 of the text's UTF-8, in hex."""
    return sha256(text.encode()).hexdigest()


def _first_surrogate(text: str) -> int | None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None
