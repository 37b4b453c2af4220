"""A web page: its visible text, what its head says of it, and a copy with numbered text nodes."""

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from html import escape
from itertools import chain, islice, product
from typing import Any

from annotations.imports._html import Layout
from annotations.imports._known import Known

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_NAME = re.compile(r"[a-z][a-z0-9]*")
_UNFIT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may hold them
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9-]*")
_MOST_SIGNS = 100_000
_MOST_ATTRIBUTES = 40  # of one tag
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
        self.deepest = self.tags = 0
        self.meta: dict[str, str] = {}
        self.title, self.language, self.canonical = "", "", ""
        self.data_blocks: list[str] = []
        self._markup: list[tuple[int | None, str]] = []
        self._in: str = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        super().start(tag, attributes)
        self.tags += 1
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
        seen = node = super().data(words)
        if node == len(self.sizes):
            self.sizes.append(0)
        else:
            node = None  # its sign stands before what came of it earlier
        if seen is not None:
            self.sizes[seen] += len(words.strip())
        if self._in == "data":
            self.data_blocks[-1] += words
        elif self._in == "title" and not self.lines:
            self.title += words
        if self._in not in ("data", "script", "style"):
            self._markup.append((node, escape(_UNFIT.sub(" ", words))))
        return seen

    def marked(self) -> tuple[str, list[str]] | None:
        """The page as markup in which a sign stands before each text node, and the signs.

        The signs are of one length. None where not enough are left to mark it with.
        """
        held = set(self.text)
        free = [sign for sign in _signs() if sign not in held]
        # As short as can be, for trafilatura looks at lengths, too.
        signs = free if self.pieces <= len(free) else _pairs(free)
        if self.pieces > len(signs):
            return None
        signs = signs[: self.pieces]
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


@cache
def _signs() -> list[str]:
    """Characters that are neither letters nor blanks and that nothing folds: some thousands."""
    codes = chain(range(0x2190, 0x2C00), range(0x1F000, 0x1FB00))
    signs = map(chr, codes)
    return [
        sign
        for sign in signs
        if unicodedata.category(sign) in ("Sm", "So") and not unicodedata.decomposition(sign)
    ]


def _pairs(signs: list[str]) -> list[str]:
    return ["".join(pair) for pair in islice(product(signs, repeat=2), _MOST_SIGNS)]


def _tag(tag: str, attributes: Mapping[str, str]) -> str:
    if not _NAME.fullmatch(tag):  # of no known meaning, and perhaps not fit for a tree
        return ""
    kept = "".join(
        f' {name}="{escape(_UNFIT.sub(" ", value))}"'
        for name, value in islice(attributes.items(), _MOST_ATTRIBUTES)
        if _ATTRIBUTE.fullmatch(name)
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
