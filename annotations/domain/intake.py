"""What may become of a line of a file that comes in, and of the file."""

from enum import StrEnum

# The years in which an article may be published. A calendar's first and last day are beyond its
# end somewhere on earth, so no page could show them there.
FIRST_YEAR, LAST_YEAR = 1900, 9998


class Outcome(StrEnum):
    """What became of a line; near and remark come on top of another."""

    ADDED = "added"
    KNOWN = "known"
    REFUSED = "refused"
    NEAR = "near"
    REMARK = "remark"

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def if_tried(self) -> str:
        """The words of a trial, which stores nothing."""
        return "would come in" if self is Outcome.ADDED else self.words


_WORDS = {
    Outcome.ADDED: "came in",
    Outcome.KNOWN: "here already",
    Outcome.REFUSED: "refused",
    Outcome.NEAR: "nearly the same as another",
    Outcome.REMARK: "remarks",
}


class UploadState(StrEnum):
    """How it stands with a file that was brought."""

    GOING = "going"
    DONE = "done"
    STOPPED = "stopped"
