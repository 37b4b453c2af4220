"""Format `ninjs`: IPTC's news in JSON, versions 1 to 3; an item, a list of them, or one a line.

No spans. The text is the item's plain body, else what a reader sees of the one in HTML.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from annotations.imports import _json
from annotations.imports._html import visible
from annotations.imports._json import Bad, shown
from annotations.imports._known import Known
from annotations.imports._sample import Sample
from annotations.imports.rows import ArticleRow, Remark, Row

WORDS = "IPTC ninjs"
_HTML_TYPES = ("text/html", "application/xhtml+xml", "html", "xhtml")
# Under which keys, in this order, something stands; versions and agencies differ.
_PUBLISHED = (
    *("firstpublished", "firstPublished", "published", "versioncreated", "versionCreated"),
    *("firstcreated", "firstCreated", "contentcreated", "contentCreated"),
)
_SOURCES = ("provider", "source", "infosources", "infoSources", "infosource")
_URLS = ("url", "uri", "canonicalurl")


def read(stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]:
    """The articles in `stream`, one an item."""
    return _json.read(stream, after, _article)


def knows(sample: Sample) -> bool:
    """Whether a file looks like one of these."""
    if any(key.startswith("body_") or key == "bodies" for key in sample.value):
        return True
    return sample.has("uri") and sample.has(
        "versioncreated", "versionCreated", "headline", "headlines"
    )


def _article(number: int, item: dict[str, Any]) -> list[Row]:
    for status in (item.get("pubstatus"), item.get("pubStatus")):
        if status not in (None, "usable"):
            raise Bad(f"The item is not to be used: its status is {shown(status)}.")
    known = Known()
    for key in _URLS:
        known.take("url", item.get(key), key)
    for key in _PUBLISHED:
        known.take("published_at", item.get(key), key)
    for key in _SOURCES:
        known.take("outlet", _named(item.get(key)), key)
    known.take("language", item.get("language"))
    for key in ("headline", "title", "name"):
        known.take("title", item.get(key), key)
    for headline in _first_of_role(item.get("headlines"), "main", "headline"):
        known.take("title", _plain(headline), "headlines")
    told = [Remark(number, what) for what in known.told]
    return [*told, ArticleRow(number, _body(item), **known.values)]


def _body(item: Mapping[str, Any]) -> str:
    """The text of the item. Raises Bad where it has none."""
    bodies = {key: words for key, words in item.items() if key.startswith("body_") and words}
    for key, words in bodies.items():
        if not isinstance(words, str):
            raise Bad(f"“{key[:40]}” must be a string, not {shown(words)}.")
    if "body_text" in bodies:
        return bodies["body_text"]
    for words in bodies.values():
        return visible(words)
    for body in _first_of_role(item.get("bodies"), "main", "body", "article"):
        words = body.get("value")
        if isinstance(words, str) and words:
            return visible(words) if _is_html(body) else words
    kind = item.get("type", item.get("representationtype"))
    said = f" It is of type {shown(kind)}." if kind not in (None, "text") else ""
    raise Bad(f"The item has no body, so there is no text.{said}")


def _first_of_role(value: Any, *roles: str) -> list[Mapping[str, Any]]:
    """The objects of a list, those with such a role first, plain ones before those in HTML."""
    objects = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return sorted(objects, key=lambda each: (each.get("role") not in roles, _is_html(each)))


def _is_html(body: Mapping[str, Any]) -> bool:
    kind = body.get("contenttype", body.get("contentType"))
    return isinstance(kind, str) and kind.partition(";")[0].strip().lower() in _HTML_TYPES


def _plain(headline: Mapping[str, Any]) -> Any:
    words = headline.get("value")
    return visible(words) if isinstance(words, str) and _is_html(headline) else words


def _named(value: Any) -> Any:
    """A name, or that of the first object in a list."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        return value.get("name")
    return value
