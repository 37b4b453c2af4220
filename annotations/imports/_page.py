"""A web page: its visible text, what its head says of it, and a copy with numbered text nodes."""

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from annotations.imports._html import Layout
from annotations.imports._known import Known

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_KEPT = frozenset(
    "id class role itemprop itemtype itemscope href rel datetime name property content".split()
)
_NAME = re.compile(r"[a-z][a-z0-9]*")
_UNFIT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may hold them
_ALPHABETS = [  # 256 signs each, which are neither letters nor blanks
    [chr(code) for code in range(first, first + 256)] for first in (0x2800, 0x2200, 0x2500)
]
_TITLES = ("og:title", "twitter:title", "dc.title")
_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
)
_OUTLETS = ("og:site_name", "application-name", "publisher")
_DEEPEST_DATA = 5  # levels of JSON-LD that are looked at


class Page(Layout):
    """A layout that also keeps the head's words and the page as markup."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []  # by text node, in characters
        self.deepest = 0
        self.meta: dict[str, str] = {}
        self.title, self.language, self.canonical = "", "", ""
        self.data_blocks: list[str] = []
        self._markup: list[tuple[int | None, str]] = []
        self._in: str = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        super().start(tag, attributes)
        self.deepest = max(self.deepest, len(self._open))
        self._in = tag
        match tag:
            case "html":
                self.language = self.language or attributes.get("lang", "")
            case "meta":
                self._take_meta(attributes)
            case "link" if attributes.get("rel", "").lower() == "canonical":
                self.canonical = self.canonical or attributes.get("href", "")
            case "script" if "ld+json" in attributes.get("type", ""):
                self.data_blocks.append("")
                self._in = "data"
        self._markup.append((None, _tag(tag, attributes)))

    def end(self, tag: str) -> None:
        super().end(tag)
        self._in = ""
        if tag not in _VOID and _NAME.fullmatch(tag):
            self._markup.append((None, f"</{tag}>"))

    def data(self, words: str) -> int | None:
        node = super().data(words)
        if node is not None:
            self.sizes.append(len(words.strip()))
        if self._in == "data":
            self.data_blocks[-1] += words
        elif self._in == "title" and not self.lines:
            self.title += words
        if self._in not in ("data", "script", "style"):
            self._markup.append((node, escape(_UNFIT.sub(" ", words))))
        return node

    def marked(self) -> tuple[str, list[str]] | None:
        """The page as markup in which a sign stands before each text node, and the signs.

        None where no signs are left to mark it with.
        """
        held = set(self.text)
        free = (alphabet for alphabet in _ALPHABETS if held.isdisjoint(alphabet))
        alphabet = next(free, None)
        if alphabet is None or self.pieces > 256 * 256:
            return None
        signs = [alphabet[node >> 8] + alphabet[node & 255] for node in range(self.pieces)]
        return "".join(
            words if node is None else signs[node] + words for node, words in self._markup
        ), signs

    def known(self) -> Known:
        """What the page's head says of the article; nothing is guessed."""
        known = Known()
        said = _article_data(self.data_blocks)
        for key in _TITLES:
            known.take("title", self.meta.get(key))
        known.take("title", said.get("headline"))
        known.take("title", self.title)
        for address in (self.canonical, self.meta.get("og:url"), said.get("url")):
            known.take("url", address)
        moments = [said.get("datePublished"), *(self.meta.get(key) for key in _PUBLISHED)]
        for moment in moments:
            known.take("published_at", moment)
        for key in _OUTLETS:
            known.take("outlet", self.meta.get(key))
        publisher = said.get("publisher")
        known.take("outlet", publisher.get("name") if isinstance(publisher, dict) else publisher)
        for language in (self.language, self.meta.get("content-language"), said.get("inLanguage")):
            known.take("language", language)
        return Known(known.values)  # a page says much that is not for us, so nothing is told of it

    def _take_meta(self, attributes: Mapping[str, str]) -> None:
        for name in ("property", "name", "itemprop", "http-equiv"):
            key = attributes.get(name, "").lower()
            if key:
                self.meta.setdefault(key, attributes.get("content", ""))


def _tag(tag: str, attributes: Mapping[str, str]) -> str:
    if not _NAME.fullmatch(tag):  # of no known meaning, and perhaps not fit for a tree
        return ""
    kept = "".join(
        f' {name}="{escape(_UNFIT.sub(" ", value))}"'
        for name, value in attributes.items()
        if name in _KEPT
    )
    return f"<{tag}{kept}>"


def _article_data(blocks: list[str]) -> dict[str, Any]:
    """The first article that JSON-LD describes; empty where it describes none."""
    for block in blocks:
        try:
            found = _first_article(json.loads(block), _DEEPEST_DATA)
        except (ValueError, RecursionError):
            continue
        if found:
            return found
    return {}


def _first_article(value: Any, levels: int) -> dict[str, Any]:
    if not levels:
        return {}
    if isinstance(value, list):
        return next((found for each in value if (found := _first_article(each, levels - 1))), {})
    if not isinstance(value, dict):
        return {}
    kinds = value.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if any(isinstance(kind, str) and kind.endswith(("Article", "BlogPosting")) for kind in kinds):
        return value
    return _first_article(value.get("@graph"), levels - 1)
