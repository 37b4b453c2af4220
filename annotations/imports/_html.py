"""The visible text of HTML, as a browser lays it out without its style sheets.

Blocks stand on lines of their own, paragraphs and sections after a blank line; white space is
folded save in <pre>; what is never shown is left out. libxml2 reads the tags and hands them over
one by one: no tree is built, so that depth and a great many tags or attributes cost no more than
their length.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

# Never shown, or not as text. Pictures, films and forms have no words of the article.
_HIDDEN = frozenset(
    "head script style template noscript title svg iframe object embed canvas audio video select "
    "option textarea datalist rp map area applet noframes noembed".split()
)
_PARAGRAPHS = frozenset(
    "address article aside blockquote details dialog dl fieldset figure footer form h1 h2 h3 h4 h5 "
    "h6 header hgroup hr main menu nav ol p pre section table ul search".split()
)
_LINES = frozenset(
    "body caption center dd dir div dt figcaption html legend li summary tbody tfoot thead "
    "tr".split()
)
_CELLS = frozenset(("td", "th"))
# Where one run of boilerplate ends and the next begins, if only these lie between.
_SECTIONS = frozenset(
    "address article aside details dialog figure footer form header main nav section table".split()
)
_SPACE = re.compile("[ \t\n\r\f]+")  # what HTML folds; a no-break space stays
_SHOWN = re.compile(r"\S")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """One line of the text, [start, end) in code points, and where it was on the page.

    section: a number, the same for lines of the same section. heading: whether it is an <h1>.
    pieces: the numbers of the text nodes on it.
    """

    start: int
    end: int
    section: int
    heading: bool
    pieces: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A tag that is open."""

    tag: str
    hidden: bool
    section: int
    heading: bool
    folded: bool


class Layout:
    """Takes tags and text in order; then `text` is the visible text and `lines` its lines.

    A target for etree.HTMLParser.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.pieces = 0  # text nodes that are seen
        self._words: list[str] = []
        self._length = 0
        self._breaks = 0  # line ends that are due before the next word
        self._blank = ""  # the white space that is due, unless a line end comes first
        self._line: Line | None = None
        self._sections = 0
        self._bare = _Open("", False, 0, False, True)
        self._open: list[_Open] = []
        self._after_pre = False
        self._in_piece = False

    @property
    def text(self) -> str:
        """What is seen, without blanks at its ends."""
        return "".join(self._words)

    @property
    def _within(self) -> _Open:
        return self._open[-1] if self._open else self._bare

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag opens."""
        self._in_piece = False
        within = self._within
        hidden = within.hidden or tag in _HIDDEN or _is_hidden(attributes)
        section = within.section
        if tag in _SECTIONS:
            self._sections += 1
            section = self._sections
        heading = within.heading or tag == "h1"
        folded = within.folded and tag != "pre"
        self._open.append(_Open(tag, hidden, section, heading, folded))
        if hidden:
            return
        self._after_pre = tag == "pre"
        if tag == "br":
            self._break(self._breaks + 1 if self._length else 0)
        elif tag in _CELLS:
            self._blank = "\t" if self._line else ""
        else:
            self._break(_breaks_of(tag))

    def end(self, tag: str) -> None:
        """The last tag that opened ends."""
        self._in_piece = False
        ended = self._open.pop()
        if not ended.hidden:
            self._break(_breaks_of(ended.tag))

    def data(self, words: str) -> int | None:
        """Text, or a part of it: entities come apart. Returns its node's number if it is seen."""
        within = self._within
        if within.hidden:
            return None
        if not within.folded:
            return self._kept(words)
        self._after_pre = False
        seen = False
        for number, run in enumerate(_SPACE.split(words)):
            if number and not self._blank:
                self._blank = " "
            if run:
                self._put(run)
                seen = True
        return self.pieces - 1 if seen else None

    def comment(self, words: str) -> None:
        """Not seen."""

    def close(self) -> "Layout":
        """All of it was handed over."""
        return self

    def _kept(self, words: str) -> int | None:
        """Text whose white space stays."""
        words = words.replace("\r\n", "\n").replace("\r", "\n")
        if self._after_pre:
            words = words.removeprefix("\n")
            self._after_pre = False
        seen = False
        for number, run in enumerate(words.split("\n")):
            if number:
                self._break(self._breaks + 1 if self._length else 0)
            if _SHOWN.search(run):
                self._blank += run[: len(run) - len(run.lstrip(" \t"))]
                if self._line is None and self._length:  # indented
                    self._put(self._blank + run.strip(" \t"), indented=True)
                else:
                    self._put(run.strip(" \t"))
                self._blank = run[len(run.rstrip(" \t")) :]
                seen = True
            else:
                self._blank += run
        return self.pieces - 1 if seen else None

    def _break(self, wanted: int) -> None:
        """Let at least so many line ends come before the next word."""
        if wanted:
            self._breaks = max(self._breaks, wanted) if self._length else 0
            self._blank, self._line = "", None

    def _put(self, run: str, indented: bool = False) -> None:
        """Words, after the line ends or the blank that were due."""
        self.pieces += not self._in_piece
        self._in_piece = True
        due = "\n" * self._breaks
        if self._line is not None:
            due = self._blank
        start = self._length + len(due)
        self._words += [due, run]
        self._length = start + len(run)
        if self._line is None:
            within = self._within
            indent = len(run) - len(run.lstrip(" \t")) if indented else 0
            self._line = Line(start + indent, self._length, within.section, within.heading)
            self.lines.append(self._line)
        self._line.end = self._length
        if self.pieces - 1 not in self._line.pieces[-1:]:
            self._line.pieces.append(self.pieces - 1)
        self._breaks, self._blank = 0, ""


def read(document: str, layout: Layout) -> None:
    """Hand the document's tags and text over to `layout`."""
    raw = document.encode("utf-8", "replace")
    parser = etree.HTMLParser(target=layout, encoding="utf-8", huge_tree=True)
    parser.feed(raw)
    parser.close()


def visible(document: str) -> str:
    """What a reader sees of a document or a part of one."""
    layout = Layout()
    read(document, layout)
    return layout.text


def _breaks_of(tag: str) -> int:
    return 2 if tag in _PARAGRAPHS else int(tag in _LINES)


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    if not attributes:
        return False
    hidden = attributes.get("hidden")
    if hidden is not None and hidden.lower() != "until-found":
        return True
    return _UNSEEN.search(attributes.get("style", "")) is not None
