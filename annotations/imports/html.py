"""Format `html`: a web page is an article; what trafilatura leaves out is suggested as boilerplate.

The article's text is all that is seen of the page, so no word can be lost. trafilatura gets a copy
of it in which every text node carries a sign of its own; the signs that come back say which nodes
it kept.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from annotations.imports import _html
from annotations.imports._bytes import Unreadable, declared, whole, without_mark
from annotations.imports._page import Page
from annotations.imports._sample import Sample
from annotations.imports.rows import ArticleRow, Remark, Row, SpanRow

WORDS = "a web page (HTML)"
LABEL = "boilerplate"
DEEPEST = 100  # tags within each other; the parser that trafilatura uses stops at 256
LARGEST = 5_000_000  # characters of markup that trafilatura is asked about
MOST_TAGS = 10_000  # likewise; some of what it does takes their number squared
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
_LOOKS = re.compile(
    r"<(!doctype\s+html|html|head|body|article|div|p|h1|meta|title)\b", re.IGNORECASE
)


def read(stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]:
    """The one article that a page is. Raises Unreadable."""
    if after:
        return
    try:
        import trafilatura  # noqa: F401  an extra: only those who bring pages need it
    except ImportError:
        raise Unreadable(
            "Web pages need trafilatura, which is not installed here: "
            "pip install -r requirements-html.txt."
        ) from None
    page = Page()
    _html.read(_words(whole(stream)), page)
    text, known = page.text, page.known().values
    if not text:
        raise Unreadable("Nothing on this page is visible text.")
    kept = _kept(page)
    if isinstance(kept, str):
        yield Remark(1, f"{kept}, so nothing is suggested as boilerplate.")
        yield ArticleRow(1, text, **known)
    else:
        spans = tuple(_left_out(page, text, kept, known.get("title", "")))
        yield ArticleRow(1, text, spans=spans, **known)


def knows(sample: Sample) -> bool:
    """Whether a file looks like one of these."""
    return sample.words.startswith("<") and _LOOKS.search(sample.words[:4000]) is not None


def _words(raw: bytes) -> str:
    """The page as text, in the charset that it names in its first kilobyte, else UTF-8."""
    plain, marked = without_mark(raw)
    found = None if marked else _CHARSET.search(plain[:1024])
    return declared(plain, found[1].decode("ascii", "replace") if found else "")


def _left_out(page: Page, text: str, kept: set[int], title: str) -> Iterator[SpanRow]:
    """The lines that trafilatura left out: a span for each run of them in one section.

    Not the headline, which is never boilerplate.
    """
    run: list[_html.Line] = []
    for line in page.lines:
        headline = line.heading or text[line.start : line.end].casefold() == title.casefold()
        stays = headline or _was_kept(line, kept, page)
        if run and (stays or line.section != run[0].section):
            yield _span(text, run)
            run = []
        if not stays:
            run.append(line)
    if run:
        yield _span(text, run)


def _was_kept(line: _html.Line, kept: set[int], page: Page) -> bool:
    """Whether most of the line was, by its characters."""
    sizes = {node: page.sizes[node] for node in line.pieces}
    return 2 * sum(size for node, size in sizes.items() if node in kept) >= sum(sizes.values())


def _span(text: str, run: list[_html.Line]) -> SpanRow:
    start, end = run[0].start, run[-1].end
    return SpanRow(LABEL, start, end, text[start:end])


def _kept(page: Page) -> set[int] | str:
    """The text nodes that trafilatura takes for the article's; or why it cannot say."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    marked = page.marked()
    too_much = page.tags > MOST_TAGS or page.deepest > DEEPEST
    if marked is None or too_much or len(marked[0]) > LARGEST:
        return "The page is too large or too deeply nested to be judged"
    try:
        found = bare_extraction(marked[0], include_comments=False, with_metadata=False)
    except Exception:  # whatever a page does to it, the page itself is readable
        found = None
    if not isinstance(found, Document) or found.body is None:
        return "trafilatura finds no article on the page"
    nodes = {sign: node for node, sign in enumerate(marked[1])}
    alphabet = re.escape("".join({each for sign in nodes for each in sign}))
    length = len(marked[1][0])
    signs = re.findall(f"[{alphabet}]{{{length}}}", "".join(found.body.itertext()))
    return {nodes[sign] for sign in signs if sign in nodes}
