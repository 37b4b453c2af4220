"""Format `feed`: RSS (0.9 to 2.0) and Atom files; each item or entry is an article.

The XML goes through libxml2 with entities, external ones included, and the network off; a document
that declares entities of its own is refused, so nothing in it can grow.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from lxml import etree

from annotations.imports._bytes import Unreadable, declared, decoded, whole, without_mark
from annotations.imports._html import Layout, visible
from annotations.imports._known import Known, is_web_address
from annotations.imports._sample import Sample
from annotations.imports.rows import ArticleRow, BadRow, Remark, Row

WORDS = "RSS or Atom"
_XML = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMESPACES = {  # which elements are looked at; others (media:title, itunes:…) say other things
    "": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "",
    "http://www.w3.org/2005/Atom": "atom:",
    "http://purl.org/atom/ns#": "atom:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
}
_ITEMS = ("item", "atom:entry")
_CHANNELS = ("channel", "atom:feed")
_TEXTS = ("content:encoded", "atom:content", "description", "atom:summary")
_PUBLISHED = ("pubDate", "atom:published", "dc:date", "atom:updated")
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]+)["']""")
_LOOKS = re.compile(r"<(rss|feed|rdf:RDF|atom:feed)[\s>]", re.IGNORECASE)


def read(stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]:
    """The articles in `stream`, one an item. Raises Unreadable."""
    feed = _parsed(_words(whole(stream)))
    for number, item in enumerate(feed.items, 1):
        if number > after:
            yield from _rows(number, item, feed.channel)


def knows(sample: Sample) -> bool:
    """Whether a file looks like one of these."""
    return sample.words.startswith("<") and _LOOKS.search(sample.words[:4000]) is not None


@dataclass(slots=True)
class _Item:
    """What stands in an item, or about the whole feed: words by element, and of which type."""

    words: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)  # of XHTML
    language: str = ""

    def shown(self, key: str) -> str:
        """What a reader sees of an element."""
        if key in self.layouts:
            return self.layouts[key].text
        words, kind = self.words.get(key, ""), self.types.get(key, "html")
        return visible(words) if kind in ("html", "text/html") else words


class _Feed:
    """A target for etree.XMLParser: the items and the channel."""

    def __init__(self) -> None:
        self.channel, self.items = _Item(), list[_Item]()
        self._open: list[str] = []
        self._pieces: list[str] = []
        self._layout: Layout | None = None
        self._layout_depth = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag opens."""
        name = _name(tag)
        self._open.append(name)
        if self._layout is not None:
            self._layout.start(tag.rpartition("}")[2].lower(), attributes)
            return
        if name in _ITEMS:
            self.items.append(_Item(language=attributes.get(_XML, "")))
        elif name in _CHANNELS or name == "rss":
            self.channel.language = attributes.get(_XML, "") or self.channel.language
        elif (item := self._told_of()) is not None:
            self._pieces = []
            self._take(name, attributes, item)

    def end(self, tag: str) -> None:
        """A tag ends."""
        if self._layout is not None and len(self._open) > self._layout_depth:
            self._layout.end(tag)
            self._open.pop()
            return
        self._layout = None
        item = self._told_of()
        name = self._open.pop()
        words = "".join(self._pieces).strip()
        if item is not None and name and words:
            item.words.setdefault(name, words)

    def data(self, words: str) -> None:
        """Text."""
        if self._layout is not None:
            self._layout.data(words)
        elif self._told_of() is not None:
            self._pieces.append(words)

    def comment(self, words: str) -> None:
        """Of no interest."""

    def pi(self, target: str, words: str) -> None:
        """Of no interest."""

    def close(self) -> "_Feed":
        """All of it was handed over."""
        return self

    def _told_of(self) -> _Item | None:
        """The item, or the channel, whose child is the innermost element."""
        if len(self._open) < 2:
            return None
        if self._open[-2] in _ITEMS:
            return self.items[-1]
        return self.channel if self._open[-2] in _CHANNELS else None

    def _take(self, name: str, attributes: Mapping[str, str], item: _Item) -> None:
        kind = attributes.get("type", "text" if name.startswith("atom:") else "html")
        if name == "atom:link":
            if attributes.get("rel", "alternate") == "alternate":
                item.words.setdefault(name, attributes.get("href", ""))
        elif kind == "xhtml":
            self._layout = item.layouts[name] = Layout()
            self._layout_depth = len(self._open)
        elif name == "guid":
            item.types[name] = attributes.get("isPermaLink", "true")
        else:
            item.types.setdefault(name, kind)


def _name(tag: str) -> str:
    """An element as the tables above call it; empty for one that is of no interest."""
    namespace, _, local = tag.rpartition("}")
    prefix = _NAMESPACES.get(namespace.removeprefix("{"))
    return "" if prefix is None else prefix + local


def _words(raw: bytes) -> str:
    plain, marked = without_mark(raw)
    found = _DECLARED.match(plain)
    if marked or found is None or plain.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decoded(plain)
    return declared(plain, found[1].decode("ascii", "replace"))


def _parsed(words: str) -> _Feed:
    if "<!ENTITY" in words:
        raise Unreadable(
            "The document declares entities of its own, with which a small file can become huge or "
            "read other files; such documents are not read."
        )
    feed = _Feed()
    parser = etree.XMLParser(
        target=feed, encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        parser.feed(words.encode("utf-8", "replace"))
        parser.close()
    except etree.XMLSyntaxError as error:
        what = str(error.msg).partition("\n")[0]
        raise Unreadable(f"This is not well-formed XML: {what}.") from None
    return feed


def _rows(number: int, item: _Item, channel: _Item) -> Iterator[Row]:
    text = next((words for key in _TEXTS if (words := item.shown(key)).strip()), "")
    if not text:
        yield BadRow(number, "The item has no text: neither content nor a description.")
        return
    known = Known()
    known.take("title", item.shown("title") or item.shown("atom:title"))
    for key in ("link", "atom:link"):
        known.take("url", item.words.get(key), key)
    if item.types.get("guid") != "false" and is_web_address(item.words.get("guid", "")):
        known.take("url", item.words["guid"], "guid")
    for key in _PUBLISHED:
        known.take("published_at", item.words.get(key), key)
    languages = [item.words.get("dc:language"), item.language]
    languages += [channel.words.get(key) for key in ("language", "dc:language")]
    for language in (*languages, channel.language):
        known.take("language", language)
    known.take("outlet", channel.shown("title") or channel.shown("atom:title"))
    yield from (Remark(number, what) for what in known.told)
    yield ArticleRow(number, text, **known.values)
