"""Excerpts: a few words of a long text, to show where or what it is."""

from annotations.domain.edges import cuts_character

CUT = "…"


def beginning(text: str, most: int) -> str:
    """`text` if it has at most `most` code points, else its first words within them, and "…".

    Where no blank stands after a word there, a word is cut, but no character.
    """
    if len(text) <= most:
        return text
    places = range(most, 0, -1)
    word_ends = (at for at in places if text[at].isspace() and not text[at - 1].isspace())
    return text[: next(word_ends, _uncut(text, places))] + CUT


def ending(text: str, most: int) -> str:
    """As beginning, the other way round: "…" and the last words."""
    if len(text) <= most:
        return text
    places = range(len(text) - most, len(text))
    word_starts = (at for at in places if text[at - 1].isspace() and not text[at].isspace())
    return CUT + text[next(word_starts, _uncut(text, places)) :]


def _uncut(text: str, places: range) -> int:
    """The first of the places that lies within no character; the very first, if all do."""
    return next((at for at in places if not cuts_character(text, at)), places.start)
