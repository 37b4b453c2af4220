"""Draws: which of many things are looked at again, the same ones whoever asks and whenever."""

from uuid import UUID

EVERY = 100  # percent
_PARTS = 1000  # of a percent that count


def drawn_below(percent: float) -> UUID | None:
    """The uid below which that share of all random uids lies; None: all of them are drawn.

    A uid of version 4 is random in its first 48 bits. So a smaller share is part of a larger one,
    and one thing is drawn or not for good, with nothing to store. Raises ValueError for what is
    no percentage.
    """
    if not 0 <= percent <= EVERY:
        raise ValueError(f"A share is a percentage from 0 to {EVERY}, not {percent}.")
    parts = round(percent * _PARTS)
    whole = EVERY * _PARTS
    return UUID(int=(parts << 128) // whole) if parts < whole else None
